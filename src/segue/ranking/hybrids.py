"""Several opinions on which tracks fit, made one: the hybrids of Burke (2002) on columns of scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segue.errors import UsageError
from segue.ranking.space import Floats

HYBRIDS = ("weighted", "mixed", "switching", "cascade", "boosted")
"""How sound and other people's listening are brought together; the first is the default."""

# In a cascade the first opinion sorts into this many classes, the second sorts within a class.
_CLASSES = 20


def ranks(scores: Floats) -> Floats:
    """Scores as ranks from 0 (worst) to 1 (best), equal ones alike; NaN, not known, stays NaN.

    >>> ranks(np.array([5.0, 1.0, np.nan, 5.0, 7.0, -np.inf])).tolist()
    [0.625, 0.25, nan, 0.625, 1.0, 0.0]
    """
    known = np.flatnonzero(~np.isnan(scores))
    placed = np.full(len(scores), np.nan, dtype=np.float32)
    if len(known) == 0:
        return placed
    _, value, counts = np.unique(scores[known], return_inverse=True, return_counts=True)
    last = np.cumsum(counts) - 1
    middle = last - (counts - 1) / 2.0
    placed[known] = middle[value] / max(1, len(known) - 1)
    return placed


def weighted(columns: Sequence[Floats], weights: Sequence[float]) -> Floats:
    """The mean of the ranks by weight, over the columns that know the track.

    >>> one, two = np.array([1.0, 2.0, 3.0]), np.array([3.0, np.nan, 1.0])
    >>> weighted([one, two], [1, 1]).tolist()
    [0.5, 0.5, 0.5]
    """
    ranked = np.stack([ranks(column) for column in columns])
    shares = np.where(np.isnan(ranked), 0.0, np.asarray(weights, dtype=np.float32)[:, None])
    total = shares.sum(axis=0)
    mean = (np.nan_to_num(ranked) * shares).sum(axis=0) / np.maximum(total, 1e-9)
    return np.where(total > 0, mean, np.nan).astype(np.float32)


def mixed(columns: Sequence[Floats]) -> Floats:
    """Lists beside each other: the best of the first, the best of the second, the second of the first, …

    >>> mixed([np.array([3.0, 2.0, 1.0]), np.array([1.0, 2.0, 3.0])]).argsort()[::-1].tolist()
    [0, 2, 1]
    """
    n = len(columns[0])
    best = np.full(n, np.inf)
    for turn, column in enumerate(columns):
        order = np.argsort(-np.where(np.isnan(column), -np.inf, column), kind="stable")
        place = np.empty(n)
        place[order] = np.arange(n) * len(columns) + turn
        best = np.fmin(best, np.where(np.isnan(column), np.inf, place))
    return np.where(np.isfinite(best), -best, np.nan).astype(np.float32)


def switching(columns: Sequence[Floats], confident: NDArray[np.bool_]) -> Floats:
    """The second column where it may be trusted, the first elsewhere.

    Parameters
    ----------
    confident
        ``(n,)`` bool.

    Examples
    --------
    >>> switching([np.array([0.0, 1.0]), np.array([7.0, 3.0])], np.array([False, False])).tolist()
    [0.0, 1.0]
    """
    first, second = ranks(columns[0]), ranks(columns[1])
    return np.where(confident & ~np.isnan(second), second, first)


def cascade(columns: Sequence[Floats]) -> Floats:
    """The second column sorts coarsely, into twenty classes, the first within each class.

    >>> coarse = np.repeat([1.0, 2.0], 20)
    >>> fine = np.tile(np.arange(20.0), 2)
    >>> cascade([fine, coarse]).argsort()[::-1][:3].tolist()
    [39, 38, 37]
    """
    first, second = ranks(columns[0]), ranks(columns[1])
    known = np.where(np.isnan(second), first, second)
    within = np.where(np.isnan(first), 0.5, first)
    return np.asarray(np.ceil(known * _CLASSES) + within * 0.999, dtype=np.float32)


def combine(kind: str, sound: Floats, usage: Floats, confident: NDArray[np.bool_], share: float) -> Floats:
    """One column of two: how the track sounds, and what other people's listening says of it.

    Parameters
    ----------
    kind
        Of `HYBRIDS`; ``boosted`` is ``weighted`` here: what is its own goes into the fold-in
        (`segue.ranking.usage`).
    sound, usage
        ``(n,)``, NaN where nothing is known.
    confident
        ``(n,)`` bool: where `usage` may be trusted alone.
    share
        Weight of `usage` from 0 to 1, in ``weighted`` and ``boosted``.

    Raises
    ------
    UsageError
        If there is no such kind.
    """
    if kind in ("weighted", "boosted"):
        return weighted([sound, usage], [1.0 - share, share])
    if kind == "mixed":
        return mixed([sound, usage])
    if kind == "switching":
        return switching([sound, usage], confident)
    if kind == "cascade":
        return cascade([sound, usage])
    raise UsageError(f"{kind!r} is not a hybrid: one of {', '.join(HYBRIDS)}")
