"""Who listened to what, and when: the plays and counts of one listener as columns."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from segue.catalogue.connection import Catalogue, snapshot
from segue.catalogue.folding import clean
from segue.errors import NothingFound
from segue.types import Listen

KINDS = ("play", "count", "playlist", "opinion")
"""The kinds of `segue.types.Listen`, by the number that is stored: never changed."""
PLAY, COUNT, PLAYLIST, OPINION = range(4)

BY_HAND = "by hand"
"""The format of the source that holds what a person said to Segue itself."""

EVIDENCE = "evidence AS e JOIN sources AS s ON s.id = e.source_id"
# Counters of one person's players count the same plays. Places in playlists add up, but a table may hold
# totals of what other sources say one by one.
TOTAL = """
    CASE e.kind WHEN 1 THEN max(e.count) ELSE max(
        coalesce(sum(CASE WHEN s.format <> 'table' THEN e.count END), 0),
        coalesce(max(CASE WHEN s.format = 'table' THEN e.count END), 0)) END
"""
VALUE = f"coalesce(avg(CASE WHEN s.format = '{BY_HAND}' THEN e.value END), avg(e.value))"

_Row = np.dtype([("heard", "i8"), ("time", "i8"), ("played", "i8"), ("skipped", "i1"), ("count", "i8")])


@dataclass(frozen=True, slots=True)
class ListenTable:
    """What a listener heard, one row a play, or a count of plays or of places in playlists.

    Plays come first, by time. A recording has at most one row of the kind ``count``, the greatest that any
    source says (counters of one person's players count the same plays), and one of the kind ``playlist``.

    Attributes
    ----------
    heard
        ``(n,) int64``: which recording (`heard_table`).
    track_key
        ``(n,) int64``: its track, -1 where it is not in the library.
    time_s
        ``(n,) float64``: UTC epoch seconds, NaN where unknown.
    played_s
        ``(n,) float64``: how long it was played, in seconds, NaN where unknown.
    skipped
        ``(n,) int8``: 1 skipped, 0 not, -1 unknown.
    count
        ``(n,) int64``: how many plays, or places in playlists, the row stands for; 0 for a play too short to
        count.
    kind
        ``(n,) int8``: places in `KINDS`.
    """

    heard: NDArray[np.int64]
    track_key: NDArray[np.int64]
    time_s: NDArray[np.float64]
    played_s: NDArray[np.float64]
    skipped: NDArray[np.int8]
    count: NDArray[np.int64]
    kind: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.heard)


def listeners(cat: Catalogue) -> tuple[str, ...]:
    """The names of all listeners, the owner (the empty name) first."""
    with snapshot(cat) as connection:
        return tuple(name for (name,) in connection.execute("SELECT name FROM listeners ORDER BY id"))


def listener_id(connection: sqlite3.Connection, name: str) -> int:
    """The row of a listener.

    Raises
    ------
    NothingFound
        If there is none of this name; the message lists some.
    """
    name = clean(name) or ""
    row = connection.execute("SELECT id FROM listeners WHERE name = ?", (name,)).fetchone()
    if row is None:
        rows = connection.execute("SELECT name FROM listeners WHERE id > 1 ORDER BY id LIMIT 10").fetchall()
        others = ", ".join(other for (other,) in rows) or "nobody else"
        raise NothingFound(f"there is no listener {name!r}: the history knows its owner, and {others}")
    return int(row[0])


def listen_table(cat: Catalogue, listener: str = "") -> ListenTable:
    """All that a listener heard, also what is not in the library. Memory grows with it.

    Parameters
    ----------
    listener
        A name; empty for the owner of the library.

    Raises
    ------
    NothingFound
        If there is no such listener.
    """
    with snapshot(cat) as connection:
        number = listener_id(connection, listener)
        plays = _rows(
            connection,
            "SELECT heard_id, time, coalesce(played_ms, -1), coalesce(skipped, -1), count FROM listens "
            "WHERE listener_id = ? ORDER BY time, heard_id",
            (number,),
        )
        counts, places = (
            _rows(
                connection,
                f"SELECT e.heard_id, coalesce(max(e.time), -1), -1, -1, {TOTAL} FROM {EVIDENCE} "
                "WHERE e.listener_id = ? AND e.kind = ? GROUP BY e.heard_id ORDER BY e.heard_id",
                (number, kind),
            )
            for kind in (COUNT, PLAYLIST)
        )
        track_of = tracks_of_heard(connection)
    rows = np.concatenate([plays, counts, places])
    kind = np.repeat(np.array([PLAY, COUNT, PLAYLIST], np.int8), [len(plays), len(counts), len(places)])
    return ListenTable(
        heard=np.ascontiguousarray(rows["heard"]),
        track_key=track_of[rows["heard"]],
        time_s=_known(rows["time"], 1.0),
        played_s=_known(rows["played"], 1_000.0),
        skipped=np.ascontiguousarray(rows["skipped"]),
        count=np.ascontiguousarray(rows["count"]),
        kind=kind,
    )


def _rows(connection: sqlite3.Connection, sql: str, values: Sequence[object]) -> NDArray[np.void]:
    return np.fromiter(connection.execute(sql, values), _Row)


def _known(values: NDArray[np.int64], unit: float) -> NDArray[np.float64]:
    return np.where(values >= 0, values / unit, np.nan)


def tracks_of_heard(connection: sqlite3.Connection) -> NDArray[np.int64]:
    """The key of the present track of each recording by its id, -1 where there is none."""
    size = int(connection.execute("SELECT coalesce(max(id), 0) + 1 FROM heard").fetchone()[0])
    tracks = np.full(size, -1, np.int64)
    pairs = np.fromiter(
        connection.execute(
            "SELECT h.id, h.track_id FROM heard AS h JOIN tracks AS t ON t.id = h.track_id "
            "WHERE t.n_files > 0"
        ),
        np.dtype([("heard", "i8"), ("track", "i8")]),
    )
    tracks[pairs["heard"]] = pairs["track"]
    return tracks


def plays_of_heard(cat: Catalogue) -> NDArray[np.int64]:
    """How many plays and places in playlists each recording has, by its id, ``(greatest id + 1,) int64``."""
    pair = np.dtype([("heard", "i8"), ("count", "i8")])
    with snapshot(cat) as connection:
        size = int(connection.execute("SELECT coalesce(max(id), 0) + 1 FROM heard").fetchone()[0])
        total = np.zeros(size, np.int64)
        for table in ("listens", "evidence"):
            counted = np.fromiter(
                connection.execute(f"SELECT heard_id, sum(count) FROM {table} GROUP BY heard_id"), pair
            )
            total[counted["heard"]] += counted["count"]
    return total


def iterate_listens(cat: Catalogue, listener: str | None = None) -> Generator[Listen, None, None]:
    """All that the history holds, as it could be imported again: plays by time, then the rest.

    Parameters
    ----------
    listener
        Only this one's; the empty name is the owner, None is all.

    Raises
    ------
    NothingFound
        If there is no such listener.
    """
    heard = "h.artist, h.title, h.album, h.mbid, h.isrc, h.uri, h.path, h.duration_s"
    with snapshot(cat) as connection:
        where, values = "true", tuple[int, ...]()
        if listener is not None:
            where, values = "e.listener_id = ?", (listener_id(connection, listener),)
        names = dict(connection.execute("SELECT id, name FROM listeners"))
        plays = connection.execute(
            f"SELECT e.listener_id, {PLAY}, e.time, e.played_ms, e.skipped, e.count, NULL, {heard} "
            f"FROM listens AS e JOIN heard AS h ON h.id = e.heard_id WHERE {where} "
            "ORDER BY e.listener_id, e.time, e.heard_id",
            values,
        )
        others = connection.execute(
            f"SELECT e.listener_id, e.kind, max(e.time), NULL, NULL, {TOTAL}, {VALUE}, {heard} "
            f"FROM {EVIDENCE} JOIN heard AS h ON h.id = e.heard_id WHERE {where} "
            "GROUP BY e.listener_id, e.kind, e.heard_id ORDER BY e.listener_id, e.kind, e.heard_id",
            values,
        )
        for row in chain(plays, others):
            who, kind, time_s, played_ms, skipped, count, opinion, *recording, path, duration_s = row
            artist, title, album, mbid, isrc, uri = recording
            yield Listen(
                artist,
                title,
                album,
                time_s,
                None if played_ms is None else played_ms / 1_000,
                None if skipped is None else bool(skipped),
                count,
                opinion,
                KINDS[kind],
                names[who],
                mbid,
                isrc,
                uri,
                os.fsdecode(path),
                duration_s,
            )
