"""Descriptors of many tracks as one table: a row a track, a column a descriptor, what is known of each."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STATISTIC = re.compile(r"(?<=.)[_.](mean|var|std|min|max|median|skew|kurtosis)(?=[_.]|$)", re.IGNORECASE)
_NUMBER = re.compile(r"(?<=\D)[_.]?\d+$")


@dataclass(frozen=True, slots=True, eq=False)
class DescriptorTable:
    """What is measured of each track, and what is known of it.

    Attributes
    ----------
    name
        Where it comes from, for titles and messages.
    tracks
        A name for each row, each once.
    columns
        A name for each column, each once, such as ``mfcc.mean.01``.
    families
        What each column belongs to, such as ``mfcc``.
    values : (n_tracks, n_columns) float32 or float64
        NaN where not known; never infinite.
    classes
        The class of each track, empty where not known; no text at all where there are none.
    target
        What the classes are, such as ``genre``.
    groups : (n_tracks,) int64 or None
        Equal for tracks that folds must keep together.
    grouped_by
        What makes a group, such as ``artist``; empty without groups.
    notes
        What was left out or mended, counted.
    """

    name: str
    tracks: tuple[str, ...]
    columns: tuple[str, ...]
    families: tuple[str, ...]
    values: NDArray[np.floating[Any]]
    classes: tuple[str, ...] = ()
    target: str = ""
    groups: NDArray[np.int64] | None = None
    grouped_by: str = ""
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.tracks)

    def take(self, rows: NDArray[np.int64]) -> DescriptorTable:
        """The same with some of the tracks."""
        return replace(
            self,
            tracks=tuple(self.tracks[row] for row in rows),
            values=self.values[rows],
            classes=tuple(self.classes[row] for row in rows) if self.classes else (),
            groups=None if self.groups is None else self.groups[rows],
        )

    def with_columns(self, places: Sequence[int] | NDArray[np.int64]) -> DescriptorTable:
        """The same with some of the columns."""
        return replace(
            self,
            columns=tuple(self.columns[place] for place in places),
            families=tuple(self.families[place] for place in places),
            values=self.values[:, np.asarray(places, np.int64)],
        )


def chosen_columns(
    table: DescriptorTable, *, columns: Sequence[str] = (), families: Sequence[str] = ()
) -> DescriptorTable:
    """The columns of some names or families; all where nothing is asked for.

    Parameters
    ----------
    columns
        Names, or patterns such as ``mfcc*``.
    families
        Names of families.

    Raises
    ------
    UsageError
        If there is no such column or family; the message names the choices.
    """
    if not columns and not families:
        return table
    kept: set[int] = set()
    for pattern in columns:
        kept |= _fitting(pattern, table.columns, "column", table.name)
    for family in families:
        kept |= _fitting(family, table.families, "family", table.name)
    return table.with_columns(sorted(kept))


def _fitting(pattern: str, names: Sequence[str], what: str, where: str) -> set[int]:
    found = {at for at, name in enumerate(names) if fnmatch.fnmatchcase(name, pattern)}
    if not found:
        there = list(dict.fromkeys(names))
        more = f" and {len(there) - 12} more" if len(there) > 12 else ""
        raise UsageError(f"{where} has no {what} {pattern!r}: it has {', '.join(there[:12])}{more}")
    return found


def family_of(column: str) -> str:
    """What a column belongs to, from its name: without the statistic and the number.

    >>> [family_of(name) for name in ("mfcc12_var", "chroma_stft_mean", "mfcc.mean.01", "tempo", "20")]
    ['mfcc', 'chroma_stft', 'mfcc', 'tempo', '20']
    """
    return _NUMBER.sub("", _STATISTIC.sub("", _NUMBER.sub("", column))) or column
