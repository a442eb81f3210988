"""Which columns say the same: Pearson's and Spearman's correlations, and groups of correlated columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.atlas.study.cleaning import filled

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROWS = 4_096
_MOST_ORDERED = 1_200


@dataclass(frozen=True, slots=True, eq=False)
class Correlations:
    """How alike columns are.

    Attributes
    ----------
    pearson, spearman : (n_columns, n_columns) float64
        In [-1, 1]; 1 on the diagonal.
    order : (n_columns,) int64
        Columns so that correlated ones are neighbours.
    groups
        Columns each of which has an absolute Pearson correlation of at least the threshold with another of
        its group; the largest groups first.
    threshold
        In [0, 1].
    """

    pearson: NDArray[np.float64]
    spearman: NDArray[np.float64]
    order: NDArray[np.int64]
    groups: tuple[tuple[int, ...], ...]
    threshold: float

    def pairs(self) -> list[tuple[int, int]]:
        """Pairs of columns at or above the threshold by Pearson's correlation, the strongest first."""
        strength = np.abs(np.triu(self.pearson, 1))
        first, second = np.nonzero(strength >= self.threshold)
        by_strength = np.argsort(-strength[first, second], kind="stable")
        return [(int(first[at]), int(second[at])) for at in by_strength]


def correlate(
    values: NDArray[np.floating[Any]], medians: NDArray[np.float64], *, threshold: float = 0.9
) -> Correlations:
    """Correlations of all pairs of columns.

    Parameters
    ----------
    values : (n_tracks, n_columns) float
        No column is constant; NaN where not known, which counts as the median.
    medians : (n_columns,) float64
        Of the known values.
    threshold
        From which absolute correlation on two columns say the same.

    References
    ----------
    C. Spearman, "The proof and measurement of association between two things", American Journal of
    Psychology 15, 1904. Z. Bar-Joseph et al., "Fast optimal leaf ordering for hierarchical clustering",
    Bioinformatics 17, 2001 (the order).

    Examples
    --------
    >>> values = np.array([[0.0, 0, 3], [1, 2, 1], [2, 4, 2], [3, 9, 0]])
    >>> found = correlate(values, np.median(values, axis=0))
    >>> found.spearman[0].round(2).tolist(), found.groups
    ([1.0, 1.0, -0.8], ((0, 1),))
    """
    pearson = pearson_matrix(values, medians)
    spearman = pearson_matrix(_ranks(values, medians), medians)
    distance = 1 - np.abs(pearson)
    np.fill_diagonal(distance, 0)
    return Correlations(
        pearson=pearson,
        spearman=spearman,
        order=_order(distance),
        groups=_groups(np.abs(pearson) >= threshold),
        threshold=threshold,
    )


def pearson_matrix(values: NDArray[np.floating[Any]], medians: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pearson's correlations ``(n_columns, n_columns)``; made piece by piece: nothing is copied whole.

    Those of a column that is constant are 0, and 1 with itself.
    """
    n_columns = values.shape[1]
    mean = np.array(
        [np.where(np.isnan(c), m, c).mean(dtype=np.float64) for c, m in zip(values.T, medians, strict=True)]
    )
    products = np.zeros((n_columns, n_columns))
    # Scaled by the largest first, so that squares of very large numbers stay finite.
    scale = np.array([np.nanmax(np.abs(c - m)) for c, m in zip(values.T, mean, strict=True)], np.float64)
    scale[~(scale > 0)] = 1
    for start in range(0, len(values), _ROWS):
        piece = (filled(values[start : start + _ROWS], medians).astype(np.float64) - mean) / scale
        products += piece.T @ piece
    deviation = np.sqrt(np.diag(products))
    deviation[~(deviation > 0)] = np.inf
    matrix = np.clip(products / deviation / deviation[:, None], -1, 1)
    np.fill_diagonal(matrix, 1)
    return matrix


def _ranks(values: NDArray[np.floating[Any]], medians: NDArray[np.float64]) -> NDArray[np.float32]:
    """Ranks of each column; float32 holds those of 8 million tracks exactly."""
    from scipy.stats import rankdata

    ranks = np.empty(values.shape, np.float32, order="F")
    for at in range(values.shape[1]):
        ranks[:, at] = rankdata(filled(values[:, at : at + 1], medians[at : at + 1])[:, 0])
    return ranks


def _order(distance: NDArray[np.float64]) -> NDArray[np.int64]:
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    n_columns = len(distance)
    if n_columns < 3:
        return np.arange(n_columns, dtype=np.int64)
    condensed = np.maximum(squareform(distance, checks=False), 0)
    tree = linkage(condensed, "average", optimal_ordering=n_columns <= _MOST_ORDERED)
    return np.asarray(leaves_list(tree), np.int64)


def _groups(alike: NDArray[np.bool_]) -> tuple[tuple[int, ...], ...]:
    """Connected columns."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    member = connected_components(csr_array(alike), directed=False)[1]
    groups = [tuple(np.flatnonzero(member == number).tolist()) for number in np.unique(member)]
    return tuple(
        sorted((group for group in groups if len(group) > 1), key=lambda group: (-len(group), group))
    )
