"""Vectors out of the catalogue, as arrays."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segue.catalogue.connection import Catalogue, snapshot
from segue.catalogue.faults import translated
from segue.catalogue.rows import digest_bytes
from segue.catalogue.storing import LITTLE_FLOAT32, encoder_row
from segue.types import EncoderId

if TYPE_CHECKING:
    from segue.types import Matrix

_CHUNK = 2_048


def has_vectors(cat: Catalogue, digest: str, encoders: Iterable[EncoderId]) -> bool:
    """Whether the track of a payload (64 hexadecimal digits) is known, with a vector of each encoder."""
    names = set(encoders)
    with translated(cat.path):
        row = cat.connection.execute(
            """
            SELECT (
                SELECT count(*) FROM vectors AS v JOIN encoders AS e ON e.id = v.encoder_id
                WHERE v.track_id = t.id AND e.name IN (SELECT value FROM json_each(?))
            ) FROM tracks AS t WHERE t.digest = ?
            """,
            (json.dumps(sorted(names)), digest_bytes(digest)),
        ).fetchone()
    return row is not None and row[0] == len(names)


def load_vectors(
    cat: Catalogue, encoder: EncoderId, *, keys: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int64], Matrix]:
    """The vectors of the present tracks, ordered by key. Memory grows with their number.

    Parameters
    ----------
    encoder
        Whose vectors; one that is unknown here gives none.
    keys
        ``(n,) int64``: only these tracks; those that are absent or lack the vector are left out.

    Returns
    -------
    keys : (n,) int64
    vectors : (n, dim) float32, C order
    """
    with snapshot(cat) as connection:
        row = encoder_row(connection, encoder)
        if row is None or row[1] is None:
            return np.empty(0, np.int64), np.empty((0, 0), np.float32)
        number, dim = row[0], row[1]
        wanted = None if keys is None else np.unique(keys)
        # An upper bound is enough: rows that stay unused are never touched, so they take no memory.
        bound = _count(connection) if wanted is None else len(wanted)
        found, vectors = np.empty(bound, np.int64), np.empty((bound, dim), np.float32)
        sql = "SELECT track_id, value FROM vectors WHERE encoder_id = ?"
        values: tuple[object, ...] = (number,)
        if wanted is not None:
            sql += " AND track_id IN (SELECT value FROM json_each(?))"
            values = (number, json.dumps(wanted.tolist()))
        cursor = connection.execute(sql + " ORDER BY track_id", values)
        filled = 0
        while chunk := cursor.fetchmany(_CHUNK):
            end = filled + len(chunk)
            some_keys, blobs = zip(*chunk, strict=True)
            found[filled:end] = some_keys
            vectors[filled:end] = np.frombuffer(b"".join(blobs), LITTLE_FLOAT32).reshape(-1, dim)
            filled = end
        return _without_absent(connection, found[:filled], vectors[:filled])


def vector_keys(cat: Catalogue, encoder: EncoderId) -> NDArray[np.int64]:
    """The keys that `load_vectors` would give, ``(n,) int64``, without reading the vectors."""
    with snapshot(cat) as connection:
        row = encoder_row(connection, encoder)
        if row is None:
            return np.empty(0, np.int64)
        # The index on tracks is narrow; the table itself holds the vectors.
        cursor = connection.execute(
            "SELECT track_id FROM vectors INDEXED BY vectors_by_track WHERE encoder_id = ? ORDER BY track_id",
            (row[0],),
        )
        keys = np.fromiter((key for (key,) in cursor), np.int64)
        return keys[~np.isin(keys, absent_keys(connection))]


def replacements(cat: Catalogue, encoder: EncoderId) -> int:
    """How often a stored vector of an encoder was overwritten by another.

    While this stays the same, an index needs only the keys that came and went; when it changes, the index is
    made again.
    """
    with translated(cat.path):
        row = cat.connection.execute("SELECT replaced FROM encoders WHERE name = ?", (encoder,)).fetchone()
    return 0 if row is None else int(row[0])


def _count(connection: sqlite3.Connection) -> int:
    """How many tracks there are, present or absent."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM tracks INDEXED BY tracks_present WHERE n_files > 0)"
        " + (SELECT count(*) FROM tracks INDEXED BY tracks_absent WHERE n_files = 0)"
    ).fetchone()
    return int(row[0])


def absent_keys(connection: sqlite3.Connection) -> NDArray[np.int64]:
    """The keys of the tracks without files, ``(n,) int64``."""
    cursor = connection.execute("SELECT id FROM tracks INDEXED BY tracks_absent WHERE n_files = 0")
    return np.fromiter((key for (key,) in cursor), np.int64)


def _without_absent(
    connection: sqlite3.Connection, keys: NDArray[np.int64], vectors: Matrix
) -> tuple[NDArray[np.int64], Matrix]:
    absent = np.isin(keys, absent_keys(connection))
    if absent.any():
        return keys[~absent], vectors[~absent]
    return keys, vectors
