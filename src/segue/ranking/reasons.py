"""Why two songs are together: the descriptors that agree most, a genre of both, and words that both share."""

from __future__ import annotations

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


class Explainer:
    """Compares songs block by block with what is usual in the library.

    Parameters
    ----------
    space
        With descriptors, words or genres; without any there are no reasons.
    keys
        ``(m,)`` int64: the tracks that will be explained; their rows are read at once.
    """

    def __init__(self, space: Space, keys: Ids) -> None:
        usual = space.usual or usual_of(space)
        self._pairs, self._usual = usual.pairs, usual.words
        self._descriptors, self._words, self._told = space.descriptors, space.words, space.told
        self._of_seeds: dict[int, tuple[Seed, dict[str, Floats]]] = {}
        keys = np.unique(keys)
        self._described: dict[str, dict[int, Floats]] = {}
        if space.descriptors:
            rows, here = space.descriptors.vectors.rows(keys)
            known = keys[here].tolist()
            for name, unit in described(space.descriptors, rows[here]).items():
                self._described[name] = dict(zip(known, unit, strict=True))
        self._probable = _ahead(space.words.probabilities if space.words else None, keys)
        self._genres = _ahead(space.told, keys)

    def reasons(self, seed: Seed, key: int) -> tuple[str, ...]:
        """Short words for the agreement of a seed and a track, most telling first."""
        words = self._shared_words(seed, key)
        tags = [f"tags: {', '.join(words)}"] if words else []
        return (*self._blocks(seed, key), *self._same_genre(seed, key, words), *tags)

    def _blocks(self, seed: Seed, key: int) -> list[str]:
        shares = {}
        for name, unit in self._seed_blocks(seed).items():
            row = self._described[name].get(key)
            if row is None:
                return []
            pairs = self._pairs[name]
            shares[name] = float(np.searchsorted(pairs, unit @ row)) / len(pairs) * 100
        ranked = sorted(shares, key=lambda name: (-shares[name], name))
        telling = [name for name in ranked if shares[name] >= _TELLING]
        return telling[:_MOST_BLOCKS] or ranked[:1]

    def _seed_blocks(self, seed: Seed) -> dict[str, Floats]:
        """The unit row of each block of a seed; none where there is nothing to compare it with."""
        if not self._descriptors or seed.descriptors is None or not self._pairs:
            return {}
        known = self._of_seeds.get(id(seed))
        if known is None:
            units = described(self._descriptors, seed.descriptors[None])
            # With the seed itself, so that no other can have its id.
            known = self._of_seeds[id(seed)] = (seed, {name: unit[0] for name, unit in units.items()})
        return known[1]

    def _shared_words(self, seed: Seed, key: int) -> list[str]:
        if not self._words or seed.words is None or self._usual is None:
            return []
        row = self._probable.get(key)
        if row is None:
            return []
        both = np.minimum(seed.words, row)
        lift = both / self._usual
        order = np.lexsort((np.arange(len(both)), -both))
        shared = [int(i) for i in order if both[i] >= _LEAST_PROBABILITY and lift[i] >= _LEAST_LIFT]
        return [self._words.names[word] for word in shared[:_MOST_WORDS]]

    def _same_genre(self, seed: Seed, key: int, words: list[str]) -> list[str]:
        """A genre that is told of both; none where the tags of both, or the shared words, say it already."""
        if not self._told or seed.told is None:
            return []
        row = self._genres.get(key)
        if row is None:
            return []
        both = np.minimum(seed.told, row)
        best = int(np.argmax(both))
        name, probability = self._told.names[best], float(both[best])
        if not _LEAST_TOLD <= probability < 1 or name.casefold() in map(str.casefold, words):
            return []
        return [f"both {name} ({100 * min(probability, 0.99):.0f} %)"]


def _ahead(rows: Rows | None, keys: Ids) -> dict[int, Floats]:
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
