"""The index for large libraries: a scan of small codes, then exact distances of the best thousand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.errors import VectorsError
from segue.neighbours.contract import Allowed, Floats, Ids
from segue.neighbours.exact import stored_rows
from segue.neighbours.rows import Rows
from segue.neighbours.storage import Array, Parts, read_parts, write_parts

if TYPE_CHECKING:
    from segue.types import Matrix

_TRAINING_ROWS = 20_000
_ADDED_AT_ONCE = 65_536
# Codes that are fetched and measured exactly: in a search, and more for each wanted result. On vectors
# without any structure all ten nearest are among them, and 98 of 100 of the five hundred nearest
# (benchmarks/search.py --nearest).
_FETCHED = 1_000
_FETCHED_A_RESULT = 4
# Too few to learn 16 centroids from; they are searched exactly anyway.
_CODED_FROM = 256
_CODES_A_BLOCK = 32
# Few dimensions are coded one by one: in pairs they would have too few different codes.
_SINGLE_TO = 64
# With fewer allowed rows than this, looking at each costs less than any scan of codes.
_FEW_ALLOWED = 2_000


@contextmanager
def _one_thread(really: bool = True) -> Iterator[None]:
    """Keep faiss to one thread: at work of a millisecond its threads mostly wait for each other."""
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1 if really else before)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


class ApproximateIndex:
    """An `Index` that keeps two bits a dimension in memory and the vectors in a mapped file.

    Pairs of dimensions are coded by 16 centroids each (product quantisation, 4 bits); the codes of all
    vectors are scanned with table look-ups in registers (Quicker ADC, André et al. 2019, as in faiss
    ``IndexPQFastScan``), and the vectors of the best thousand are read for exact distances. Unlike a graph
    (HNSW) it has no vector that no path leads to, builds in seconds, and holds its recall on vectors
    without any clusters; it takes time in proportion to the library, about 2.5 ms for a million.
    """

    kind = "scanned-codes"

    def __init__(self, dim: int, *, seed: int) -> None:
        self._rows = Rows(np.empty(0, dtype=np.int64), np.empty((0, dim), dtype=np.float32))
        self._seed = seed
        self._codes: Any = None
        self._trained_on = 0

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
        start = len(self)
        self._rows = self._rows.plus(rows) if start else rows
        # Centroids learned on a part still serve the whole, until that part is less than half of it.
        if len(self) >= _CODED_FROM and (self._codes is None or len(self) > 2 * self._trained_on):
            self._train()
            start = 0
        if self._codes is not None:
            self._encode(start)

    def remove(self, ids: Ids) -> None:
        gone = np.isin(self._rows.ids, np.asarray(ids, dtype=np.int64))
        if not gone.any():
            return
        left = len(self) - int(gone.sum())
        # faiss packs 32 codes a block and does not clear what a removal leaves behind in the last one, so
        # that codes added later would mix with it (seen in 1.15): that block is taken off and coded again.
        whole = left - left % _CODES_A_BLOCK
        off = np.union1d(np.flatnonzero(gone), np.flatnonzero(~gone)[whole:])
        self._rows = Rows(self._rows.ids[~gone], self._rows.vectors[~gone])
        if left < _CODED_FROM:
            self._codes = None
        elif self._codes is not None:
            self._codes.remove_ids(off)
            self._encode(whole)

    def search(self, vectors: Matrix, n: int, *, allowed: Allowed | None = None) -> tuple[Ids, Floats]:
        rows = self._rows
        queries = rows.queries(vectors)
        places = rows.places(allowed)
        available = len(rows.ids) if places is None else len(places)
        n = min(max(n, 0), available)
        wanted = _FETCHED + _FETCHED_A_RESULT * n
        fetched = int(wanted * len(rows.ids) / max(1, available))
        # Looking at an allowed row costs about twice as much as fetching a code.
        if available <= max(_FEW_ALLOWED, fetched // 2) or fetched > len(rows.ids) // 8:
            return rows.nearest(queries, n, places)
        mask = None
        if places is not None:
            mask = np.zeros(len(rows.ids), dtype=np.bool_)
            mask[places] = True
        found = np.empty((len(queries), n), dtype=np.int64)
        distances = np.empty((len(queries), n), dtype=np.float32)
        with _one_thread(len(queries) == 1):
            _, candidates = self._codes.search(self._padded(queries), fetched)
        for row, query in enumerate(queries):
            near = candidates[row][candidates[row] >= 0]
            near = near if mask is None else near[mask[near]]
            if len(near) < wanted // 2:
                # What is allowed lies far from the query: the codes' order says too little about it.
                found[row], distances[row] = (
                    part[0] for part in rows.nearest(queries[row : row + 1], n, places)
                )
            else:
                found[row], distances[row] = rows.refined(query, near, n)
        return found, distances

    def positions(self, ids: Ids) -> Ids:
        return self._rows.positions(ids)

    def vectors_of(self, ids: Ids) -> Matrix:
        return self._rows.vectors_of(ids)

    def save(self, folder: Path, *, revision: int = 0) -> None:
        parts = self.parts()
        write_parts(folder, Parts(parts.kind, parts.about, parts.arrays, revision))

    @classmethod
    def load(cls, folder: Path, *, revision: int | None = None) -> ApproximateIndex:
        """Open what `save` wrote.

        Raises
        ------
        VectorsError
            If it is missing, damaged, of another kind or of another revision of the catalogue.
        """
        return cls.of_parts(read_parts(folder, revision=revision))

    def parts(self) -> Parts:
        """What has to be stored of it."""
        import faiss

        arrays: dict[str, Array] = {"ids": self._rows.ids, "vectors": self._rows.vectors}
        if self._codes is not None:
            arrays["codes"] = faiss.serialize_index(self._codes)
        return Parts(self.kind, {"seed": self._seed, "trained_on": self._trained_on}, arrays)

    @classmethod
    def of_parts(cls, parts: Parts) -> ApproximateIndex:
        """The index that `parts` describe."""
        import faiss

        rows = stored_rows(parts, cls.kind)
        index = cls(rows.vectors.shape[1], seed=int(parts.about.get("seed", 0)))
        index._rows = rows
        index._trained_on = int(parts.about.get("trained_on", 0))
        if "codes" in parts.arrays:
            try:
                index._codes = faiss.deserialize_index(np.array(parts.arrays["codes"], dtype=np.uint8))
            except RuntimeError as error:
                raise VectorsError("the stored codes cannot be read: make the index again") from error
        if len(rows.ids) >= _CODED_FROM if index._codes is None else index._codes.ntotal != len(rows.ids):
            raise VectorsError("the stored codes and vectors do not fit together: make the index again")
        return index

    def _train(self) -> None:
        """Learn the centroids on a sample; forgets the codes."""
        import faiss

        pairs = self.dim > _SINGLE_TO
        dim = self.dim + self.dim % 2 if pairs else self.dim
        codes = faiss.IndexPQFastScan(dim, dim // 2 if pairs else dim, 4, faiss.METRIC_INNER_PRODUCT)
        codes.pq.cp.seed = self._seed % 2**31
        codes.pq.cp.min_points_per_centroid = 1
        rng = np.random.default_rng(self._seed)
        size = min(_TRAINING_ROWS, len(self))
        sample = np.sort(rng.choice(len(self), size, replace=False))
        self._codes = codes
        with _one_thread():
            codes.train(self._padded(self._rows.vectors[sample]))
        self._trained_on = len(self)

    def _encode(self, start: int) -> None:
        """Append the codes of all rows from `start` on."""
        for at in range(start, len(self), _ADDED_AT_ONCE):
            self._codes.add(self._padded(self._rows.vectors[at : at + _ADDED_AT_ONCE]))

    def _padded(self, vectors: Matrix) -> Matrix:
        """As many dimensions as the codes have, contiguous."""
        more = self._codes.d - self.dim
        return np.ascontiguousarray(np.pad(vectors, ((0, 0), (0, more))), dtype=np.float32)
