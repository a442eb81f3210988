"""What a map shows: a dot a track, what is written of it, and by what dots can be coloured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from segue.errors import UsageError

SHADES = 32
"""A number is shown in one of so many shades, darkest or lightest last."""
_SKEWED = 10
"""Numbers whose greatest is so many times their median are shaded by their logarithm, as plays are."""
_CUT = 1.0
"""Per cent of the numbers at each end that share a shade: a typing error does not make the scale."""

_CELLS = 24
"""The plane is cut into so many times so many cells to find where most tracks of a label are."""


@dataclass(frozen=True, slots=True)
class Labels:
    """A name for each track.

    Attributes
    ----------
    names
        Different names, commonest first.
    codes
        ``(n,) int64`` places in `names`, -1 where unknown.
    """

    names: tuple[str, ...]
    codes: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class MapView:
    """A map that can be drawn; rows are tracks.

    Attributes
    ----------
    title
        Of the page or picture.
    about
        One sentence below it.
    positions
        ``(n, 2)`` float32.
    titles
        Of the tracks, ``n`` of them.
    files
        Their files, as they shall be shown, empty where unknown.
    labels
        Names of each track by what they are, such as ``artist`` and ``genre``.
    numbers
        ``(n,)`` float64 by what they are, such as ``year``; NaN where unknown.
    neighbours
        ``(n, k)`` int64: the tracks that sound most alike, nearest first.
    colour
        By which of the labels or numbers dots are coloured at first; empty for none.
    """

    title: str
    about: str
    positions: NDArray[np.float32]
    titles: Sequence[str]
    files: Sequence[str]
    labels: Mapping[str, Labels] = field(default_factory=dict)
    numbers: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    neighbours: NDArray[np.int64] | None = None
    colour: str = ""

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def colours(self) -> tuple[str, ...]:
        """By what dots can be coloured: the labels and the numbers of which something is known."""
        return tuple(name for name, one in self.labels.items() if one.names) + tuple(
            name for name, values in self.numbers.items() if np.isfinite(values).any()
        )

    def coloured_by(self, name: str) -> str:
        """The colour that a person asked for.

        Raises
        ------
        UsageError
            If nothing is known of it.
        """
        if name and name not in self.colours:
            known = ", ".join(self.colours) or "nothing"
            raise UsageError(f"nothing is known of {name!r} to colour by: there is {known}")
        return name


def labels_of(texts: Sequence[str]) -> Labels:
    """Number the names, commonest first; an empty text is unknown.

    Examples
    --------
    >>> labels_of(["jazz", "", "rock", "rock"])
    Labels(names=('rock', 'jazz'), codes=array([ 1, -1,  0,  0]))
    """
    counted = Counter(text for text in texts if text)
    names = sorted(counted, key=lambda name: (-counted[name], name))
    code = {name: at for at, name in enumerate(names)}
    return Labels(tuple(names), np.array([code.get(text, -1) for text in texts], np.int64))


@dataclass(frozen=True, slots=True)
class Shading:
    """Numbers as shades.

    Attributes
    ----------
    shades
        ``(n,) int64`` from 0 to `SHADES` - 1, -1 where unknown.
    low, high
        The numbers of the first and the last shade.
    """

    shades: NDArray[np.int64]
    low: float
    high: float


def shading(values: NDArray[np.float64]) -> Shading:
    """Spread numbers over the shades, evenly, or by their logarithm where a few are far above the others.

    Examples
    --------
    >>> shading(np.array([1990.0, 2021.0, np.nan])).shades.tolist()
    [0, 31, -1]
    """
    known = np.isfinite(values)
    shades = np.full(len(values), -1, np.int64)
    if not known.any():
        return Shading(shades, 0.0, 0.0)
    chosen = values[known].astype(np.float64)
    low, high = np.percentile(chosen, [_CUT, 100 - _CUT], method="inverted_cdf")
    at = np.clip(chosen, low, high)
    if low >= 0 and high > _SKEWED * max(float(np.median(chosen)), 1.0):
        at, ends = np.log1p(at), np.log1p([low, high])
    else:
        ends = np.array([low, high])
    span = float(ends[1] - ends[0]) or 1.0
    shades[known] = np.rint((at - ends[0]) / span * (SHADES - 1)).astype(np.int64)
    return Shading(shades, float(low), float(high))


def anchors(positions: NDArray[np.floating], labels: Labels, most: int) -> NDArray[np.float64]:
    """Where the name of each of the commonest labels belongs: amid the densest part of its tracks.

    Parameters
    ----------
    positions
        ``(n, 2)``.
    labels
        Of the same tracks.
    most
        How many labels.

    Returns
    -------
    places : (m, 2) float64

    Examples
    --------
    >>> anchors(np.array([[0, 0], [9, 9], [9, 8]]), labels_of(["rock"] * 3), 1)
    array([[9. , 8.5]])
    """
    found = np.zeros((min(most, len(labels.names)), 2))
    if not len(found):
        return found
    low = positions.min(axis=0).astype(np.float64)
    span = float(np.ptp(positions, axis=0).max()) or 1.0
    cells = np.minimum(((positions - low) / span * _CELLS).astype(np.int64), _CELLS - 1)
    for code in range(len(found)):
        own = np.flatnonzero(labels.codes == code)
        counts = np.zeros((_CELLS + 2, _CELLS + 2), np.int64)
        np.add.at(counts, (cells[own, 0] + 1, cells[own, 1] + 1), 1)
        around = sum(
            counts[1 + right : _CELLS + 1 + right, 1 + down : _CELLS + 1 + down]
            for right in (-1, 0, 1)
            for down in (-1, 0, 1)
        )
        best = np.unravel_index(np.argmax(around), (_CELLS, _CELLS))
        near = own[(np.abs(cells[own] - best) <= 1).all(axis=1)]
        found[code] = np.median(positions[near], axis=0)
    return found
