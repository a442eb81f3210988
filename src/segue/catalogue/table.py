"""The columns of the library that ranking filters and diversifies by."""

from __future__ import annotations

import json
import re
import sqlite3

import numpy as np
from numpy.typing import NDArray

from segue.catalogue.connection import Catalogue, snapshot
from segue.catalogue.records import TrackTable

_NOBODY = frozenset(
    {"", "various artists", "various", "va", "v a", "diverse", "diverse interpreten", "unknown artist"}
)
_GUEST = re.compile(r" (feat|ft|featuring) .*")


def track_table(cat: Catalogue, *, keys: NDArray[np.int64] | None = None) -> TrackTable:
    """The columns of the present tracks, ordered by key. Memory grows with their number.

    Parameters
    ----------
    keys
        ``(n,) int64``: only these tracks; absent ones are left out. Codes are comparable within one table.
    """
    with snapshot(cat) as connection:
        sql = (
            "SELECT id, artist_fold, album_artist_fold, album_fold, coalesce(year, 0), duration_s, "
            "coalesce(title, '') FROM tracks WHERE +n_files > 0"
        )
        chosen: tuple[str, ...] = ()
        if keys is not None:
            sql += " AND id IN (SELECT value FROM json_each(?))"
            chosen = (json.dumps(np.unique(keys).tolist()),)
        rows = connection.execute(sql + " ORDER BY id", chosen).fetchall()
        columns = list(zip(*rows, strict=True)) if rows else [()] * 7
        numbers = np.array(columns[0], np.int64)
        genres = _genres(connection, columns[0], chosen)
    artist_codes: dict[str, int] = {}
    album_codes: dict[tuple[str, str], int] = {}
    artist_code, album_code = np.empty(len(numbers), np.int64), np.empty(len(numbers), np.int64)
    for at, (artist, album_artist, album) in enumerate(zip(*columns[1:4], strict=True)):
        name = _leading(artist, album_artist)
        artist_code[at] = artist_codes.setdefault(name, len(artist_codes)) if name else -1
        album_name = (album_artist or name, album)
        album_code[at] = album_codes.setdefault(album_name, len(album_codes)) if album else -1
    return TrackTable(
        keys=numbers,
        artist_code=artist_code,
        album_code=album_code,
        year=np.array(columns[4], np.int64),
        duration_s=np.array(columns[5], np.float64),
        titles=list(columns[6]),
        genres=genres,
    )


def _leading(artist: str, album_artist: str) -> str:
    """The folded name by which "at most k by an artist" counts: guests and compilers do not make another."""
    if album_artist not in _NOBODY:
        return album_artist
    if artist in _NOBODY:
        return ""
    return _GUEST.sub("", artist) if " f" in artist else artist


def _genres(
    connection: sqlite3.Connection, keys: tuple[int, ...], chosen: tuple[str, ...]
) -> list[tuple[str, ...]]:
    names: dict[int, str] = dict(connection.execute("SELECT id, name FROM genres"))
    sql = "SELECT track_id, genre_id FROM track_genres"
    if chosen:
        sql += " WHERE track_id IN (SELECT value FROM json_each(?))"
    gathered: dict[int, tuple[str, ...]] = {}
    for key, genre in connection.execute(sql + " ORDER BY track_id, position", chosen):
        gathered[key] = (*gathered.get(key, ()), names[genre])
    return [gathered.get(key, ()) for key in keys]
