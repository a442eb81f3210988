"""WMF measured: what Segue adds to `implicit` itself in time and memory, and how long a fold-in takes.

    python benchmarks/factors.py            # 20,000 listeners × 10,000 tracks, 1 M plays: half a minute
    python benchmarks/factors.py --full     # 100,000 × 30,000, 5 M plays

Needs no data: plays are drawn from listeners and tracks of 32 scenes, tracks as unevenly popular as in real
collections. Each way runs in a process of its own, in turn, and the median of three runs counts. Memory is
the highest resident size during the fit less that before it, when the plays were there already: confidences,
the transposed copy that `implicit` makes, factors. With the plays it is compared with the CSR matrix and
factors.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

SCENES = 32
RUNS = 3
ITERATIONS = 10
FACTORS = 64


def generated(n_listeners: int, n_tracks: int, n_plays: int, seed: int = 0) -> Any:
    """Plays of listeners who have two scenes each, ``(n_listeners, n_tracks)`` CSR float32.

    Listeners differ in how much they play, tracks in how popular they are (a power law).
    """
    from scipy.sparse import coo_array

    rng = np.random.default_rng(seed)
    popularity = np.arange(1, n_tracks + 1) ** -0.7
    scene_of = rng.integers(0, SCENES, n_tracks)
    busy = rng.lognormal(0, 1, n_listeners)
    homes = rng.integers(0, SCENES, (n_listeners, 2))
    listeners = rng.choice(n_listeners, n_plays, p=busy / busy.sum()).astype(np.int32)
    scenes = homes[listeners, rng.integers(0, 2, n_plays)]
    tracks = np.empty(n_plays, dtype=np.int32)
    for scene in range(SCENES):
        here, of_scene = np.flatnonzero(scenes == scene), np.flatnonzero(scene_of == scene)
        weights = popularity[of_scene] / popularity[of_scene].sum()
        tracks[here] = rng.choice(of_scene, len(here), p=weights)
    matrix = coo_array((np.ones(n_plays, np.float32), (listeners, tracks)), (n_listeners, n_tracks)).tocsr()
    matrix.sum_duplicates()
    return matrix


def peak_mb() -> float:
    """The highest resident size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def resident_mb() -> float:
    """The resident size of this process now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


def one_fit(way: str, file: Path) -> dict[str, float]:
    """Fit once, in this process, with `implicit` alone or through Segue."""
    import threadpoolctl
    from implicit.cpu.als import AlternatingLeastSquares
    from scipy.sparse import csr_array, csr_matrix, load_npz

    from segue.factors import WMFSettings, fit_wmf

    matrix = csr_array(load_npz(file))
    settings = WMFSettings(n_factors=FACTORS, n_iterations=ITERATIONS)
    weights = csr_matrix(matrix, copy=False)
    weights.data = (1 + settings.alpha * np.log1p(weights.data / settings.eps)).astype(np.float32)
    before = resident_mb()
    began = time.perf_counter()
    if way == "segue":
        fit_wmf(matrix, settings)
    else:
        with threadpoolctl.threadpool_limits(1, "blas"):
            model = AlternatingLeastSquares(FACTORS, regularization=600, iterations=ITERATIONS)
            model.fit(weights, show_progress=False)
    seconds = time.perf_counter() - began
    matrix_mb = (matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes) / 2**20
    return {
        "seconds": seconds,
        "added_mb": peak_mb() - before,
        "matrix_mb": matrix_mb,
        "own_mb": matrix_mb + sum(matrix.shape) * FACTORS * 4 / 2**20,
        "plays": matrix.nnz,
    }


def measured(way: str, file: Path) -> dict[str, float]:
    """`one_fit` in a process of its own."""
    command = [sys.executable, str(Path(__file__).resolve()), "--only", way, "--plays", str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def fold_in_ms(n_plays: int = 1_000, n_tracks: int = 30_000) -> float:
    """Median milliseconds to solve one listener."""
    import threadpoolctl

    from segue.factors import Solver, WMFSettings

    rng = np.random.default_rng(0)
    solver = Solver(rng.standard_normal((n_tracks, FACTORS), dtype=np.float32), WMFSettings())
    rows, plays = rng.choice(n_tracks, n_plays, replace=False), rng.integers(1, 20, n_plays)
    times = []
    with threadpoolctl.threadpool_limits(1, "blas"):
        for _ in range(201):
            began = time.perf_counter()
            solver.solve(rows, plays)
            times.append(time.perf_counter() - began)
    return 1_000 * statistics.median(times[1:])


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="100,000 listeners × 30,000 tracks, 5 M plays")
    parser.add_argument("--only", choices=["implicit", "segue"], help=argparse.SUPPRESS)
    parser.add_argument("--plays", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        print(json.dumps(one_fit(given.only, given.plays)))
        return
    from scipy.sparse import save_npz

    size = (100_000, 30_000, 5_000_000) if given.full else (20_000, 10_000, 1_000_000)
    ways: dict[str, list[dict[str, float]]] = {"implicit": [], "segue": []}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plays.npz"
        save_npz(file, generated(*size))
        for _ in range(RUNS):
            for way, runs in ways.items():
                runs.append(measured(way, file))
    plain, ours = (statistics.median(run["seconds"] for run in runs) for runs in ways.values())
    pairs = zip(ways["segue"], ways["implicit"], strict=True)
    ratio = statistics.median(one["seconds"] / other["seconds"] for one, other in pairs)
    last = ways["segue"][-1]
    memory = max(run["added_mb"] for run in ways["segue"])
    print(f"{size[0]:,} listeners × {size[1]:,} tracks, {int(last['plays']):,} pairs, {FACTORS} factors")
    print(f"implicit          {plain:8.2f} s for {ITERATIONS} iterations, median of {RUNS} runs")
    print(f"segue             {ours:8.2f} s, {ratio - 1:+.1%} (median of the runs' ratios)")
    print(f"matrix + factors  {last['own_mb']:8.0f} MB")
    whole = memory + last["matrix_mb"]
    print(f"peak with matrix  {whole:8.0f} MB, {whole / last['own_mb']:.1f} times that")
    print(f"fold-in           {fold_in_ms():8.2f} ms for 1,000 plays")


if __name__ == "__main__":
    main()
