"""Blocked products: the best tracks of a block of listeners, exact, without ever holding all scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from segue.evaluation.metrics import TrackLists

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]
    Keys = NDArray[np.uint64]

_LISTENERS, _TRACKS = 256, 4_096
"""Scores in memory at a time: 4 MB stay in a core's cache while they are looked at."""
_SIFTED_AT = 3  # times what is kept
_TRACK_BITS = 24  # of a key, beside 32 of the score and 8 of the listener
MOST_TRACKS = 1 << _TRACK_BITS
"""That can be looked through at once."""
_WIDER = 4


class Best(NamedTuple):
    """The best tracks of some listeners, best first.

    Attributes
    ----------
    tracks : (n_listeners, n) int64
        Rows of the track factors; -1 where fewer tracks are left.
    scores : (n_listeners, n) float32
        Dot products; minus infinity where there is no track.
    """

    tracks: Ints
    scores: Floats


def best_tracks(
    listeners: Floats,
    tracks: Floats,
    n: int,
    *,
    excluded: TrackLists | None = None,
    artists: Ints | None = None,
    per_artist: int = 0,
) -> Best:
    """The `n` tracks with the highest scores for each listener, as if all scores had been sorted.

    Parameters
    ----------
    listeners : (n_listeners, n_factors) float32
        Finite.
    tracks : (n_tracks, n_factors) float32
        Finite; at most `MOST_TRACKS`. Of tracks with one score, the earlier comes first.
    n
        How many; no more than there are tracks are given.
    excluded
        Tracks that are no candidates.
    artists : (n_tracks,) int64, optional
        The artist of each track, -1 where unknown.
    per_artist
        At most so many by one artist, 0 for any number. Unknown artists are not counted.

    Examples
    --------
    >>> tracks = np.array([[1, 0], [2, 0], [0, 9]], dtype=np.float32)
    >>> best_tracks(np.array([[1, 0]], dtype=np.float32), tracks, 2).tracks
    array([[1, 0]])
    """
    n = min(n, len(tracks))
    parts = []
    for start in range(0, len(listeners), _LISTENERS):
        block = listeners[start : start + _LISTENERS]
        own = None if excluded is None else _rows(excluded, start, start + len(block))
        if artists is None or per_artist == 0:
            parts.append(_best(block, tracks, n, own))
        else:
            parts.append(_limited(block, tracks, n, own, artists, per_artist))
    if not parts:
        return _nothing(0, n)
    return Best(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _best(listeners: Floats, tracks: Floats, n: int, excluded: TrackLists | None) -> Best:
    """Of one block: whatever is above the worst that is kept is remembered, and sifted now and then."""
    if n == 0:
        return _nothing(len(listeners), 0)
    worst = np.full(len(listeners), -np.inf, dtype=np.float32)
    waiting: list[Keys] = []
    n_waiting = 0
    for start, scores in _tiles(listeners, tracks, max(_TRACKS, n), excluded):
        if start == 0:
            # Equal scores at the border are all remembered: sifting knows their order.
            worst = np.partition(scores, scores.shape[1] - n, axis=1)[:, scores.shape[1] - n]
            passing = (scores >= worst[:, None]) & (scores > -np.inf)
        else:
            passing = scores > worst[:, None]
        at = _places(passing)
        rows, columns = np.divmod(at, scores.shape[1])
        waiting.append(_keys(rows, scores.ravel()[at], columns + start))
        n_waiting += len(at)
        if n_waiting > _SIFTED_AT * len(listeners) * n:
            waiting = [_sifted(waiting, len(listeners), n)]
            n_waiting = len(waiting[0])
            worst = _worst(waiting[0], len(listeners), n)
    return _as_table(_sifted(waiting, len(listeners), n), len(listeners), n)


def _tiles(
    listeners: Floats, tracks: Floats, width: int, excluded: TrackLists | None
) -> Iterator[tuple[int, Floats]]:
    """Scores of all listeners for some tracks at a time, minus infinity for excluded ones."""
    rows, columns = np.empty(0, np.int64), np.empty(0, np.int64)
    if excluded is not None:
        order = np.argsort(excluded.tracks, kind="stable")
        rows = np.repeat(np.arange(len(listeners)), np.diff(excluded.starts))[order]
        columns = excluded.tracks[order]
    for start in range(0, len(tracks), width):
        scores = listeners @ tracks[start : start + width].T
        low, high = np.searchsorted(columns, (start, start + width))
        scores[rows[low:high], columns[low:high] - start] = -np.inf
        yield start, scores


def _places(mask: NDArray[np.bool_]) -> Ints:
    """``flatnonzero`` of a mask that is nearly empty: eight places are looked at together."""
    flat = mask.ravel()
    if flat.size % 8:
        return np.flatnonzero(flat)
    eights = np.flatnonzero(flat.view(np.uint64) != 0)
    places = (eights[:, None] * 8 + np.arange(8)).ravel()
    return np.asarray(places[flat[places]])


def _keys(listener: Ints, score: Floats, track: Ints) -> Keys:
    """One number a candidate, in whose order lists are: by listener, the higher score first, by track."""
    bits = (score + np.float32(0)).view(np.uint32)  # there are two zeros: now one
    # Bits of floats ascend with the float, once those of negative ones are turned round.
    ascending = np.where(bits >> 31, ~bits, bits | np.uint32(1 << 31))
    high = listener.astype(np.uint64) << np.uint64(_TRACK_BITS + 32)
    keys: Keys = high | ((~ascending).astype(np.uint64) << np.uint64(_TRACK_BITS))
    keys |= track.astype(np.uint64)
    return keys


def _listeners_of(keys: Keys) -> Ints:
    return (keys >> np.uint64(_TRACK_BITS + 32)).astype(np.int64)


def _scores_of(keys: Keys) -> Floats:
    ascending = ~(keys >> np.uint64(_TRACK_BITS)).astype(np.uint32)
    bits = np.where(ascending >> 31, ascending ^ np.uint32(1 << 31), ~ascending)
    return bits.astype(np.uint32).view(np.float32)


def _sifted(waiting: list[Keys], n_listeners: int, n: int) -> Keys:
    """The `n` best of each listener, in order."""
    keys = np.sort(np.concatenate(waiting))
    listener = _listeners_of(keys)
    first = np.searchsorted(listener, np.arange(n_listeners))
    return np.asarray(keys[np.arange(len(keys)) - first[listener] < n])


def _worst(keys: Keys, n_listeners: int, n: int) -> Floats:
    """What a score must exceed to matter: the last that is kept, of those who have enough."""
    worst = np.full(n_listeners, -np.inf, dtype=np.float32)
    sizes = np.bincount(_listeners_of(keys), minlength=n_listeners)
    full = np.flatnonzero(sizes == n)
    worst[full] = _scores_of(keys[np.cumsum(sizes)[full] - 1])
    return worst


def _as_table(keys: Keys, n_listeners: int, n: int) -> Best:
    table = _nothing(n_listeners, n)
    listener = _listeners_of(keys)
    place = np.arange(len(keys)) - np.searchsorted(listener, np.arange(n_listeners))[listener]
    table.tracks[listener, place] = (keys & np.uint64(MOST_TRACKS - 1)).astype(np.int64)
    table.scores[listener, place] = _scores_of(keys)
    return table


def _limited(
    listeners: Floats,
    tracks: Floats,
    n: int,
    excluded: TrackLists | None,
    artists: Ints,
    per_artist: int,
) -> Best:
    """As `_best`, the next best taking the place of what its artist has too many of."""
    table = _nothing(len(listeners), n)
    left = np.arange(len(listeners))
    width = n
    while n and len(left):
        width = min(_WIDER * width, len(tracks))
        step = max(1, _LISTENERS * _TRACKS // max(width, _TRACKS))
        again = []
        for start in range(0, len(left), step):
            rows = left[start : start + step]
            own = None if excluded is None else _chosen(excluded, rows)
            wide = _best(listeners[rows], tracks, width, own)
            kept = within_limit(wide, artists, per_artist, n)
            table.tracks[rows], table.scores[rows] = kept
            # Whoever has fewer than n, and had more to choose from than was looked at, is asked again.
            short = (kept.tracks[:, -1] < 0) & (wide.tracks[:, -1] >= 0) & (width < len(tracks))
            again.append(rows[short])
        left = np.concatenate(again)
    return table


def within_limit(best: Best, artists: Ints, per_artist: int, n: int) -> Best:
    """The first `n` of each row of which at most `per_artist` are by one artist.

    Parameters
    ----------
    best : (n_listeners, m)
        Best first.
    artists : (n_tracks,) int64
        -1 where unknown, which is not counted.
    per_artist
        Above 0.

    Returns
    -------
    Best
        ``(n_listeners, n)``.
    """
    n_listeners, width = best.tracks.shape
    rows, places = np.nonzero(best.tracks >= 0)
    tracks = best.tracks[rows, places]
    artist = artists[tracks]
    # A track of an unknown artist is by an artist of its own.
    artist = np.where(artist < 0, -1 - tracks, artist)
    order = np.lexsort((places, artist, rows))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(rows[order]) != 0) | (np.diff(artist[order]) != 0)
    which = np.arange(len(order)) - np.flatnonzero(new)[np.cumsum(new) - 1]
    allowed = np.zeros((n_listeners, width), dtype=bool)
    allowed[rows[order], places[order]] = which < per_artist
    place = np.cumsum(allowed, axis=1) - 1
    rows, places = np.nonzero(allowed & (place < n))
    table = _nothing(n_listeners, n)
    table.tracks[rows, place[rows, places]] = best.tracks[rows, places]
    table.scores[rows, place[rows, places]] = best.scores[rows, places]
    return table


def _nothing(n_listeners: int, n: int) -> Best:
    tracks = np.full((n_listeners, n), -1, dtype=np.int64)
    return Best(tracks, np.full((n_listeners, n), -np.inf, dtype=np.float32))


def _rows(lists: TrackLists, start: int, end: int) -> TrackLists:
    starts = lists.starts[start : end + 1]
    return TrackLists(starts - starts[0], lists.tracks[starts[0] : starts[-1]])


def _chosen(lists: TrackLists, rows: Ints) -> TrackLists:
    sizes = np.diff(lists.starts)
    starts = np.concatenate([[0], np.cumsum(sizes[rows])])
    at = np.repeat(lists.starts[rows] - starts[:-1], sizes[rows]) + np.arange(starts[-1])
    return TrackLists(starts, lists.tracks[at])
