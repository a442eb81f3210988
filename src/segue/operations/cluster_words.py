"""What may be said of a library's tracks: traits of their sound, words that were heard, genres of tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segue.atlas import Words
from segue.catalogue import Catalogue, load_tag_probabilities, load_vectors, tag_names
from segue.encoders import TRAITS, traits
from segue.operations.space import EXPLAINS, TAGS
from segue.ranking import ByKey

_AT_ONCE = 20_000
# A word or genre that is rarer in a kind than this does not name it.
_LEAST_PROBABILITY = 0.1
_LEAST_SHARE = 0.25
_MOST_GENRES = 80
_LEAST_TRACKS = 3

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]


def library_words(catalogue: Catalogue, keys: Ids, genres: Sequence[tuple[str, ...]]) -> Words:
    """Columns for each trait, word and genre.

    Parameters
    ----------
    keys : (n,) int64
        Tracks, ascending.
    genres
        Of the tags of each of them.
    """
    sound = _traits(catalogue, keys)
    heard, heard_names = _heard(catalogue, keys)
    tagged, tagged_names = _tagged(genres)
    names = (*(much for much, _ in TRAITS), *(little for _, little in TRAITS), *heard_names, *tagged_names)
    sources = (
        *["sound"] * (2 * len(TRAITS)),
        *["heard"] * len(heard_names),
        *["genre"] * len(tagged_names),
    )
    least = np.concatenate(
        [
            np.full(2 * len(TRAITS), -np.inf),
            np.full(len(heard_names), _LEAST_PROBABILITY),
            np.full(len(tagged_names), _LEAST_SHARE),
        ]
    ).astype(np.float32)
    return Words(np.concatenate([sound, -sound, heard, tagged], axis=1), names, sources, least)


def _traits(catalogue: Catalogue, keys: Ids) -> Floats:
    values = np.full((len(keys), len(TRAITS)), np.nan, dtype=np.float32)
    for start in range(0, len(keys), _AT_ONCE):  # a piece at a time: only a few numbers of each are kept
        found, vectors = load_vectors(catalogue, EXPLAINS, keys=keys[start : start + _AT_ONCE])
        if len(found):
            values[np.searchsorted(keys, found)] = traits(vectors)
    return values


def _heard(catalogue: Catalogue, keys: Ids) -> tuple[Floats, tuple[str, ...]]:
    names = tag_names(catalogue, TAGS)
    if not names:
        return np.empty((len(keys), 0), dtype=np.float32), ()
    rows, _ = ByKey(*load_tag_probabilities(catalogue, TAGS, keys=keys)).rows(keys)
    return rows.reshape(len(keys), len(names)), names


def _tagged(genres: Sequence[tuple[str, ...]]) -> tuple[Floats, tuple[str, ...]]:
    """One column a genre, the commonest ones, as they are mostly spelled; unknown for tracks without any."""
    spelled = Counter(genre for given in genres for genre in given)
    folded: Counter[str] = Counter()
    for given in genres:
        folded.update({genre.casefold() for genre in given})
    common = [genre for genre, count in folded.most_common(_MOST_GENRES) if count >= _LEAST_TRACKS]
    columns = {genre: column for column, genre in enumerate(common)}
    values = np.zeros((len(genres), len(common)), dtype=np.float32)
    for row, given in enumerate(genres):
        if not given:
            values[row] = np.nan
        for genre in given:
            if genre.casefold() in columns:
                values[row, columns[genre.casefold()]] = 1.0
    best: dict[str, str] = {}
    for genre, _ in spelled.most_common():
        best.setdefault(genre.casefold(), genre)
    return values, tuple(best[genre] for genre in common)
