"""What a scan writes: a file was heard, could not be heard, or is gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segue.catalogue.connection import Catalogue, bump, transaction
from segue.catalogue.folding import clean
from segue.catalogue.places import drop_empty_folders, folder_id, made_folder_id, split
from segue.catalogue.records import Analysis, FileStat
from segue.catalogue.rows import STORED, digest_bytes, now, public_id, stored, stored_genres
from segue.catalogue.storing import store_probabilities, store_vectors
from segue.catalogue.tagging import bear_tags, follow_first_file
from segue.types import EncoderId, TrackId

if TYPE_CHECKING:
    from segue.types import Vector

_INSERT = f"""
    INSERT INTO tracks (public_id, digest, added_at, {", ".join(STORED)})
    VALUES (:public_id, :digest, :added_at, {", ".join(f":{name}" for name in STORED)})
"""  # the names are constants of this room


def record_analysis(cat: Catalogue, analysis: Analysis) -> TrackId:
    """Store what was heard in one file, in one transaction; the same call again changes nothing more.

    The track is the one of the payload's digest: another file of it joins the track, which bears the tags of
    the file whose path comes first. A file whose payload changed leaves its earlier track; that one becomes
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
        key = _track_of(connection, {**values, "public_id": identity, "digest": digest, "added_at": now()})
        store_vectors(connection, key, analysis.vectors)
        store_probabilities(connection, key, analysis.tag_probabilities)
        place = made_folder_id(connection, folder)
        connection.execute("DELETE FROM problems WHERE folder_id = ? AND name = ?", (place, name))
        left = _track_at(connection, place, name)
        connection.execute(
            """
            INSERT INTO files (folder_id, name, track_id, size, mtime_ns) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (folder_id, name) DO UPDATE SET
                track_id = excluded.track_id, size = excluded.size, mtime_ns = excluded.mtime_ns
            """,
            (place, name, key, analysis.stat.size, analysis.stat.mtime_ns),
        )
        bear_tags(connection, key, place, name, values, stored_genres(analysis.tags))
        if left not in (None, key):
            follow_first_file(connection, left)
        bump(connection)
    return identity


def record_vectors(cat: Catalogue, key: int, vectors: Mapping[EncoderId, Vector]) -> None:
    """Store vectors of a known track that answer no question and stand in no index; its files are left alone.

    The catalogue's revision stays, so that no index has to be brought up to date. A track that is gone by now
    is passed over.

    Raises
    ------
    ValueError
        If a vector is not one row of finite numbers.
    CatalogueBusy, CatalogueReadOnly, DiskFull, CatalogueDamaged
        As their names say; nothing was stored then.
    """
    with transaction(cat) as connection:
        if connection.execute("SELECT 1 FROM tracks WHERE id = ?", (key,)).fetchone() is not None:
            store_vectors(connection, key, vectors)


def _track_of(connection: sqlite3.Connection, values: dict[str, Any]) -> int:
    """The key of the track with this digest, made if need be."""
    row = connection.execute("SELECT id FROM tracks WHERE digest = ?", (values["digest"],)).fetchone()
    return int(row[0] if row else connection.execute(_INSERT, values).lastrowid or 0)


def _track_at(connection: sqlite3.Connection, place: int, name: bytes) -> int | None:
    """The key of the track of which this is a file until now."""
    row = connection.execute(
        "SELECT track_id FROM files WHERE folder_id = ? AND name = ?", (place, name)
    ).fetchone()
    return None if row is None else int(row[0])


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
        dropped = _drop_file(connection, place, name)
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


def _drop_file(connection: sqlite3.Connection, place: int, name: bytes) -> bool:
    """Forget one file; whether it was known."""
    left = _track_at(connection, place, name)
    if left is None:
        return False
    connection.execute("DELETE FROM files WHERE folder_id = ? AND name = ?", (place, name))
    follow_first_file(connection, left)
    return True


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
            forgotten += _drop_file(connection, place, name)
            connection.execute("DELETE FROM problems WHERE folder_id = ? AND name = ?", (place, name))
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
