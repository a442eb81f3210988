"""Words that people wrote for genres, as classes: spelling folded, rare ones left out and counted."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class GenreLabels:
    """Which class each track is of.

    Attributes
    ----------
    names
        Of the classes, each in its most frequent spelling.
    classes
        (n_tracks,) int64: position in `names`; -1 where not known, or too rare to be told.
    notes
        What was left out or put together, in words.
    """

    names: tuple[str, ...]
    classes: NDArray[np.int64]
    notes: tuple[str, ...]


@lru_cache(maxsize=10_000)  # tags repeat few words
def folded(word: str) -> str:
    """A spelling by which equal words are equal: without case, accents, and signs between words.

    >>> folded("Música  Électronique"), folded("Hip-Hop") == folded("hip hop")
    ('musica electronique', True)
    """
    # Case and composition change each other: folded until nothing changes.
    bare, before = word, ""
    while bare != before:
        before = bare
        plain = unicodedata.normalize("NFKD", bare.casefold())
        bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    kept = "".join(sign if sign.isalnum() or sign in "&+#" else " " for sign in bare)
    return " ".join(kept.split())


def genre_labels(words: Sequence[str | None], *, least: int = 2) -> GenreLabels:
    """Classes of one word a track.

    Parameters
    ----------
    words
        One a track; None or blank where it is not known.
    least
        Classes with fewer tracks are left out: nothing could be learned and judged.

    Raises
    ------
    UsageError
        If fewer than two classes remain.
    """
    keys = [folded(word or "") for word in words]
    counts = Counter(key for key in keys if key)
    kept = sorted(key for key, count in counts.items() if count >= least)
    rare = {key: count for key, count in counts.items() if count < least}
    spellings = _spellings(words, keys)
    if len(kept) < 2:
        there = ", ".join(f"{spellings[key]} ({count})" for key, count in counts.most_common(5)) or "none"
        raise UsageError(
            f"two genres with at least {least} tracks each are needed to tell them apart: there is {there}"
        )
    position = {key: at for at, key in enumerate(kept)}
    classes = np.array([position.get(key, -1) for key in keys], dtype=np.int64)
    return GenreLabels(tuple(spellings[key] for key in kept), classes, _notes(words, keys, rare, spellings))


def _spellings(words: Sequence[str | None], keys: Sequence[str]) -> dict[str, str]:
    """The most frequent spelling of each class, the first of equals in the alphabet."""
    seen: dict[str, Counter[str]] = {}
    for word, key in zip(words, keys, strict=True):
        if key:
            seen.setdefault(key, Counter())[" ".join((word or "").split())] += 1
    return {key: min(counter, key=lambda word: (-counter[word], word)) for key, counter in seen.items()}


def _notes(
    words: Sequence[str | None], keys: Sequence[str], rare: dict[str, int], spellings: dict[str, str]
) -> tuple[str, ...]:
    notes = []
    unknown = sum(not key for key in keys)
    if unknown:
        notes.append(f"{unknown:,} of {len(words):,} tracks have no genre: not learned from")
    written = {word for word, key in zip(words, keys, strict=True) if key}
    merged = len({" ".join((word or "").split()) for word in written}) - len(spellings)
    if merged:
        notes.append(f"{merged:,} spellings that differ by case, accents or signs were put together")
    if rare:
        some = ", ".join(sorted(spellings[key] for key in rare)[:5])
        more = f" and {len(rare) - 5} more" if len(rare) > 5 else ""
        notes.append(f"too rare to be told, left out: {some}{more}")
    return tuple(notes)
