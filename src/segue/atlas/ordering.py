"""An order of tracks in which each goes over smoothly into the next: tempo, key, loudness and sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ids = NDArray[np.int64]

# Each part of a step costs 0 to 1; sound counts less, for tracks of one kind sound alike anyway.
_TEMPO, _KEY, _LOUDNESS, _SOUND = 1.0, 1.0, 1.0, 0.5
# What is not known costs what a step between any two tracks costs about.
_UNKNOWN = 0.4
# Half or double the tempo is felt as the same beat, but not quite.
_OTHER_OCTAVE = 0.15
_LOUDEST_STEP_DB = 12.0
_STARTS = 8
# Of longer playlists only the best first way is improved: each takes seconds.
_LONG = 120
_MOST_ROUNDS = 2_000
_LONGEST_MOVED = 3


@dataclass(frozen=True, slots=True)
class Transitions:
    """What is known of each track for going over from one to the next; one row a track.

    Attributes
    ----------
    tempo_bpm
        ``(n,)`` beats a minute, NaN where unknown.
    key
        ``(n,)`` int64: pitch class of the tonic from C, + 12 for minor; -1 where unknown.
    start_db, end_db
        ``(n,)`` loudness of the beginning and of the end, in dB of any reference; NaN where unknown.
    vectors
        ``(n, dim)`` unit rows, by which tracks sound alike.
    """

    tempo_bpm: Floats
    key: Ids
    start_db: Floats
    end_db: Floats
    vectors: NDArray[np.float32]


def step_costs(tracks: Transitions) -> Floats:
    """How much each step from one track (row) to another (column) is felt, ``(n, n)``; 0 is not at all."""
    sound = 0.5 * (1 - tracks.vectors.astype(np.float64) @ tracks.vectors.T.astype(np.float64))
    loudness = np.abs(tracks.end_db[:, None] - tracks.start_db[None]) / _LOUDEST_STEP_DB
    parts = (
        _TEMPO * _known(2 * tempo_distance(tracks.tempo_bpm[:, None], tracks.tempo_bpm[None])),
        _KEY * key_distance(tracks.key[:, None], tracks.key[None]),
        _LOUDNESS * _known(np.minimum(loudness, 1.0)),
        _SOUND * np.clip(sound, 0.0, 1.0),
    )
    costs: Floats = np.sum(parts, axis=0)
    return costs


def tempo_distance(first: Floats, second: Floats) -> Floats:
    """How far two tempi are apart, in octaves, when half and double the tempo are nearly the same.

    Examples
    --------
    >>> tempo_distance(np.array([120.0, 120.0, 120.0]), np.array([120.0, 240.0, 90.0])).round(3)
    array([0.   , 0.15 , 0.415])
    """
    apart = np.abs(np.log2(first / second))
    octaves = np.round(apart)
    folded: Floats = np.minimum(
        np.minimum(apart, 0.5), np.abs(apart - octaves) + _OTHER_OCTAVE * np.minimum(octaves, 2)
    )
    return folded


def key_distance(first: Ids, second: Ids) -> Floats:
    """Steps on the circle of fifths, and one between a major key and its relative minor; 0 to 1.

    A key that is not known costs what two keys cost about.

    Examples
    --------
    >>> c, g, a_minor, f_sharp = np.array([0]), np.array([7]), np.array([21]), np.array([6])
    >>> [float(key_distance(c, other)[0].round(3)) for other in (c, g, a_minor, f_sharp)]
    [0.0, 0.143, 0.143, 0.857]
    """
    places = [7 * np.where(key >= 12, key - 9, key) % 12 for key in (first, second)]
    around = np.abs(places[0] - places[1])
    steps = np.minimum(around, 12 - around) + ((first >= 12) != (second >= 12))
    distance: Floats = np.where((first < 0) | (second < 0), _UNKNOWN, steps / 7)
    return distance


def smooth_order(costs: Floats, *, seed: int = 0) -> Ids:
    """A way through all tracks whose steps cost little in sum.

    From several first tracks the cheapest next one is taken again and again; then stretches are turned round
    and short ones moved while that helps. The best way is kept.

    Parameters
    ----------
    costs : (n, n) float64
        Of the step from each track to each other; it need not be symmetric.
    seed
        Of the first tracks.

    Returns
    -------
    order : (n,) int64

    References
    ----------
    G. A. Croes, "A method for solving traveling-salesman problems", Operations Research 6, 1958 (2-opt).
    I. Or, "Traveling salesman-type combinatorial problems", dissertation, Northwestern University, 1976.
    """
    n = len(costs)
    starts = np.random.default_rng(seed).permutation(n)[:_STARTS]
    ways = sorted((_greedy(costs, int(start)) for start in starts), key=lambda way: way_cost(costs, way))
    if n > _LONG:
        ways = ways[:1]
    ways = [_improved(costs, way) for way in ways]
    return min(ways, key=lambda way: way_cost(costs, way), default=np.empty(0, dtype=np.int64))


def way_cost(costs: Floats, order: Ids) -> float:
    """What the steps of an order cost in sum."""
    return float(costs[order[:-1], order[1:]].sum())


def _known(costs: Floats) -> Floats:
    return np.where(np.isnan(costs), _UNKNOWN, costs)


def _greedy(costs: Floats, start: int) -> Ids:
    left = np.ones(len(costs), dtype=np.bool_)
    way = [start]
    left[start] = False
    while left.any():
        open_ = np.flatnonzero(left)
        way.append(int(open_[np.argmin(costs[way[-1], open_])]))
        left[way[-1]] = False
    return np.array(way, dtype=np.int64)


def _improved(costs: Floats, way: Ids) -> Ids:
    for _ in range(_MOST_ROUNDS):
        better = _turned(costs, way)
        if better is None:
            better = _moved(costs, way)
        if better is None:
            break
        way = better
    return way


def _turned(costs: Floats, way: Ids) -> Ids | None:
    """The way with the one stretch turned round that saves most; None when that saves nothing."""
    n = len(way)
    forth = np.concatenate([[0.0], np.cumsum(costs[way[:-1], way[1:]])])
    back = np.concatenate([[0.0], np.cumsum(costs[way[1:], way[:-1]])])
    # A step from nowhere to the first track, and from the last to nowhere, costs nothing.
    padded = np.zeros((n + 1, n + 1))
    padded[:n, :n] = costs[np.ix_(way, way)]
    first, last = np.arange(n)[:, None], np.arange(n)[None]
    before, after = first - 1, last + 1
    saved = (
        padded[before, first] + forth[last] - forth[first] + padded[last, after]
        - padded[before, last] - (back[last] - back[first]) - padded[first, after]
    )  # fmt: skip
    saved = np.where(first < last, saved, 0.0)
    place = int(saved.argmax())
    if saved.ravel()[place] <= 1e-9:
        return None
    low, high = divmod(place, n)
    return np.concatenate([way[:low], way[low : high + 1][::-1], way[high + 1 :]])


def _moved(costs: Floats, way: Ids) -> Ids | None:
    """The way with one to three neighbours moved to where that saves most; None when that saves nothing."""
    n = len(way)
    best, answer = 1e-9, None
    for length in range(1, min(_LONGEST_MOVED, n - 1) + 1):
        for low in range(n - length + 1):
            part, rest = way[low : low + length], np.delete(way, np.s_[low : low + length])
            gaps = np.zeros(len(rest) + 1)
            gaps[1:-1] = costs[rest[:-1], rest[1:]]
            into = np.zeros(len(rest) + 1)
            into[1:] += costs[rest, part[0]]
            into[:-1] += costs[part[-1], rest]
            extra = into - gaps
            place = int(extra.argmin())
            saved = float(extra[low] - extra[place])
            if saved > best:
                best, answer = saved, np.concatenate([rest[:place], part, rest[place:]])
    return answer
