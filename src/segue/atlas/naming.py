"""Names of clusters, from what sets them apart from the rest of the library."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Ids = NDArray[np.int64]

# Cohen's "small" is 0.2 and "medium" 0.5: what differs less than this does not set a kind apart.
_LEAST_DIFFERENCE = 0.3
# Words that go together in the library say the same twice.
_SAME = 0.6
_WORDS_OF_A_NAME = 3
_OF_ONE_SOURCE = 2
_MOST_WORDS = 8
_ROWS_FOR_CORRELATIONS = 10_000
_NOTHING = "mixed"


@dataclass(frozen=True, slots=True)
class Words:
    """What may be said of each track, as columns of numbers.

    Attributes
    ----------
    values
        ``(n, n_words)`` float32: how much each word is true of each track, in any unit; NaN where unknown.
    names
        The words.
    sources
        Where each word comes from: at most two words of a name come from one source.
    least
        ``(n_words,)``: a cluster whose mean is lower is not called so, however far it is from the rest.
    """

    values: Floats
    names: tuple[str, ...]
    sources: tuple[str, ...]
    least: Floats


@dataclass(frozen=True, slots=True)
class Evidence:
    """One word that sets a cluster apart.

    Attributes
    ----------
    word
        The word.
    source
        Where it comes from.
    difference
        Mean of the cluster's tracks less that of all others, in standard deviations of the library.
    inside, outside
        The two means.
    """

    word: str
    source: str
    difference: float
    inside: float
    outside: float


def evidence(words: Words, labels: Ids, n_clusters: int) -> list[tuple[Evidence, ...]]:
    """What sets each cluster apart, most telling first; of words that go together only the first.

    Parameters
    ----------
    words
        Of all tracks.
    labels : (n,) int64
        The cluster of each track.
    n_clusters
        How many there are.

    References
    ----------
    J. Cohen, "Statistical power analysis for the behavioral sciences", 2nd edition, 1988: the standardised
    difference, here in deviations of the whole library, which serves yes-or-no words as well.
    """
    spread, together = _spreads(words.values), _correlations(words.values)
    return [_of_cluster(words, labels == cluster, spread, together) for cluster in range(n_clusters)]


def named(
    found: Sequence[Sequence[Evidence]], *, given: Sequence[str | None] | None = None
) -> tuple[str, ...]:
    """A name for each cluster in small letters, such as "rhythmic, bright, fast"; all differ.

    Where the first words of two clusters are the same, the later one takes more words, and at last a number.

    Parameters
    ----------
    found
        Of `evidence`.
    given
        Names that are kept; None for those to be found.

    Examples
    --------
    >>> jazz = [Evidence("jazz", "genre", 2.0, 0.9, 0.1)]
    >>> named([jazz, jazz, []])
    ('jazz', 'jazz 2', 'mixed')
    """
    kept = list(given) if given is not None else [None] * len(found)
    taken = {name.casefold() for name in kept if name is not None}
    names = []
    for name, words in zip(kept, found, strict=True):
        if name is None:
            name = _new_name([word.word.lower() for word in words], taken)
            taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def _new_name(words: Sequence[str], taken: Collection[str]) -> str:
    name = ""
    for count in range(min(_WORDS_OF_A_NAME, len(words)), len(words) + 1):
        name = ", ".join(words[:count]) or _NOTHING
        if name.casefold() not in taken:
            return name
    name = ", ".join(words[:_WORDS_OF_A_NAME]) or _NOTHING
    number = 2
    while f"{name} {number}".casefold() in taken:
        number += 1
    return f"{name} {number}"


def _of_cluster(
    words: Words, inside: NDArray[np.bool_], spread: Doubles, together: Doubles
) -> tuple[Evidence, ...]:
    if inside.all() or not inside.any():
        return ()
    within, without = _means(words.values[inside]), _means(words.values[~inside])
    difference = np.where(spread > 0, (within - without) / np.where(spread > 0, spread, 1), 0.0)
    tells = (difference >= _LEAST_DIFFERENCE) & (within >= words.least)
    chosen: list[int] = []
    for place in np.argsort(-difference, kind="stable").tolist():
        if tells[place] and not _said(words, chosen, place, together):
            chosen.append(place)
    return tuple(
        Evidence(
            words.names[place],
            words.sources[place],
            float(difference[place]),
            float(within[place]),
            float(without[place]),
        )
        for place in chosen[:_MOST_WORDS]
    )


def _said(words: Words, chosen: Sequence[int], place: int, together: Doubles) -> bool:
    """Whether the words chosen so far say it, or the name has enough from its source."""
    if len(chosen) < _WORDS_OF_A_NAME:
        sources = [words.sources[other] for other in chosen]
        if sources.count(words.sources[place]) >= _OF_ONE_SOURCE:
            return True
    name = words.names[place].casefold()
    return any(
        _one_word(words.names[other].casefold(), name) or together[other, place] > _SAME for other in chosen
    )


def _one_word(first: str, second: str) -> bool:
    """Whether one is the beginning of the other, as "electro" and "electronic"."""
    return first.startswith(second) or second.startswith(first)


def _means(values: Floats) -> Doubles:
    """Mean of each column over what is known; NaN where nothing is."""
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0).sum(axis=0, dtype=np.float64)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _spreads(values: Floats) -> Doubles:
    known = ~np.isnan(values)
    centred = np.where(known, values - np.nan_to_num(_means(values)), 0.0)
    spread: Doubles = np.sqrt((centred**2).sum(axis=0) / np.maximum(known.sum(axis=0), 1))
    # Below the rounding of float32 there is no difference.
    return np.where(spread > 1e-6, spread, 0.0)


def _correlations(values: Floats) -> Doubles:
    """Of each pair of columns over the rows where both are known, 0 where there are too few."""
    sample = values[:: max(1, len(values) // _ROWS_FOR_CORRELATIONS)]
    known = ~np.isnan(sample)
    spread = _spreads(sample)
    unit = (sample - np.nan_to_num(_means(sample))) / np.where(spread > 0, spread, 1)
    unit = np.where(known, unit, 0.0)
    both = known.astype(np.float64).T @ known
    correlations: Doubles = unit.T @ unit / np.maximum(both, 1)
    return np.where(both >= 3, correlations, 0.0)
