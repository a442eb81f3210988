"""Which index a library gets, by its size; and opening whichever was stored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import VectorsError
from segue.neighbours.approximate import ApproximateIndex
from segue.neighbours.contract import Ids, Index
from segue.neighbours.exact import ExactIndex
from segue.neighbours.storage import Parts, read_parts

if TYPE_CHECKING:
    from segue.types import Matrix

APPROXIMATE_FROM = 50_000
"""Rows from which codes are scanned first: there the exact product costs 2 to 4 ms a query and grows with
the library, the codes 0.4 ms (``benchmarks/search.py``)."""


def build_index(ids: Ids, vectors: Matrix, *, seed: int = 0) -> Index:
    """An index of these rows: exact below 50,000, approximate from there.

    Parameters
    ----------
    ids
        ``(n,)`` int64, each once.
    vectors
        ``(n, dim)`` float32 unit rows; kept, not copied.
    seed
        Of what an approximate index learns.

    Raises
    ------
    VectorsError
        If they do not fit together or are not unit rows.
    """
    vectors = np.asarray(vectors)
    if vectors.ndim != 2:
        raise VectorsError(f"vectors must be (n, dim), not {vectors.shape}")
    index: Index
    if len(vectors) < APPROXIMATE_FROM:
        index = ExactIndex(vectors.shape[1])
    else:
        index = ApproximateIndex(vectors.shape[1], seed=seed)
    index.add(ids, vectors)
    return index


def open_index(folder: Path, *, revision: int | None = None) -> Index:
    """The index stored in a folder, of whichever kind.

    Raises
    ------
    VectorsError
        If there is none, it is damaged, or it is of another revision of the catalogue: build it again.
    """
    return index_of_parts(read_parts(folder, revision=revision))


def index_of_parts(parts: Parts) -> Index:
    """The index that stored parts describe."""
    kinds: dict[str, type[ExactIndex] | type[ApproximateIndex]] = {
        kind.kind: kind for kind in (ExactIndex, ApproximateIndex)
    }
    if parts.kind not in kinds:
        raise VectorsError(f"an index of kind {parts.kind!r} is not one of {sorted(kinds)}: make it again")
    return kinds[parts.kind].of_parts(parts)
