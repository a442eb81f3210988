"""How well each listener's tracks are ranked: scores in, one value a listener out, in NumPy alone.

`rank_relevant` looks at a block of scores once and keeps where the relevant tracks stand; every figure is
made from that. A listener who cannot be asked (nothing relevant, nothing else to rank) has NaN, so that means
and intervals are over those who can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from segue.factors.validation import area

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


class TrackLists(NamedTuple):
    """A list of tracks for each listener, one after the other.

    Attributes
    ----------
    starts : (n_listeners + 1,) int64
        Where each listener's tracks begin in `tracks`; the last entry is their number.
    tracks : (n,) int64
        Columns of the scores.
    """

    starts: Ints
    tracks: Ints


@dataclass(frozen=True, slots=True)
class Ranked:
    """Where the relevant tracks of each listener stand among the candidates.

    Attributes
    ----------
    starts : (n_listeners + 1,) int64
        Where each listener's relevant tracks begin in the two arrays below.
    ranks : (n_relevant,) int64
        0 for the best candidate; ascending within a listener.
    mid_ranks : (n_relevant,) float64
        From the worst: 1 for the lowest score, and for equal scores the mean of their places; in the order
        in which the tracks were given.
    n_candidates : (n_listeners,) int64
        How many tracks were ranked for each.
    """

    starts: Ints
    ranks: Ints
    mid_ranks: Floats
    n_candidates: Ints


def track_lists(lists: list[list[int]]) -> TrackLists:
    """One list of tracks a listener, written out.

    >>> track_lists([[4, 2], [], [0]])
    TrackLists(starts=array([0, 2, 2, 3]), tracks=array([4, 2, 0]))
    """
    starts = np.cumsum([0, *map(len, lists)], dtype=np.int64)
    return TrackLists(starts, np.array([track for tracks in lists for track in tracks], dtype=np.int64))


def rank_relevant(
    scores: NDArray[np.float32],
    relevant: TrackLists,
    *,
    excluded: TrackLists | None = None,
    tie_order: Ints | None = None,
    ordered: tuple[NDArray[np.float32], Ints] | None = None,
) -> Ranked:
    """Find the place of every relevant track among all tracks that are not excluded.

    Parameters
    ----------
    scores : (n_listeners, n_tracks) float32 or float64
        Higher is better; finite.
    relevant
        The tracks to be found, each once.
    excluded
        Tracks that are no candidates (those already played), none of them relevant.
    tie_order : (n_tracks,) int64, optional
        Of tracks with one score, the one with the lower number here comes first; the earlier column by
        default. It decides `ranks` only: `mid_ranks` counts a tie as half.
    ordered
        What `sorted_candidates` says of the same scores, where it is known already.

    Returns
    -------
    Ranked

    Raises
    ------
    ValueError
        If a score is not finite.

    Examples
    --------
    >>> scores = np.array([[0.9, 0.1, 0.5, 0.7]])
    >>> rank_relevant(scores, track_lists([[2, 0]]), excluded=track_lists([[3]])).ranks
    array([0, 1])
    """
    n, n_tracks = scores.shape
    order = np.arange(n_tracks) if tie_order is None else tie_order
    ascending, n_excluded = sorted_candidates(scores, excluded) if ordered is None else ordered
    ranks = np.empty(len(relevant.tracks), dtype=np.int64)
    mid_ranks = np.empty(len(relevant.tracks))
    for row in range(n):
        span = slice(relevant.starts[row], relevant.starts[row + 1])
        tracks = relevant.tracks[span]
        if len(tracks) == 0:
            continue
        values = scores[row, tracks]
        left = np.searchsorted(ascending[row], values, side="left")
        right = np.searchsorted(ascending[row], values, side="right")
        mid_ranks[span] = (left + right + 1) / 2 - n_excluded[row]
        above = n_tracks - right
        if np.any(right - left > 1):
            own = _of(excluded, row)
            above = above + _first_among_equals(scores[row], values, tracks, order, own)
        ranks[span] = np.sort(above)
    return Ranked(np.asarray(relevant.starts), ranks, mid_ranks, n_tracks - n_excluded)


def sorted_candidates(
    scores: NDArray[np.float32], excluded: TrackLists | None
) -> tuple[NDArray[np.float32], Ints]:
    """Each row's scores in ascending order, excluded tracks first as -inf, and how many those are.

    Raises
    ------
    ValueError
        If a score of a candidate is not finite.
    """
    masked = np.array(scores)
    n_excluded = np.zeros(len(scores), dtype=np.int64)
    if excluded is not None:
        n_excluded = np.diff(excluded.starts)
        masked[np.repeat(np.arange(len(scores)), n_excluded), excluded.tracks] = -np.inf
    masked.sort(axis=1)
    rows = np.flatnonzero(n_excluded < masked.shape[1])
    # NaN sorts last, so the two ends of a row tell of all of it.
    if not np.isfinite(masked[rows, -1]).all() or not np.isfinite(masked[rows, n_excluded[rows]]).all():
        raise ValueError("every score must be a finite number")
    return masked, n_excluded


def auc(ranked: Ranked) -> Floats:
    """Chance that a relevant track stands above one that is not, a tie counting half, ``(n_listeners,)``.

    Examples
    --------
    >>> auc(rank_relevant(np.array([[3.0, 2.0, 1.0, 2.0]]), track_lists([[0, 1]])))
    array([0.875])
    """
    return area(_sums(ranked.mid_ranks, ranked.starts), np.diff(ranked.starts), ranked.n_candidates)


def recall_at_k(ranked: Ranked, k: int) -> Floats:
    """Share of the relevant tracks that are among the `k` best, ``(n_listeners,) float64``.

    >>> ranked = rank_relevant(np.array([[3.0, 2.0, 1.0, 0.0]]), track_lists([[0, 2]]))
    >>> recall_at_k(ranked, 2)
    array([0.5])
    """
    return _ratio(_sums(ranked.ranks < k, ranked.starts), np.diff(ranked.starts))


def precision_at_k(ranked: Ranked, k: int) -> Floats:
    """Share of the `k` best that are relevant, ``(n_listeners,) float64``.

    Where fewer than `k` candidates are left, the share of those.

    >>> ranked = rank_relevant(np.array([[3.0, 2.0, 1.0, 0.0]]), track_lists([[0, 2]]))
    >>> precision_at_k(ranked, 3)
    array([0.66666667])
    """
    asked = np.where(np.diff(ranked.starts) > 0, np.minimum(k, ranked.n_candidates), 0)
    return _ratio(_sums(ranked.ranks < k, ranked.starts), asked)


def average_precision_at_k(ranked: Ranked, k: int) -> Floats:
    """Mean over the relevant tracks of the precision at their place, ``(n_listeners,) float64``.

    A relevant track below the `k` best counts 0; the mean is over at most `k` relevant tracks, since no list
    of `k` holds more, so 1 can always be reached. The mean over listeners is mAP@k.

    >>> ranked = rank_relevant(np.array([[3.0, 2.0, 1.0, 0.0]]), track_lists([[0, 2]]))
    >>> average_precision_at_k(ranked, 10)  # (1/1 + 2/3) / 2
    array([0.83333333])
    """
    n_relevant = np.diff(ranked.starts)
    nth = np.arange(len(ranked.ranks)) - np.repeat(ranked.starts[:-1], n_relevant) + 1
    precision = np.where(ranked.ranks < k, nth / (ranked.ranks + 1), 0.0)
    return _ratio(_sums(precision, ranked.starts), np.minimum(n_relevant, k))


def ndcg_at_k(ranked: Ranked, k: int) -> Floats:
    """Gains of the relevant tracks among the `k` best over the most there can be, ``(n_listeners,) float64``.

    A relevant track at rank r (from 0) gains ``1 / log2(r + 2)``.

    References
    ----------
    Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 20, 2002.

    Examples
    --------
    >>> ranked = rank_relevant(np.array([[3.0, 2.0, 1.0, 0.0]]), track_lists([[0, 2]]))
    >>> ndcg_at_k(ranked, 10).round(4)  # (1 + 1/2) / (1 + 1/log2(3))
    array([0.9197])
    """
    gains = np.where(ranked.ranks < k, 1 / np.log2(ranked.ranks + 2.0), 0.0)
    best = np.concatenate([[0.0], np.cumsum(1 / np.log2(np.arange(k) + 2.0))])
    return _ratio(_sums(gains, ranked.starts), best[np.minimum(np.diff(ranked.starts), k)])


def _of(lists: TrackLists | None, row: int) -> Ints:
    if lists is None:
        return np.empty(0, dtype=np.int64)
    return lists.tracks[lists.starts[row] : lists.starts[row + 1]]


def _first_among_equals(
    scores: NDArray[np.float32], values: NDArray[np.float32], tracks: Ints, order: Ints, excluded: Ints
) -> Ints:
    """For each of `tracks`, how many candidates of the same score come before it, ``(n,) int64``."""
    before = np.empty(len(tracks), dtype=np.int64)
    for value in set(values.tolist()):
        equal = scores == value
        equal[excluded] = False
        asked = values == value
        before[asked] = np.searchsorted(np.sort(order[equal]), order[tracks[asked]])
    return before


def _sums(values: NDArray[np.generic], starts: Ints) -> Floats:
    """Sum of each listener's values, ``(n_listeners,) float64``."""
    n = len(starts) - 1
    rows = np.repeat(np.arange(n), np.diff(starts))
    return np.bincount(rows, weights=values, minlength=n).astype(np.float64)


def _ratio(part: Floats, whole: NDArray[np.generic]) -> Floats:
    """`part` by `whole`, NaN where the whole is nothing."""
    known = np.asarray(whole) > 0
    return np.where(known, part / np.where(known, whole, 1), np.nan)
