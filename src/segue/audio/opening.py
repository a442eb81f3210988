"""Opening a file for reading, with every way that can fail named."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from segue.errors import AudioError


@contextmanager
def open_file(path: Path) -> Iterator[BinaryIO]:
    """An unbuffered open file that is regular and not empty.

    Raises
    ------
    AudioError
        With reason ``missing``, ``no-permission``, ``not-a-file``, ``empty`` or ``unreadable``; also for a
        reading error inside the block (a failing disk, a network share that went away).
    """
    try:
        # Asked before opening: opening a pipe would wait for somebody to write into it.
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe or a device"
            raise AudioError(path, "not-a-file", f"this is {what}, not a file")
        if status.st_size == 0:
            raise AudioError(path, "empty", "the file is empty (0 bytes)")
        with path.open("rb", buffering=0) as file:
            yield file
    except OSError as error:
        raise as_audio_error(path, error) from error


def as_audio_error(path: Path, error: OSError) -> AudioError:
    """The operating system's refusal as an `AudioError`."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        if path.is_symlink():
            return AudioError(path, "missing", "a link to a file that is not there")
        return AudioError(path, "missing", "there is no such file")
    if isinstance(error, PermissionError):
        return AudioError(path, "no-permission", "no permission to read it")
    if error.errno == errno.ELOOP:
        return AudioError(path, "missing", "a link that leads back to itself")
    words = os.strerror(error.errno) if error.errno else str(error)
    return AudioError(path, "unreadable", f"it cannot be read: {words}")
