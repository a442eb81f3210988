"""The index that looks at every vector."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import VectorsError
from segue.neighbours.contract import Allowed, Floats, Ids
from segue.neighbours.rows import Rows
from segue.neighbours.storage import Parts, read_parts, write_parts

if TYPE_CHECKING:
    from segue.types import Matrix


class ExactIndex:
    """An `Index` whose answers are right by construction: one matrix product a search.

    Examples
    --------
    >>> import numpy as np
    >>> index = ExactIndex(2)
    >>> index.add(np.array([7, 8]), np.array([[1, 0], [0, 1]], dtype=np.float32))
    >>> ids, distances = index.search(np.array([[0.6, 0.8]], dtype=np.float32), 1)
    >>> int(ids[0, 0]), round(float(distances[0, 0]), 3)
    (8, 0.2)
    """

    kind = "exact"

    def __init__(self, dim: int) -> None:
        self._rows = Rows(np.empty(0, dtype=np.int64), np.empty((0, dim), dtype=np.float32))

    @property
    def ids(self) -> Ids:
        return self._rows.ids

    @property
    def dim(self) -> int:
        return self._rows.dim

    def __len__(self) -> int:
        return len(self._rows.ids)

    def add(self, ids: Ids, vectors: Matrix) -> None:
        rows = Rows.checked(ids, vectors, self.dim)
        if len(self) and (self._rows.positions(rows.ids) >= 0).any():
            self.remove(rows.ids)
        # The first vectors are taken as they are: a library of gigabytes is not copied.
        self._rows = self._rows.plus(rows) if len(self) else rows

    def remove(self, ids: Ids) -> None:
        keep = ~np.isin(self._rows.ids, np.asarray(ids, dtype=np.int64))
        if not keep.all():
            self._rows = Rows(self._rows.ids[keep], self._rows.vectors[keep])

    def search(self, vectors: Matrix, n: int, *, allowed: Allowed | None = None) -> tuple[Ids, Floats]:
        rows = self._rows
        return rows.nearest(rows.queries(vectors), n, rows.places(allowed))

    def positions(self, ids: Ids) -> Ids:
        return self._rows.positions(ids)

    def vectors_of(self, ids: Ids) -> Matrix:
        return self._rows.vectors_of(ids)

    def save(self, folder: Path, *, revision: int = 0) -> None:
        parts = self.parts()
        write_parts(folder, Parts(parts.kind, parts.about, parts.arrays, revision))

    @classmethod
    def load(cls, folder: Path, *, revision: int | None = None) -> ExactIndex:
        """Open what `save` wrote.

        Raises
        ------
        VectorsError
            If it is missing, damaged, of another kind or of another revision of the catalogue.
        """
        return cls.of_parts(read_parts(folder, revision=revision))

    def parts(self) -> Parts:
        """What has to be stored of it."""
        return Parts(self.kind, {}, {"ids": self._rows.ids, "vectors": self._rows.vectors})

    @classmethod
    def of_parts(cls, parts: Parts) -> ExactIndex:
        """The index that `parts` describe."""
        rows = stored_rows(parts, cls.kind)
        index = cls(rows.vectors.shape[1])
        index._rows = rows
        return index


def stored_rows(parts: Parts, kind: str) -> Rows:
    """The rows of stored parts of one kind of index.

    Raises
    ------
    VectorsError
        If they are of another kind or do not fit together.
    """
    if parts.kind != kind or not {"ids", "vectors"} <= parts.arrays.keys():
        raise VectorsError(f"the stored index is {parts.kind!r}, not {kind!r}: make it again")
    rows = Rows(np.asarray(parts.arrays["ids"]), np.asarray(parts.arrays["vectors"]))
    fits = rows.ids.dtype == np.int64 and rows.vectors.dtype == np.float32 and rows.vectors.ndim == 2
    if not fits or len(rows.ids) != len(rows.vectors):
        raise VectorsError("the stored ids and vectors do not fit together: make the index again")
    return rows
