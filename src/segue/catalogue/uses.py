"""Which albums and tracks a listener plays and marks most."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from segue.catalogue.browsing import Album, artist_key, read_albums
from segue.catalogue.connection import Catalogue, snapshot
from segue.catalogue.folding import clean
from segue.catalogue.reading import read_tracks
from segue.catalogue.records import Track
from segue.catalogue.within import lies_in

Use = Literal["frequent", "recent", "starred", "rated"]

# The latest plays say what is played often now; millions of them need not be counted for a page.
_COUNTED = 100_000
_WHO = "(SELECT id FROM listeners WHERE name = ?)"
_LATEST = (
    "(SELECT heard_id, count, time FROM listens WHERE listener_id = {who} AND count > 0 "
    "ORDER BY time DESC LIMIT {n})"
)
_PLAYED = """
    SELECT a.id FROM (SELECT heard_id AS heard, {value} AS value FROM {latest} GROUP BY heard_id) AS p
        CROSS JOIN heard AS h ON h.id = p.heard CROSS JOIN tracks AS t ON t.id = h.track_id
        CROSS JOIN albums AS a ON a.id = t.album_id
    WHERE a.n_tracks > 0 AND t.n_files > 0 AND {within}
    GROUP BY a.id ORDER BY {total} DESC, a.id LIMIT ? OFFSET ?
"""
_MARKED = f"""
    SELECT a.id FROM stars AS s JOIN albums AS a ON a.public_id = s.item
    WHERE s.listener_id = {_WHO} AND s.kind = 'album' AND a.n_tracks > 0
        AND {{mark}} IS NOT NULL AND {{within}}
    ORDER BY {{mark}} DESC, s.starred_at DESC, a.id LIMIT ? OFFSET ?
"""
_TRACK_OF = "CROSS JOIN heard AS h ON h.id = e.heard_id CROSS JOIN tracks AS t ON t.id = h.track_id"
# The recordings of the rows shown are found first; then one step over the listener's plays counts them all.
_COUNT: Mapping[Literal["track", "album"], str] = {
    "track": (
        f"SELECT t.public_id, sum(e.count), max(e.time) FROM {_LATEST.format(who=_WHO, n=_COUNTED)} AS e "
        f"{_TRACK_OF} WHERE e.heard_id IN (SELECT h.id FROM tracks AS t CROSS JOIN heard AS h "
        "ON h.track_id = t.id WHERE t.public_id IN (SELECT value FROM json_each(?))) GROUP BY t.id"
    ),
    "album": (
        f"SELECT a.public_id, sum(e.count), max(e.time) FROM {_LATEST.format(who=_WHO, n=_COUNTED)} AS e "
        f"{_TRACK_OF} CROSS JOIN albums AS a ON a.id = t.album_id "
        "WHERE e.heard_id IN (SELECT h.id FROM albums AS a "
        "CROSS JOIN tracks AS t ON t.album_id = a.id AND t.n_files > 0 "
        "CROSS JOIN heard AS h ON h.track_id = t.id "
        "WHERE a.public_id IN (SELECT value FROM json_each(?))) GROUP BY a.id"
    ),
}
# More plays are read only where the latest ones are of too few albums.
_STATEMENTS: Mapping[Use, tuple[str, ...]] = {
    "frequent": (
        _PLAYED.format(
            value="sum(count)",
            total="sum(p.value)",
            latest=_LATEST.format(who=_WHO, n=_COUNTED),
            within="{within}",
        ),
    ),
    "recent": tuple(
        _PLAYED.format(
            value="max(time)",
            total="max(p.value)",
            latest=_LATEST.format(who=_WHO, n=n),
            within="{within}",
        )
        for n in (1_000, 10_000, 100_000)
    ),
    "starred": (_MARKED.format(mark="s.starred_at", within="{within}"),),
    "rated": (_MARKED.format(mark="s.rating", within="{within}"),),
}


@dataclass(frozen=True, slots=True)
class Plays:
    """How often a listener played something, and when the last time began (UTC epoch seconds)."""

    count: int
    latest_s: float


def played(
    cat: Catalogue, listener: str, kind: Literal["track", "album"], ids: Sequence[str]
) -> dict[str, Plays]:
    """The plays of tracks, or of the tracks of albums, among the latest 100,000; nothing without a play.

    The same plays as `albums_by_use` puts albums in order by.
    """
    with snapshot(cat) as connection:
        rows = connection.execute(_COUNT[kind], (clean(listener) or "", json.dumps(list(ids))))
        return {id: Plays(count, float(latest)) for id, count, latest in rows}


def albums_by_use(
    cat: Catalogue,
    listener: str,
    by: Use = "frequent",
    *,
    offset: int = 0,
    limit: int = 100,
    within: Path | None = None,
) -> list[Album]:
    """A page of the albums that a listener played or marked, the most, latest or best first.

    What is played most often is counted over the latest 100,000 plays. Of albums that have something in the
    folder `within`, where one is given.
    """
    keys: list[int] = []
    with snapshot(cat) as connection:
        for statement in _STATEMENTS[by]:
            sql = statement.format(within=lies_in(within, "album", "a.id"))
            rows = connection.execute(sql, (clean(listener) or "", limit, offset))
            keys = [key for (key,) in rows]
            if len(keys) == limit:
                break
        return read_albums(connection, keys)


def top_tracks(cat: Catalogue, listener: str | None, artist_id: str, n: int) -> list[Track]:
    """The present tracks of an artist that a listener (None: all) played most, then the others by year.

    Plays are counted over the latest 100,000 of each listener.

    Raises
    ------
    NothingFound
        If no artist has this id.
    """
    with snapshot(cat) as connection:
        key = artist_key(connection, artist_id)
        rows = connection.execute(
            "SELECT id, year, title_fold FROM tracks WHERE n_files > 0 AND artist_id = ?1 UNION "
            "SELECT id, year, title_fold FROM tracks WHERE n_files > 0 "
            "AND album_artist_id IS NOT artist_id AND album_artist_id = ?1",
            (key,),
        ).fetchall()
        plays = _all_plays(connection, listener, key)
        best = sorted(rows, key=lambda row: (-plays.get(row[0], 0), row[1] or 9999, row[2], row[0]))
        return read_tracks(connection, (row[0] for row in best[:n]))


def n_played(cat: Catalogue, listener: str | None, artist_id: str) -> int:
    """How many of the present tracks of an artist a listener (None: anybody) played, as `top_tracks` counts.

    Raises
    ------
    NothingFound
        If no artist has this id.
    """
    with snapshot(cat) as connection:
        return len(_all_plays(connection, listener, artist_key(connection, artist_id)))


def _all_plays(connection: sqlite3.Connection, listener: str | None, artist: int) -> dict[int, int]:
    """How often the tracks of an artist were played; those that never were are not in it."""
    plays: dict[int, int] = {}
    name = None if listener is None else clean(listener) or ""
    for (who,) in connection.execute("SELECT id FROM listeners WHERE ?1 IS NULL OR name = ?1", (name,)):
        for track, count in _plays(connection, who, artist):
            if count > 0:
                plays[track] = plays.get(track, 0) + count
    return plays


def _plays(connection: sqlite3.Connection, who: int, artist: int) -> list[tuple[int, int]]:
    """How often a listener played the tracks of an artist, by key."""
    return connection.execute(
        f"SELECT h.track_id, sum(e.count) FROM {_LATEST.format(who='?1', n=_COUNTED)} AS e "
        "CROSS JOIN heard AS h ON h.id = e.heard_id WHERE e.heard_id IN ("
        "SELECT h.id FROM tracks AS t CROSS JOIN heard AS h ON h.track_id = t.id "
        "WHERE t.n_files > 0 AND t.artist_id = ?2 UNION ALL "
        "SELECT h.id FROM tracks AS t CROSS JOIN heard AS h ON h.track_id = t.id "
        "WHERE t.n_files > 0 AND t.album_artist_id IS NOT t.artist_id AND t.album_artist_id = ?2) "
        "GROUP BY h.track_id",
        (who, artist),
    ).fetchall()
