"""Which tracks are one recording, or one song, more than once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.ranking.space import Floats, Ids, Seed, Space
from segue.ranking.titles import song_name

# Another encoding of a recording is at most half a second longer or shorter (padding of the coders), and
# its fingerprint nearly the same: of re-encodings the least cosine was 0.90, of different pieces the greatest
# 0.66 (benchmarks/duplicates.py). Where artist and title agree as well, both may be further apart.
_SAME_PRINT = 0.80
_NAMED_PRINT = 0.65
SAME_SECONDS = 0.5
_NAMED_SECONDS = 2.0
# Without fingerprints the vectors must do: an encoder of style hears one style as nearly one recording.
_SAME_VECTOR = 0.96
_NAMED_VECTOR = 0.80

_SCORES_AT_ONCE = 8_000_000


@dataclass(frozen=True, slots=True)
class Sounds:
    """What recordings are told apart by.

    Attributes
    ----------
    vectors
        ``(m, dim)`` unit rows.
    prints
        ``(m, width)`` fingerprints, unit rows, zero where there are none.
    """

    vectors: Floats
    prints: Floats

    def alike(self, other: Sounds) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which may be one recording by sound, ``(m, m_other)`` bool: alone, and where the names agree."""
        cosines = self.prints @ other.prints.T
        alone, named = cosines >= _SAME_PRINT, cosines >= _NAMED_PRINT
        known = np.any(self.prints != 0, axis=1)[:, None] & np.any(other.prints != 0, axis=1)[None]
        unknown = ~known
        if unknown.any():
            cosines = self.vectors @ other.vectors.T
            alone |= unknown & (cosines >= _SAME_VECTOR)
            named |= unknown & (cosines >= _NAMED_VECTOR)
        return alone, named

    def at(self, places: slice | NDArray[np.bool_] | Ids) -> Sounds:
        """Some of the rows."""
        return Sounds(self.vectors[places], self.prints[places])


def sounds_of(space: Space, positions: Ids) -> Sounds:
    """What the rows at these positions sound like."""
    vectors = space.vectors(positions)
    if space.fingerprints is None:
        return Sounds(vectors, np.zeros((len(positions), 1), dtype=np.float32))
    prints, known = space.fingerprints.rows(space.keys[positions])
    prints[~known] = 0.0
    return Sounds(vectors, prints)


def sound_of_seed(seed: Seed, sounds: Sounds) -> Sounds:
    """What a seed sounds like, one row, to be compared with `sounds`."""
    if seed.fingerprint is None:
        return Sounds(seed.vector[None], np.zeros((1, sounds.prints.shape[1]), dtype=np.float32))
    return Sounds(seed.vector[None], seed.fingerprint[None])


def duplicates(space: Space) -> list[tuple[int, ...]]:
    """Groups of tracks that are the same recording in another encoding.

    Only tracks of nearly the same length are compared, so the work grows with the library times the number
    of tracks within two seconds.

    Returns
    -------
    groups
        Keys, ascending within a group; groups by their first key.
    """
    rows = np.flatnonzero(space.present)
    rows = rows[np.lexsort((space.keys[rows], space.duration_s[rows]))]
    lengths = space.duration_s[rows]
    parents = np.arange(len(rows))
    start = 0
    while start < len(rows):
        # As many rows at once as keep the products with their neighbours in length small.
        reach = int(np.searchsorted(lengths, lengths[start] + _NAMED_SECONDS, side="right")) - start
        stop = min(len(rows), start + max(1, min(512, _SCORES_AT_ONCE // max(1, 2 * reach))))
        end = int(np.searchsorted(lengths, lengths[stop - 1] + _NAMED_SECONDS, side="right"))
        for first, second in _same_pairs(space, rows[start:end], stop - start):
            _join(parents, start + first, start + second)
        start = stop
    groups: dict[int, list[int]] = {}
    for place in range(len(rows)):
        groups.setdefault(_root(parents, place), []).append(int(space.keys[rows[place]]))
    return sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1)


def repeats(space: Space, seed: Seed, positions: Ids, sounds: Sounds) -> NDArray[np.bool_]:
    """Which rows are the seed's recording or song again, ``(m,)`` bool."""
    again = np.zeros(len(positions), dtype=np.bool_)
    if seed.duration_s is not None:
        near = np.abs(space.duration_s[positions] - seed.duration_s) <= SAME_SECONDS
        again |= near & sounds.alike(sound_of_seed(seed, sounds))[0][:, 0]
    if seed.position is not None:
        again |= _same_song(space, seed.position, positions)
    return again


class Repeats:
    """Finds the same recording or song among some rows; what is asked again and again is looked up once.

    Parameters
    ----------
    positions
        ``(m,)`` rows of the space.
    sounds
        Theirs.
    """

    def __init__(self, space: Space, positions: Ids, sounds: Sounds) -> None:
        self._titles = space.titles
        self._positions = positions
        self._sounds = sounds
        self._artist = space.artist[positions]
        self._duration_s = space.duration_s[positions]

    def of(self, place: int) -> NDArray[np.bool_]:
        """Which rows, ``(m,)`` bool, are the recording or song of the one at `place`, itself included."""
        again = np.zeros(len(self._positions), dtype=np.bool_)
        again[place] = True
        if self._artist[place] >= 0:
            same_artist = np.flatnonzero(self._artist == self._artist[place])
            rows = self._positions[same_artist]
            again[same_artist] |= _named_as(self._titles, int(self._positions[place]), rows)
        near = np.flatnonzero(np.abs(self._duration_s - self._duration_s[place]) <= SAME_SECONDS)
        if len(near) > 1:
            one = self._sounds.at(slice(place, place + 1))
            again[near] |= self._sounds.at(near).alike(one)[0][:, 0]
        return again


def _same_song(space: Space, position: int, positions: Ids) -> NDArray[np.bool_]:
    """Which rows bear the same song's name by the same artist: a live recording, a remaster, a best-of."""
    same: NDArray[np.bool_] = positions == position
    if space.artist[position] >= 0:
        by_artist = np.flatnonzero(space.artist[positions] == space.artist[position])
        same[by_artist] |= _named_as(space.titles, position, positions[by_artist])
    return same


def _named_as(titles: Sequence[str], position: int, positions: Ids) -> NDArray[np.bool_]:
    """Which rows bear the name of a song."""
    name = song_name(titles[position])
    return np.array([name != "" and song_name(titles[row]) == name for row in positions.tolist()], np.bool_)


def _same_pairs(space: Space, rows: Ids, n_first: int) -> list[tuple[int, int]]:
    """Pairs of places in `rows`, the first below `n_first` and before the second, that are one recording."""
    sounds = sounds_of(space, rows)
    alone, named = sounds.at(slice(0, n_first)).alike(sounds)
    pairs = []
    for first, second in zip(*np.nonzero(alone | named), strict=True):
        if first >= second:
            continue
        a, b = int(rows[first]), int(rows[second])
        apart = space.duration_s[b] - space.duration_s[a]
        by_sound = apart <= SAME_SECONDS and alone[first, second]
        if by_sound or (apart <= _NAMED_SECONDS and _named_alike(space, a, b)):
            pairs.append((int(first), int(second)))
    return pairs


def _named_alike(space: Space, a: int, b: int) -> bool:
    """Whether artist and title, as written, are the same: a live version is another recording."""
    return bool(
        space.artist[a] >= 0
        and space.artist[a] == space.artist[b]
        and space.titles[a] != ""
        and space.titles[a].casefold() == space.titles[b].casefold()
    )


def _root(parents: Ids, place: int) -> int:
    while parents[place] != place:
        parents[place] = parents[parents[place]]
        place = int(parents[place])
    return place


def _join(parents: Ids, first: int, second: int) -> None:
    a, b = _root(parents, first), _root(parents, second)
    parents[max(a, b)] = min(a, b)
