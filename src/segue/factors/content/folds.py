"""Artists left out, so that settings are chosen on music by others than those learned from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHARE = 0.2


def hold_out_groups(groups: NDArray[np.int64], *, seed: int) -> NDArray[np.bool_]:
    """About a fifth of the tracks, ``(n_tracks,) bool``: whole artists, drawn until there are enough.

    Examples
    --------
    >>> hold_out_groups(np.array([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]), seed=0).sum()
    np.int64(2)
    """
    names, member, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    before = np.cumsum(sizes[order]) - sizes[order]
    held = order[before < _SHARE * len(groups)]
    if len(held) == len(names):
        held = held[:-1]
    return np.isin(member, held)
