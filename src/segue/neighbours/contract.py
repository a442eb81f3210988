"""What every index promises: ids and unit vectors in, the nearest ids and their distances out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from segue.neighbours.storage import Parts

if TYPE_CHECKING:
    from segue.types import Matrix

Ids: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float32]
Allowed: TypeAlias = NDArray[np.bool_] | NDArray[np.int64]
"""Either a mask ``(n_rows,)`` bool in the order of `Index.ids`, or the allowed ids ``(n_allowed,)`` int64."""


@runtime_checkable
class Index(Protocol):
    """Unit vectors by id, searched by cosine distance (1 - cosine, in [0, 2]).

    Whatever the implementation, the distances it returns are computed from the stored float32 vectors, one
    row at a time, so two indexes that find the same id report the same distance, bit for bit. Equal
    distances come in the order of the ids.
    """

    @property
    def ids(self) -> Ids:
        """The ids, ``(n_rows,)`` int64, in the order in which they were added."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    def __len__(self) -> int:
        """How many vectors it holds."""

    def add(self, ids: Ids, vectors: Matrix) -> None:
        """Add unit vectors ``(n, dim)``; an id that is already there is replaced.

        Raises
        ------
        VectorsError
            If the shapes do not fit, an id is given twice, or a vector is not finite or not of length 1
            (or 0: a vector without direction is allowed and at distance 1 from everything).
        """

    def remove(self, ids: Ids) -> None:
        """Remove ids; unknown ones are no error."""

    def search(self, vectors: Matrix, n: int, *, allowed: Allowed | None = None) -> tuple[Ids, Floats]:
        """The `n` nearest of each of ``(q, dim)`` unit vectors, nearest first.

        Parameters
        ----------
        vectors
            ``(q, dim)`` float32.
        n
            How many; fewer come back only when fewer are allowed.
        allowed
            Filters before the cut to `n`: a mask in the order of `ids`, or a list of ids.

        Returns
        -------
        ids : (q, m) int64
        distances : (q, m) float32
            With ``m = min(n, number allowed)``.
        """

    def positions(self, ids: Ids) -> Ids:
        """Where each id stands in `ids`, -1 where it does not."""

    def vectors_of(self, ids: Ids) -> Matrix:
        """The stored vectors ``(n, dim)`` of these ids.

        Raises
        ------
        VectorsError
            If an id is not here.
        """

    def save(self, folder: Path, *, revision: int = 0) -> None:
        """Write to `folder`, replacing atomically what was there.

        Parameters
        ----------
        revision
            The state of the catalogue that the index was made from.
        """

    def parts(self) -> Parts:
        """What `save` stores, for a place that stores more beside it."""
