"""The words that tagging encoders hear, with their probabilities."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segue.catalogue.connection import Catalogue, snapshot, transaction
from segue.catalogue.faults import translated
from segue.catalogue.folding import clean, fold
from segue.catalogue.storing import SORTABLE_FLOAT16, made_encoder
from segue.catalogue.vectors import absent_keys
from segue.types import EncoderId, TrackId

_CHUNK = 2_048


def tag_names(cat: Catalogue, encoder: EncoderId) -> tuple[str, ...]:
    """The names of an encoder's tags, in the order of its probabilities; empty when it gives none."""
    with translated(cat.path):
        rows = cat.connection.execute(
            "SELECT name FROM tag_names WHERE encoder_id = (SELECT id FROM encoders WHERE name = ?) "
            "ORDER BY position",
            (encoder,),
        )
        return tuple(name for (name,) in rows)


def set_tag_names(cat: Catalogue, encoder: EncoderId, names: Sequence[str]) -> None:
    """Name the tags whose probabilities an encoder gives, in their order; the same names again do nothing.

    Raises
    ------
    CatalogueBusy, CatalogueReadOnly, DiskFull, CatalogueDamaged
        As their names say; nothing was stored then.
    """
    wanted = tuple(clean(name) or "?" for name in names)
    if tag_names(cat, encoder) == wanted:
        return
    with transaction(cat) as connection:
        number = made_encoder(connection, encoder, None)
        connection.execute("DELETE FROM tag_names WHERE encoder_id = ?", (number,))
        connection.executemany(
            "INSERT INTO tag_names (encoder_id, position, name, fold) VALUES (?, ?, ?, ?)",
            [(number, position, name, fold(name)) for position, name in enumerate(wanted)],
        )


def load_tag_probabilities(
    cat: Catalogue, encoder: EncoderId, *, keys: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The tag probabilities of the present tracks, ordered by key. Memory grows with their number.

    Parameters
    ----------
    keys
        ``(n,) int64``: only these tracks; those that are absent or lack the probabilities are left out.

    Returns
    -------
    keys : (n,) int64
    probabilities : (n, n_tags) float32
        In [0, 1], exact to 0.05 per cent of their value.
    """
    with snapshot(cat) as connection:
        sql = "SELECT track_id, value FROM tag_probabilities WHERE encoder_id = " \
            "(SELECT id FROM encoders WHERE name = ?)"  # fmt: skip
        values: tuple[object, ...] = (encoder,)
        if keys is not None:
            sql += " AND track_id IN (SELECT value FROM json_each(?))"
            values = (encoder, json.dumps(np.unique(keys).tolist()))
        cursor = connection.execute(sql + " ORDER BY track_id", values)
        parts: list[NDArray[np.float32]] = []
        found: list[int] = []
        while chunk := cursor.fetchmany(_CHUNK):
            some_keys, blobs = zip(*chunk, strict=True)
            found.extend(some_keys)
            flat = np.frombuffer(b"".join(blobs), SORTABLE_FLOAT16).astype(np.float32)
            parts.append(flat.reshape(len(chunk), -1))
        if not found:
            return np.empty(0, np.int64), np.empty((0, len(tag_names(cat, encoder))), np.float32)
        numbers = np.array(found, np.int64)
        present = ~np.isin(numbers, absent_keys(connection))
        return numbers[present], np.concatenate(parts)[present]


def track_tags(cat: Catalogue, track: TrackId, *, least: float = 0.1) -> list[tuple[str, float]]:
    """The words heard in one track, most probable first, by the encoder that was used last.

    Parameters
    ----------
    least
        The smallest probability that counts.
    """
    with snapshot(cat) as connection:
        row = connection.execute(
            """
            SELECT e.name, p.value FROM tag_probabilities AS p JOIN encoders AS e ON e.id = p.encoder_id
            WHERE p.track_id = (SELECT id FROM tracks WHERE public_id = ?) ORDER BY e.id DESC LIMIT 1
            """,
            (track,),
        ).fetchone()
        if row is None:
            return []
        names = tag_names(cat, EncoderId(row[0]))
    probabilities = np.frombuffer(row[1], SORTABLE_FLOAT16).astype(np.float32)
    pairs = zip(names, probabilities.tolist(), strict=False)
    return sorted(((name, p) for name, p in pairs if p >= least), key=lambda pair: (-pair[1], pair[0]))
