"""What was meant by words that no track has: the nearest words that tracks have."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import product

_SHORTEST = 3
# One slip in a short word, two in a longer one: more make other words of the language.
_SHORT = 5
_NEAR = 4
_MOST_READINGS = 12
_MOST_COMBINED = 64
# A text with more wrong words is in another language than the library.
_MOST_SLIPS = 8
_SLIP = 4.0
_LAST_SIGN = "\U0010ffff"


def readings(
    connection: sqlite3.Connection, words: Sequence[str], *, only_unknown: bool
) -> Iterator[list[str]]:
    """Other readings of folded words, the likeliest first, at most twelve.

    Words that no track has are read as near ones. Where all are known but no track has them together,
    one of them at a time is, unless `only_unknown` is given.
    """
    unknown = [at for at in range(len(words)) if not _is_known(connection, words, at)]
    if len(unknown) > _MOST_SLIPS or (not unknown and len(words) > _MOST_SLIPS):
        return
    sets = [unknown] if unknown else [] if only_unknown else [[at] for at in range(len(words))]
    found: list[tuple[float, list[str]]] = []
    for places in sets:
        n_each = max(1, int(_MOST_COMBINED ** (1 / len(places))))
        near = [_near(connection, words[at])[:n_each] for at in places]
        for choice in product(*near):
            reading = list(words)
            for at, (_, word) in zip(places, choice, strict=True):
                reading[at] = word
            found.append((sum(cost for cost, _ in choice), reading))
    found.sort(key=lambda one: one[0])
    yield from (reading for _, reading in found[:_MOST_READINGS])


def _is_known(connection: sqlite3.Connection, words: Sequence[str], at: int) -> bool:
    """Whether some track has the word, or (the last one) a word that begins so; too short ones pass."""
    word = words[at]
    if len(word) < _SHORTEST or not word.isalpha():
        return True
    end = word + (_LAST_SIGN if at == len(words) - 1 else "\0")
    row = connection.execute("SELECT 1 FROM vocabulary WHERE word >= ? AND word < ? LIMIT 1", (word, end))
    return row.fetchone() is not None


def _near(connection: sqlite3.Connection, word: str) -> list[tuple[float, str]]:
    """Near words that tracks have, the likeliest first, with what each costs.

    A word with one slip begins or ends as the right one does, by almost half of its letters; with two slips,
    by a third, unless they are in both outer thirds. So only few words need be compared. A word that is
    sixteen times as frequent may be one slip (Damerau-Levenshtein) further away.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import DamerauLevenshtein

    if len(word) < _SHORTEST or not word.isalpha():
        return []
    slips = 1 if len(word) <= _SHORT else 2
    kept = max(1, (len(word) - 1) // 2 if slips == 1 else len(word) // 3)
    bounds = [len(word) - slips, len(word) + slips]
    candidates: set[str] = set()
    for column, part in (("word", word[:kept]), ("backwards", word[::-1][:kept])):
        rows = connection.execute(
            f"SELECT word FROM vocabulary WHERE {column} >= ? AND {column} < ? "
            "AND length(word) BETWEEN ? AND ?",
            (part, part + _LAST_SIGN, *bounds),
        )
        candidates.update(other for (other,) in rows)
    candidates.discard(word)
    nearest = process.extract(
        word, list(candidates), scorer=DamerauLevenshtein.distance, score_cutoff=slips, limit=5 * _NEAR
    )
    found = []
    for other, distance, _ in nearest:
        row = connection.execute("SELECT doc FROM words WHERE term = ?", (other,)).fetchone()
        if row is not None:
            found.append((_SLIP * distance + (other[0] != word[0]) - math.log2(row[0]), other))
    return sorted(found)[:_NEAR]
