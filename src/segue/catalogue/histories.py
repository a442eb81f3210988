"""Histories into the catalogue: each import is stored whole, or not at all."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from segue.catalogue.connection import Catalogue, transaction
from segue.catalogue.faults import translated
from segue.catalogue.heard import OWN_URI, identity
from segue.catalogue.listens import COUNT, OPINION, PLAYLIST
from segue.catalogue.sources import made_listener, made_source
from segue.types import Listen

_AT_ONCE = 50_000
# Recordings whose number is kept in memory while a history is read; one that is met again later is only
# written once more.
_MOST_KNOWN = 200_000
_NEVER = -1
_PLAY_KINDS = {"play": COUNT, "count": COUNT, "playlist": PLAYLIST}

_STAGES = (
    "CREATE TEMP TABLE staged_heard (number INTEGER PRIMARY KEY, identity INTEGER, artist, title, album, "
    "mbid, isrc, uri, path, duration_s)",
    "CREATE TEMP TABLE staged_listens (listener, time, number, count, skipped, played_ms, source)",
    "CREATE TEMP TABLE staged_evidence (source, listener, kind, number, count, value, time)",
    "CREATE TEMP TABLE staged_listeners (number INTEGER PRIMARY KEY, id)",
    "CREATE TEMP TABLE staged_sources (number INTEGER PRIMARY KEY, id)",
    "CREATE TEMP TABLE staged_ids (number INTEGER PRIMARY KEY, id)",
    "CREATE TEMP TABLE gathered (source_id, listener_id, kind, heard_id, count, value, time)",
)
_INSERT_HEARD = f"INSERT INTO staged_heard VALUES ({', '.join('?' * 10)})"
_INSERT_LISTENS = f"INSERT INTO staged_listens VALUES ({', '.join('?' * 7)})"
_INSERT_EVIDENCE = f"INSERT INTO staged_evidence VALUES ({', '.join('?' * 7)})"


@dataclass(frozen=True, slots=True)
class HistorySource:
    """Where listens came from.

    Attributes
    ----------
    format
        A name such as ``spotify``.
    path
        The file; with the format it says whether a source is the same as one imported earlier.
    """

    format: str
    path: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed.

    Attributes
    ----------
    plays, new_plays
        Plays with a time, and those of them that were not known.
    others, new_others
        Counts, places in playlists and opinions by recording, and those of them that were not known so.
    new_recordings
        Recordings that no history had named.
    listeners
        Whose plays they are, in the order of the file; the empty name is the owner.
    """

    plays: int
    new_plays: int
    others: int
    new_others: int
    new_recordings: int
    listeners: tuple[str, ...]


@dataclass(slots=True)
class _Stage:
    """Rows on their way, and the numbers given to names so far."""

    connection: sqlite3.Connection
    default: str
    listeners: dict[str, int] = field(default_factory=dict)
    known: dict[tuple[str, ...], int] = field(default_factory=dict)
    n_heard: int = 0
    heard: list[tuple[object, ...]] = field(default_factory=list)
    listens: list[tuple[object, ...]] = field(default_factory=list)
    evidence: list[tuple[object, ...]] = field(default_factory=list)

    def flush(self) -> None:
        """Write what waits in memory, and keep memory bounded."""
        self.connection.execute("BEGIN")
        self.connection.executemany(_INSERT_HEARD, self.heard)
        self.connection.executemany(_INSERT_LISTENS, self.listens)
        self.connection.executemany(_INSERT_EVIDENCE, self.evidence)
        self.connection.execute("COMMIT")
        for rows in (self.heard, self.listens, self.evidence):
            rows.clear()
        if len(self.known) > _MOST_KNOWN:
            self.known.clear()

    def number_of(self, listen: Listen) -> int:
        """The number of the recording in this import."""
        names = (listen[0], listen[1], listen[2], *listen[10:14])
        number = self.known.get(names)
        if number is None:
            self.n_heard += 1
            number = self.known[names] = self.n_heard
            self.heard.append(
                (number, identity(*names), *names[:6], os.fsencode(names[6]), listen.duration_s)
            )
        return number


def import_listens(
    cat: Catalogue, histories: Iterable[tuple[HistorySource, Iterable[Listen]]], *, listener: str = ""
) -> Imported:
    """Store histories, all of them or, after any error, nothing.

    A play of the same recording by the same listener in the same second is one play, whatever source it
    comes from and whatever else it says of the recording; so is one that another export tells by the minute
    and equally long. What a source says without times replaces what the same source said before. Rows wait
    in a temporary file while the histories are read, so that memory does not grow with them and others can
    write meanwhile; then one transaction takes them over.

    Parameters
    ----------
    histories
        Sources with their listens; read once, in order.
    listener
        Whose they are where a listen does not say.

    Raises
    ------
    CatalogueBusy, CatalogueReadOnly, DiskFull, CatalogueDamaged
        As their names say; nothing was stored then. Errors of the iterables pass through.
    """
    with _stages(cat) as connection:
        stage = _Stage(connection, listener)
        sources: list[HistorySource] = []
        for number, (source, listens) in enumerate(histories):
            sources.append(source)
            _stage_listens(stage, number, listens)
        stage.flush()
        with transaction(cat):
            imported = _take_over(connection, stage, sources)
            # What Segue itself exported says which of its tracks is meant.
            connection.execute(
                "INSERT INTO corrections (heard_id, public_id) SELECT id, substr(uri, ?) FROM heard "
                "WHERE how = 0 AND substr(uri, 1, ?) = ? ON CONFLICT DO NOTHING",
                (len(OWN_URI) + 1, len(OWN_URI), OWN_URI),
            )
            return imported


@contextmanager
def _stages(cat: Catalogue) -> Iterator[sqlite3.Connection]:
    """Temporary tables, gone afterwards however it ends."""
    names = [statement.split()[3] for statement in _STAGES]
    connection = cat.connection
    with translated(cat.path):
        connection.execute("SELECT 1 FROM heard LIMIT 1")  # what is wrong is said before anything is read
        try:
            for statement in _STAGES:
                connection.execute(statement)
            yield connection
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            for name in names:
                connection.execute(f"DROP TABLE IF EXISTS temp.{name}")


def _stage_listens(stage: _Stage, source: int, listens: Iterable[Listen]) -> None:
    """Write the listens of one source to the temporary tables."""
    plays, listeners, known, number_of = stage.listens, stage.listeners, stage.known, stage.number_of
    for at, listen in enumerate(listens):
        artist, title, album, time_s, played_s, skipped, count, opinion, kind, name, *others, _ = listen
        number = known.get((artist, title, album, *others)) or number_of(listen)
        name = name or stage.default
        who = listeners.get(name)
        if who is None:
            who = listeners[name] = len(listeners) + 1
        if kind == "play" and time_s is not None and count <= 1:
            played = None if played_s is None else round(played_s * 1_000)
            plays.append((who, int(time_s), number, count, skipped, played, source))
        elif count > 0 and kind in _PLAY_KINDS:
            last = None if time_s is None else int(time_s)
            stage.evidence.append((source, who, _PLAY_KINDS[kind], number, count, None, last))
        if opinion is not None:
            last = None if time_s is None else int(time_s)
            stage.evidence.append((source, who, OPINION, number, 0, opinion, last))
        if at % _AT_ONCE == _AT_ONCE - 1:
            stage.flush()


def _take_over(connection: sqlite3.Connection, stage: _Stage, sources: list[HistorySource]) -> Imported:
    """From the temporary tables into the lasting ones."""

    def one(sql: str) -> int:
        return int(connection.execute(sql).fetchone()[0])

    connection.executemany(
        "INSERT INTO staged_listeners VALUES (?, ?)",
        [(number, made_listener(connection, name)) for name, number in stage.listeners.items()],
    )
    connection.executemany(
        "INSERT INTO staged_sources VALUES (?, ?)",
        [
            (number, made_source(connection, source.format, source.path))
            for number, source in enumerate(sources)
        ],
    )
    n_heard = one("SELECT count(*) FROM heard")
    connection.execute(
        """
        INSERT INTO heard (identity, artist, title, album, mbid, isrc, uri, path, duration_s)
        SELECT identity, artist, title, album, mbid, isrc, uri, path, duration_s
        FROM staged_heard WHERE true ORDER BY number
        ON CONFLICT (identity) DO UPDATE SET duration_s = excluded.duration_s
            WHERE duration_s IS NULL AND excluded.duration_s IS NOT NULL
        """
    )
    connection.execute(
        "INSERT INTO staged_ids SELECT s.number, h.id FROM staged_heard AS s "
        "CROSS JOIN heard AS h ON h.identity = s.identity"
    )
    connection.execute(
        """
        INSERT INTO listens (listener_id, time, heard_id, count, skipped, played_ms, source_id)
        SELECT l.id, s.time, i.id, s.count, s.skipped, s.played_ms, o.id FROM staged_listens AS s
            CROSS JOIN staged_listeners AS l ON l.number = s.listener
            CROSS JOIN staged_ids AS i ON i.number = s.number
            CROSS JOIN staged_sources AS o ON o.number = s.source
        ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING
        """
    )
    new_plays = one("SELECT changes()") - _drop_told_twice(connection)
    others, new_others = _replace_evidence(connection)
    return Imported(
        plays=one("SELECT count(*) FROM staged_listens"),
        new_plays=new_plays,
        others=others,
        new_others=new_others,
        new_recordings=one("SELECT count(*) FROM heard") - n_heard,
        listeners=tuple(stage.listeners),
    )


def _drop_told_twice(connection: sqlite3.Connection) -> int:
    """Drop plays that several exports tell, one of them with fewer names or only the minute; how many.

    Exports differ in what they say of a recording besides artist and title (album, ids): of two plays in the
    same second the one with the recording named first stays. Where an export says only the minute and how
    long it was played, and another the second, the exacter stays.
    """
    same = """
        FROM (SELECT DISTINCT listener, time - time % 60 AS minute FROM staged_listens) AS s
            CROSS JOIN staged_listeners AS w ON w.number = s.listener
            CROSS JOIN listens AS a ON a.listener_id = w.id AND a.time BETWEEN s.minute AND s.minute + 59
            CROSS JOIN listens AS b ON b.listener_id = a.listener_id AND b.heard_id <> a.heard_id {apart}
            CROSS JOIN heard AS h ON h.id = a.heard_id
            CROSS JOIN heard AS i ON i.id = b.heard_id AND i.artist = h.artist COLLATE NOCASE
                AND i.title = h.title COLLATE NOCASE
        WHERE h.artist <> '' AND h.title <> ''
    """
    in_second = "AND b.time = a.time AND b.heard_id > a.heard_id"
    in_minute = (
        "AND a.time > s.minute AND b.time = s.minute AND b.played_ms = a.played_ms AND a.played_ms > 0"
    )
    dropped = 0
    for apart in (in_second, in_minute):
        dropped += connection.execute(
            "DELETE FROM listens WHERE (listener_id, time, heard_id) IN "
            f"(SELECT b.listener_id, b.time, b.heard_id {same.format(apart=apart)})"
        ).rowcount
    return dropped


def _replace_evidence(connection: sqlite3.Connection) -> tuple[int, int]:
    """Store what the sources say without times in place of what they said before: all rows, and new ones."""
    connection.execute(
        """
        INSERT INTO gathered
        SELECT o.id, l.id, s.kind, i.id, sum(s.count), avg(s.value), max(s.time) FROM staged_evidence AS s
            CROSS JOIN staged_listeners AS l ON l.number = s.listener
            CROSS JOIN staged_ids AS i ON i.number = s.number
            CROSS JOIN staged_sources AS o ON o.number = s.source
        GROUP BY 1, 2, 3, 4
        """
    )
    columns = "source_id, listener_id, kind, heard_id, count, value, time"
    counted = connection.execute(
        f"SELECT (SELECT count(*) FROM gathered), (SELECT count(*) FROM (SELECT {columns} FROM gathered "
        f"EXCEPT SELECT {columns} FROM evidence WHERE source_id IN (SELECT id FROM staged_sources)))"
    ).fetchone()
    connection.execute("DELETE FROM evidence WHERE source_id IN (SELECT id FROM staged_sources)")
    connection.execute(f"INSERT INTO evidence ({columns}) SELECT {columns} FROM gathered")
    return int(counted[0]), int(counted[1])
