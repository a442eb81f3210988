"""Why two songs are together: the descriptors that agree most, a genre of both, and words that both share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.ranking.space import (
    Descriptors,
    Floats,
    Ids,
    Rows,
    Seed,
    Space,
    Usual,
    Words,
    described,
)

_SAMPLE = 500
_PAIRS = 2_000
_MOST_BLOCKS = 2
_MOST_WORDS = 3
# A block is named when the two agree in it more than four of five pairs do; failing that, the best one is.
_TELLING = 80.0
# A word is shared when both have it with this probability, and half as much again as the library does.
_LEAST_PROBABILITY = 0.15
_LEAST_LIFT = 1.5
# A genre is named when it is told of both with this probability.
_LEAST_TOLD = 0.7


def usual_of(space: Space, *, seed: int = 0) -> Usual:
    """What is usual in a library, from tracks drawn at random."""
    rng = np.random.default_rng(seed)
    return Usual(
        _pair_similarities(space.descriptors, rng) if space.descriptors else {},
        _usual_probabilities(space.words, rng) if space.words else None,
    )


@dataclass(frozen=True, slots=True)
class _Song:
    """What a song is explained by, None where it is not known.

    Attributes
    ----------
    blocks
        ``(width,)``: the unit rows of all blocks side by side.
    words, genres
        ``(n_words,)`` and ``(n_genres,)`` probabilities.
    """

    blocks: Floats | None
    words: Floats | None
    genres: Floats | None


class Explainer:
    """Compares songs block by block with what is usual in the library.

    Parameters
    ----------
    space
        With descriptors, words or genres; without any there are no reasons.
    keys
        ``(m,)`` int64: tracks that will be compared; they are read at once, others one by one.
    """

    def __init__(self, space: Space, keys: Ids) -> None:
        self._space = space
        usual = space.usual or usual_of(space)
        self._usual = usual.words
        self._names = tuple(usual.pairs)
        self._pairs = usual.pairs
        blocks = space.descriptors.blocks if space.descriptors else {}
        widths = [blocks[name].stop - blocks[name].start for name in self._names]
        self._starts = np.cumsum([0, *widths])[:-1]
        self._known: dict[int, _Song] = {}
        self._outside: dict[int, tuple[Seed, _Song]] = {}
        self._read(np.unique(keys))

    def reasons(self, seed: Seed, key: int) -> tuple[str, ...]:
        """Short words for the agreement of a seed and a track, most telling first."""
        one, other = self._of_seed(seed), self._of_track(key)
        words = self._shared_words(one, other)
        tags = [f"tags: {', '.join(words)}"] if words else []
        return (*self._alike_blocks(one, other), *self._same_genre(one, other, words), *tags)

    def _of_seed(self, seed: Seed) -> _Song:
        if seed.position is not None:
            return self._of_track(int(self._space.keys[seed.position]))
        known = self._outside.get(id(seed))
        if known is None:
            raw = seed.descriptors
            blocks = None if raw is None or not self._names else self._side_by_side(raw[None])[0]
            # With the seed itself, so that no other can have its id.
            known = self._outside[id(seed)] = (seed, _Song(blocks, seed.words, seed.told))
        return known[1]

    def _of_track(self, key: int) -> _Song:
        if key not in self._known:
            self._read(np.array([key], dtype=np.int64))
        return self._known[key]

    def _read(self, keys: Ids) -> None:
        """Read what tracks are explained by."""
        space = self._space
        raw = _rows_by_key(space.descriptors.vectors if space.descriptors and self._names else None, keys)
        words = _rows_by_key(space.words.probabilities if space.words else None, keys)
        genres = _rows_by_key(space.told, keys)
        units = self._side_by_side(np.stack(list(raw.values()))) if raw else ()
        blocks = dict(zip(raw, units, strict=True))
        for key in keys.tolist():
            self._known[key] = _Song(blocks.get(key), words.get(key), genres.get(key))

    def _side_by_side(self, raw: Floats) -> Floats:
        """The unit rows of all blocks, ``(m, width)``, from raw rows."""
        assert self._space.descriptors is not None
        units = described(self._space.descriptors, raw)
        return np.concatenate([units[name] for name in self._names], axis=1)

    def _alike_blocks(self, one: _Song, other: _Song) -> list[str]:
        if one.blocks is None or other.blocks is None:
            return []
        cosines = np.add.reduceat(one.blocks * other.blocks, self._starts)
        shares = {}
        for name, cosine in zip(self._names, cosines, strict=True):
            pairs = self._pairs[name]
            shares[name] = float(pairs.searchsorted(cosine)) / len(pairs) * 100
        ranked = sorted(shares, key=lambda name: (-shares[name], name))
        telling = [name for name in ranked if shares[name] >= _TELLING]
        return telling[:_MOST_BLOCKS] or ranked[:1]

    def _shared_words(self, one: _Song, other: _Song) -> list[str]:
        if self._space.words is None or self._usual is None or one.words is None or other.words is None:
            return []
        both = np.minimum(one.words, other.words)
        shared = np.flatnonzero((both >= _LEAST_PROBABILITY) & (both >= _LEAST_LIFT * self._usual))
        best = shared[np.argsort(-both[shared], kind="stable")[:_MOST_WORDS]]
        return [self._space.words.names[word] for word in best]

    def _same_genre(self, one: _Song, other: _Song, words: list[str]) -> list[str]:
        """A genre that is told of both; none where the tags of both, or the shared words, say it already."""
        if self._space.told is None or one.genres is None or other.genres is None:
            return []
        both = np.minimum(one.genres, other.genres)
        best = int(np.argmax(both))
        name, probability = self._space.told.names[best], float(both[best])
        if not _LEAST_TOLD <= probability < 1 or name.casefold() in map(str.casefold, words):
            return []
        return [f"both {name} ({100 * min(probability, 0.99):.0f} %)"]


def _rows_by_key(rows: Rows | None, keys: Ids) -> dict[int, Floats]:
    """The rows of some keys; none where there are no rows."""
    if rows is None:
        return {}
    values, known = rows.rows(keys)
    return dict(zip(keys[known].tolist(), values[known], strict=True))


def _pair_similarities(descriptors: Descriptors, rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
    """Sorted cosines of random pairs, by block; empty where there are no pairs."""
    unit = described(descriptors, descriptors.vectors.sample(_SAMPLE, rng))
    n = len(next(iter(unit.values()), ()))
    if n < 2:
        return {}
    first = rng.integers(0, n, _PAIRS)
    second = (first + rng.integers(1, n, _PAIRS)) % n
    return {name: np.sort(np.einsum("ij,ij->i", rows[first], rows[second])) for name, rows in unit.items()}


def _usual_probabilities(words: Words, rng: np.random.Generator) -> Floats | None:
    """How probable each word is in the library at large."""
    drawn = words.probabilities.sample(_SAMPLE, rng)
    if not len(drawn):
        return None
    usual: Floats = np.maximum(drawn.mean(axis=0), np.float32(1e-3))
    return usual
