"""Recordings as histories name them, and which track of the library each of them is."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from segue.catalogue.connection import Catalogue, snapshot, transaction
from segue.catalogue.folding import fold
from segue.errors import NothingFound
from segue.types import TrackId

HOW = ("new", "nothing", "by hand", "path", "musicbrainz", "isrc", "name")
"""How a track was found, by the number that is stored: an order from here on, never changed."""
NEW, NOTHING, BY_HAND = 0, 1, 2

OWN_URI = "segue:track:"
"""Before a track's public id: how Segue names its own tracks in histories."""


@dataclass(frozen=True, slots=True)
class HeardTable:
    """Recordings as histories name them, one row each, ordered by id.

    Attributes
    ----------
    ids
        ``(n,) int64``.
    artist, title, album, mbid, isrc, uri, path
        As first written; empty where unknown.
    duration_s
        ``(n,) float64``, NaN where unknown.
    track_key
        ``(n,) int64``: the track of the library, -1 where it is not there.
    how
        ``(n,) int8``: places in `HOW`.
    score
        ``(n,) float64``: how well `track_key`, or else `near_key`, fits, 0 to 100.
    near_key
        ``(n,) int64``: the track that nearly fits a recording without one, else -1.
    """

    ids: NDArray[np.int64]
    artist: list[str]
    title: list[str]
    album: list[str]
    mbid: list[str]
    isrc: list[str]
    uri: list[str]
    path: list[str]
    duration_s: NDArray[np.float64]
    track_key: NDArray[np.int64]
    how: NDArray[np.int8]
    score: NDArray[np.float64]
    near_key: NDArray[np.int64]


def identity(artist: str, title: str, album: str, mbid: str, isrc: str, uri: str, path: str) -> int:
    """A number of 64 bits by which a recording is known again, however its names are spelled.

    >>> identity("Björk", "Jóga", "", "", "", "", "") == identity("bjork", "JOGA", "", "", "", "", "")
    True
    """
    names = "\0".join((folded(artist), fold(title), folded(album), mbid, isrc, uri))
    digest = hashlib.blake2b(names.encode("utf-8", "replace") + b"\0" + os.fsencode(path), digest_size=8)
    return int.from_bytes(digest.digest(), "little", signed=True)


folded = lru_cache(maxsize=65_536)(fold)  # artists and albums come again and again


def heard_table(cat: Catalogue, *, only_new: bool = False) -> HeardTable:
    """All recordings that histories name. Memory grows with their number.

    Parameters
    ----------
    only_new
        Only those that were not looked for in the library yet.
    """
    sql = (
        "SELECT id, artist, title, album, mbid, isrc, uri, path, duration_s, "
        "(SELECT t.id FROM tracks AS t WHERE t.id = track_id AND t.n_files > 0), how, score, near_id "
        "FROM heard" + (" WHERE how = 0" if only_new else "") + " ORDER BY id"
    )
    with snapshot(cat) as connection:
        rows = connection.execute(sql).fetchall()
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(13)]
    return HeardTable(
        ids=np.array(columns[0], np.int64),
        artist=columns[1],
        title=columns[2],
        album=columns[3],
        mbid=columns[4],
        isrc=columns[5],
        uri=columns[6],
        path=[os.fsdecode(path) for path in columns[7]],
        duration_s=np.array(columns[8], np.float64),
        track_key=_keys(columns[9]),
        how=np.array(columns[10], np.int8),
        score=np.array(columns[11], np.float64),
        near_key=_keys(columns[12]),
    )


def tracks_by_uri(cat: Catalogue, uris: Iterable[str]) -> dict[str, TrackId]:
    """The present track of each of these URIs that a history named and the library has."""
    wanted = set(uris)
    with snapshot(cat) as connection:
        rows = connection.execute(
            "SELECT h.uri, t.public_id FROM heard AS h JOIN tracks AS t ON t.id = h.track_id "
            "WHERE h.uri <> '' AND t.n_files > 0 ORDER BY h.id"
        )
        return {uri: TrackId(public_id) for uri, public_id in rows if uri in wanted}


def _keys(values: list[int | None]) -> NDArray[np.int64]:
    return np.array([-1 if value is None else value for value in values], np.int64)


def store_matches(
    cat: Catalogue,
    ids: NDArray[np.int64],
    track_keys: NDArray[np.int64],
    how: NDArray[np.int8],
    score: NDArray[np.float64],
    near_keys: NDArray[np.int64],
    *,
    state: str,
) -> None:
    """Store which tracks recordings are; what was corrected by hand stays as it was corrected.

    Parameters
    ----------
    ids
        ``(n,) int64`` of recordings; the other arrays have a row each for them, as in `HeardTable`.
    state
        What the library was like (`matched_state`).
    """
    rows = [
        (key if key >= 0 else None, by, points, near if near >= 0 else None, number)
        for number, key, by, points, near in zip(
            ids.tolist(), track_keys.tolist(), how.tolist(), score.tolist(), near_keys.tolist(), strict=True
        )
    ]
    with transaction(cat) as connection:
        # A track that was forgotten since it was read is none any more.
        connection.executemany(
            "UPDATE heard SET track_id = (SELECT id FROM tracks WHERE id = ?), how = ?, score = ?, "
            "near_id = ? WHERE id = ?",
            rows,
        )
        connection.execute(
            "UPDATE heard SET how = ?, score = 100, near_id = NULL, track_id = "
            "(SELECT t.id FROM corrections AS c JOIN tracks AS t ON t.public_id = c.public_id "
            "WHERE c.heard_id = heard.id) WHERE id IN (SELECT heard_id FROM corrections)",
            (BY_HAND,),
        )
        connection.execute(
            "INSERT INTO settings (name, value) VALUES ('matched_state', ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (state,),
        )


def matched_state(cat: Catalogue) -> str:
    """What the library was like when recordings were last looked for in it; empty before."""
    with snapshot(cat) as connection:
        row = connection.execute("SELECT value FROM settings WHERE name = 'matched_state'").fetchone()
    return "" if row is None else str(row[0])


def has_heard(cat: Catalogue, *, only_new: bool = False) -> bool:
    """Whether histories name any recording, or any that was not looked for in the library yet."""
    sql = "SELECT 1 FROM heard" + (" WHERE how = 0" if only_new else "") + " LIMIT 1"
    with snapshot(cat) as connection:
        return connection.execute(sql).fetchone() is not None


def correct_matches(cat: Catalogue, corrections: Mapping[int, TrackId | None]) -> None:
    """Say by hand which track each recording is, None for one that is not in the library; this is kept.

    Raises
    ------
    NothingFound
        If there is no such recording or track; nothing is stored then.
    """
    with transaction(cat) as connection:
        for number, name in corrections.items():
            found = connection.execute("SELECT 1 FROM heard WHERE id = ?", (number,)).fetchone()
            if found is None:
                raise NothingFound(f"the history has no recording {number}: see `segue history match`")
            track = connection.execute("SELECT id FROM tracks WHERE public_id = ?", (name,)).fetchone()
            if name is not None and track is None:
                raise NothingFound(f"no track has the id {name}")
            connection.execute(
                "INSERT INTO corrections (heard_id, public_id) VALUES (?, ?) "
                "ON CONFLICT (heard_id) DO UPDATE SET public_id = excluded.public_id",
                (number, name),
            )
            connection.execute(
                "UPDATE heard SET track_id = ?, how = ?, score = 100, near_id = NULL WHERE id = ?",
                (None if track is None else track[0], BY_HAND, number),
            )
