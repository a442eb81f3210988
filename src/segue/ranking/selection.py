"""Choosing from a pool one by one: turns, variety, and limits by artist, album and song."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.errors import UsageError
from segue.ranking.candidates import Pool
from segue.ranking.recordings import Repeats
from segue.ranking.space import Floats, Space

# Variety chooses among this many of the best for each track wanted: the most different of all would be noise.
_VARIETY_AMONG = 4
_VARIETY_AT_LEAST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How an answer is spread.

    Attributes
    ----------
    per_artist, per_album
        At most this many by one artist, from one album; 0 for no limit. Unknown artists are not counted.
    variety
        0 takes the most similar; 1 the most different from each other among the best.
    """

    per_artist: int = 2
    per_album: int = 2
    variety: float = 0.0

    def __post_init__(self) -> None:
        if self.per_artist < 0 or self.per_album < 0:
            raise UsageError("a limit by artist or album must be 0 (none) or more")
        if not 0.0 <= self.variety <= 1.0:
            raise UsageError(f"variety must be from 0 to 1, not {self.variety}")


def choose(
    space: Space,
    pool: Pool,
    turns: list[Floats],
    n: int,
    limits: Limits,
    *,
    sequence: Sequence[int] | None = None,
) -> list[int]:
    """Places in the pool of the chosen, in order.

    Parameters
    ----------
    turns
        Scores ``(m,)`` of the pool, one array a turn; they take turns in choosing. A score of minus infinity
        is never chosen; a turn that finds nothing is passed.
    n
        How many; fewer when the pool has no more.
    sequence
        Which turn chooses first, second, …; from its end it begins again. One after another by default.
    """
    sequence = range(len(turns)) if sequence is None else sequence
    free = np.ones(len(pool.positions), dtype=np.bool_)
    artists: Counter[int] = Counter()
    albums: Counter[int] = Counter()
    rule = _plain if limits.variety == 0 else _varied(pool, limits.variety, n)
    repeats = Repeats(space, pool.positions, pool.sounds)
    chosen: list[int] = []
    orders = [np.argsort(-scores, kind="stable") for scores in turns]
    passed, at = 0, 0
    while len(chosen) < n and passed < len(sequence):
        turn = sequence[at]
        place = rule(orders[turn], turns[turn], free, chosen)
        at, passed = (at + 1) % len(sequence), passed + 1
        if place is None:
            continue
        passed = 0
        chosen.append(place)
        row = int(pool.positions[place])
        free &= ~repeats.of(place)
        for codes, counts, limit in (
            (space.artist, artists, limits.per_artist),
            (space.album, albums, limits.per_album),
        ):
            code = int(codes[row])
            counts[code] += 1
            if code >= 0 and limit and counts[code] >= limit:
                free &= codes[pool.positions] != code
    return chosen


_Rule = Callable[[NDArray[np.int64], Floats, NDArray[np.bool_], list[int]], int | None]


def _plain(
    order: NDArray[np.int64], scores: Floats, free: NDArray[np.bool_], chosen: list[int]
) -> int | None:
    """The free candidate with the best score; equal ones by key."""
    open_ = order[free[order] & np.isfinite(scores[order])]
    return int(open_[0]) if len(open_) else None


def _varied(pool: Pool, variety: float, n: int) -> _Rule:
    """Maximal marginal relevance (Carbonell, Goldstein 1998): near to the seed, far from those chosen."""
    nearest = np.full(len(pool.positions), -1.0, dtype=np.float32)
    seen = 0

    def rule(
        order: NDArray[np.int64], scores: Floats, free: NDArray[np.bool_], chosen: list[int]
    ) -> int | None:
        nonlocal seen
        for place in chosen[seen:]:
            np.maximum(nearest, pool.sounds.vectors @ pool.sounds.vectors[place], out=nearest)
        seen = len(chosen)
        open_ = order[free[order] & np.isfinite(scores[order])]
        open_ = open_[: max(_VARIETY_AT_LEAST, _VARIETY_AMONG * n)]
        if len(open_) == 0:
            return None
        if not chosen:
            return int(open_[0])
        # Both terms on one scale, 0 to 1 over what there is to choose from, so that variety is a share.
        gain = (1 - variety) * _spread(scores[open_]) - variety * _spread(nearest[open_])
        return int(open_[np.argmax(gain)])

    return rule


def _spread(values: Floats) -> Floats:
    low, high = values.min(), values.max()
    spread: Floats = (values - low) / max(float(high - low), 1e-12)
    return spread
