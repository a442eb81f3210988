"""Open and close a catalogue, and group reads and writes into transactions."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from segue.catalogue.faults import code_of, make_folder, named, translated
from segue.catalogue.locking import scan_lock
from segue.catalogue.migrations import check_version, migrate
from segue.catalogue.replacing import is_pending
from segue.catalogue.schema import MIGRATIONS
from segue.errors import CatalogueError, CatalogueReadOnly, NothingFound
from segue.settings import DataFolder

_BUSY_TIMEOUT_MS = 15_000


@dataclass(frozen=True, slots=True)
class Catalogue:
    """An open catalogue; belongs to the thread that opened it. Made by `open_catalogue`.

    Attributes
    ----------
    path
        The SQLite file.
    connection
        For this room only.
    """

    path: Path
    connection: sqlite3.Connection

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self.connection.close()

    def __enter__(self) -> Catalogue:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_catalogue(folder: DataFolder, *, write: bool = False, create: bool = False) -> Catalogue:
    """Open the catalogue of a data folder; one of an older version is brought up to date first.

    Parameters
    ----------
    folder
        The data folder.
    write
        Whether anything will be stored. Without it nothing can be, and a folder that cannot be written is
        no obstacle.
    create
        Make the folder and an empty catalogue where there is none (with `write`).

    Raises
    ------
    NothingFound
        If there is no catalogue and `create` is not given.
    CatalogueTooNew, CatalogueDamaged, CatalogueReadOnly, CatalogueBusy, DiskFull
        As their names say.
    """
    path = folder.catalogue
    if is_pending(folder):
        with scan_lock(folder):
            pass  # which puts back what was left half put back
    if not path.exists() and not (write and create):
        raise NothingFound(f"there is no library in {folder.path} yet: make one with `segue scan FOLDER`")
    if write and create:
        make_folder(path.parent)
    if not write:
        return _open_for_reading(path)
    with translated(path):
        connection = _connect(path, "rwc" if create else "rw")
    try:
        with translated(path):
            _prepare(connection, path)
            _refuse_unwritable(connection)
    except BaseException:
        connection.close()
        raise
    return Catalogue(path, connection)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection in SQLite's `mode`: ``ro``, ``rw``, ``rwc`` or ``immutable``."""
    option = "mode=ro&immutable=1" if mode == "immutable" else f"mode={mode}"
    connection = sqlite3.connect(
        f"file:{quote(os.fsencode(path))}?{option}",
        uri=True,
        isolation_level=None,  # transactions are begun here, by name
        timeout=_BUSY_TIMEOUT_MS / 1000,
        cached_statements=256,
    )
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Check what the file is and bring it up to date."""
    version = check_version(connection, path)
    if version < MIGRATIONS[-1].number:
        # Several processes may open a new catalogue at once; switching the journal is not covered by the
        # busy timeout, so it is done only where it is not yet done.
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode = WAL")
        migrate(connection, path)
    # NORMAL with WAL: a power cut may lose the last transactions, never damage the file.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA journal_size_limit = 67108864")


def _refuse_unwritable(connection: sqlite3.Connection) -> None:
    """Try a write and undo it: SQLite silently opens a protected file for reading."""
    try:
        connection.execute("BEGIN")
        connection.execute("UPDATE settings SET value = value WHERE name = 'revision'")
    except sqlite3.OperationalError as error:
        if code_of(error) != sqlite3.SQLITE_BUSY:
            raise
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _open_for_reading(path: Path) -> Catalogue:
    """Open without the right to write, by the first way that works where the file is."""
    wal = path.with_name(path.name + "-wal")
    ways = ["rw", "ro"]
    # A WAL catalogue wants its side files; in a folder that cannot be written it can be read as it lies on
    # the disk, provided no transactions wait beside it.
    if not wal.exists() or wal.stat().st_size == 0:
        ways.append("immutable")
    last: CatalogueError | None = None
    for way in ways:
        connection: sqlite3.Connection | None = None
        try:
            connection = _connect(path, way)
            version = check_version(connection, path)
            if version == 0:
                raise NothingFound(f"the library in {path.parent} is empty: fill it with `segue scan FOLDER`")
            if version < MIGRATIONS[-1].number:
                if way != "rw":
                    raise CatalogueReadOnly(
                        f"{path} was written by an older Segue and cannot be brought up to date where it is: "
                        "make its folder writable once"
                    )
                _prepare(connection, path)
            connection.execute("PRAGMA query_only = ON")
            return Catalogue(path, connection)
        except sqlite3.OperationalError as error:
            if connection is not None:
                connection.close()
            last = named(error, path)
            if last is None or code_of(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise (last or error) from error
        except BaseException as error:
            if connection is not None:
                connection.close()
            if isinstance(error, sqlite3.Error) and (meant := named(error, path)) is not None:
                raise meant from error
            raise
    assert last is not None
    raise last


@contextmanager
def snapshot(cat: Catalogue) -> Iterator[sqlite3.Connection]:
    """Everything read inside is of one moment, whatever other processes write meanwhile.

    Inside another `snapshot` or `transaction` it is part of that one.
    """
    with translated(cat.path):
        if cat.connection.in_transaction:
            yield cat.connection
        else:
            with _begun(cat, "BEGIN"):
                yield cat.connection


@contextmanager
def transaction(cat: Catalogue) -> Iterator[sqlite3.Connection]:
    """Everything written inside is stored, or nothing is; the catalogue stays usable after a failure.

    Inside another `transaction` it is part of that one; a failure caught there undoes this part only.

    Raises
    ------
    CatalogueBusy, CatalogueReadOnly, DiskFull, CatalogueDamaged
        As their names say; nothing was stored then.
    """
    with translated(cat.path):
        if cat.connection.in_transaction:
            with _nested(cat.connection):
                yield cat.connection
        else:
            with _begun(cat, "BEGIN IMMEDIATE"):
                yield cat.connection


@contextmanager
def _begun(cat: Catalogue, begin: str) -> Iterator[None]:
    """The outermost transaction."""
    connection = cat.connection
    connection.execute(begin)
    try:
        yield
        if not connection.in_transaction:  # an error inside, caught by the caller, has undone everything
            raise CatalogueError(
                f"{cat.path}: an earlier error undid this whole step: nothing of it was stored"
            )
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has rolled back by itself after some errors, such as a full disk.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _nested(connection: sqlite3.Connection) -> Iterator[None]:
    """A part of a transaction that can be undone alone."""
    connection.execute("SAVEPOINT part")
    try:
        yield
        connection.execute("RELEASE part")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO part")
            connection.execute("RELEASE part")
        raise


def bump(connection: sqlite3.Connection) -> None:
    """Count one change of tracks or vectors."""
    connection.execute("UPDATE settings SET value = value + 1 WHERE name = 'revision'")
