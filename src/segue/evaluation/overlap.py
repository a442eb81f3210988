"""Do predicted factors give the lists that true factors give? The overlap@k of system C, chance beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from segue.evaluation.list_metrics import top_k
from segue.evaluation.metrics import TrackLists

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Factors = NDArray[np.float32]

OVERLAP_AT = (10, 50, 100, 500)
"""The list lengths that C reports."""
# Scores in memory at a time: 16 MB.
_BLOCK = 4_000_000


class Overlap(NamedTuple):
    """One overlap.

    Attributes
    ----------
    k
        Length of the lists.
    value
        Mean share of a true list that is also in the predicted one.
    chance
        The same for lists drawn at random.
    """

    k: int
    value: float
    chance: float


class Shares(NamedTuple):
    """The overlap of each list by itself, for intervals.

    Attributes
    ----------
    ks
        Lengths of the lists.
    values
        (n_lists, n_ks) float64: share of the true list that is also in the predicted one.
    chance
        The same for lists drawn at random, one for each of `ks`.
    """

    ks: tuple[int, ...]
    values: NDArray[np.float64]
    chance: tuple[float, ...]


def overlap_by_cosine(
    true: Factors, predicted: Factors, *, ks: Sequence[int] = OVERLAP_AT
) -> tuple[Overlap, ...]:
    """For each track, which of its nearest tracks by true factors are also nearest by predicted ones.

    Parameters
    ----------
    true : (n_tracks, n_true) float32
        From plays of the tracks themselves.
    predicted : (n_tracks, n_predicted) float32
        From content; the two may have different numbers of factors.
    ks
        Lengths of the lists; those that leave nothing to choose are left out.

    Returns
    -------
    tuple of Overlap
        Chance is ``k / (n_tracks - 1)``: the track itself is in no list.

    Examples
    --------
    >>> line = np.array([[1, 0], [2, 1], [1, 1], [0, 1]], dtype=np.float32)
    >>> overlap_by_cosine(line, line[:, ::-1], ks=[1])
    (Overlap(k=1, value=1.0, chance=0.3333333333333333),)
    """
    return _means(shares_by_cosine(true, predicted, ks=ks))


def overlap_by_dot(
    true: tuple[Factors, Factors], predicted: tuple[Factors, Factors], *, ks: Sequence[int] = OVERLAP_AT
) -> tuple[Overlap, ...]:
    """For each listener, which of the best tracks by true factors are also best by predicted ones.

    Parameters
    ----------
    true, predicted : pairs of (n_listeners, n_factors) and (n_tracks, n_factors) float32
        Factors of the same listeners and the same tracks; a score is a dot product.
    ks
        Lengths of the lists; those that leave nothing to choose are left out.

    Returns
    -------
    tuple of Overlap
        Chance is ``k / n_tracks``.
    """
    return _means(shares_by_dot(true, predicted, ks=ks))


def shares_by_cosine(true: Factors, predicted: Factors, *, ks: Sequence[int] = OVERLAP_AT) -> Shares:
    """As `overlap_by_cosine`, for each track by itself."""
    true, predicted = _unit(true), _unit(predicted)
    return _shares((true, true), (predicted, predicted), ks, without_self=True)


def shares_by_dot(
    true: tuple[Factors, Factors], predicted: tuple[Factors, Factors], *, ks: Sequence[int] = OVERLAP_AT
) -> Shares:
    """As `overlap_by_dot`, for each listener by itself."""
    return _shares(true, predicted, ks, without_self=False)


def _means(shares: Shares) -> tuple[Overlap, ...]:
    if len(shares.values) == 0:
        return ()
    means = shares.values.mean(axis=0).tolist()
    return tuple(Overlap(*overlap) for overlap in zip(shares.ks, means, shares.chance, strict=True))


def _shares(
    true: tuple[Factors, Factors],
    predicted: tuple[Factors, Factors],
    ks: Sequence[int],
    *,
    without_self: bool,
) -> Shares:
    n_queries, n_tracks = len(true[0]), len(true[1])
    choices = n_tracks - without_self
    ks = [k for k in ks if k < choices]
    chance = tuple(k / choices for k in ks)
    if not ks:
        return Shares((), np.empty((n_queries, 0)), ())
    values = np.empty((n_queries, len(ks)))
    for rows in _blocks(n_queries, n_tracks):
        itself = TrackLists(np.arange(len(rows) + 1), rows) if without_self else None
        one, other = (
            top_k(queries[rows] @ tracks.T, max(ks), excluded=itself) for queries, tracks in (true, predicted)
        )
        for at, k in enumerate(ks):
            values[rows, at] = _shared(one[:, :k], other[:, :k], n_tracks) / k
    return Shares(tuple(ks), values, chance)


def _shared(one: NDArray[np.int64], other: NDArray[np.int64], n_tracks: int) -> NDArray[np.int64]:
    """How many tracks the lists of the same row share, ``(n_lists,)``."""
    offset = np.arange(len(one))[:, None] * n_tracks
    both = np.intersect1d(one + offset, other + offset, assume_unique=True)
    return np.bincount(both // n_tracks, minlength=len(one))


def _blocks(n_queries: int, n_tracks: int) -> Iterator[NDArray[np.int64]]:
    step = max(1, _BLOCK // max(1, n_tracks))
    for start in range(0, n_queries, step):
        yield np.arange(start, min(n_queries, start + step))


def _unit(vectors: Factors) -> Factors:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1), dtype=np.float32)
