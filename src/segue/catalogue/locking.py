"""One scan at a time in a data folder, and one server."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segue.catalogue.replacing import carry_out, is_pending
from segue.errors import CatalogueBusy, CatalogueReadOnly, DiskFull
from segue.settings import DataFolder

_held: set[Path] = set()


@contextmanager
def scan_lock(folder: DataFolder) -> Iterator[None]:
    """Hold the right to scan into a data folder; the system gives it back however the process ends.

    The lock belongs to this process alone: workers that outlive it do not keep it. A backup that was being
    put back when its process was killed is put back to the end first.

    Raises
    ------
    CatalogueBusy
        If a scan is at work; the message names its process.
    CatalogueReadOnly, DiskFull
        If the lock's file cannot be made.
    """
    with _lock(folder, "scan.lock", "already scanning into"):
        if is_pending(folder):
            carry_out(folder)
        yield


@contextmanager
def serve_lock(folder: DataFolder) -> Iterator[None]:
    """Hold the right to serve a data folder, as `scan_lock` holds the right to scan into it."""
    with _lock(folder, "serve.lock", "already serving"):
        yield


@contextmanager
def _lock(folder: DataFolder, name: str, doing: str) -> Iterator[None]:
    path = folder.path.resolve() / name
    # A record lock says nothing within one process, and closing the file a second time would drop it.
    if path in _held:
        raise _busy(folder, str(os.getpid()), doing)
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        handle = path.open("r+b" if path.exists() else "w+b")
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"{path} cannot be made: no space left on the disk") from error
        raise CatalogueReadOnly(
            f"{path} cannot be written ({error.strerror}): give another folder with --data"
        ) from error
    with handle:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EAGAIN):
                raise
            raise _busy(folder, handle.read(20).decode("ascii", "replace").strip(), doing) from error
        _held.add(path)
        try:
            _write_pid(handle.fileno())
            yield
        finally:
            _held.discard(path)


def _write_pid(descriptor: int) -> None:
    """For the message of others only: on a full disk the lock holds without it."""
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise


def _busy(folder: DataFolder, process: str, doing: str) -> CatalogueBusy:
    who = f"process {process}" if process.isdigit() else "another process"
    return CatalogueBusy(f"{who} is {doing} {folder.path}: wait for it, or stop it")
