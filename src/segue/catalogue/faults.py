"""SQLite's errors as the errors of Segue, each one line that says what to do."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segue.errors import (
    CatalogueBusy,
    CatalogueDamaged,
    CatalogueError,
    CatalogueReadOnly,
    DiskFull,
    UsageError,
)


def code_of(error: sqlite3.Error) -> int | None:
    """The primary result code of SQLite, or None where the error has none."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF


def named(error: sqlite3.Error, path: Path) -> CatalogueError | None:
    """The error of Segue that says the same, or None for a mistake in a statement."""
    match code_of(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return CatalogueBusy(
                f"{path}: another process is writing to the catalogue: try again in a moment"
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return _read_only(path)
        case sqlite3.SQLITE_FULL:
            return _full(path)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return CatalogueDamaged(
                f"{path} is damaged or not a catalogue ({error}): move it away and scan again, "
                f"or put back a copy from {path.parent / 'backups'}"
            )
        case sqlite3.SQLITE_CANTOPEN if not os.access(path.parent, os.W_OK):
            return _read_only(path)
        case sqlite3.SQLITE_CANTOPEN:
            return CatalogueError(f"{path} cannot be opened: check the permissions of its folder")
        case sqlite3.SQLITE_IOERR if _out_of_space(path):
            return _full(path)
        case sqlite3.SQLITE_IOERR:
            return CatalogueError(f"{path} cannot be read or written ({error}): check the disk")
        case _:
            return None


def make_folder(folder: Path) -> None:
    """Make a folder for the catalogue or its copies, saying in one line why it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"{folder} cannot be made: no space left on the disk") from error
        raise CatalogueReadOnly(
            f"{folder} cannot be made ({error.strerror}): give another folder with --data"
        ) from error


def _full(path: Path) -> DiskFull:
    return DiskFull(f"{path}: no space left on the disk: free some (what was stored before is kept)")


def _out_of_space(path: Path) -> bool:
    """Whether the disk is full, which SQLite calls an I/O error when it cannot make its small side files."""
    try:
        return shutil.disk_usage(path.parent).free < 2**20
    except OSError:
        return False


def _read_only(path: Path) -> CatalogueReadOnly:
    return CatalogueReadOnly(
        f"{path} cannot be written: make its folder writable, or give another with --data"
    )


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise SQLite's errors about `path` as errors of Segue, and text that is no Unicode as `UsageError`."""
    try:
        yield
    except sqlite3.Error as error:
        meant = named(error, path)
        if meant is None:
            raise
        raise meant from error
    except UnicodeEncodeError as error:
        raise UsageError("a text that was given is not valid Unicode") from error
