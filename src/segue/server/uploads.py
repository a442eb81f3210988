"""Files that come in over HTTP: bounded, kept apart, gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from fastapi import UploadFile

from segue.errors import UsageError
from segue.server.problems import Refused

_CHUNK = 2**20


@contextmanager
def kept_upload(file: UploadFile, largest: int, suffixes: Sequence[str] = ()) -> Iterator[Path]:
    """An uploaded file on the disk while it is read; its name there says no more than the ending.

    Raises
    ------
    UsageError
        If its ending is none of `suffixes`.
    Refused
        If it is larger than `largest` bytes (413).
    """
    suffix = Path(file.filename or "").suffix.lower()
    if suffixes and suffix not in suffixes:
        raise UsageError(f"{file.filename or 'the file'} is not one of {', '.join(suffixes)}")
    with tempfile.TemporaryDirectory(prefix="segue-upload-") as folder:
        path = Path(folder) / f"upload{suffix if suffix[1:].isalnum() else ''}"
        too_large = f"{file.filename or 'the file'} is larger than {largest // 2**20} MB"
        write_upload(file, path, largest, too_large)
        try:
            yield path
        except UsageError as error:
            raise UsageError(as_uploaded(str(error), {path: file.filename or "the file"})) from None


def write_upload(file: UploadFile, path: Path, largest: int, too_large: str) -> int:
    """Write an uploaded file to `path`; its size in bytes.

    Raises
    ------
    Refused
        With the words `too_large`, if it is larger than `largest` bytes (413).
    """
    size = 0
    with path.open("wb") as target:
        while chunk := file.file.read(_CHUNK):
            size += len(chunk)
            if size > largest:
                raise Refused(413, too_large)
            target.write(chunk)
    return size


def as_uploaded(words: str, names: Mapping[Path, str]) -> str:
    """What is said of files, with the names under which they came instead of where they are kept.

    >>> as_uploaded("/tmp/x/upload.m3u is empty", {Path("/tmp/x/upload.m3u"): "mine.m3u"})
    'mine.m3u is empty'
    """
    for path, name in names.items():
        words = words.replace(str(path), name)
    return words
