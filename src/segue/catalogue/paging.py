"""Pages of tracks or albums: what narrows them, and which rows stand on one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from segue.catalogue.folding import clean, fold
from segue.catalogue.within import lies_in

Years = tuple[int | None, int | None]


@dataclass(slots=True)
class Narrowed:
    """The present rows of a table that answer some conditions.

    Attributes
    ----------
    kind
        Of what the table is.
    later_first
        Whether the years given turn the order of years round.
    """

    kind: Literal["track", "album"]
    where: list[str]
    values: list[object] = field(default_factory=list)
    later_first: bool = False

    @classmethod
    def by(
        cls, kind: Literal["track", "album"], genre: str | None, years: Years | None, within: Path | None
    ) -> Narrowed:
        """Those that bear a genre, are of some years and lie in a folder; None: of any."""
        present = "n_files > 0" if kind == "track" else "n_tracks > 0"
        rows = cls(kind, [present, lies_in(within, kind, f"{kind}s.id")])
        if genre is not None:
            of_genre = "genre_id IN (SELECT id FROM genres WHERE fold = ?)"
            rows.add(f"id IN (SELECT {kind}_id FROM {kind}_genres WHERE {of_genre})", fold(clean(genre)))
        if years is not None:
            first, last = years
            rows.later_first = first is not None and last is not None and first > last
            low, high = (last, first) if rows.later_first else (first, last)
            bounds = (-(2**31) if low is None else low, 2**31 if high is None else high)
            rows.add("year BETWEEN ? AND ?", *bounds)
        return rows

    def add(self, condition: str, *values: object) -> None:
        """Narrow the rows further."""
        self.where.append(condition)
        self.values += values

    def page(
        self, connection: sqlite3.Connection, by: str | None, *, offset: int, limit: int, seed: int
    ) -> list[int]:
        """The rows of a page in the order `by`; None: at random, an order that `seed` and the rows decide."""
        rows = connection.execute(
            f"SELECT id FROM {self.kind}s WHERE {' AND '.join(self.where)} ORDER BY {by or 'id'} "
            "LIMIT ? OFFSET ?",
            (*self.values, *((-1, 0) if by is None else (limit, offset))),
        )
        keys = [key for (key,) in rows]
        return keys if by is not None else _shuffled_page(keys, seed, offset, limit)


def _shuffled_page(keys: Sequence[int], seed: int, offset: int, limit: int) -> list[int]:
    mixed = np.random.default_rng(abs(seed)).permutation(np.asarray(keys, np.int64))
    chosen: list[int] = mixed[offset : None if limit < 0 else offset + limit].tolist()
    return chosen
