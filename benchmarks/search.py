"""Search compared: the exact index, the approximate one, and the engines that were candidates for it.

    python benchmarks/search.py                          # 10,000 and 100,000 vectors: a minute or two
    python benchmarks/search.py --sizes 1000000 --engines exact,segue,pq
    python benchmarks/search.py --engines all            # also usearch, voyager, faiss graphs: long builds

Needs no data. Two kinds of vectors are made, 200-dimensional like those of the default encoder: `clustered`
(2,000 styles in 32 dimensions and noise, as music is) and `gaussian` (no structure at all, the hardest case).
Each engine answers one query at a time with the ten nearest (`--nearest`); recall is against the exact
answer. Engines that keep rounded vectors read the float32 vectors of their best candidates, as Segue's index
does. Those that are not installed are passed.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
Ask = Callable[[Rows], NDArray[np.int64]]

_DIM = 200
_QUERIES = 100


@dataclass(frozen=True)
class Built:
    """An engine with its vectors in it; `ask` by setting, as `effort 256`."""

    build_s: float
    memory_mb: float
    settings: dict[str, Ask]


def vectors_of(kind: str, n: int, seed: int = 0) -> tuple[Rows, Rows]:
    """Unit rows ``(n, 200)``, and queries ``(100, 200)`` that are not among them."""
    rng = np.random.default_rng(seed)
    rows = n + _QUERIES
    if kind == "gaussian":
        vectors = rng.standard_normal((rows, _DIM), dtype=np.float32)
    else:
        spread = np.sqrt(1 / np.arange(1, 33, dtype=np.float32))[:, None]
        directions = rng.standard_normal((32, _DIM), dtype=np.float32) * spread
        sizes = np.arange(1, 2001) ** -0.7
        style = rng.choice(2_000, rows, p=sizes / sizes.sum())
        inner = rng.standard_normal((2_000, 32), dtype=np.float32)[style]
        vectors = (inner + 0.8 * rng.standard_normal((rows, 32), dtype=np.float32)) @ directions
        vectors += 0.3 * vectors.std() * rng.standard_normal((rows, _DIM), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors[:n], vectors[n:]


def exact_answers(vectors: Rows, queries: Rows, n: int) -> NDArray[np.int64]:
    """The nearest of each query, ``(q, n)``."""
    return np.stack([np.argpartition(-(vectors @ query), n)[:n] for query in queries])


def nearest_of(vectors: Rows, query: Rows, candidates: Any, n: int) -> NDArray[np.int64]:
    """The nearest among candidates, by their float32 vectors."""
    places = np.asarray(candidates).astype(np.int64)
    places = places[places >= 0]
    scores = np.einsum("ij,j->i", vectors[places], query)
    return places[np.argsort(-scores)[:n]]


def resident_mb() -> float:
    """Memory of this process, in MB; 0 where it cannot be told."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
    except OSError:
        return 0.0


def build_exact(vectors: Rows, n: int) -> dict[str, Ask]:
    from segue.neighbours import ExactIndex

    index = ExactIndex(_DIM)
    index.add(np.arange(len(vectors)), vectors)
    return {"": lambda query: index.search(query[None], n)[0][0]}


def build_segue(vectors: Rows, n: int) -> dict[str, Ask]:
    from segue.neighbours import ApproximateIndex

    index = ApproximateIndex(_DIM, seed=0)
    index.add(np.arange(len(vectors)), vectors)
    some = np.random.default_rng(1).random(len(vectors)) < 0.1
    few = np.random.default_rng(1).random(len(vectors)) < 0.01
    return {
        "": lambda query: index.search(query[None], n)[0][0],
        "filter 10 % *": lambda query: index.search(query[None], n, allowed=some)[0][0],
        "filter 1 % *": lambda query: index.search(query[None], n, allowed=few)[0][0],
    }


def build_pq(vectors: Rows, n: int) -> dict[str, Ask]:
    import faiss

    index = faiss.IndexPQFastScan(_DIM, _DIM // 2, 4, faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[:20_000])
    index.add(vectors)

    def ask(fetched: int) -> Ask:
        return lambda query: nearest_of(vectors, query, index.search(query[None], fetched)[1][0], n)

    return {f"fetch {fetched}": ask(fetched) for fetched in (300, 1000, 3000)}


def build_ivf(vectors: Rows, n: int) -> dict[str, Ask]:
    import faiss

    cells = int(4 * len(vectors) ** 0.5)
    index: Any = faiss.index_factory(_DIM, f"IVF{cells},PQ100x4fs", faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[:100_000])
    index.add(vectors)

    def ask(probes: int) -> Ask:
        def one(query: Rows) -> NDArray[np.int64]:
            index.nprobe = probes
            return nearest_of(vectors, query, index.search(query[None], 1000)[1][0], n)

        return one

    return {f"probes {probes}": ask(probes) for probes in (64, 256, 1024)}


def build_hnsw(vectors: Rows, n: int) -> dict[str, Ask]:
    import faiss

    index = faiss.IndexHNSWFlat(_DIM, 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 128
    index.add(vectors)

    def ask(effort: int) -> Ask:
        def one(query: Rows) -> NDArray[np.int64]:
            index.hnsw.efSearch = effort
            return np.asarray(index.search(query[None], n)[1][0])

        return one

    return {f"effort {effort}": ask(effort) for effort in (64, 256, 1024)}


def build_usearch(vectors: Rows, n: int) -> dict[str, Ask]:
    from usearch.index import Index

    index: Any = Index(ndim=_DIM, metric="ip", dtype="i8", connectivity=32, expansion_add=128)
    index.add(np.arange(len(vectors)), vectors)

    def ask(effort: int) -> Ask:
        def one(query: Rows) -> NDArray[np.int64]:
            index.expansion_search = effort
            return nearest_of(vectors, query, index.search(query, 3 * n).keys, n)

        return one

    return {f"effort {effort}": ask(effort) for effort in (64, 256, 1024)}


def build_voyager(vectors: Rows, n: int) -> dict[str, Ask]:
    voyager: Any = importlib.import_module("voyager")

    index = voyager.Index(voyager.Space.InnerProduct, _DIM, M=32, ef_construction=128)
    index.add_items(vectors)

    def ask(effort: int) -> Ask:
        return lambda query: np.asarray(index.query(query, n, query_ef=effort)[0]).astype(np.int64)

    return {f"effort {effort}": ask(effort) for effort in (64, 256, 1024)}


ENGINES: dict[str, Callable[[Rows, int], dict[str, Ask]]] = {
    "exact": build_exact,
    "segue": build_segue,
    "pq": build_pq,
    "ivf": build_ivf,
    "hnsw": build_hnsw,
    "usearch": build_usearch,
    "voyager": build_voyager,
}


def lines(kind: str, n: int, engines: list[str], nearest: int) -> Iterator[tuple[str, ...]]:
    """One line of the table for each engine and setting."""
    vectors, queries = vectors_of(kind, n)
    truth = exact_answers(vectors, queries, nearest)
    for engine in engines:
        memory, start = resident_mb(), time.perf_counter()
        try:
            settings = ENGINES[engine](vectors, nearest)
        except ImportError:
            continue
        built = Built(time.perf_counter() - start, max(0.0, resident_mb() - memory), settings)
        for setting, ask in built.settings.items():
            took, answers = [], []
            for query in queries:
                begun = time.perf_counter()
                answers.append(ask(query))
                took.append((time.perf_counter() - begun) * 1000)
            hits = [len(np.intersect1d(a, b)) / nearest for a, b in zip(truth, answers, strict=True)]
            recall = "" if setting.endswith("*") else f"{statistics.mean(hits):.3f}"
            p95 = sorted(took)[int(0.95 * len(took))]
            yield (
                kind, f"{n:,}", engine, setting.removesuffix(" *"), f"{built.build_s:.1f}",
                f"{statistics.median(took):.2f}", f"{p95:.2f}", recall, f"{built.memory_mb:.0f}",
            )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", default="10000,100000", help="numbers of vectors, by commas")
    parser.add_argument("--kinds", default="clustered,gaussian")
    parser.add_argument("--engines", default="exact,segue,pq", help=f"of {', '.join(ENGINES)}; or all")
    parser.add_argument("--nearest", type=int, default=10, help="how many are asked for (default: 10)")
    options = parser.parse_args()
    engines = list(ENGINES) if options.engines == "all" else options.engines.split(",")
    titles = (
        "vectors",
        "n",
        "engine",
        "setting",
        "build s",
        "query ms",
        "p95 ms",
        f"recall@{options.nearest}",
        "memory MB",
    )
    print(f"| {' | '.join(titles)} |\n|{' --- |' * len(titles)}", flush=True)
    for kind in options.kinds.split(","):
        for size in options.sizes.split(","):
            for line in lines(kind, int(size), engines, options.nearest):
                print(f"| {' | '.join(line)} |", flush=True)


if __name__ == "__main__":
    main()
