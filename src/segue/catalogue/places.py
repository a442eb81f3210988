"""Paths as the database keeps them: a folder and a name, in bytes, because a name need not be UTF-8."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path


def split(path: Path) -> tuple[bytes, bytes]:
    """The folder and the name of an absolute path."""
    whole = os.fsencode(path)
    folder, _, name = whole.rpartition(b"/")
    if not whole.startswith(b"/") or not name:
        raise ValueError(f"{path!r} is not the absolute path of a file")
    return folder or b"/", name


def joined(folder: bytes, name: bytes) -> Path:
    """The path that `split` took apart."""
    return Path(os.fsdecode(folder.rstrip(b"/") + b"/" + name))


def folder_id(connection: sqlite3.Connection, folder: bytes) -> int | None:
    """The row of a folder, if anything is known in it."""
    row = connection.execute("SELECT id FROM folders WHERE path = ?", (folder,)).fetchone()
    return None if row is None else int(row[0])


def made_folder_id(connection: sqlite3.Connection, folder: bytes) -> int:
    """The row of a folder, made if need be."""
    known = folder_id(connection, folder)
    if known is not None:
        return known
    return int(connection.execute("INSERT INTO folders (path) VALUES (?)", (folder,)).lastrowid or 0)


def below(folder: bytes) -> tuple[bytes, bytes, bytes]:
    """Bounds for ``path = ? OR (path > ? AND path < ?)``: a folder and everything under it."""
    start = folder.rstrip(b"/") + b"/"
    return folder, start, start[:-1] + b"0"  # "0" is the sign after "/"


def key_of_file(connection: sqlite3.Connection, path: Path) -> int | None:
    """The key of the track of which `path` is a file, or None."""
    row = connection.execute(
        "SELECT track_id FROM files WHERE folder_id = (SELECT id FROM folders WHERE path = ?) AND name = ?",
        split(path),
    ).fetchone()
    return None if row is None else int(row[0])


def drop_empty_folders(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Remove the rows of folders in which nothing is known any more."""
    connection.executemany(
        """
        DELETE FROM folders WHERE id = ?1
            AND NOT EXISTS (SELECT 1 FROM files WHERE folder_id = ?1)
            AND NOT EXISTS (SELECT 1 FROM problems WHERE folder_id = ?1)
        """,
        [(number,) for number in ids],
    )
