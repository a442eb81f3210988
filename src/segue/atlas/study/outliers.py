"""Values far from all others: by column, and the tracks that have most of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FAR_OUT = 3.0
_AS_DEVIATION = 1.4826
_UNUSUAL_Z = 3.5


@dataclass(frozen=True, slots=True)
class OddTrack:
    """A track with unusual values.

    Attributes
    ----------
    row
        Its position.
    n_far
        In how many columns it is far out.
    columns
        The columns where it is furthest from the median, the furthest first.
    scores
        How far there, in robust standard deviations.
    """

    row: int
    n_far: int
    columns: tuple[int, ...]
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Outliers:
    """What is unusual.

    Attributes
    ----------
    far : (n_columns,) int64
        Tracks beyond Tukey's outer fences: three times the distance of the quartiles outside them.
    unusual : (n_columns,) int64
        Tracks more than 3.5 robust standard deviations from the median.
    tracks
        Those with most columns far out, the oddest first; those without any are not among them.
    """

    far: NDArray[np.int64]
    unusual: NDArray[np.int64]
    tracks: tuple[OddTrack, ...]


def find_outliers(
    values: NDArray[np.floating[Any]], quartiles: NDArray[np.float64], *, most: int = 20
) -> Outliers:
    """Look for values far from the rest of their column.

    Where half of a column is one value its spread is none: nothing in it is called far.

    Parameters
    ----------
    values : (n_tracks, n_columns) float
        NaN where not known.
    quartiles : (3, n_columns) float64
        Lower quartile, median, upper quartile.
    most
        Tracks to be named.

    References
    ----------
    J. W. Tukey, "Exploratory Data Analysis", 1977 (fences). B. Iglewicz, D. C. Hoaglin, "How to Detect and
    Handle Outliers", 1993 (the median of absolute deviations, times 1.4826, as a deviation; 3.5).

    Examples
    --------
    >>> values = np.array([[1.0], [2], [3], [4], [5], [60]])
    >>> find_outliers(values, np.quantile(values, (0.25, 0.5, 0.75), axis=0)).tracks[0].row
    5
    """
    low, middle, high = quartiles
    n_tracks, n_columns = values.shape
    far_of_track = np.zeros(n_tracks, np.int64)
    furthest = np.zeros(n_tracks)
    far, unusual = np.zeros(n_columns, np.int64), np.zeros(n_columns, np.int64)
    spreads = np.zeros(n_columns)
    for at in range(n_columns):
        column = values[:, at].astype(np.float64)
        reach = _FAR_OUT * (high[at] - low[at])
        beyond = (column < low[at] - reach) | (column > high[at] + reach) if reach > 0 else column != column
        beyond &= ~np.isnan(column)
        spreads[at] = _AS_DEVIATION * float(np.nanmedian(np.abs(column - middle[at])))
        score = np.nan_to_num(_scores(column, middle[at], spreads[at]))
        far[at], unusual[at] = int(beyond.sum()), int((score > _UNUSUAL_Z).sum())
        far_of_track += beyond
        np.maximum(furthest, score, out=furthest)
    order = np.lexsort((-furthest, -far_of_track))[:most]
    tracks = tuple(
        _odd(int(row), int(far_of_track[row]), values[row], middle, spreads)
        for row in order
        if far_of_track[row]
    )
    return Outliers(far, unusual, tracks)


def _scores(values: NDArray[Any], middle: Any, spread: Any) -> NDArray[np.float64]:
    """Distance from the median in robust standard deviations; 0 where there is no spread."""
    distance = np.abs(np.asarray(values, np.float64) - middle)
    safe = np.where(np.asarray(spread) > 0, spread, np.inf)
    return np.asarray(distance / safe, np.float64)


def _odd(
    row: int, n_far: int, values: NDArray[Any], middle: NDArray[np.float64], spreads: NDArray[np.float64]
) -> OddTrack:
    scores = np.nan_to_num(_scores(values, middle, spreads))
    columns = np.argsort(-scores, kind="stable")[:3]
    return OddTrack(row, n_far, tuple(columns.tolist()), tuple(round(float(scores[at]), 2) for at in columns))
