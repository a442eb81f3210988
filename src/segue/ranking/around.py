"""Tracks around a point of the space: near to it, and spread over artists, albums and sounds."""

from __future__ import annotations

import numpy as np

from segue.ranking.candidates import Pool
from segue.ranking.recordings import sounds_of
from segue.ranking.selection import Limits, choose
from segue.ranking.space import Floats, Ids, Space

# Limits and variety choose among this many of the nearest for each track wanted, at first.
_A_RESULT = 8
_FIRST_BATCH = 200
_GROWTH = 4


def around(space: Space, point: Floats, rows: Ids, n: int, *, limits: Limits | None = None) -> Ids:
    """The `n` of some rows that are nearest to a point, none of them one recording or song twice.

    Parameters
    ----------
    space
        The library.
    point : (dim,) float32
        Among the unit rows of the space.
    rows : (m,) int64
        Rows of the space that may be chosen.
    n
        How many; fewer when limits and repeats leave fewer.
    limits
        How they are spread.

    Returns
    -------
    chosen : (n_chosen,) int64
        Rows of the space, in the order in which they were chosen.
    """
    rows = rows[space.present[rows]]
    nearness = space.vectors(rows) @ point if len(rows) else np.empty(0, dtype=np.float32)
    order = np.lexsort((space.keys[rows], -nearness))
    size = max(_FIRST_BATCH, _A_RESULT * n)
    while True:
        near = np.sort(order[:size])
        scores = nearness[near][None].astype(np.float32)
        pool = Pool(rows[near], sounds_of(space, rows[near]), scores, scores, len(near) == len(rows))
        chosen = choose(space, pool, [scores[0]], n, limits or Limits())
        if len(chosen) == n or pool.exhausted:
            return pool.positions[np.array(chosen, dtype=np.int64)]
        size *= _GROWTH
