"""SQLite's errors as the errors of Segue, each one line that says what to do."""

from __future__ import annotations

import os
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
            return DiskFull(
                f"{path}: no space left on the disk; what was stored before is kept: free some space"
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return CatalogueDamaged(
                f"{path} is damaged or not a catalogue ({error}): move it away and scan again, "
                f"or put back a copy from {path.parent / 'backups'}"
            )
        case sqlite3.SQLITE_CANTOPEN if not os.access(path.parent, os.W_OK):
            return _read_only(path)
        case sqlite3.SQLITE_CANTOPEN:
            return CatalogueError(f"{path} cannot be opened: check the permissions of its folder")
        case sqlite3.SQLITE_IOERR:
            return CatalogueError(f"{path} cannot be read or written ({error}): check the disk")
        case _:
            return None


def _read_only(path: Path) -> CatalogueReadOnly:
    return CatalogueReadOnly(
        f"{path} cannot be written: make its folder writable, or give another with --data"
    )


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise SQLite's errors about `path` as errors of Segue."""
    try:
        yield
    except sqlite3.Error as error:
        meant = named(error, path)
        if meant is None:
            raise
        raise meant from error
