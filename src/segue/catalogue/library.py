"""The folders that a person gave to scan, and the library's own settings."""

from __future__ import annotations

import os
from pathlib import Path

from segue.catalogue.connection import Catalogue, bump, transaction
from segue.catalogue.faults import translated
from segue.catalogue.places import below, drop_empty_folders
from segue.catalogue.rows import now
from segue.types import EncoderId


def add_root(cat: Catalogue, path: Path) -> None:
    """Remember a folder of music; a second time does nothing.

    Raises
    ------
    ValueError
        If the path is not absolute.
    """
    if not path.is_absolute():
        raise ValueError(f"{path} is not absolute")
    with transaction(cat) as connection:
        connection.execute(
            "INSERT INTO roots (path, added_at) VALUES (?, ?) ON CONFLICT (path) DO NOTHING",
            (os.fsencode(path), now()),
        )


def roots(cat: Catalogue) -> tuple[Path, ...]:
    """The folders of music, in the order in which they were added."""
    with translated(cat.path):
        rows = cat.connection.execute("SELECT path FROM roots ORDER BY id")
        return tuple(Path(os.fsdecode(path)) for (path,) in rows)


def remove_root(cat: Catalogue, path: Path) -> int:
    """Forget a folder of music and every file and problem under it that no other root covers.

    Returns
    -------
    How many files were forgotten.
    """
    with transaction(cat) as connection:
        connection.execute("DELETE FROM roots WHERE path = ?", (os.fsencode(path),))
        others = [os.fsencode(root).rstrip(b"/") + b"/" for root in roots(cat)]
        rows = connection.execute(
            "SELECT id, path FROM folders WHERE path = ? OR (path > ? AND path < ?)", below(os.fsencode(path))
        ).fetchall()
        gone = [
            (number,) for number, folder in rows if not (folder.rstrip(b"/") + b"/").startswith(tuple(others))
        ]
        forgotten = (
            connection.executemany("DELETE FROM files WHERE folder_id = ?", gone).rowcount if gone else 0
        )
        connection.executemany("DELETE FROM problems WHERE folder_id = ?", gone)
        drop_empty_folders(connection, (number for (number,) in gone))
        if forgotten:
            bump(connection)
    return forgotten


def set_default_encoder(cat: Catalogue, encoder: EncoderId) -> None:
    """Which encoder's vectors answer from now on."""
    with transaction(cat) as connection:
        connection.execute(
            "INSERT INTO settings (name, value) VALUES ('default_encoder', ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (encoder,),
        )


def default_encoder(cat: Catalogue) -> EncoderId | None:
    """Which encoder's vectors answer, or None before it was set."""
    with translated(cat.path):
        row = cat.connection.execute("SELECT value FROM settings WHERE name = 'default_encoder'").fetchone()
    return None if row is None else EncoderId(row[0])
