"""Which tracks are one recording, or one song, more than once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.ranking.space import Floats, Ids, Seed, Space
from segue.ranking.titles import song_name

# Another encoding of a recording is at most half a second longer or shorter (padding of the coders), and its
# vector this near. Where artist and title agree as well, a cut of the silence and a poor encoding may pass.
SAME_COSINE = 0.96
SAME_SECONDS = 0.5
NAMED_COSINE = 0.80
NAMED_SECONDS = 2.0

_SCORES_AT_ONCE = 8_000_000


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
        reach = int(np.searchsorted(lengths, lengths[start] + NAMED_SECONDS, side="right")) - start
        stop = min(len(rows), start + max(1, min(512, _SCORES_AT_ONCE // max(1, 2 * reach))))
        end = int(np.searchsorted(lengths, lengths[stop - 1] + NAMED_SECONDS, side="right"))
        for first, second in _same_pairs(space, rows, start, stop, end):
            _join(parents, first, second)
        start = stop
    groups: dict[int, list[int]] = {}
    for place in range(len(rows)):
        groups.setdefault(_root(parents, place), []).append(int(space.keys[rows[place]]))
    return sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1)


def repeats(space: Space, seed: Seed, positions: Ids) -> NDArray[np.bool_]:
    """Which rows are the seed's recording or song again, ``(m,)`` bool."""
    cosines = space.vectors(positions) @ seed.vector
    again = np.zeros(len(positions), dtype=np.bool_)
    if seed.duration_s is not None:
        near = np.abs(space.duration_s[positions] - seed.duration_s) <= SAME_SECONDS
        again |= near & (cosines >= SAME_COSINE)
    if seed.position is not None:
        again |= positions == seed.position
        again |= same_song(space, seed.position, positions)
    return again


def repeats_row(space: Space, position: int, vectors: Floats, positions: Ids) -> NDArray[np.bool_]:
    """Which of some rows, with their vectors ``(m, dim)``, are the recording or song of one row."""
    vector = space.vectors(np.array([position]))[0]
    near = np.abs(space.duration_s[positions] - space.duration_s[position]) <= SAME_SECONDS
    again: NDArray[np.bool_] = near & (vectors @ vector >= SAME_COSINE)
    return again | same_song(space, position, positions)


def same_song(space: Space, position: int, positions: Ids) -> NDArray[np.bool_]:
    """Which rows bear the same song's name by the same artist: a live recording, a remaster, a best-of."""
    same: NDArray[np.bool_] = positions == position
    artist = space.artist[position]
    name = song_name(space.titles[position]) if artist >= 0 else ""
    if name:
        for place in np.flatnonzero(space.artist[positions] == artist):
            same[place] |= song_name(space.titles[positions[place]]) == name
    return same


def _same_pairs(space: Space, rows: Ids, start: int, stop: int, end: int) -> list[tuple[int, int]]:
    """Pairs of places in `rows`, the first in [start, stop), that are one recording."""
    vectors = space.vectors(rows[start:end])
    cosines = vectors[: stop - start] @ vectors.T
    pairs = []
    for first, second in zip(*np.nonzero(cosines >= NAMED_COSINE), strict=True):
        if first >= second:
            continue
        a, b = rows[start + first], rows[start + second]
        apart = space.duration_s[b] - space.duration_s[a]
        near = apart <= SAME_SECONDS and cosines[first, second] >= SAME_COSINE
        if near or (apart <= NAMED_SECONDS and _named_alike(space, int(a), int(b))):
            pairs.append((start + int(first), start + int(second)))
    return pairs


def _named_alike(space: Space, a: int, b: int) -> bool:
    """Whether artist and title, as written, are the same: a live version is another recording."""
    return (
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
