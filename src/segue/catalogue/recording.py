"""What a scan writes: a file was heard, could not be heard, or is gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from segue.catalogue.connection import Catalogue, bump, transaction
from segue.catalogue.folding import clean, fold, searchable
from segue.catalogue.places import drop_empty_folders, folder_id, made_folder_id, split
from segue.catalogue.records import Analysis, FileStat
from segue.catalogue.rows import STORED, digest_bytes, now, public_id, stored, stored_genres
from segue.catalogue.storing import store_probabilities, store_vectors
from segue.types import TrackId

_UPSERT = f"""
    INSERT INTO tracks (public_id, digest, added_at, {", ".join(STORED)})
    VALUES (:public_id, :digest, :added_at, {", ".join(f":{name}" for name in STORED)})
    ON CONFLICT (digest) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in STORED)}
    RETURNING id
"""  # the names are constants of this room


def record_analysis(cat: Catalogue, analysis: Analysis) -> TrackId:
    """Store what was heard in one file, in one transaction; the same call again changes nothing more.

    The track is the one of the payload's digest: another file of it joins the track, and the track takes the
    tags of the file recorded last. A file whose payload changed leaves its earlier track; that one becomes
    absent when it has no file left. A problem of the path is cleared.

    Returns
    -------
    The track's public id.

    Raises
    ------
    ValueError
        If the digest, a path or an array is not what `Analysis` promises.
    CatalogueBusy, CatalogueReadOnly, DiskFull, CatalogueDamaged
        As their names say; nothing was stored then.
    """
    digest = digest_bytes(analysis.digest)
    folder, name = split(analysis.stat.path)
    values = stored(analysis.tags, analysis.info)
    identity = public_id(digest)
    with transaction(cat) as connection:
        values |= {"public_id": identity, "digest": digest, "added_at": now()}
        key = int(connection.execute(_UPSERT, values).fetchone()[0])
        _store_genres(connection, key, stored_genres(analysis.tags))
        _store_words(connection, key, values)
        store_vectors(connection, key, analysis.vectors)
        store_probabilities(connection, key, analysis.tag_probabilities)
        place = made_folder_id(connection, folder)
        connection.execute("DELETE FROM problems WHERE folder_id = ? AND name = ?", (place, name))
        connection.execute(
            """
            INSERT INTO files (folder_id, name, track_id, size, mtime_ns) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (folder_id, name) DO UPDATE SET
                track_id = excluded.track_id, size = excluded.size, mtime_ns = excluded.mtime_ns
            """,
            (place, name, key, analysis.stat.size, analysis.stat.mtime_ns),
        )
        bump(connection)
    return identity


def _store_genres(connection: sqlite3.Connection, key: int, genres: Sequence[str]) -> None:
    connection.execute("DELETE FROM track_genres WHERE track_id = ?", (key,))
    for position, genre in enumerate(genres):
        connection.execute(
            "INSERT INTO genres (name, fold) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
            (genre, fold(genre)),
        )
        connection.execute(
            "INSERT INTO track_genres SELECT ?, ?, id FROM genres WHERE name = ?", (key, position, genre)
        )


def _store_words(connection: sqlite3.Connection, key: int, values: dict[str, str | None]) -> None:
    artists = dict.fromkeys(filter(None, (values["artist"], values["album_artist"])))
    more = filter(None, (values[name] for name in ("composer", "conductor", "work", "movement")))
    words = (
        searchable(values["title"]),
        searchable(" ".join(artists)),
        searchable(values["album"]),
        searchable(" ".join(more)),
    )
    # Most records repeat what is there (a moved file): comparing is cheaper than writing the index again.
    old = connection.execute(
        "SELECT title, artist, album, more FROM track_words WHERE rowid = ?", (key,)
    ).fetchone()
    if old == words:
        return
    if old is not None:
        connection.execute("DELETE FROM track_words WHERE rowid = ?", (key,))
    connection.execute(
        "INSERT INTO track_words (rowid, title, artist, album, more) VALUES (?, ?, ?, ?, ?)", (key, *words)
    )


def record_problem(cat: Catalogue, stat: FileStat, reason: str, detail: str) -> None:
    """Store that a file could not be heard; an earlier good record of the same path is dropped.

    Attempts at the same state of a file (size and time of change) are counted.

    Raises
    ------
    CatalogueBusy, CatalogueReadOnly, DiskFull, CatalogueDamaged
        As their names say; nothing was stored then.
    """
    folder, name = split(stat.path)
    with transaction(cat) as connection:
        place = made_folder_id(connection, folder)
        dropped = connection.execute(
            "DELETE FROM files WHERE folder_id = ? AND name = ?", (place, name)
        ).rowcount
        connection.execute(
            """
            INSERT INTO problems (folder_id, name, size, mtime_ns, reason, detail, seen_at, attempts)
            VALUES (?, ?, ?, ?, ?, ?, ?, 1)
            ON CONFLICT (folder_id, name) DO UPDATE SET
                attempts = CASE WHEN size = excluded.size AND mtime_ns = excluded.mtime_ns
                    THEN attempts + 1 ELSE 1 END,
                size = excluded.size, mtime_ns = excluded.mtime_ns, reason = excluded.reason,
                detail = excluded.detail, seen_at = excluded.seen_at
            """,
            (
                place,
                name,
                stat.size,
                stat.mtime_ns,
                clean(reason) or "unreadable",
                clean(detail) or "",
                now(),
            ),
        )
        if dropped:
            bump(connection)


def forget_paths(cat: Catalogue, paths: Iterable[Path]) -> int:
    """Forget files that are gone, with their problems, in one transaction.

    A track left without files becomes absent: it keeps its id and vectors but is in no answer, and comes back
    with its next file.

    Returns
    -------
    How many of the paths were files of the library.
    """
    with transaction(cat) as connection:
        touched: set[int] = set()
        forgotten = 0
        for path in paths:
            folder, name = split(path)
            place = folder_id(connection, folder)
            if place is None:
                continue
            touched.add(place)
            where = (place, name)
            forgotten += connection.execute(
                "DELETE FROM files WHERE folder_id = ? AND name = ?", where
            ).rowcount
            connection.execute("DELETE FROM problems WHERE folder_id = ? AND name = ?", where)
        drop_empty_folders(connection, touched)
        if forgotten:
            bump(connection)
    return forgotten


def remove_tracks(cat: Catalogue, ids: Iterable[TrackId]) -> int:
    """Forget tracks with their files, vectors and words, in one transaction; the music itself is not touched.

    A later scan that meets a file of such a track hears it anew.

    Returns
    -------
    How many of the ids were tracks.
    """
    with transaction(cat) as connection:
        removed = 0
        touched: set[int] = set()
        for name in ids:
            row = connection.execute("SELECT id FROM tracks WHERE public_id = ?", (name,)).fetchone()
            if row is None:
                continue
            places = connection.execute("SELECT folder_id FROM files WHERE track_id = ?", row).fetchall()
            touched.update(place for (place,) in places)
            connection.execute("DELETE FROM track_words WHERE rowid = ?", row)
            removed += connection.execute("DELETE FROM tracks WHERE id = ?", row).rowcount
        drop_empty_folders(connection, touched)
        if removed:
            bump(connection)
    return removed
