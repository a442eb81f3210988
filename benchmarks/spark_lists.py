"""Lists for all listeners measured: blocked products against an index, and what Spark adds.

    python benchmarks/spark_lists.py                       # one core: 10,000, 100,000 and 1,000,000 tracks
    python benchmarks/spark_lists.py --spark               # also `segue spark recommend` on two workers
    python benchmarks/spark_lists.py --tracks 100000 --listeners 5000

Needs no data: factors are drawn around 200 scenes, lengths unevenly as popularity makes them, and every
listener has two scenes and has played 50 tracks. The index is the one of large libraries
(`segue.neighbours.ApproximateIndex`), which finds cosines: a column more makes all tracks equally long, so
that the nearest are those of the highest product (Bachrach et al. 2014). It must find 50 more, since what was
played is taken out afterwards; its recall is the share of the right hundred that it finds. The ways take
turns, the median of three runs counts, and time is that of the processor: other work does not count.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

N_FACTORS = 64
N = 100
N_PLAYED = 50
N_SCENES = 200
RUNS = 3


def made(n_listeners: int, n_tracks: int, seed: int = 0) -> tuple[Any, Any, Any]:
    """Factors of listeners and of tracks, float32, and what each listener played, ``(n_listeners, 50)``."""
    rng = np.random.default_rng(seed)
    scenes = rng.standard_normal((N_SCENES, N_FACTORS), dtype=np.float32)
    tracks = scenes[rng.integers(0, N_SCENES, n_tracks)] + rng.standard_normal(
        (n_tracks, N_FACTORS), dtype=np.float32
    )
    tracks *= 0.04 * rng.lognormal(0, 0.8, (n_tracks, 1)).astype(np.float32)
    one, other = rng.integers(0, N_SCENES, (2, n_listeners))
    listeners = scenes[one] + scenes[other]
    listeners += rng.standard_normal(listeners.shape, dtype=np.float32)
    return listeners, tracks, rng.integers(0, n_tracks, (n_listeners, N_PLAYED))


def by_products(listeners: Any, tracks: Any, played: Any) -> Any:
    """The way of `segue spark recommend`."""
    from segue.evaluation.metrics import TrackLists
    from segue.spark.products import best_tracks

    excluded = TrackLists(np.arange(len(played) + 1) * N_PLAYED, played.ravel())
    return best_tracks(listeners, tracks, N, excluded=excluded).tracks


def made_index(tracks: Any) -> Any:
    """An index of the tracks, all brought to one length by one more column."""
    from segue.neighbours import ApproximateIndex

    squares = (tracks.astype(np.float64) ** 2).sum(axis=1)
    rows = np.column_stack([tracks, np.sqrt(squares.max() - squares)]) / np.sqrt(squares.max())
    index = ApproximateIndex(rows.shape[1], seed=0)
    index.add(np.arange(len(rows)), rows.astype(np.float32))
    return index


def by_index(index: Any, listeners: Any, played: Any) -> Any:
    """The nearest of an index, without what was played."""
    queries = np.pad(listeners, ((0, 0), (0, 1)))
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    found, _ = index.search(queries.astype(np.float32), N + N_PLAYED)
    lists = [row[~np.isin(row, own)][:N] for row, own in zip(found, played, strict=True)]
    return np.stack(lists)


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """How long it keeps the processor, and what it gives."""
    began = time.process_time()
    found = work()
    return time.process_time() - began, found


def compare(n_listeners: int, n_tracks: int) -> None:
    """Print what both ways cost on one core."""
    import faiss

    faiss.omp_set_num_threads(1)
    listeners, tracks, played = made(n_listeners, n_tracks)
    building, index = seconds(lambda: made_index(tracks))
    times: dict[str, list[float]] = {"products": [], "index": []}
    for _ in range(RUNS):
        took, right = seconds(lambda: by_products(listeners, tracks, played))
        times["products"].append(took)
        took, near = seconds(lambda: by_index(index, listeners, played))
        times["index"].append(took)
    recall = np.mean([len(np.intersect1d(one, other)) / N for one, other in zip(right, near, strict=True)])
    for way, runs in times.items():
        each = statistics.median(runs) / n_listeners
        said = "exact" if way == "products" else f"recall {recall:.3f}, built in {building:.1f} s"
        print(
            f"{n_tracks:>9,} tracks, {way:>8}: {each * 1e3:6.3f} ms a listener, {1 / each:7,.0f} listeners a "
            f"second and core, {each * 1e3 / (n_tracks / 1e6):6.2f} core-seconds for 1,000 listeners and 1 M "
            f"tracks ({said})",
            flush=True,
        )


def on_spark(n_listeners: int, n_tracks: int, master: str) -> None:
    """Print what the whole command costs on two workers, and what of it is products."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from segue.spark.factor_files import FILE, FactorHeader, header_as_json
    from segue.spark.recommend import Asked, write_lists
    from segue.spark.session import connected

    listeners, tracks, played = made(n_listeners, n_tracks)
    alone, _ = seconds(lambda: by_products(listeners[:512], tracks, played[:512]))
    with tempfile.TemporaryDirectory() as place:
        header = FactorHeader("0" * 16, n_listeners, n_tracks, N_FACTORS, played.size)
        folder = Path(place, "factors")
        for name, column, rows in (
            (header.listener_folder, "listener", listeners),
            (header.track_folder, "track", tracks),
        ):
            (folder / name).mkdir(parents=True)
            offsets = np.arange(len(rows) + 1, dtype=np.int32) * N_FACTORS
            factors = pa.ListArray.from_arrays(offsets, rows.ravel())
            labels = [f"{column} {row:09}" for row in range(len(rows))]
            pq.write_table(pa.table({column: labels, "factor": factors}), folder / name / "part-0.parquet")
        (folder / FILE).write_text(header_as_json(header))
        table = {
            "listener": [f"listener {row:09}" for row in np.repeat(np.arange(n_listeners), N_PLAYED)],
            "track": [f"track {row:09}" for row in played.ravel()],
        }
        pq.write_table(pa.table({**table, "plays": np.ones(played.size)}), Path(place, "plays.parquet"))
        with connected(master, job="benchmark of lists") as session:
            for plays in (None, f"{place}/plays.parquet"):
                asked = Asked(n=N, plays=plays)
                began = time.perf_counter()
                write_lists(session, str(folder), f"{place}/lists", asked)
                took = time.perf_counter() - began
                share = alone / 512 * n_listeners / 2 / took
                left_out = "with plays to leave out" if plays else "all tracks"
                print(
                    f"{n_tracks:>9,} tracks, {n_listeners:,} on {master}, {left_out}: {took:.1f} s, "
                    f"of which products on two cores would take {share:.0%}; "
                    f"{2 * took / n_listeners * 1e3:.2f} core-seconds for 1,000 listeners",
                    flush=True,
                )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tracks", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--listeners", type=int, default=1_024)
    parser.add_argument("--spark", action="store_true", help="also the whole command")
    parser.add_argument("--spark-listeners", type=int, default=20_000)
    parser.add_argument("--master", default="local-cluster[2,1,2048]")
    given = parser.parse_args()
    for n_tracks in given.tracks:
        compare(given.listeners, n_tracks)
        if given.spark:
            on_spark(given.spark_listeners, n_tracks, given.master)


if __name__ == "__main__":
    main()
