"""Ways to put vectors on a plane compared: time, and how true the map is to the vectors.

    python benchmarks/maps.py                                # 10,000 vectors: some minutes
    python benchmarks/maps.py --sizes 100000 --ways segue,pca
    python benchmarks/maps.py --vectors vectors.npz          # real vectors, of `segue embed`
    python benchmarks/maps.py --placing --recall             # new tracks among old ones, and the search
    python benchmarks/maps.py --ways segue,longer,finer      # more steps, a finer grid

Needs no data: 128-dimensional unit rows are made, 200 curved sheets of few dimensions and noise.
PaCMAP and UMAP, which bring numba, are passed where they are not installed. Measured are seconds and CPU
seconds (a busy machine counts in the first), the peak memory of the process so far, neighbour preservation
(the share of the 10 nearest vectors that are among the 10 nearest on the map) and trustworthiness (Venna and
Kaski 2001, k = 10, scikit-learn's, on a sample laid out with the others).
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import time
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from segue.atlas import nearest, nearest_rows, nearest_to, place, project, projection

Rows = NDArray[np.float32]
Way = Callable[[Rows], Any]

_DIM, _SHEETS, _WITHIN = 128, 200, 16
_NEAREST = 10
_SAMPLE = 2_000


def made_vectors(n: int, seed: int = 0) -> Rows:
    """Unit rows ``(n, 128)``: sheets of two dimensions, curved in a third, in a space of 16, and noise."""
    rng = np.random.default_rng(seed)
    sizes = np.arange(1, _SHEETS + 1) ** -0.7
    sheet = rng.choice(_SHEETS, n, p=sizes / sizes.sum())
    middles = 2 * rng.standard_normal((_SHEETS, _WITHIN), dtype=np.float32)
    axes = 0.7 * rng.standard_normal((_SHEETS, 3, _WITHIN), dtype=np.float32)
    flat = rng.standard_normal((n, 2), dtype=np.float32)
    curved = np.column_stack([flat, (flat[:, 0] ** 2 - flat[:, 1]) / 2])
    inner = middles[sheet] + np.einsum("ni,nij->nj", curved, axes[sheet])
    spread = np.sqrt(1 / np.arange(1, _WITHIN + 1, dtype=np.float32))[:, None]
    vectors = inner @ (spread * rng.standard_normal((_WITHIN, _DIM), dtype=np.float32))
    vectors += 0.3 * vectors.std() * rng.standard_normal((n, _DIM), dtype=np.float32)
    return _unit(vectors)


def _unit(vectors: Rows) -> Rows:
    vectors = (vectors - vectors.mean(axis=0)) / np.maximum(vectors.std(axis=0), 1e-9)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return np.ascontiguousarray(vectors, dtype=np.float32)


def _pca(vectors: Rows) -> Any:
    from sklearn.decomposition import PCA

    return PCA(2, random_state=0).fit_transform(vectors)


def _opentsne(vectors: Rows) -> Any:
    """As openTSNE comes, with two threads and its own choice of neighbours."""
    from openTSNE import TSNE

    return TSNE(random_state=0, n_jobs=2).fit(vectors)


def _with(**constants: object) -> Way:
    """Segue's way with other constants: more steps, a finer grid."""

    def way(vectors: Rows) -> Any:
        with ExitStack() as changed:
            for name, value in constants.items():
                changed.enter_context(patch.object(projection, name, value))
            return project(vectors)

    return way


def _pacmap(vectors: Rows) -> Any:
    import pacmap

    return pacmap.PaCMAP(random_state=0).fit_transform(vectors)


def _umap(vectors: Rows) -> Any:
    import umap

    return umap.UMAP(random_state=0).fit_transform(vectors)


WAYS: dict[str, tuple[str, Way]] = {
    "pca": ("sklearn", _pca),
    "segue": ("openTSNE", project),
    "opentsne": ("openTSNE", _opentsne),
    "pacmap": ("pacmap", _pacmap),
    "umap": ("umap", _umap),
    "longer": ("openTSNE", _with(_GATHERING=250, _SPREADING=500)),
    "finer": ("openTSNE", _with(_UNITS_AN_INTERVAL=1)),
}


def preserved(vectors: Rows, positions: Rows, rows: NDArray[np.int64]) -> float:
    """The share of the ten nearest vectors of some rows that are among their ten nearest on the map."""
    true = nearest_to(vectors[rows], vectors, _NEAREST + 1)[0]
    shown = nearest_to(positions[rows], positions, _NEAREST + 1)[0]
    shares = [
        len((set(a) & set(b)) - {row}) / _NEAREST
        for a, b, row in zip(true.tolist(), shown.tolist(), rows.tolist(), strict=True)
    ]
    return float(np.mean(shares))


def trusted(vectors: Rows, positions: Rows, rows: NDArray[np.int64]) -> float:
    """Trustworthiness among some rows."""
    from sklearn.manifold import trustworthiness

    return float(trustworthiness(vectors[rows], positions[rows], n_neighbors=_NEAREST))


def _measure(name: str, way: Way, vectors: Rows) -> Rows:
    began, cpu = time.perf_counter(), time.process_time()
    positions = np.ascontiguousarray(np.asarray(way(vectors)), dtype=np.float32)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    rows = np.sort(np.random.default_rng(1).choice(len(vectors), min(_SAMPLE, len(vectors)), replace=False))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"| {len(vectors):,} | {name} | {took:.0f} | {cpu:.0f} | {peak:,.0f} "
        f"| {preserved(vectors, positions, rows):.3f} | {trusted(vectors, positions, rows):.3f} |",
        flush=True,
    )
    return positions


def _placing(vectors: Rows) -> None:
    """A tenth of the tracks placed on a map of the others, against a map of all."""
    n = len(vectors)
    new = np.zeros(n, np.bool_)
    new[np.random.default_rng(2).choice(n, n // 10, replace=False)] = True
    whole = project(vectors)
    part = np.empty_like(whole)
    part[~new] = project(vectors[~new])
    began = time.perf_counter()
    part[new] = place(vectors[new], vectors[~new], part[~new])
    took = time.perf_counter() - began
    rows = np.flatnonzero(new)[:_SAMPLE]
    print(
        f"{int(new.sum()):,} tracks placed among {int((~new).sum()):,} in {took:.1f} s: neighbours preserved "
        f"{preserved(vectors, part, rows):.3f}, laid out together {preserved(vectors, whole, rows):.3f}"
    )


def _recall(vectors: Rows) -> None:
    """How many of the neighbours that Segue lays out by are truly nearest, and the time of both searches."""
    rows = np.sort(np.random.default_rng(3).choice(len(vectors), min(_SAMPLE, len(vectors)), replace=False))
    began = time.perf_counter()
    found = nearest_rows(vectors, 90)[0][rows]
    took = time.perf_counter() - began
    began = time.perf_counter()
    with patch.object(nearest, "LISTS_FROM", len(vectors) + 1):
        true = nearest_to(vectors[rows], vectors, 91)[0]
    exact = (time.perf_counter() - began) * len(vectors) / len(rows)
    shares = [
        len((set(a) & set(b)) - {row}) / 90
        for a, b, row in zip(found.tolist(), true.tolist(), rows.tolist(), strict=True)
    ]
    print(f"90 nearest of each: {took:.1f} s, recall {np.mean(shares):.4f}; of all pairs {exact:.0f} s")


def _real(path: Path) -> Rows:
    from segue.operations.evaluate_similarity import read_vectors

    return _unit(read_vectors(path).vectors)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", default="10000", help="how many vectors, separated by commas")
    parser.add_argument("--ways", default="segue,pca,opentsne,pacmap,umap", help=f"of {', '.join(WAYS)}")
    parser.add_argument("--vectors", type=Path, help="an .npz of segue embed, instead of made vectors")
    parser.add_argument("--placing", action="store_true", help="also place new tracks among old ones")
    parser.add_argument("--recall", action="store_true", help="also the search for neighbours")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    sets = [_real(asked.vectors)] if asked.vectors else [made_vectors(int(n)) for n in asked.sizes.split(",")]
    print("| vectors | way | s | CPU s | peak MiB | neighbours preserved | trustworthiness |")
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    for vectors in sets:
        for name in asked.ways.split(","):
            package, way = WAYS[name]
            if importlib.util.find_spec(package) is None:
                print(f"{name}: {package} is not installed")
                continue
            _measure(name, way, vectors)
        if asked.placing:
            _placing(vectors)
        if asked.recall:
            _recall(vectors)


if __name__ == "__main__":
    main()
