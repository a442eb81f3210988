"""Vectors and tag probabilities into their rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from segue.errors import VectorsError
from segue.types import EncoderId

if TYPE_CHECKING:
    from segue.types import Vector

LITTLE_FLOAT32 = np.dtype("<f4")
"""How vectors are stored."""
SORTABLE_FLOAT16 = np.dtype(">f2")
"""How tag probabilities are stored: the bytes sort as the numbers do (schema.py)."""


def encoder_row(connection: sqlite3.Connection, encoder: EncoderId) -> tuple[int, int | None] | None:
    """Number and dimension (None before its first vector) of an encoder, if it was ever seen."""
    row = connection.execute("SELECT id, dim FROM encoders WHERE name = ?", (encoder,)).fetchone()
    return None if row is None else (int(row[0]), row[1])


def made_encoder(connection: sqlite3.Connection, encoder: EncoderId, dim: int | None) -> int:
    """The number of an encoder, made if need be; with `dim`, its vectors have that length from now on.

    Raises
    ------
    VectorsError
        If the encoder's vectors have another length.
    """
    row = encoder_row(connection, encoder)
    if row is None:
        cursor = connection.execute("INSERT INTO encoders (name, dim) VALUES (?, ?)", (encoder, dim))
        return int(cursor.lastrowid or 0)
    number, known = row
    if dim is not None and known is None:
        connection.execute("UPDATE encoders SET dim = ? WHERE id = ?", (dim, number))
    elif dim is not None and known != dim:
        raise VectorsError(f"vectors of {encoder} have {known} values in this catalogue, these have {dim}")
    return number


def checked(vector: ArrayLike) -> NDArray[np.float32]:
    """A vector as it is stored.

    Raises
    ------
    ValueError
        If it is empty, not a row of numbers, or not finite.
    """
    array = np.ascontiguousarray(vector, dtype=LITTLE_FLOAT32)
    if array.ndim != 1 or not array.size or not np.isfinite(array).all():
        raise ValueError(f"a vector is one row of finite numbers, not shape {array.shape} of {array.dtype}")
    return array


def store_vectors(connection: sqlite3.Connection, key: int, vectors: Mapping[EncoderId, Vector]) -> None:
    """Put or replace the vectors of one track."""
    for encoder, vector in vectors.items():
        array = checked(vector)
        put_vector(connection, made_encoder(connection, encoder, array.size), key, array.tobytes())


def put_vector(connection: sqlite3.Connection, number: int, key: int, value: bytes) -> None:
    """Put or replace one vector; a replacement by other values is counted."""
    where = (number, key)
    old = connection.execute(
        "SELECT value FROM vectors WHERE encoder_id = ? AND track_id = ?", where
    ).fetchone()
    if old is None:
        connection.execute(
            "INSERT INTO vectors (encoder_id, track_id, value) VALUES (?, ?, ?)", (*where, value)
        )
    elif old[0] != value:
        connection.execute(
            "UPDATE vectors SET value = ? WHERE encoder_id = ? AND track_id = ?", (value, *where)
        )
        connection.execute("UPDATE encoders SET replaced = replaced + 1 WHERE id = ?", (number,))


def store_probabilities(
    connection: sqlite3.Connection, key: int, probabilities: Mapping[EncoderId, NDArray[np.float32]]
) -> None:
    """Put or replace the tag probabilities of one track."""
    for encoder, values in probabilities.items():
        array = checked(values)
        if array.min() < 0 or array.max() > 1:
            raise ValueError(f"probabilities of {encoder} reach from {array.min()} to {array.max()}")
        connection.execute(
            """
            INSERT INTO tag_probabilities (encoder_id, track_id, value) VALUES (?, ?, ?)
            ON CONFLICT (encoder_id, track_id) DO UPDATE SET value = excluded.value
            """,
            # + 0.0: a negative zero would sort after everything
            (
                made_encoder(connection, encoder, None),
                key,
                (array + np.float32(0.0)).astype(SORTABLE_FLOAT16).tobytes(),
            ),
        )
