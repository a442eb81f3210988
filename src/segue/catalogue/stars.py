"""Stars and ratings of tracks, albums and artists; those of tracks are opinions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from segue.catalogue.connection import Catalogue, snapshot, transaction
from segue.catalogue.folding import clean
from segue.catalogue.listens import BY_HAND, OPINION
from segue.catalogue.playing import store_opinion
from segue.catalogue.rows import now
from segue.catalogue.sources import made_listener
from segue.errors import NothingFound, UsageError

StarKind = Literal["track", "album", "artist"]

_TABLES: Mapping[str, str] = {"track": "tracks", "album": "albums", "artist": "artists"}
_WHO = "(SELECT id FROM listeners WHERE name = ?)"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a listener marked a track, an album or an artist with.

    Attributes
    ----------
    starred_at
        UTC epoch seconds, None without a star.
    rating
        1 to 5, None without one.
    """

    starred_at: float | None
    rating: int | None


def star(
    cat: Catalogue, listener: str, kind: StarKind, ids: Sequence[str], when: float | None = None
) -> None:
    """Give stars; what has one keeps it as it is. The star of a track is also the opinion 1.

    Parameters
    ----------
    when
        UTC epoch seconds, by default now.

    Raises
    ------
    NothingFound
        If one of the ids is unknown; then no star is given.
    """
    with transaction(cat) as connection:
        _require(connection, kind, ids)
        who = made_listener(connection, listener)
        for id in ids:
            connection.execute(
                "INSERT INTO stars (listener_id, kind, item, starred_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET starred_at = coalesce(starred_at, excluded.starred_at)",
                (who, kind, id, now() if when is None else when),
            )
            if kind == "track":
                store_opinion(connection, who, id, 1.0)


def unstar(cat: Catalogue, listener: str, kind: StarKind, ids: Sequence[str]) -> None:
    """Take stars back, with their opinions; what has none is left alone."""
    with transaction(cat) as connection:
        who = made_listener(connection, listener)
        for id in ids:
            taken = connection.execute(
                "UPDATE stars SET starred_at = NULL "
                "WHERE listener_id = ? AND kind = ? AND item = ? AND starred_at IS NOT NULL",
                (who, kind, id),
            ).rowcount
            if taken and kind == "track":
                store_opinion(connection, who, id, _opinion_of_rating(connection, who, id))
        _drop_empty(connection, who)


def rate(cat: Catalogue, listener: str, kind: StarKind, id: str, rating: int) -> None:
    """Rate from 1 to 5, or take the rating back (0). A track without a star is then liked (rating - 3) / 2.

    Raises
    ------
    UsageError
        If the rating is no such number.
    NothingFound
        If the id is unknown.
    """
    if rating not in range(6):
        raise UsageError(f"a rating is a whole number from 0 (none) to 5, not {rating!r}")
    with transaction(cat) as connection:
        who = made_listener(connection, listener)
        if rating:
            _require(connection, kind, [id])
            connection.execute(
                "INSERT INTO stars (listener_id, kind, item, rating) VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET rating = excluded.rating",
                (who, kind, id, rating),
            )
        elif not connection.execute(
            "UPDATE stars SET rating = NULL "
            "WHERE listener_id = ? AND kind = ? AND item = ? AND rating IS NOT NULL",
            (who, kind, id),
        ).rowcount:
            return
        starred = connection.execute(
            "SELECT starred_at FROM stars WHERE listener_id = ? AND kind = ? AND item = ?", (who, kind, id)
        ).fetchone()
        if kind == "track" and starred[0] is None:
            store_opinion(connection, who, id, _opinion_of_rating(connection, who, id))
        _drop_empty(connection, who)


def judge_track(cat: Catalogue, listener: str, id: str, value: float | None) -> None:
    """Store what a listener thinks of a track, from -1 (disliked) to 1 (liked), or nothing any more (None).

    Liking is a star; whatever else is said takes the star away.

    Raises
    ------
    UsageError
        If the value is no such number.
    NothingFound
        If no track has this id.
    """
    if value is not None and not -1.0 <= value <= 1.0:
        raise UsageError(f"an opinion is a number from -1 to 1, not {value}")
    with transaction(cat) as connection:
        _require(connection, "track", [id])
        if value is not None and value > 0:
            star(cat, listener, "track", [id])
        else:
            unstar(cat, listener, "track", [id])
        store_opinion(connection, made_listener(connection, listener), id, value)


def starred(cat: Catalogue, listener: str, kind: StarKind) -> list[tuple[str, float]]:
    """The ids that bear a listener's star with its UTC epoch seconds, the latest first; gone ones too."""
    with snapshot(cat) as connection:
        return connection.execute(
            f"SELECT item, starred_at FROM stars WHERE listener_id = {_WHO} AND kind = ? "
            "AND starred_at IS NOT NULL ORDER BY starred_at DESC, item",
            (clean(listener) or "", kind),
        ).fetchall()


def marks(cat: Catalogue, listener: str, kind: StarKind, ids: Sequence[str]) -> dict[str, Mark]:
    """The marks of a listener, one for each of `ids`."""
    with snapshot(cat) as connection:
        rows = connection.execute(
            f"SELECT item, starred_at, rating FROM stars WHERE listener_id = {_WHO} AND kind = ? "
            "AND item IN (SELECT value FROM json_each(?))",
            (clean(listener) or "", kind, json.dumps(list(ids))),
        )
        found = {id: Mark(starred_at, rating) for id, starred_at, rating in rows}
    nothing = Mark(None, None)
    return {id: found.get(id, nothing) for id in ids}


def said_of(cat: Catalogue, listener: str, ids: Sequence[str]) -> dict[str, float]:
    """What a listener said here of those tracks of which something was said: -1 disliked to 1 liked."""
    with snapshot(cat) as connection:
        rows = connection.execute(
            "SELECT c.public_id, e.value FROM corrections AS c JOIN evidence AS e ON e.heard_id = c.heard_id "
            f"WHERE e.listener_id = {_WHO} AND e.kind = {OPINION} AND e.value IS NOT NULL "
            "AND e.source_id = (SELECT id FROM sources WHERE format = ? AND path = x'') "
            "AND c.public_id IN (SELECT value FROM json_each(?))",
            (clean(listener) or "", BY_HAND, json.dumps(list(ids))),
        )
        return dict(rows.fetchall())


def _require(connection: sqlite3.Connection, kind: StarKind, ids: Sequence[str]) -> None:
    for id in ids:
        if connection.execute(f"SELECT 1 FROM {_TABLES[kind]} WHERE public_id = ?", (id,)).fetchone() is None:
            raise NothingFound(f"no {kind} has the id {id}")


def _opinion_of_rating(connection: sqlite3.Connection, who: int, id: str) -> float | None:
    row = connection.execute(
        "SELECT rating FROM stars WHERE listener_id = ? AND kind = 'track' AND item = ?", (who, id)
    ).fetchone()
    return None if row is None or row[0] is None else (row[0] - 3) / 2


def _drop_empty(connection: sqlite3.Connection, who: int) -> None:
    connection.execute(
        "DELETE FROM stars WHERE listener_id = ? AND starred_at IS NULL AND rating IS NULL", (who,)
    )
