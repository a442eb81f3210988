"""A queue of files to hear that costs no memory however long it gets."""

from __future__ import annotations

import errno
import os
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from segue.errors import CatalogueReadOnly, DiskFull
from segue.scanning.jobs import Errand, Job

_HEAD = struct.Struct("<IqqB")
_IN_MEMORY = 8 << 20


class Spool:
    """First in, first out; beyond some megabytes it lies in a nameless file in `folder`.

    Parameters
    ----------
    folder
        Where the file may lie; made when it is not there.

    Raises
    ------
    DiskFull, CatalogueReadOnly
        When the file cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with _explained(folder):
            folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, dir=os.fspath(folder))  # noqa: SIM115
        self._read_at = 0
        self._write_at = 0
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def put(self, job: Job) -> None:
        """Add a file."""
        name = os.fsencode(job.path)
        with _explained(self._folder):
            self._file.seek(self._write_at)
            self._file.write(_HEAD.pack(len(name), job.size, job.mtime_ns, job.errand) + name)
            self._write_at = self._file.tell()
        self._length += 1

    def take(self) -> Job:
        """The file that waits longest, as it was put."""
        self._file.seek(self._read_at)
        length, size, mtime_ns, errand = _HEAD.unpack(self._file.read(_HEAD.size))
        path = os.fsdecode(self._file.read(length))
        self._read_at = self._file.tell()
        self._length -= 1
        if not self._length:
            self._read_at = self._write_at = 0
        return Job(path, size, mtime_ns, Errand(errand))


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"{folder}: no space left to list the files that wait to be heard") from error
        raise CatalogueReadOnly(f"{folder} cannot be written: {error.strerror}") from error
