"""Sound and other people's playlists brought together: which hybrid continues a playlist best?

    python benchmarks/hybrids.py ../shared/data/playlists           # about two minutes

Nine in ten playlists teach factors (WMF); the others, of 20 tracks or more, are continued: a fifth of their
tracks is hidden, the rest folded in. Most tracks are in no other playlist, so usage knows few of them. Mean
AUC and Recall@50 over playlists, with a bootstrap interval of the latter, for sound alone, usage alone and
each hybrid, over several draws of the playlists.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segue.factors.folding import Solver
from segue.factors.wmf import WMFSettings, fit_wmf
from segue.ranking import HYBRIDS, Evidence, Listens, Space, Usage, weigh
from segue.ranking.affinity import Closeness, affinities, closeness
from segue.ranking.hybrids import combine, ranks
from segue.ranking.usage import confident, rows_of, usage_scores
from tastes import Ids, Scores, library

TOP = 50


def usage_of(space: Space, playlists: list[Ids], seed: int) -> Usage:
    """Factors learned from playlists."""
    from scipy.sparse import csr_array

    rows = np.repeat(np.arange(len(playlists)), [len(one) for one in playlists])
    columns = np.concatenate(playlists)
    known = np.unique(columns)
    plays = csr_array(
        (np.ones(len(rows), np.float32), (rows, np.searchsorted(known, columns))),
        shape=(len(playlists), len(known)),
    )
    settings = WMFSettings(n_factors=32, alpha=20.0, confidence="linear", regularisation=10.0)
    _, factors = fit_wmf(plays, settings, seed=seed)
    of_library = np.full(len(space), -1)
    of_library[known] = np.arange(len(known))
    nothing = np.empty(0, dtype=np.int64)
    return Usage(
        track_factors=factors,
        of_library=of_library,
        learned=np.ones(len(known), dtype=np.bool_),
        heard=nothing,
        of_heard=nothing,
        fold_in=Solver(factors, settings),
    )


def evidence_of(known: Ids) -> Evidence:
    """One play of each track."""
    n = len(known)
    return weigh(
        Listens(
            heard=known,
            track=known,
            time_s=np.full(n, np.nan),
            skipped=np.zeros(n, dtype=np.int8),
            count=np.ones(n, dtype=np.int64),
        ),
        now_s=0.0,
    )


def columns_of(space: Space, near: Closeness, usage: Usage, known: Ids) -> dict[str, Scores]:
    """Scores of all tracks by each way."""
    evidence = evidence_of(known)
    positions = evidence.track
    sound = affinities(space, near, positions, evidence.liking[:, None])[0]
    rows = rows_of(usage, evidence, positions)
    everything = np.ones(len(evidence), dtype=np.bool_)
    plain = usage_scores(usage, evidence, rows, everything)
    boosted = usage_scores(usage, evidence, rows, everything, sound)
    trusted = confident(usage, evidence, rows)
    columns = {"sound alone": sound, "usage alone": np.nan_to_num(plain, nan=-1e9)}
    for kind in HYBRIDS:
        other = boosted if kind == "boosted" else plain
        for share in (0.25, 0.5, 0.75) if kind in ("weighted", "boosted") else (0.5,):
            name = f"{kind}, usage {share}" if kind in ("weighted", "boosted") else kind
            columns[name] = combine(kind, sound, other, trusted, share)
    return columns


def judged(scores: Scores, known: Ids, hidden: Ids) -> tuple[float, float]:
    """AUC and Recall@50 over the tracks that are not known."""
    open_ = scores.astype(np.float32)
    open_[known] = np.nan
    rank = ranks(open_)
    n, m = len(scores) - len(known), len(hidden)
    auc = (rank[hidden].astype(np.float64).sum() * (n - 1) - m * (m - 1) / 2) / (m * (n - m))
    best = np.argsort(-np.nan_to_num(rank, nan=-1.0), kind="stable")[:TOP]
    return float(auc), len(np.intersect1d(best, hidden)) / min(m, TOP)


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--draws", type=int, default=4)
    given = parser.parse_args()
    space, playlists = library(given.folder)
    near = closeness(space)
    values: dict[str, list[tuple[float, float]]] = {}
    for seed in range(given.draws):
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(playlists))
        held_out = order[: len(playlists) // 10]
        usage = usage_of(space, [playlists[one] for one in order[len(held_out) :]], seed)
        for one in held_out:
            tracks = rng.permutation(playlists[one])
            hidden, known = tracks[: len(tracks) // 5], np.sort(tracks[len(tracks) // 5 :])
            for name, scores in columns_of(space, near, usage, known).items():
                values.setdefault(name, []).append(judged(scores, known, hidden))
    rng = np.random.default_rng(0)
    for name, figures in values.items():
        auc, recall = np.array(figures).T
        draws: NDArray[np.float64] = recall[rng.integers(0, len(recall), (1_000, len(recall)))].mean(axis=1)
        low, high = np.percentile(draws, [2.5, 97.5])
        print(f"{name:24} AUC {auc.mean():.3f}  Recall@50 {recall.mean():.3f} [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    main()
