"""Bring a catalogue to the newest version: a backup first, then one transaction a migration."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from segue.catalogue.faults import make_folder
from segue.catalogue.schema import APPLICATION_ID, MIGRATIONS, Migration
from segue.errors import CatalogueDamaged, CatalogueTooNew


def version_of(connection: sqlite3.Connection) -> int:
    """The version a catalogue has; 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check_version(
    connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration] = MIGRATIONS
) -> int:
    """The version of the catalogue, once it is known to be one that this Segue can read or bring up to date.

    Raises
    ------
    CatalogueTooNew
        If a later Segue wrote it.
    CatalogueDamaged
        If it is an SQLite file of something else.
    """
    version = version_of(connection)
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    n_tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if application != APPLICATION_ID and (application or version or n_tables):
        raise CatalogueDamaged(
            f"{path} is an SQLite file of another program, not a catalogue: "
            "move it away, or give another folder with --data"
        )
    newest = migrations[-1].number
    if version > newest:
        raise CatalogueTooNew(
            f"{path} has version {version}, and this Segue reads up to version {newest}: "
            "upgrade Segue, or give another folder with --data"
        )
    return version


def migrate(
    connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration] = MIGRATIONS
) -> Path | None:
    """Run what is missing; the path of the backup made before, or None when none was needed.

    Every migration is one transaction that also writes the version, so a catalogue is never between two.
    """
    backup: Path | None = None
    is_new = False  # made by this call: there is nothing to copy
    connection.execute("PRAGMA foreign_keys = OFF")  # SQLite's advice for changing tables; checked below
    try:
        for migration in migrations:
            connection.execute("BEGIN IMMEDIATE")
            # Read under the lock: another process may have done this step while this one waited.
            version = check_version(connection, path, migrations)
            if version >= migration.number:
                connection.execute("ROLLBACK")
                continue
            is_new = is_new or version == 0
            if not is_new and backup is None:
                backup = _backup(path, version)
            for statement in migration.statements:
                connection.execute(statement)
            broken = connection.execute("PRAGMA foreign_key_check").fetchone()
            if broken:
                raise CatalogueDamaged(f"{path}: a row of {broken[0]} points nowhere; nothing was changed")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {migration.number}")
            connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.execute("PRAGMA foreign_keys = ON")
    return backup


def _backup(path: Path, version: int) -> Path:
    """Copy the catalogue as it is committed now into ``backups/`` beside it."""
    folder = path.parent / "backups"
    make_folder(folder)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    target = folder / f"catalogue.before-v{version + 1}-{stamp}.sqlite"
    unfinished = target.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    # A second connection: the one that migrates holds the write lock, and readers see the last commit.
    source, copy = sqlite3.connect(path), sqlite3.connect(unfinished)
    try:
        source.backup(copy)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    finally:
        copy.close()
        source.close()
    os.replace(unfinished, target)  # noqa: PTH105 - one name for the whole step
    return target
