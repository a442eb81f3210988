"""Who chooses next: several wishes take turns by their weight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def turns(weights: Sequence[float] | NDArray[np.float64], n: int) -> list[int]:
    """Which wish chooses at each of `n` places, each having had its share so far.

    Examples
    --------
    >>> turns([3, 1], 8)
    [0, 0, 1, 0, 0, 0, 1, 0]
    """
    shares = np.maximum(np.asarray(weights, dtype=np.float64), 0.0)
    if not shares.sum() > 0:
        return []
    shares = shares / shares.sum()
    owed = np.zeros(len(shares))
    order = []
    for _ in range(n):
        owed += shares
        turn = int(np.argmax(owed))
        owed[turn] -= 1.0
        order.append(turn)
    return order
