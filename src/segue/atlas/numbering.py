"""Numbers that stay: which new cluster is which old one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Numbering:
    """What became of the old clusters.

    Attributes
    ----------
    old
        ``(k_new,)`` int64: the place of the old cluster that each new one goes on from, -1 where it is new.
    kept
        ``(k_new,)`` float64: tracks in both, divided by tracks in either; 0 where it is new.
    """

    old: Ids
    kept: NDArray[np.float64]


def match_clusters(old: Ids, new: Ids, n_old: int, n_new: int) -> Numbering:
    """Match two clusterings of the same tracks so that most tracks stay where they were.

    Parameters
    ----------
    old, new : (n,) int64
        The cluster of each track before and after.
    n_old, n_new
        How many clusters there are; some may have no track.

    Returns
    -------
    Numbering
        No old cluster is matched twice, and none that shares no track.

    References
    ----------
    H. W. Kuhn, "The Hungarian method for the assignment problem", Naval Research Logistics Quarterly 2, 1955.

    Examples
    --------
    >>> match_clusters(np.array([0, 0, 1, 1]), np.array([2, 2, 0, 1]), 2, 3).old.tolist()
    [1, -1, 0]
    """
    from scipy.optimize import linear_sum_assignment

    shared = np.zeros((n_new, n_old), dtype=np.int64)
    np.add.at(shared, (new, old), 1)
    either = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None] - shared
    matched, kept = np.full(n_new, -1, dtype=np.int64), np.zeros(n_new)
    for row, column in zip(*linear_sum_assignment(shared, maximize=True), strict=True):
        if shared[row, column]:
            matched[row], kept[row] = column, shared[row, column] / either[row, column]
    return Numbering(matched, kept)
