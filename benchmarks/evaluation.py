"""What judging a recommender costs: listeners a second and peak memory, ranks taken in blocks.

    python benchmarks/evaluation.py [--full]

Synthetic factors and plays; the default is 2,000 listeners x 5,000 tracks, `--full` is 100,000 listeners
x 30,000 tracks with 5 million plays, a fifth of them held out. Every figure of the report is taken.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time

import numpy as np
from scipy.sparse import csr_array

from segue.evaluation import judge, make_exam
from segue.factors import FactorScorer, hold_out

_N_FACTORS = 64
_RUNS = 3  # the median counts; with --full one
_MOST_BYTES = 4e9


def plays(n_listeners: int, n_tracks: int, n_plays: int, rng: np.random.Generator) -> csr_array:
    """Plays whose tracks are popular as in the wild: the r-th is played as often as 1 / r ** 0.8 says."""
    chance = 1 / np.arange(1, n_tracks + 1) ** 0.8
    ends = np.cumsum(chance / chance.sum())
    tracks = np.minimum(np.searchsorted(ends, rng.random(n_plays)), n_tracks - 1)
    pairs = np.unique(rng.integers(0, n_listeners, n_plays) * n_tracks + tracks)
    ones = np.ones(len(pairs), dtype=np.float32)
    return csr_array((ones, (pairs // n_tracks, pairs % n_tracks)), shape=(n_listeners, n_tracks))


def main() -> None:
    """Measure and print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--full", action="store_true", help="100,000 listeners x 30,000 tracks")
    full = parser.parse_args().full
    n_listeners, n_tracks, n_plays = (100_000, 30_000, 5_000_000) if full else (2_000, 5_000, 100_000)
    rng = np.random.default_rng(0)
    training, test = hold_out(plays(n_listeners, n_tracks, n_plays, rng), share=0.2, seed=0)
    scorer = FactorScorer(
        rng.standard_normal((n_listeners, _N_FACTORS), dtype=np.float32),
        rng.standard_normal((n_tracks, _N_FACTORS), dtype=np.float32),
    )
    n_players = np.bincount(training.indices, minlength=n_tracks)
    exam = make_exam(test, played=training, n_players=n_players, likeness=scorer.track_factors, seed=0)
    times = []
    for _ in range(1 if full else _RUNS):
        began = time.perf_counter()
        judgement = judge(scorer, exam)
        times.append(time.perf_counter() - began)
    seconds = statistics.median(times)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1_024)
    print(
        f"{len(exam.listeners):,} listeners x {n_tracks:,} tracks, {len(judgement.values)} figures each: "
        f"{seconds:.1f} s, {len(exam.listeners) / seconds:,.0f} listeners a second, peak {peak / 1e9:.2f} GB"
    )
    if peak > _MOST_BYTES:
        sys.exit(f"peak memory above {_MOST_BYTES / 1e9:g} GB")


if __name__ == "__main__":
    main()
