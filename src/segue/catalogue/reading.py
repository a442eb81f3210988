"""Tracks out of the catalogue, by id, key or path."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segue.catalogue.connection import Catalogue, snapshot
from segue.catalogue.faults import translated
from segue.catalogue.places import joined, key_of_file
from segue.catalogue.records import Track
from segue.catalogue.rows import SELECTED, track_of
from segue.errors import NothingFound
from segue.types import TrackId

_PAGE = 1_000


def track(cat: Catalogue, name: TrackId) -> Track:
    """One track; its `paths` are empty when its files are gone.

    Raises
    ------
    NothingFound
        If no track has this id.
    """
    return tracks(cat, [name])[0]


def tracks(cat: Catalogue, names: Sequence[TrackId]) -> list[Track]:
    """Tracks in the order of their ids.

    Raises
    ------
    NothingFound
        If no track has one of the ids.
    """
    with snapshot(cat) as connection:
        by_key = {found.key: found for found in read_tracks(connection, keys_of(cat, names).tolist())}
        return [by_key[key] for key in keys_of(cat, names).tolist()]


def present_ids(cat: Catalogue, names: Sequence[TrackId]) -> list[TrackId]:
    """Those of the ids whose tracks have files, in their order."""
    with snapshot(cat) as connection:
        rows = connection.execute(
            "SELECT public_id FROM tracks WHERE n_files > 0 "
            "AND public_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(names)),),
        )
        present = {name for (name,) in rows}
    return [name for name in names if name in present]


def n_tracks(cat: Catalogue) -> int:
    """How many present tracks there are."""
    with snapshot(cat) as connection:
        row = connection.execute("SELECT count(*) FROM tracks INDEXED BY tracks_present WHERE n_files > 0")
        return int(row.fetchone()[0])


def tracks_by_key(cat: Catalogue, keys: Iterable[int]) -> dict[int, Track]:
    """The records of those tracks that are in the catalogue, by key."""
    with snapshot(cat) as connection:
        return {found.key: found for found in read_tracks(connection, keys)}


def track_by_path(cat: Catalogue, path: Path) -> Track | None:
    """The track of a file (an absolute path), or None."""
    with snapshot(cat) as connection:
        key = key_of_file(connection, path)
        return None if key is None else read_tracks(connection, [key])[0]


def keys_of(cat: Catalogue, names: Sequence[TrackId]) -> NDArray[np.int64]:
    """The keys of tracks, ``(n,) int64``, in the order of their ids.

    Raises
    ------
    NothingFound
        If no track has one of the ids.
    """
    with translated(cat.path):
        rows = cat.connection.execute(
            "SELECT public_id, id FROM tracks WHERE public_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(names)),),
        )
        known = dict(rows)
    missing = next((name for name in names if name not in known), None)
    if missing is not None:
        raise NothingFound(f"no track has the id {missing}")
    return np.array([known[name] for name in names], np.int64)


def track_ids(cat: Catalogue, keys: NDArray[np.int64]) -> list[TrackId]:
    """The public ids of tracks, in the order of their keys.

    Raises
    ------
    NothingFound
        If no track has one of the keys.
    """
    with translated(cat.path):
        known = dict(
            cat.connection.execute(
                "SELECT id, public_id FROM tracks WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(np.asarray(keys).tolist()),),
            )
        )
    try:
        return [TrackId(known[key]) for key in np.asarray(keys).tolist()]
    except KeyError as error:
        raise NothingFound(
            f"no track has the key {error.args[0]}: the index is older than the catalogue"
        ) from None


def iterate_tracks(cat: Catalogue) -> Iterator[Track]:
    """The present tracks by key, read page by page: memory does not grow with the library."""
    for page in track_pages(cat):
        yield from page


def track_pages(cat: Catalogue) -> Iterator[list[Track]]:
    """The same in lists of up to 1,000."""
    after = 0
    while True:
        with snapshot(cat) as connection:
            rows = connection.execute(
                "SELECT id FROM tracks INDEXED BY tracks_present "
                "WHERE n_files > 0 AND id > ? ORDER BY id LIMIT ?",
                (after, _PAGE),
            ).fetchall()
            page = read_tracks(connection, (key for (key,) in rows))
        if page:
            yield page
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def repeated_tracks(cat: Catalogue) -> list[TrackId]:
    """The tracks that have several files with the same audio payload, by key."""
    with translated(cat.path):
        rows = cat.connection.execute("SELECT public_id FROM tracks WHERE n_files > 1 ORDER BY id")
        return [TrackId(name) for (name,) in rows]


def read_tracks(connection: sqlite3.Connection, keys: Iterable[int]) -> list[Track]:
    """The records of tracks, in the order of `keys`; keys of no track are left out."""
    wanted = list(keys)
    chosen = (json.dumps(wanted),)
    genres: dict[int, list[str]] = {}
    for key, genre in connection.execute(
        "SELECT g.track_id, n.name FROM track_genres AS g JOIN genres AS n ON n.id = g.genre_id "
        "WHERE g.track_id IN (SELECT value FROM json_each(?)) ORDER BY g.track_id, g.position",
        chosen,
    ):
        genres.setdefault(key, []).append(genre)
    paths: dict[int, list[Path]] = {}
    for key, folder, name in connection.execute(
        "SELECT f.track_id, d.path, f.name FROM files AS f JOIN folders AS d ON d.id = f.folder_id "
        "WHERE f.track_id IN (SELECT value FROM json_each(?)) ORDER BY f.track_id, d.path, f.name",
        chosen,
    ):
        paths.setdefault(key, []).append(joined(folder, name))
    rows = connection.execute(
        f"SELECT {SELECTED} FROM tracks AS t WHERE t.id IN (SELECT value FROM json_each(?))", chosen
    )
    found = {
        row[0]: track_of(row, tuple(genres.get(row[0], ())), tuple(paths.get(row[0], ()))) for row in rows
    }
    return [found[key] for key in wanted if key in found]
