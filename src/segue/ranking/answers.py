"""`similar` and `mix`: what comes next after one song, or after several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from segue.errors import UsageError
from segue.ranking.candidates import Pool, gather
from segue.ranking.filters import Filters, allowed
from segue.ranking.reasons import Explainer
from segue.ranking.selection import Limits, choose
from segue.ranking.space import Floats, Seed, Space

_FIRST_BATCH = 200
_A_RESULT = 10
_GROWTH = 4
# A song is near to all seeds when it is nearer to each than 90 of 100 pairs of songs are to each other.
_NEAR_TO_ALL = 90.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A track in an answer.

    Attributes
    ----------
    key
        The track.
    similarity
        Cosine with the seed, with the nearest one of several.
    match
        0 to 100: the share of the library's pairs of tracks that are less alike (hubs corrected).
    reasons
        In what it agrees with that seed, most telling first: ``("rhythm", "timbre", "tags: jazz, guitar")``.
    """

    key: int
    similarity: float
    match: float
    reasons: tuple[str, ...]


def similar(
    space: Space, seed: Seed, n: int, *, filters: Filters | None = None, limits: Limits | None = None
) -> list[Ranked]:
    """The `n` tracks most like one song, best first.

    Never in it: the song itself, its recording in another encoding, the same song by the same artist in
    another version, and the same song twice. Fewer than `n` come back only when the library has no more
    that filters and limits leave.

    Parameters
    ----------
    seed
        See `seed_in` and `seed_outside`.
    filters
        Apply before the cut to `n`.
    limits
        By artist, by album, and how varied.

    Raises
    ------
    UsageError
        If `n` is below 1, or a filter or limit has no sense.
    """
    return _answer(space, [seed], n, filters, limits, lambda pool: [pool.scores[0]])


def mix(
    space: Space,
    seeds: Sequence[Seed],
    n: int,
    *,
    filters: Filters | None = None,
    limits: Limits | None = None,
) -> list[Ranked]:
    """`n` tracks for several songs: those near to all of them, and in turn those near to each.

    The mean of very different seeds is a place where no music is, so seeds take turns: first what is near to
    all (its least similarity counts; passed when nothing is), then the nearest of the first seed, of the
    second, and so on. A mix of two kinds of music holds both.

    Parameters
    ----------
    seeds
        One or more; their order is that of the turns. None of them is in the answer.
    filters, limits
        As in `similar`.

    Raises
    ------
    UsageError
        If there is no seed, or as in `similar`.
    """
    if not seeds:
        raise UsageError("a mix needs at least one seed")

    def turns(pool: Pool) -> list[Floats]:
        if len(seeds) == 1:
            return [pool.scores[0]]
        least = pool.scores.min(axis=0)
        near = space.neighbourhood.calibration.match(least) >= _NEAR_TO_ALL
        return [np.where(near, least, -np.inf).astype(np.float32), *pool.scores]

    return _answer(space, seeds, n, filters, limits, turns)


def _answer(
    space: Space,
    seeds: Sequence[Seed],
    n: int,
    filters: Filters | None,
    limits: Limits | None,
    turns: Callable[[Pool], list[Floats]],
) -> list[Ranked]:
    """Gather in growing batches until `n` are chosen or nothing is left; then say why."""
    if n < 1:
        raise UsageError(f"the number of tracks must be 1 or more, not {n}")
    mask = allowed(space, filters or Filters())
    size = max(_FIRST_BATCH, _A_RESULT * n)
    while True:
        pool = gather(space, seeds, mask, size)
        chosen = choose(space, pool, turns(pool), n, limits or Limits())
        if len(chosen) == n or pool.exhausted:
            break
        size *= _GROWTH
    return told(space, pool, seeds, chosen)


def told(space: Space, pool: Pool, seeds: Sequence[Seed], chosen: Sequence[int]) -> list[Ranked]:
    """The chosen places of a pool with match and reasons, each by the seed that it is nearest to."""
    if not chosen:
        return []
    matches = space.neighbourhood.calibration.match(pool.scores)
    here = [seed.position for seed in seeds if seed.position is not None]
    explainer = Explainer(
        space, space.keys[np.concatenate([pool.positions[chosen], np.array(here, np.int64)])]
    )
    answer = []
    for place in chosen:
        nearest = int(np.argmax(pool.scores[:, place]))
        key = int(space.keys[pool.positions[place]])
        answer.append(
            Ranked(
                key,
                float(pool.cosines[nearest, place]),
                float(matches[nearest, place]),
                explainer.reasons(seeds[nearest], key),
            )
        )
    return answer
