"""Copies of a catalogue: made while others write, checked before they are trusted, and put in its place."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from segue.catalogue.connection import open_catalogue
from segue.catalogue.faults import code_of, translated
from segue.catalogue.locking import scan_lock, serve_lock
from segue.catalogue.migrations import check_version, version_of
from segue.catalogue.replacing import carry_out, give_up, room_for_new, write_plan
from segue.errors import CatalogueBusy, CatalogueDamaged
from segue.settings import DataFolder

_FEW_FAULTS = 3


def copy_catalogue(folder: DataFolder, target: Path) -> int:
    """Copy the catalogue as it is at one moment, whatever others write meanwhile; its version.

    Raises
    ------
    NothingFound
        If there is no catalogue.
    CatalogueError
        If it cannot be read, or the copy cannot be written.
    """
    with open_catalogue(folder) as catalogue, translated(target):
        copy = sqlite3.connect(target)
        try:
            catalogue.connection.backup(copy)
            return version_of(copy)
        finally:
            copy.close()


def check_copy(path: Path) -> int:
    """The version of a copy that is whole and that this Segue can use.

    Raises
    ------
    CatalogueDamaged, CatalogueTooNew
        If it is not.
    """
    with translated(path):
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)
        try:
            version = check_version(connection, path)
            faults = [row[0] for row in connection.execute(f"PRAGMA integrity_check({_FEW_FAULTS})")]
        finally:
            connection.close()
    if version == 0:
        raise CatalogueDamaged(f"{path} is an empty file, not a catalogue")
    if faults != ["ok"]:
        raise CatalogueDamaged(f"{path} is damaged: {'; '.join(faults)}")
    return version


@contextmanager
def replacing_library(folder: DataFolder, keep_as: str) -> Iterator[Path]:
    """An empty folder to put a new library into, which takes the place of the old one at the end.

    If anything stops it before, the old library is as it was. From one moment on the new one counts, and
    whoever opens it then puts it in place, even if this process was killed.

    Parameters
    ----------
    folder
        The data folder; it need not exist yet.
    keep_as
        A new name in ``backups/`` of the data folder for what is there now.

    Raises
    ------
    CatalogueBusy
        If a scan, a server or anything else has the library open.
    """
    with serve_lock(folder), scan_lock(folder):
        _alone(folder.catalogue).close()
        new = room_for_new(folder)
        try:
            yield new
            # Asked again: much time may have passed. Nobody gets in between until the plan is written.
            guard = _alone(folder.catalogue)
            try:
                write_plan(folder, keep_as)
            finally:
                guard.close()
        except BaseException:
            give_up(folder)
            raise
        carry_out(folder)


def _alone(path: Path) -> sqlite3.Connection:
    """A connection that keeps others out until it is closed."""
    if not path.exists():
        return sqlite3.connect(":memory:")
    connection = sqlite3.connect(path, timeout=1.0, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        connection.close()
        if code_of(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise CatalogueBusy(
                f"another process has {path} open: stop `segue serve` and other commands first"
            ) from error
        return sqlite3.connect(":memory:")  # Damaged, or of another program: nothing that others could use.
    return connection
