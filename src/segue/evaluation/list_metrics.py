"""What lists of recommendations are like beside being right: novel, varied, surprising, fair to the rare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segue.evaluation.metrics import TrackLists, sorted_candidates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


def top_k(
    scores: NDArray[np.float32],
    k: int,
    *,
    excluded: TrackLists | None = None,
    tie_order: Ints | None = None,
    ordered: tuple[NDArray[np.float32], Ints] | None = None,
) -> Ints:
    """The `k` best candidates of each listener, best first.

    Parameters
    ----------
    scores : (n_listeners, n_tracks) float32 or float64
        Finite.
    k
        How many; no more than there are tracks are given.
    excluded
        Tracks that are no candidates.
    tie_order : (n_tracks,) int64, optional
        Of tracks with one score, the lower number comes first; the earlier column by default.
    ordered
        What `sorted_candidates` says of the same scores, where it is known already.

    Returns
    -------
    lists : (n_listeners, min(k, n_tracks)) int64
        Columns of `scores`; -1 where fewer candidates are left.

    Examples
    --------
    >>> from segue.evaluation.metrics import track_lists
    >>> top_k(np.array([[0.1, 0.9, 0.5]]), 2, excluded=track_lists([[1]]))
    array([[2, 0]])
    """
    n, n_tracks = scores.shape
    k = min(k, n_tracks)
    lists = np.full((n, k), -1, dtype=np.int64)
    if k == 0:
        return lists
    ascending, n_excluded = sorted_candidates(scores, excluded) if ordered is None else ordered
    # With fewer candidates than k the threshold is -inf and every candidate passes.
    passing = scores >= ascending[:, n_tracks - k, None]
    if excluded is not None:
        passing[np.repeat(np.arange(n), n_excluded), excluded.tracks] = False
    rows, columns = np.nonzero(passing)
    ties = columns if tie_order is None else tie_order[columns]
    order = np.lexsort((ties, -scores[rows, columns], rows))
    rows, columns = rows[order], columns[order]
    first = np.searchsorted(rows, np.arange(n))
    place = np.arange(len(rows)) - first[rows]
    kept = place < k
    lists[rows[kept], place[kept]] = columns[kept]
    return lists


def same_for_all(best_first: Ints, k: int, excluded: TrackLists | None, n_listeners: int) -> Ints:
    """The lists of one order of tracks for everybody, each without what its listener plays.

    Parameters
    ----------
    best_first : (n_tracks,) int64
        All tracks, such as by popularity.
    k
        How many.
    excluded
        Tracks that are no candidates.
    n_listeners
        How many lists.

    Returns
    -------
    lists : (n_listeners, min(k, n_tracks)) int64
        -1 where fewer candidates are left.

    Examples
    --------
    >>> from segue.evaluation.metrics import track_lists
    >>> same_for_all(np.array([3, 1, 0]), 2, track_lists([[1], []]), 2)
    array([[3, 0], [3, 1]])
    """
    k = min(k, len(best_first))
    if excluded is None:
        return np.tile(best_first[:k], (n_listeners, 1))
    lists = np.full((n_listeners, k), -1, dtype=np.int64)
    for row in range(n_listeners):
        played = excluded.tracks[excluded.starts[row] : excluded.starts[row + 1]]
        head = best_first[: k + len(played)]
        left = head[~np.isin(head, played)][:k]
        lists[row, : len(left)] = left
    return lists


def occurrence_counts(lists: Ints, n_tracks: int) -> Ints:
    """How many of the lists hold each track, ``(n_tracks,) int64``.

    >>> occurrence_counts(np.array([[2, 0], [2, -1]]), 4)
    array([1, 0, 2, 0])
    """
    return np.bincount(lists[lists >= 0], minlength=n_tracks)


def coverage(counts: Ints) -> float:
    """Share of all tracks that are in at least one list.

    >>> coverage(np.array([1, 0, 2, 0]))
    0.5
    """
    return float(np.mean(counts > 0)) if len(counts) else float("nan")


def gini(counts: NDArray[np.generic]) -> float:
    """How unevenly the places of the lists are shared out: 0 all tracks alike, near 1 a few have all.

    Parameters
    ----------
    counts : (n_tracks,)
        How often each track is listed, at least 0.

    References
    ----------
    Gini coefficient, half the mean absolute difference relative to the mean.

    Examples
    --------
    >>> gini(np.array([3, 3, 3])), gini(np.array([0, 0, 0, 8]))
    (0.0, 0.75)
    """
    values = np.sort(np.asarray(counts, dtype=np.float64))
    n, total = len(values), values.sum()
    if total == 0:
        return float("nan")
    return float((2 * np.arange(1, n + 1) - n - 1) @ values / (n * total))


def novelty(lists: Ints, n_players: NDArray[np.generic], n_listeners: int) -> Floats:
    """Mean self-information of a list's tracks in bits, ``(n_lists,) float64``: a rare track is news.

    Parameters
    ----------
    lists : (n_lists, k) int64
        Tracks; -1 for no track.
    n_players : (n_tracks,)
        How many listeners play each track; a track that nobody plays counts as played by one.
    n_listeners
        How many listeners there are.

    References
    ----------
    Zhou et al., "Solving the apparent diversity-accuracy dilemma of recommender systems", PNAS 107, 2010.

    Examples
    --------
    >>> novelty(np.array([[0, 1], [2, -1]]), np.array([8, 2, 0]), 8)  # bits: 0, 2 and 3
    array([1., 3.])
    """
    information = -np.log2(np.maximum(n_players, 1) / n_listeners)
    return _list_mean(information, lists)


def serendipity(lists: Ints, expected: Ints, relevant: TrackLists) -> Floats:
    """Share of a list's tracks that are relevant although popularity alone would not have listed them.

    Parameters
    ----------
    lists : (n_listeners, k) int64
        Tracks; -1 for no track.
    expected : (n_listeners, k) int64
        The list that popularity gives the same listener.
    relevant
        What the listener played.

    Returns
    -------
    serendipity : (n_listeners,) float64
        In [0, 1]; NaN for an empty list.

    References
    ----------
    Ge, Delgado-Battenfeld, Jannach, "Beyond accuracy: evaluating recommender systems by coverage and
    serendipity", RecSys 2010.

    Examples
    --------
    >>> from segue.evaluation.metrics import track_lists
    >>> serendipity(np.array([[0, 1, 2, 3]]), np.array([[0, 5, 6, 7]]), track_lists([[0, 1, 2]]))
    array([0.5])
    """
    surprising = np.zeros(lists.shape, dtype=bool)
    for row, (listed, known) in enumerate(zip(lists, expected, strict=True)):
        wanted = relevant.tracks[relevant.starts[row] : relevant.starts[row + 1]]
        surprising[row] = np.isin(listed, wanted) & ~np.isin(listed, known)
    n_listed = (lists >= 0).sum(axis=1)
    return np.where(n_listed > 0, surprising.sum(axis=1) / np.maximum(n_listed, 1), np.nan)


def diversity(lists: Ints, unit: NDArray[np.float32]) -> Floats:
    """Mean of 1 - cosine over all pairs within a list, ``(n_lists,) float64``; NaN for fewer than two tracks.

    Parameters
    ----------
    lists : (n_lists, k) int64
        Tracks; -1 for no track.
    unit : (n_tracks, dim) float32
        Rows of length 1; what two tracks being alike shall mean.

    References
    ----------
    Ziegler et al., "Improving recommendation lists through topic diversification", WWW 2005.

    Examples
    --------
    >>> unit = np.array([[1, 0], [0, 1], [-1, 0]], dtype=np.float32)
    >>> diversity(np.array([[0, 1, -1], [0, 2, -1]]), unit)
    array([1., 2.])
    """
    held = (lists >= 0)[..., None]
    vectors = np.where(held, unit[np.maximum(lists, 0)], np.float32(0))
    n = held.sum(axis=(1, 2))
    # The cosines of all pairs, each twice, are what the squared length of the sum has beyond its own squares.
    twice = (vectors.sum(axis=1, dtype=np.float64) ** 2).sum(axis=1)
    twice -= (vectors.astype(np.float64) ** 2).sum(axis=(1, 2))
    pairs = n * (n - 1)
    return np.where(pairs > 0, 1 - twice / np.maximum(pairs, 1), np.nan)


def popularity_lift(lists: Ints, own: TrackLists, n_players: NDArray[np.generic]) -> Floats:
    """How much more popular a list's tracks are than the listener's own: 0 alike, 1 twice as popular.

    Parameters
    ----------
    lists : (n_listeners, k) int64
        Tracks; -1 for no track.
    own
        Tracks that the listener plays.
    n_players : (n_tracks,)
        How many listeners play each track.

    Returns
    -------
    lift : (n_listeners,) float64
        NaN where a list is empty, or the listener's own tracks are or nobody plays them.

    References
    ----------
    Abdollahpouri et al., "The unfairness of popularity bias in recommendation", RMSE at RecSys 2019.

    Examples
    --------
    >>> from segue.evaluation.metrics import track_lists
    >>> popularity_lift(np.array([[0, 1]]), track_lists([[2]]), np.array([9, 3, 4]))
    array([0.5])
    """
    n = len(lists)
    sizes = np.diff(own.starts)
    rows = np.repeat(np.arange(n), sizes)
    usual = np.bincount(rows, weights=n_players[own.tracks], minlength=n) / np.maximum(sizes, 1)
    known = usual > 0
    lift = _list_mean(n_players, lists) / np.where(known, usual, 1.0) - 1
    return np.where(known, lift, np.nan)


def _list_mean(values: NDArray[np.generic], lists: Ints) -> Floats:
    held = lists >= 0
    n = held.sum(axis=1)
    total = np.where(held, values[np.maximum(lists, 0)], 0).sum(axis=1)
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)
