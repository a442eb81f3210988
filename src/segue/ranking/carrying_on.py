"""A playlist carried on: what comes after these tracks, the last ones weighing more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.errors import UsageError
from segue.ranking.because import Suggestion, Teller
from segue.ranking.evidence import Evidence
from segue.ranking.filters import Filters, allowed
from segue.ranking.hybrids import ranks
from segue.ranking.picking import pick
from segue.ranking.profile import profile_of, sound_scores
from segue.ranking.selection import Limits
from segue.ranking.space import Ids, Space

# So many tracks before the end of a playlist, a track weighs half as much as the last one, but never less
# than a fifth of it: the beginning says what the playlist is, the end where it has come to.
_HALF_AFTER = 8.0
_LEAST = 0.2


def continue_playlist(
    space: Space,
    keys: Ids,
    n: int,
    *,
    most_tastes: int = 4,
    filters: Filters | None = None,
    limits: Limits | None = None,
    seed: int = 0,
) -> list[Suggestion]:
    """`n` tracks to follow a playlist; none of its tracks, nor their songs again, are among them.

    Parameters
    ----------
    keys
        ``(m,)`` int64: its tracks in order.
    most_tastes
        At most so many kinds of music in it are kept apart.
    filters, limits
        As in `similar`.

    Raises
    ------
    UsageError
        If there is no track, or `n` is below 1.
    NothingFound
        If a track has no vector here.
    """
    if n < 1:
        raise UsageError(f"the number of tracks must be 1 or more, not {n}")
    keys = np.asarray(keys, dtype=np.int64)
    if len(keys) == 0:
        raise UsageError("a playlist without tracks cannot be carried on")
    positions = np.unique(space.positions(keys))
    evidence = _evidence(keys)
    profile = profile_of(space, evidence, most_tastes=most_tastes, seed=seed)
    fits = np.stack([ranks(column) for column in sound_scores(space, evidence, profile)])
    mask = allowed(space, filters or Filters())
    mask[positions] = False
    columns = np.where(mask, fits, -np.inf).astype(np.float32)
    chosen = pick(space, columns, profile.shares, n, limits or Limits(), heard=positions)
    teller = Teller(space, evidence, profile, None, rows=chosen)
    return [teller.suggestion(int(row)) for row in chosen]


def _evidence(keys: Ids) -> Evidence:
    """What the places of tracks in a playlist say."""
    before_end = np.arange(len(keys))[::-1]
    weights = _LEAST + (1 - _LEAST) * 0.5 ** (before_end / _HALF_AFTER)
    track, item = np.unique(keys, return_inverse=True)
    liking: NDArray[np.float64] = np.bincount(item, weights).astype(np.float64)
    nothing = np.zeros(len(track))
    return Evidence(
        track=track,
        heard=np.full(len(track), -1),
        plays=nothing,
        skips=nothing,
        last_s=np.full(len(track), np.nan),
        opinion=nothing,
        liking=liking,
        against=nothing,
        habit=nothing,
    )
