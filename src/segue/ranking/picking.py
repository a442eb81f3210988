"""From scores of the whole library to the few that are chosen: wishes take turns, heard music is left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segue.ranking.candidates import Pool
from segue.ranking.known import heard_again
from segue.ranking.recordings import sounds_of
from segue.ranking.selection import Limits, choose
from segue.ranking.space import Floats, Ids, Space

_FIRST_BATCH = 200
_A_RESULT = 5
_GROWTH = 4


def pick(
    space: Space, columns: Floats, shares: NDArray[np.float64], n: int, limits: Limits, *, heard: Ids
) -> Ids:
    """Rows of the space, in order of choice.

    Parameters
    ----------
    columns
        ``(c, n_tracks)`` float32: scores of each wish, minus infinity where it does not want a track.
    shares
        ``(c,)`` float64: how often each wish chooses. The turns of one that finds nothing go to the others.
    n
        How many; fewer come back when no more are left.
    heard
        Rows whose songs are not new: a new track that is one of them again is left out.
    """
    # Behind the turns by share everyone comes once more: in a few turns not all have their first.
    sequence = [*turns(shares, n), *np.flatnonzero(shares > 0).tolist()]
    size = max(_FIRST_BATCH, _A_RESULT * n)
    most = int(np.isfinite(columns).sum(axis=1).max(initial=0))
    while True:
        best = [np.argpartition(-column, min(size, len(column)) - 1)[:size] for column in columns]
        rows = np.unique(np.concatenate(best))
        rows = rows[np.isfinite(columns[:, rows]).any(axis=0)]
        rows = rows[~heard_again(space, rows, heard)]
        nothing = np.empty((0, len(rows)), dtype=np.float32)
        pool = Pool(rows, sounds_of(space, rows), nothing, nothing, size >= most)
        wishes = list(np.ascontiguousarray(columns[:, rows]))
        places = choose(space, pool, wishes, n, limits, sequence=sequence)
        if len(places) == n or pool.exhausted:
            return rows[np.array(places, dtype=np.int64)]
        size *= _GROWTH


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
