"""Write files so that whoever reads them sees all of the old or all of the new."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from segue.errors import SegueError


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A draft to write to, which becomes `path` at the end; if anything stops it, `path` is as it was.

    The folder is made if it is missing.

    Raises
    ------
    SegueError
        If it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_native_id()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    except OSError as error:
        raise SegueError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            draft.unlink()


def write_whole(path: Path, text: str) -> None:
    """Write `text` as UTF-8; surrogates, which stand for bytes of file names, are escaped."""
    with whole_file(path) as out:
        out.write(text.encode("utf-8", "backslashreplace"))


def check_folder(folder: Path) -> None:
    """Say before the work, not after it, that a folder cannot be made or written; nothing is made here.

    Raises
    ------
    SegueError
        If so.
    """
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        raise SegueError(f"{folder} cannot be a folder: {there} is a file")
    if not os.access(there, os.W_OK | os.X_OK):
        raise SegueError(f"{folder} cannot be written: there is no permission to write in {there}")


@contextmanager
def changed_copy(path: Path, draft: Path) -> Iterator[None]:
    """A copy to change, which takes the file's place at the end; if anything stops it, the file is as it was.

    It keeps owner, permissions and extended attributes; its time of change is new. The rename comes after
    the copy is on the disk.

    Parameters
    ----------
    path
        No link; it must not have other names (hard links), which would keep the old content.
    draft
        Where the copy is made, in the same folder.

    Raises
    ------
    SegueError
        If the copy cannot be written or take its place, or the file was changed meanwhile.
    """
    try:
        before = path.stat()
        shutil.copyfile(path, draft)
        shutil.copystat(path, draft)
        made = draft.stat()
        if (made.st_uid, made.st_gid) != (before.st_uid, before.st_gid):
            _give(draft, path, before)
        yield
        with draft.open("rb+") as out:
            os.fsync(out.fileno())
        now = path.stat()
        if (now.st_mtime_ns, now.st_size, now.st_ino) != (before.st_mtime_ns, before.st_size, before.st_ino):
            raise SegueError(f"{path} was changed by another program meanwhile")
        draft.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise SegueError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            draft.unlink()


def _give(draft: Path, path: Path, status: os.stat_result) -> None:
    """Let a copy belong to whom the file belongs."""
    try:
        os.chown(draft, status.st_uid, status.st_gid)
    except PermissionError as error:
        raise SegueError(f"{path} has an owner or group that this user cannot give to its copy") from error
    draft.chmod(stat.S_IMODE(status.st_mode))  # a change of owner takes some bits away


def sync_folder(folder: Path) -> None:
    """Have a rename on the disk; some network shares cannot say, and need not."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
