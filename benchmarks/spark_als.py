"""Factors on a cluster beside one machine: seconds, cores, memory and bytes sent, and how good the lists are.

    python benchmarks/spark_als.py                 # 2,000 to 20,000 listeners, up to 1 M plays
    python benchmarks/spark_als.py --full          # 100,000 × 30,000, 5 M plays, as well
    python benchmarks/spark_als.py --data FOLDER   # quality on the plays.parquet of a folder instead

Plays are made as in `benchmarks/factors.py`. Spark runs with two executors of one core on this machine (or
on --master), `segue factors fit` in a process of its own. Core seconds are those that the system counts for
all processes of a side, so other work on the machine changes them little; wall time it does. Quality is on a
fifth of the plays held out, one machine's figure less the cluster's, with 95 % intervals over listeners.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from factors import generated
from segue.factors import FactorScorer, WMFSettings, fit_wmf, hold_out, load_factors
from segue.progress import Silent

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SIZES = ((2_000, 1_000, 100_000), (8_000, 4_000, 300_000), (20_000, 10_000, 1_000_000))
FULL = (100_000, 30_000, 5_000_000)
ITERATIONS = 8
EXECUTOR_MB = 3_000
MASTER = f"local-cluster[2,1,{EXECUTOR_MB}]"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def tree() -> dict[int, tuple[float, int]]:
    """CPU seconds and resident bytes of all processes below this one, by process."""
    found: dict[int, tuple[int, float, int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parts = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        seconds = sum(map(int, parts[11:15])) / TICKS
        found[int(entry.parent.name)] = (int(parts[1]), seconds, int(parts[21]) * PAGE)
    below = {os.getpid()}
    while more := {pid for pid, (parent, _, _) in found.items() if parent in below} - below:
        below |= more
    return {pid: found[pid][1:] for pid in below - {os.getpid()} if pid in found}


@dataclass
class Meter(Silent):
    """Notes time, core seconds and bytes shuffled at the end of each phase, and the peak of memory."""

    session: SparkSession
    phases: dict[str, dict[str, float]] = field(default_factory=dict)
    peak_bytes: int = 0
    _label: str = ""
    _began: dict[str, float] = field(default_factory=dict)

    def now(self) -> dict[str, float]:
        executors = self.session.sparkContext._jsc.sc().statusStore().executorList(False)
        summaries = [executors.apply(at) for at in range(executors.size())]
        return {
            "seconds": time.perf_counter(),
            "core_s": sum(seconds for seconds, _ in tree().values()),
            "sent_mb": sum(one.totalShuffleWrite() for one in summaries) / 1e6,
        }

    def start(self, label: str, total: int | None) -> None:
        self._label, self._began = label.partition(",")[0], self.now()

    def finish(self) -> None:
        self.phases[self._label] = {name: value - self._began[name] for name, value in self.now().items()}

    def watch(self, done: threading.Event) -> None:
        while not done.wait(0.5):
            self.peak_bytes = max(self.peak_bytes, sum(size for _, size in tree().values()))


def on_cluster(master: str, plays: Path, output: Path, settings: WMFSettings) -> dict[str, Any]:
    """Fit once on a cluster: figures by phase."""
    from segue.spark.als import fit
    from segue.spark.session import connected

    os.environ.setdefault(
        "PYSPARK_SUBMIT_ARGS", f"--conf spark.executor.memory={EXECUTOR_MB - 500}m pyspark-shell"
    )
    began = time.perf_counter()
    with connected(master, job="benchmark") as session:
        meter, done = Meter(session), threading.Event()
        connected_s = time.perf_counter() - began
        watcher = threading.Thread(target=meter.watch, args=(done,), daemon=True)
        watcher.start()
        fit(session, str(plays), str(output), settings, progress=meter)
        done.set()
        watcher.join()
    return {"phases": meter.phases, "peak_mb": meter.peak_bytes / 1e6, "connected_s": connected_s}


def on_one_machine(plays: Path, output: Path, settings: WMFSettings) -> dict[str, float]:
    """Fit once in this process: what `segue factors fit` does."""
    from segue.operations.factors import fit_factors

    began, cores = time.perf_counter(), time.process_time()
    fit_factors(plays, output, settings=settings)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "seconds": time.perf_counter() - began,
        "core_s": time.process_time() - cores,
        "peak_mb": peak,
    }


def in_own_process(way: str, master: str, plays: Path, output: Path, settings: WMFSettings) -> Any:
    """One of the two, in a process of its own."""
    given = [way, master, str(plays), str(output), json.dumps([settings.n_factors, settings.n_iterations])]
    done = subprocess.run(
        [sys.executable, str(Path(__file__).resolve()), "--only", *given], stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        sys.exit(f"{way} failed")
    return json.loads(done.stdout.splitlines()[-1])


@dataclass(frozen=True)
class Cost:
    """What one size cost, in core seconds, and MB that the cluster sent while it factorised."""

    millions: float
    one_machine: float
    reading: float
    factorising: float
    sent_mb: float


def compare_costs(size: tuple[int, int, int], n_factors: int, master: str) -> Cost:
    """Print what one size costs on both sides."""
    settings = WMFSettings(n_factors=n_factors, n_iterations=ITERATIONS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pairs = generated(*size).tocoo()
        table = pa.table({"listener": pairs.row, "track": pairs.col, "plays": pairs.data})
        pyarrow.parquet.write_table(table, folder / "plays.parquet")
        one, many = (
            in_own_process(way, master, folder / "plays.parquet", folder / way, settings)
            for way in ("here", "cluster")
        )
    million = pairs.nnz / 1e6
    print(f"{size[0]:,} × {size[1]:,}, {pairs.nnz:,} pairs, {n_factors} factors, {ITERATIONS} iterations")
    print(f"  one machine {one['seconds']:8.1f} s {one['core_s']:8.1f} core s {one['peak_mb']:8.0f} MB")
    for phase, cost in many["phases"].items():
        line = f"  {phase:<15} {cost['seconds']:8.1f} s {cost['core_s']:8.1f} core s"
        line += f" {cost['sent_mb']:8.0f} MB sent"
        if phase == "factorising":
            line += f", {cost['core_s'] / ITERATIONS / million:.1f} core s a million pairs and iteration"
        print(line)
    print(
        f"  connecting      {many['connected_s']:8.1f} s; peak of all processes {many['peak_mb']:.0f} MB",
        flush=True,
    )
    reading, factorising = (many["phases"][phase] for phase in ("reading plays", "factorising"))
    return Cost(million, one["core_s"], reading["core_s"], factorising["core_s"], factorising["sent_mb"])


def print_growth(less: Cost, more: Cost) -> None:
    """Print what a million pairs more cost."""
    added = more.millions - less.millions
    rounds = added * ITERATIONS
    print(
        f"a million pairs more: reading {(more.reading - less.reading) / added:.1f} core s, an iteration "
        f"{(more.factorising - less.factorising) / rounds:.1f} core s and "
        f"{(more.sent_mb - less.sent_mb) / rounds:.0f} MB sent; one machine "
        f"{(more.one_machine - less.one_machine) / rounds:.2f} core s an iteration, all in all"
    )


def compare_quality(folder: Path, n_factors: int, master: str) -> None:
    """Print how much better one machine's lists are on plays held out."""
    from segue.evaluation import intervals_of_means, judge, make_exam
    from segue.listening import read_plays

    usage, _ = read_plays(folder / "plays.parquet")
    train, held = hold_out(usage.matrix, seed=1)
    settings = WMFSettings(n_factors=n_factors, n_iterations=ITERATIONS)
    pairs = train.tocoo()
    sides = [np.zeros((n, n_factors), np.float32) for n in train.shape]
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        table = pa.table({"listener": pairs.row, "track": pairs.col, "plays": pairs.data})
        pyarrow.parquet.write_table(table, place / "plays.parquet")
        in_own_process("cluster", master, place / "plays.parquet", place / "out", settings)
        found = load_factors(place / "out")
    sides[0][found.listeners.astype(int)] = found.listener_factors
    sides[1][found.tracks.astype(int)] = found.track_factors
    n_players = np.bincount(train.indices, minlength=train.shape[1])
    likeness = np.zeros((train.shape[1], 1), np.float32)
    exam = make_exam(held, played=train, n_players=n_players, likeness=likeness, seed=0)
    one = judge(FactorScorer(*fit_wmf(train, settings)), exam).values
    other = judge(FactorScorer(*sides), exam).values
    print(f"{folder.name}: {len(exam.listeners):,} listeners, {train.nnz:,} pairs, {n_factors} factors")
    for figure in ("auc", "recall@50", "ndcg@10"):
        lost = one[figure] - other[figure]
        low, high = intervals_of_means(lost[:, None], seed=0)
        means = f"one machine {np.nanmean(one[figure]):.4f}, cluster {np.nanmean(other[figure]):.4f}"
        difference = f"{np.nanmean(lost):+.4f} ({low[0]:+.4f} to {high[0]:+.4f})"
        print(f"  {figure:<10} {means}, difference {difference}", flush=True)


def main() -> None:
    """Measure, and print."""
    if sys.argv[1:2] == ["--only"]:
        way, master, plays, output, numbers = sys.argv[2:]
        n_factors, n_iterations = json.loads(numbers)
        settings = WMFSettings(n_factors=n_factors, n_iterations=n_iterations)
        if way == "here":
            print(json.dumps(on_one_machine(Path(plays), Path(output), settings)))
        else:
            print(json.dumps(on_cluster(master, Path(plays), Path(output), settings)))
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="100,000 listeners × 30,000 tracks as well")
    parser.add_argument("--data", type=Path, nargs="*", help="folders with plays.parquet: compare quality")
    parser.add_argument("--n-factors", type=int, default=64)
    parser.add_argument("--master", default=MASTER)
    given = parser.parse_args()
    if given.data:
        for folder in given.data:
            compare_quality(folder, given.n_factors, given.master)
        return
    sizes = (*SIZES, *([FULL] if given.full else []))
    costs = [compare_costs(size, given.n_factors, given.master) for size in sizes]
    print_growth(*costs[-2:])


if __name__ == "__main__":
    main()
