"""The several tastes of one listener: played tracks in groups of their own, never one mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.ranking.space import Floats, Ids

_ROUNDS = 30
_STARTS = 4
_SAMPLE = 600
# Groups must be told apart at least this well (mean silhouette) before there is more than one.
_LEAST_SILHOUETTE = 0.15
# A group with less than this share of the evidence is no taste but an accident.
_LEAST_SHARE = 0.05
_LEAST_TRACKS = 3

Doubles = NDArray[np.float64]

OTHERS = 0.3
"""What a track of another taste counts in a taste: what several tastes agree on is the safer choice, and
groups that are none do no harm then (benchmarks/tastes.py)."""


def find_tastes(unit: Floats, weights: Doubles, *, most: int = 6, seed: int = 0) -> Ids:
    """To which taste each played track belongs.

    Spherical k-means on the weighed tracks (Dhillon, Modha 2001) for 2 to `most` groups; the number is that
    with the best mean silhouette (Rousseeuw 1987, by cosine). Where no number tells groups apart there is
    one taste. Groups that carry almost nothing join their nearest.

    Parameters
    ----------
    unit
        ``(m, dim)`` unit rows of the played tracks.
    weights
        ``(m,)`` how much each counts, above 0.
    most
        At most so many tastes.
    seed
        Of the starts.

    Returns
    -------
    taste
        ``(m,)`` int64, 0 the weightiest.

    Examples
    --------
    >>> two_kinds = np.repeat(np.eye(2, dtype=np.float32), 4, axis=0)
    >>> find_tastes(two_kinds, np.array([1.0] * 4 + [2.0] * 4)).tolist()
    [1, 1, 1, 1, 0, 0, 0, 0]
    """
    rng = np.random.default_rng(seed)
    one = np.zeros(len(unit), dtype=np.int64)
    # The weightiest say what the tastes are; the others join them.
    core = np.sort(np.argsort(-weights, kind="stable")[:_SAMPLE])
    best, kept = _LEAST_SILHOUETTE, None
    apart = 1.0 - unit[core] @ unit[core].T
    for k in range(2, min(most, len(core) // _LEAST_TRACKS) + 1):
        centres = _k_means(unit[core], weights[core], k, rng)
        labels = np.argmax(unit[core] @ centres.T, axis=1)
        silhouette = _silhouette(apart, labels, weights[core])
        if silhouette > best:
            best, kept = silhouette, centres
    if kept is None:
        return one
    return _by_weight(unit, weights, kept)


def taste_weights(taste: Ids, weights: Doubles, *, others: float = OTHERS) -> Doubles:
    """What each played track counts in each taste, ``(m, t)`` float64.

    >>> taste_weights(np.array([0, 1]), np.array([1.0, 2.0]), others=0.5).tolist()
    [[1.0, 0.5], [1.0, 2.0]]
    """
    member = taste[:, None] == np.arange(taste.max(initial=0) + 1)
    return np.asarray(np.where(member, 1.0, others) * weights[:, None])


def _k_means(unit: Floats, weights: Doubles, k: int, rng: np.random.Generator) -> Floats:
    """The best of several starts: `k` unit centres ``(k, dim)``."""
    best, kept = -np.inf, np.empty((0, unit.shape[1]), dtype=np.float32)
    for _ in range(_STARTS):
        centres = _spread_start(unit, weights, k, rng)
        for _ in range(_ROUNDS):
            labels = np.argmax(unit @ centres.T, axis=1)
            moved = centres.copy()
            for group in range(k):
                inside = labels == group
                if inside.any():
                    moved[group] = weights[inside] @ unit[inside]
            moved /= np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
            still = np.allclose(moved, centres, atol=1e-6)
            centres = moved
            if still:
                break
        gain = float(weights @ (unit @ centres.T).max(axis=1))
        if gain > best:
            best, kept = gain, centres
    return kept


def _spread_start(unit: Floats, weights: Doubles, k: int, rng: np.random.Generator) -> Floats:
    """k-means++: each centre drawn in proportion to how far it is from those before it."""
    chosen = [int(rng.choice(len(unit), p=weights / weights.sum()))]
    while len(chosen) < k:
        far = np.maximum(1.0 - (unit @ unit[chosen].T).max(axis=1), 0.0) * weights
        total = far.sum()
        chosen.append(int(rng.choice(len(unit), p=far / total if total > 0 else weights / weights.sum())))
    return unit[chosen].copy()


def _silhouette(apart: Floats, labels: Ids, weights: Doubles) -> float:
    """Mean silhouette over the tracks, by weight; -1 where a group has fewer than three."""
    groups, sizes = np.unique(labels, return_counts=True)
    if len(groups) < 2 or sizes.min() < _LEAST_TRACKS:
        return -1.0
    member = labels[:, None] == groups
    sums = apart @ member.astype(np.float32)
    own = np.searchsorted(groups, labels)
    rows = np.arange(len(labels))
    inside = sums[rows, own] / np.maximum(sizes[own] - 1, 1)
    means = sums / sizes
    means[rows, own] = np.inf
    outside = means.min(axis=1)
    values = (outside - inside) / np.maximum(np.maximum(outside, inside), 1e-9)
    return float(np.average(values, weights=weights))


def _by_weight(unit: Floats, weights: Doubles, centres: Floats) -> Ids:
    """Labels of all tracks, the weightiest group first; groups of little weight are given up."""
    while True:
        labels = np.argmax(unit @ centres.T, axis=1).astype(np.int64)
        carried = np.bincount(labels, weights, len(centres))
        least = int(np.argmin(carried))
        if carried[least] >= _LEAST_SHARE * carried.sum() or len(centres) == 1:
            break
        centres = np.delete(centres, least, axis=0)
    place = np.empty(len(centres), dtype=np.int64)
    place[np.argsort(-carried, kind="stable")] = np.arange(len(centres))
    return np.asarray(place[labels])
