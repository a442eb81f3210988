"""Ids with unit vectors, and the exact search over them that every index ends in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import VectorsError
from segue.neighbours.contract import Allowed, Floats, Ids

if TYPE_CHECKING:
    from segue.types import Matrix, Vector

# Two ways of summing a float32 product differ by less than this; candidates this near to the cut are kept
# until their distance has been computed in the one way that counts.
_MARGIN = 1e-5
_SCORES_AT_ONCE = 16_000_000
_NORM_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Rows:
    """Ids ``(n_rows,)`` int64 and their unit vectors ``(n_rows, dim)`` float32, in order of adding."""

    ids: Ids
    vectors: Matrix

    @classmethod
    def checked(cls, ids: Ids, vectors: Matrix, dim: int | None = None) -> Rows:
        """Rows whose shapes, ids, lengths and, where `dim` is given, dimensions have been looked at.

        Raises
        ------
        VectorsError
            See `Index.add`.
        """
        ids = np.asarray(ids, dtype=np.int64)
        vectors = np.asarray(vectors, dtype=np.float32)
        if vectors.ndim != 2 or ids.shape != (len(vectors),) or vectors.shape[1] == 0:
            raise VectorsError(f"ids {ids.shape} and vectors {vectors.shape} must be (n,) and (n, dim)")
        if dim not in (None, vectors.shape[1]):
            raise VectorsError(f"vectors of {vectors.shape[1]} dimensions do not go with {dim}")
        if len(np.unique(ids)) != len(ids):
            raise VectorsError("an id is given twice: give every id once")
        squares = np.einsum("ij,ij->i", vectors, vectors)
        right = (np.abs(squares - 1.0) < 2 * _NORM_TOLERANCE) | (squares == 0.0)
        if not right.all():
            raise VectorsError(
                f"the vector of id {ids[np.argmin(right)]} is not finite or not of length 1: standardise it"
            )
        return cls(ids, np.ascontiguousarray(vectors))

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self.vectors.shape[1])

    def plus(self, other: Rows) -> Rows:
        """These rows, then the others."""
        return Rows(np.concatenate([self.ids, other.ids]), np.concatenate([self.vectors, other.vectors]))

    @cached_property
    def _order(self) -> Ids | None:
        """The rows by id, None where they stand so already, as those of a catalogue do."""
        return None if np.all(self.ids[1:] > self.ids[:-1]) else np.argsort(self.ids, kind="stable")

    def positions(self, ids: Ids) -> Ids:
        """Where each id stands, -1 where it does not."""
        ids = np.asarray(ids, dtype=np.int64)
        if len(self.ids) == 0:
            return np.full(ids.shape, -1, dtype=np.int64)
        order = self._order
        place = np.minimum(np.searchsorted(self.ids, ids, sorter=order), len(self.ids) - 1)
        place = place if order is None else order[place]
        return np.where(self.ids[place] == ids, place, -1)

    def vectors_of(self, ids: Ids) -> Matrix:
        """The vectors ``(n, dim)`` of these ids."""
        places = self.positions(ids)
        if (places < 0).any():
            missing = np.asarray(ids)[np.argmin(places)]
            raise VectorsError(f"id {missing} is not in the index: make the index again")
        return np.asarray(self.vectors[places], dtype=np.float32)

    def places(self, allowed: Allowed | None) -> Ids | None:
        """The rows that a filter leaves, ascending; None when it leaves all."""
        if allowed is None:
            return None
        if allowed.dtype == np.bool_:
            if allowed.shape != self.ids.shape:
                raise VectorsError(f"a mask of {allowed.shape} does not fit {len(self.ids)} rows")
            return None if allowed.all() else np.flatnonzero(allowed)
        found = self.positions(np.unique(allowed))
        return np.sort(found[found >= 0])

    def queries(self, vectors: Matrix) -> Matrix:
        """Queries as ``(q, dim)`` float32, refused when they do not fit."""
        queries = np.ascontiguousarray(vectors, dtype=np.float32)
        if queries.ndim != 2 or queries.shape[1] != self.vectors.shape[1]:
            raise VectorsError(f"queries must be (q, {self.vectors.shape[1]}), not {queries.shape}")
        return queries

    def nearest(self, queries: Matrix, n: int, places: Ids | None) -> tuple[Ids, Floats]:
        """The `n` nearest rows of each query among `places` (None: all), by looking at every one."""
        # Copying most of a large library to leave out a few rows would cost more than the search.
        narrow = places is not None and 4 * len(places) < len(self.ids)
        vectors = self.vectors[places] if narrow else self.vectors
        n = min(max(n, 0), len(self.ids) if places is None else len(places))
        found = np.empty((len(queries), n), dtype=np.int64)
        distances = np.empty((len(queries), n), dtype=np.float32)
        step = max(1, _SCORES_AT_ONCE // max(1, len(vectors)))
        for start in range(0, len(queries) if n else 0, step):
            block = queries[start : start + step]
            scores = block @ vectors.T
            for offset, query in enumerate(block):
                row = scores[offset] if places is None or narrow else scores[offset][places]
                cut = np.partition(row, len(row) - n)[len(row) - n]
                near = np.flatnonzero(row >= cut - _MARGIN)
                near = near if places is None else places[near]
                found[start + offset], distances[start + offset] = self.refined(query, near, n)
        return found, distances

    def refined(self, query: Vector, places: Ids, n: int) -> tuple[Ids, Floats]:
        """The `n` nearest of a few rows: distances row by row, ties in the order of the ids."""
        cosines = np.einsum("ij,j->i", self.vectors[places], query)
        distances = np.maximum(np.float32(1.0) - cosines, np.float32(0.0))
        order = np.lexsort((self.ids[places], distances))[:n]
        return self.ids[places][order], distances[order]
