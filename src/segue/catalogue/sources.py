"""Where histories came from and whose they are; and how they are forgotten."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from segue.catalogue.connection import Catalogue, snapshot, transaction
from segue.catalogue.folding import clean
from segue.catalogue.listens import listener_id
from segue.catalogue.rows import now

# A listener of whom one of these speaks stays.
_OF_LISTENERS = (
    "listens", "evidence", "recommended", "accounts", "playlists", "stars", "play_queues", "votes",
    "connections", "forwards",
)  # fmt: skip


def made_listener(connection: sqlite3.Connection, name: str) -> int:
    """The row of a listener, made if need be."""
    connection.execute("INSERT INTO listeners (name) VALUES (?) ON CONFLICT DO NOTHING", (clean(name) or "",))
    return listener_id(connection, name)


def made_source(connection: sqlite3.Connection, format: str, path: str) -> int:
    """The row of a source, made if need be; its time is that of its latest import."""
    where = (format, os.fsencode(path))
    connection.execute(
        "INSERT INTO sources (format, path, imported_at) VALUES (?, ?, ?) "
        "ON CONFLICT (format, path) DO UPDATE SET imported_at = excluded.imported_at",
        (*where, now()),
    )
    return int(
        connection.execute("SELECT id FROM sources WHERE format = ? AND path = ?", where).fetchone()[0]
    )


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """A source that was imported.

    Attributes
    ----------
    imported_at
        UTC epoch seconds of the latest import.
    plays
        Plays with a time that came from it first.
    others
        Counts, places in playlists and opinions that it says.
    """

    id: int
    format: str
    path: str
    imported_at: float
    plays: int
    others: int


def history_sources(cat: Catalogue) -> list[SourceSummary]:
    """What was imported, in the order of the first imports."""
    with snapshot(cat) as connection:
        plays = dict(connection.execute("SELECT source_id, count(*) FROM listens GROUP BY source_id"))
        others = dict(connection.execute("SELECT source_id, count(*) FROM evidence GROUP BY source_id"))
        rows = connection.execute("SELECT id, format, path, imported_at FROM sources ORDER BY id").fetchall()
    return [
        SourceSummary(number, kind, os.fsdecode(path), at, plays.get(number, 0), others.get(number, 0))
        for number, kind, path, at in rows
    ]


def forget_history(
    cat: Catalogue, *, listener: str | None = None, sources: Iterable[int] | None = None
) -> int:
    """Forget listens, counts and opinions, and the recordings that nothing speaks of any more.

    Parameters
    ----------
    listener
        Only this one's; the empty name is the owner. What was recommended to the listener, the stars, which
        are opinions, and plays that wait to be told to a service are forgotten too, unless `sources` are
        given.
    sources
        Only what came from these (ids of `history_sources`) first.

    Returns
    -------
    How many plays, counts, places and opinions were forgotten.

    Raises
    ------
    NothingFound
        If there is no such listener.
    """
    # Names that are to be forgotten shall not stay behind in the file's unused pages.
    cat.connection.execute("PRAGMA secure_delete = ON")
    with transaction(cat) as connection:
        where, values = ["true"], list[object]()
        if listener is not None:
            where.append("listener_id = ?")
            values.append(listener_id(connection, listener))
        if sources is None:
            for table in ("recommended", "stars", "forwards"):
                connection.execute(f"DELETE FROM {table} WHERE {where[-1]}", values)
        else:
            chosen = list(sources)
            where.append(f"source_id IN ({', '.join('?' * len(chosen))})")
            values.extend(chosen)
        chosen_rows = " AND ".join(where)
        forgotten = sum(
            connection.execute(f"DELETE FROM {table} WHERE {chosen_rows}", values).rowcount
            for table in ("listens", "evidence")
        )
        connection.execute(
            "DELETE FROM heard WHERE id NOT IN "
            "(SELECT heard_id FROM listens UNION SELECT heard_id FROM evidence)"
        )
        connection.execute(
            "DELETE FROM sources WHERE id NOT IN "
            "(SELECT source_id FROM listens UNION SELECT source_id FROM evidence)"
        )
        connection.execute(
            "DELETE FROM listeners WHERE id > 1 AND id NOT IN "
            f"({' UNION '.join(f'SELECT listener_id FROM {table}' for table in _OF_LISTENERS)})"
        )
    return forgotten
