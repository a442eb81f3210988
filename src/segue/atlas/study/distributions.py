"""How values are spread: quantiles of every column, histograms and boxes of some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
"""Which quantiles `Spread.quantiles` are."""
_LOWER, _MIDDLE, _UPPER = 2, 3, 4
_WHISKER = 1.5
_BINS = 36
_EDGE = 0.005


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """How the values of each column are spread.

    Attributes
    ----------
    mean, deviation, skewness : (n_columns,) float64
        Of the known values.
    quantiles : (7, n_columns) float64
        At `QUANTILES`.
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    skewness: NDArray[np.float64]
    quantiles: NDArray[np.float64]

    @property
    def quartiles(self) -> NDArray[np.float64]:
        """(3, n_columns): lower quartile, median, upper quartile."""
        return self.quantiles[[_LOWER, _MIDDLE, _UPPER]]


@dataclass(frozen=True, slots=True)
class Box:
    """Tukey's box of some values.

    Attributes
    ----------
    name
        Whose.
    n
        How many values.
    low, lower, middle, upper, high
        Quartiles, and the last values within 1.5 times their distance outside them.
    least, most
        Smallest and largest value.
    n_beyond
        Values outside `low` to `high`.
    """

    name: str
    n: int
    low: float
    lower: float
    middle: float
    upper: float
    high: float
    least: float
    most: float
    n_beyond: int


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """One column in sight.

    Attributes
    ----------
    column
        Its position.
    why
        Why it is shown, in words.
    edges : (n_bins + 1,) float64
        Of the histogram: from the lowest to the highest whisker.
    counts : (n_bins,) int64
        Tracks in each bin.
    boxes
        Of all tracks, then of each class.
    """

    column: int
    why: str
    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    boxes: tuple[Box, ...]


def spread_of(values: NDArray[np.floating[Any]]) -> Spread:
    """Mean, deviation, skewness and quantiles of each column ``(n_tracks, n_columns)``, without NaN.

    >>> spread = spread_of(np.array([[1.0], [2.0], [np.nan], [6.0]]))
    >>> spread.mean.tolist(), spread.quartiles[1].tolist()
    ([3.0], [2.0])
    """
    rows = []
    for column in values.T:
        known = column[~np.isnan(column)].astype(np.float64)
        mean, deviation = float(known.mean()), float(known.std())
        cubes = ((known - mean) / deviation) ** 3 if deviation > 0 else np.zeros(1)
        rows.append((mean, deviation, float(cubes.mean()), *np.quantile(known, QUANTILES)))
    table = np.array(rows, np.float64).reshape(-1, 3 + len(QUANTILES)).T
    return Spread(table[0], table[1], table[2], table[3:])


def box_of(name: str, values: NDArray[np.float64]) -> Box:
    """Tukey's box of at least one value.

    >>> box = box_of("all", np.array([1.0, 2, 3, 4, 50]))
    >>> box.lower, box.middle, box.upper, box.high, box.n_beyond
    (2.0, 3.0, 4.0, 4.0, 1)
    """
    lower, middle, upper = np.quantile(values, (0.25, 0.5, 0.75))
    reach = _WHISKER * (upper - lower)
    inside = values[(values >= lower - reach) & (values <= upper + reach)]
    # The quartiles lie between values: of a few values, none may be within reach on one side.
    low, high = min(lower, inside.min()), max(upper, inside.max())
    return Box(
        name=name,
        n=len(values),
        low=float(low),
        lower=float(lower),
        middle=float(middle),
        upper=float(upper),
        high=float(high),
        least=float(values.min()),
        most=float(values.max()),
        n_beyond=len(values) - len(inside),
    )


def distribution_of(
    values: NDArray[np.floating[Any]],
    column: int,
    why: str,
    labels: NDArray[np.int64],
    names: tuple[str, ...],
) -> Distribution:
    """Histogram and boxes of one column.

    Parameters
    ----------
    values : (n_tracks, n_columns) float
        NaN where not known.
    column
        Which.
    why
        Why it is shown.
    labels : (n_tracks,) int64
        Position in `names`, -1 where not known.
    names
        Of the classes; those without values have no box.
    """
    there = ~np.isnan(values[:, column])
    known, of = values[there, column].astype(np.float64), labels[there]
    boxes = [box_of("all", known)]
    boxes += [box_of(name, known[of == at]) for at, name in enumerate(names) if (of == at).any()]
    low, high = min(box.low for box in boxes), max(box.high for box in boxes)
    if not high > low:
        low, high = float(known.min()), float(known.max())
    counts, edges = np.histogram(known, bins=_BINS, range=(low, high))
    return Distribution(column, why, edges, counts.astype(np.int64), tuple(boxes))


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """Two columns against each other.

    Attributes
    ----------
    columns
        Of the horizontal and of the vertical axis.
    why
        Why they are shown.
    x_edges, y_edges : (n_bins + 1,) float64
        Of the cells; half a per cent on each side is left out.
    counts : (n_bins, n_bins) int64
        Tracks in each cell, the horizontal axis first.
    names
        Of the classes that are marked.
    quartiles : (n_names, 2, 3) float64
        Of each of them, by column; NaN where nothing is known.
    """

    columns: tuple[int, int]
    why: str
    x_edges: NDArray[np.float64]
    y_edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    names: tuple[str, ...]
    quartiles: NDArray[np.float64]


def plane_of_two(
    values: NDArray[np.floating[Any]],
    columns: tuple[int, int],
    why: str,
    labels: NDArray[np.int64],
    names: tuple[str, ...],
) -> Plane:
    """Count the tracks in the cells of two columns, and where each class lies."""
    pair = values[:, columns].astype(np.float64)
    there = ~np.isnan(pair).any(axis=1)
    pair, of = pair[there], labels[there]
    edges = []
    for axis in range(2):
        low, high = np.quantile(pair[:, axis], (_EDGE, 1 - _EDGE)) if len(pair) else (0.0, 1.0)
        if not high > low:
            low, high = low - 0.5, high + 0.5
        edges.append(np.linspace(low, high, _BINS + 1))
    counts, _, _ = np.histogram2d(pair[:, 0], pair[:, 1], bins=edges)
    quartiles = np.full((len(names), 2, 3), np.nan)
    for at in range(len(names)):
        if (of == at).any():
            quartiles[at] = np.quantile(pair[of == at], (0.25, 0.5, 0.75), axis=0).T
    return Plane(columns, why, edges[0], edges[1], counts.astype(np.int64), names, quartiles)
