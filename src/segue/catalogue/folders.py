"""The folders of music as a tree from the roots down, never above them."""

from __future__ import annotations

import base64
import binascii
import os
import sqlite3
from dataclasses import dataclass

from segue.catalogue.connection import Catalogue, snapshot
from segue.catalogue.places import below
from segue.catalogue.reading import read_tracks
from segue.catalogue.records import Track
from segue.errors import NothingFound


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of music.

    Attributes
    ----------
    id
        Opaque; it says nothing of what is above the root.
    name
        Without what is above it.
    parent_id
        None for a root.
    n_tracks
        Files of music in it and below.
    """

    id: str
    name: str
    parent_id: str | None
    n_tracks: int


def roots_as_folders(cat: Catalogue) -> list[Folder]:
    """The folders that were given to scan, in the order in which they were added."""
    with snapshot(cat) as connection:
        rows = connection.execute("SELECT id, path FROM roots ORDER BY id").fetchall()
        return [_folder(number, path, b"", sum(_counts(connection, path).values())) for number, path in rows]


def folder(cat: Catalogue, id: str) -> tuple[Folder, list[Folder], list[Track]]:
    """A folder, the folders in it that hold music at any depth, and the tracks directly in it, by name.

    Raises
    ------
    NothingFound
        If no root has such a folder with music.
    """
    number, inside = _place_of(id)
    with snapshot(cat) as connection:
        row = connection.execute("SELECT path FROM roots WHERE id = ?", (number,)).fetchone()
        if row is None:
            raise NothingFound(f"no folder of music has the id {id}")
        root = row[0]
        path = _within(root, inside)
        counts = _counts(connection, path)
        if inside and not counts:
            raise NothingFound(f"no folder of music has the id {id}")
        children: dict[bytes, int] = {}
        start = len(path.rstrip(b"/")) + 1
        for deeper, n_files in counts.items():
            name = deeper[start:].split(b"/", 1)[0]
            if name:
                children[name] = children.get(name, 0) + n_files
        subfolders = [
            _folder(number, root, inside + b"/" + name if inside else name, n)
            for name, n in sorted(children.items(), key=lambda item: (item[0].lower(), item[0]))
        ]
        rows = connection.execute(
            "SELECT DISTINCT track_id FROM files WHERE folder_id = (SELECT id FROM folders WHERE path = ?) "
            "ORDER BY name",
            (path,),
        ).fetchall()
        tracks = read_tracks(connection, dict.fromkeys(key for (key,) in rows))
        return _folder(number, root, inside, sum(counts.values())), subfolders, tracks


def _counts(connection: sqlite3.Connection, path: bytes) -> dict[bytes, int]:
    """How many files each folder from `path` down holds, without empty ones."""
    rows = connection.execute(
        "SELECT d.path, (SELECT count(*) FROM files AS f WHERE f.folder_id = d.id) FROM folders AS d "
        "WHERE d.path = ? OR (d.path > ? AND d.path < ?)",
        below(path),
    )
    return {folder: n_files for folder, n_files in rows if n_files}


def _within(root: bytes, inside: bytes) -> bytes:
    return root.rstrip(b"/") + b"/" + inside if inside else root


def _folder(number: int, root: bytes, inside: bytes, n_tracks: int) -> Folder:
    above, _, name = inside.rpartition(b"/")
    shown = os.fsdecode(name or root.rstrip(b"/").rpartition(b"/")[2] or root)
    return Folder(
        _id(number, inside),
        shown.encode("utf-8", "replace").decode(),
        _id(number, above) if inside else None,
        n_tracks,
    )


def _id(number: int, inside: bytes) -> str:
    """The number of the root, and the way from there down.

    >>> _place_of(_id(3, b"a/b")), _id(3, b"")
    ((3, b'a/b'), 'f3')
    """
    way = base64.urlsafe_b64encode(inside).decode("ascii").rstrip("=")
    return f"f{number}-{way}" if way else f"f{number}"


def _place_of(id: str) -> tuple[int, bytes]:
    number, _, way = id.removeprefix("f").partition("-")
    try:
        inside = base64.b64decode(way + "=" * (-len(way) % 4), b"-_", validate=True)
        place = int(number), inside
    except (ValueError, binascii.Error):
        place = -1, b""
    if not id.isascii() or len(number) > 9 or _id(*place) != id or b".." in place[1].split(b"/"):
        raise NothingFound(f"no folder of music has the id {id}")
    return place
