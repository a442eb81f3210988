"""Read tables of tracks and of tags (Parquet or CSV), and find the rows of one in another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import UsageError
from segue.training.datasets.columns import labels_of, numbers_of, read_table, texts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.training.datasets.columns import Labels

    Ints = NDArray[np.int64]

NO_CONTENT = ("track", "song", "listener", "id", "file")
"""Columns that number something and so are no content, beside those whose names end in ``_id``."""


@dataclass(frozen=True, slots=True)
class TrackTable:
    """What a table says of tracks, one row a track.

    Attributes
    ----------
    path
        Where it was read from.
    columns
        Names of all columns.
    tracks : (n,) int64 or str
        Each once, in the order of the file.
    numeric
        Columns of numbers by name, ``(n,) float64`` each, NaN where missing.
    artists
        The artist of each track as text, empty where unknown; None where there is no such column.
    files
        The file of each track; None where there is no such column.
    songs
        Numbers or names that several ids of one recording share; None where there is no such column.
    notes
        What was left out, counted.
    """

    path: Path
    columns: tuple[str, ...]
    tracks: Labels
    numeric: dict[str, NDArray[np.float64]]
    artists: tuple[str, ...] | None
    files: tuple[str, ...] | None
    songs: tuple[str, ...] | None
    notes: tuple[str, ...]


def read_track_table(path: Path, *, ignore: Sequence[str] = ()) -> TrackTable:
    """Read a table with the column ``track`` and any columns of content.

    Parameters
    ----------
    path
        Parquet or CSV (also gzipped, also separated by tabs).
    ignore
        Columns that are no content.

    Returns
    -------
    TrackTable
        Its numeric columns are all columns of numbers and truth values but ids: `NO_CONTENT`, names that end
        in ``_id``, and those to be ignored.

    Raises
    ------
    UsageError
        If it cannot be read, lacks the column or has no row.
    """
    table, notes = read_table(path)
    if "track" not in table.column_names:
        raise UsageError(f"{path} has no column 'track', but {', '.join(table.column_names) or 'nothing'}")
    labels, known = labels_of(table["track"])
    _, first = np.unique(labels, return_index=True)
    kept = np.flatnonzero(known)[np.sort(first)]
    for n, what in (
        (np.sum(~known), "without a track"),
        (len(labels) - len(first), "of a track seen before"),
    ):
        if n:
            notes.append(f"{path.name}: {n:,} rows {what}: left out")
    if len(kept) == 0:
        raise UsageError(f"{path} has no row with a track")
    numeric = {}
    for name in table.column_names:
        if name in NO_CONTENT or name.endswith("_id") or name in ignore:
            continue
        values = numbers_of(table[name])
        if values is not None:
            numeric[name] = values[kept]

    def texts(*names: str) -> tuple[str, ...] | None:
        for name in names:
            if name in table.column_names:
                return tuple(texts_of(table[name])[row] for row in kept)
        return None

    return TrackTable(
        path=path,
        columns=tuple(table.column_names),
        tracks=labels[np.sort(first)],
        numeric=numeric,
        artists=texts("artist", "artist_id"),
        files=texts("file"),
        songs=texts("song"),
        notes=tuple(notes),
    )


def positions(wanted: Labels, known: Labels) -> Ints:
    """Where each wanted label stands among the known ones, -1 where it does not, ``(n_wanted,) int64``.

    A number and its digits are the same label, since files disagree on which they write.

    >>> positions(np.array(["3", "x", "1"]), np.array([1, 2, 3]))
    array([ 2, -1,  0])
    """
    if wanted.dtype.kind != known.dtype.kind:
        wanted, known = wanted.astype(np.str_), known.astype(np.str_)
    found = np.full(len(wanted), -1, dtype=np.int64)
    if len(known) == 0:
        return found
    order = np.argsort(known, kind="stable")
    place = np.minimum(np.searchsorted(known, wanted, sorter=order), len(known) - 1)
    hit = known[order[place]] == wanted
    found[hit] = order[place[hit]]
    return found
