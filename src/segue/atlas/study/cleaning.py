"""What of a table can be studied: columns that move, tracks with values, classes with several tracks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.atlas.study.marks import counted
from segue.errors import UsageError
from segue.features.table import DescriptorTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEWEST_TRACKS = 3
_MOST_MISSING = 0.5
_LARGEST = 1e100
_NAMED = 5


@dataclass(frozen=True, slots=True, eq=False)
class Cleaned:
    """A table without what cannot be studied.

    Attributes
    ----------
    table
        With a NaN where a value is missing.
    medians : (n_columns,) float64
        Of the known values.
    missing : (n_columns,) int64
        How many values are not known.
    labels : (n_tracks,) int64
        Position in `names`; -1 where the class is not known or has one track only.
    names
        Of the classes with at least two tracks, sorted; fewer than two classes are none.
    notes
        What was left out, counted.
    """

    table: DescriptorTable
    medians: NDArray[np.float64]
    missing: NDArray[np.int64]
    labels: NDArray[np.int64]
    names: tuple[str, ...]
    notes: tuple[str, ...]


def clean(table: DescriptorTable) -> Cleaned:
    """Leave out constant columns, those unknown for most tracks, and tracks without values.

    Raises
    ------
    UsageError
        If fewer than three tracks or no column is left.
    """
    notes: list[str] = []
    table = _measured(table, notes)
    rows = np.flatnonzero(_known_share(table.values, axis=1) > 0)
    if len(rows) < len(table):
        notes.append(f"{len(table) - len(rows):,} tracks have no value at all: left out")
        table = table.take(rows)
    if len(table) < _FEWEST_TRACKS:
        raise UsageError(
            f"{table.name} has {counted(len(table), 'track')} with values: a study needs at least "
            f"{_FEWEST_TRACKS}"
        )
    table = _moving(table, notes)
    missing = np.array([int(np.isnan(column).sum()) for column in table.values.T], np.int64)
    if missing.any():
        notes.append(
            f"{int(missing.sum()):,} values in {int((missing > 0).sum()):,} columns are not known: "
            "correlations and classifiers see the column's median there, all else leaves them out"
        )
    medians = np.array([np.nanmedian(column) for column in table.values.T], np.float64)
    labels, names = _classes(table, notes)
    return Cleaned(table, medians, missing, labels, names, tuple(notes))


def filled(values: NDArray[np.floating[Any]], medians: NDArray[np.float64]) -> NDArray[np.floating[Any]]:
    """Values with the median of their column where they are not known."""
    unknown = np.isnan(values)
    return np.where(unknown, medians.astype(values.dtype), values) if unknown.any() else values


def _known_share(values: NDArray[np.floating[Any]], axis: int) -> NDArray[np.float64]:
    return np.asarray(1 - np.isnan(values).mean(axis=axis), np.float64)


def _measured(table: DescriptorTable, notes: list[str]) -> DescriptorTable:
    """Without numbers so large that they are no measurements, and their squares no numbers."""
    if table.values.dtype == np.float32:
        return table  # which holds no such numbers
    absurd = np.abs(table.values) > _LARGEST
    if not absurd.any():
        return table
    notes.append(f"{int(absurd.sum()):,} values are larger than {_LARGEST:g}: taken for unknown")
    return replace(table, values=np.where(absurd, np.nan, table.values))


def _moving(table: DescriptorTable, notes: list[str]) -> DescriptorTable:
    """Without the columns that say nothing."""
    known = _known_share(table.values, axis=0)
    constant = np.array([known[at] == 0 or _is_constant(column) for at, column in enumerate(table.values.T)])
    sparse = ~constant & (known < 1 - _MOST_MISSING)
    for left_out, what in ((constant, "the same for all tracks"), (sparse, "unknown for most tracks")):
        if left_out.any():
            names = [table.columns[at] for at in np.flatnonzero(left_out)]
            more = ", …" if len(names) > _NAMED else ""
            verb = "column is" if len(names) == 1 else "columns are"
            notes.append(f"{len(names):,} {verb} {what} and left out: {', '.join(names[:_NAMED])}{more}")
    kept = np.flatnonzero(~constant & ~sparse)
    if not kept.size:
        raise UsageError(f"{table.name} has no column that differs between tracks: there is nothing to study")
    return table if len(kept) == len(table.columns) else table.with_columns(kept)


def _is_constant(column: NDArray[np.floating[Any]]) -> bool:
    low, high = float(np.nanmin(column)), float(np.nanmax(column))
    # Less than rounding leaves of a constant.
    return high - low <= 1e-9 * max(abs(low), abs(high))


def _classes(table: DescriptorTable, notes: list[str]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    nothing = np.full(len(table), -1, np.int64)
    if not table.classes:
        return nothing, ()
    names, member, counts = np.unique(np.array(table.classes), return_inverse=True, return_counts=True)
    usable = (counts >= 2) & (names != "")
    alone = [str(name) for name in names[(counts == 1) & (names != "")]]
    if alone:
        more = ", …" if len(alone) > _NAMED else ""
        what = "class has" if len(alone) == 1 else "classes have"
        named = ", ".join(alone[:_NAMED]) + more
        notes.append(f"{len(alone):,} {what} one track only and not compared with others: {named}")
    if usable.sum() < 2:
        notes.append(f"{table.target} has fewer than two classes with two tracks: classes are not compared")
        return nothing, ()
    place = np.where(usable, np.cumsum(usable) - 1, -1)
    return place[member].astype(np.int64), tuple(str(name) for name in names[usable])
