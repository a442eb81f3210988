"""A playlist continued from a part of it, by content alone: which profile of a listener finds the rest?

    python benchmarks/tastes.py ../shared/data/playlists            # about four minutes
    python benchmarks/tastes.py ../shared/data/playlists --listeners 100

Vectors are the audio attributes of the tracks. A listener is one playlist, or two or four drawn at random
and joined; a fifth of the tracks is hidden, all tracks that the listener does not have are ranked. Figures:
AUC, Recall@50 (with a bootstrap interval), `served`, the share of a listener's playlists of which one hidden
track or more is among the fifty, and `least`, how many of the fifty are nearest to the playlist that has the
fewest of them, by how many there would be by its size (1: all as by size, 0: one is forgotten).
Compared: one mean, the k nearest, kernels of several widths with and without the correction of hubs, and
several tastes that take turns.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segue.neighbours import fit_neighbourhood, fit_scaling
from segue.ranking import Space, make_space
from segue.ranking.affinity import Closeness, affinities, closeness
from segue.ranking.hybrids import ranks
from segue.ranking.picking import turns
from segue.ranking.tastes import find_tastes, taste_weights

Ids = NDArray[np.int64]
Scores = NDArray[np.float32]
Profile = Callable[["Case"], tuple[Scores, Ids]]

ATTRIBUTES = (
    *("danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness", "instrumentalness"),
    *("liveness", "valence", "tempo", "duration_ms"),
)
TOP = 50
LEAST_TRACKS = 20


@dataclass(frozen=True)
class Case:
    """A listener: the known tracks, the hidden ones by playlist, and the likeness of all to the known."""

    known: Ids
    owner: Ids
    parts: tuple[Ids, ...]
    cosines: Scores
    closeness: Scores

    @property
    def hidden(self) -> Ids:
        """All hidden tracks."""
        return np.unique(np.concatenate(self.parts))


@dataclass(frozen=True)
class Columns:
    """Nothing but keys is known of the tracks here."""

    keys: Ids
    artist_code: Ids
    album_code: Ids
    year: Ids
    duration_s: NDArray[np.float64]
    titles: list[str]
    genres: list[tuple[str, ...]]


def library(folder: Path) -> tuple[Space, list[Ids]]:
    """The tracks as a space, and the playlists as rows of it."""
    import pyarrow.parquet as pq

    tracks = pq.read_table(folder / "tracks.parquet")
    plays = pq.read_table(folder / "plays.parquet", columns=["listener", "track"])
    ids = np.asarray(tracks["track"])
    vectors = np.stack([np.asarray(tracks[name], dtype=np.float32) for name in ATTRIBUTES], axis=1)
    vectors = np.nan_to_num(vectors)
    keys = np.arange(len(ids))
    blank = np.full(len(ids), -1)
    columns = Columns(keys, blank, blank, blank, np.zeros(len(ids)), [""] * len(ids), [()] * len(ids))
    space = make_space(fit_neighbourhood(keys, vectors, scaling=fit_scaling(vectors)), columns)
    order = np.argsort(ids)
    rows = order[np.searchsorted(ids, np.asarray(plays["track"]), sorter=order)]
    listener = np.asarray(plays["listener"])
    sets = [np.unique(rows[listener == one]) for one in np.unique(listener)]
    return space, [one for one in sets if len(one) >= LEAST_TRACKS]


def cases(
    space: Space, near: Closeness, playlists: list[Ids], joined: int, n: int, seed: int
) -> Iterator[Case]:
    """`n` listeners, each of `joined` playlists drawn at random."""
    rng = np.random.default_rng(seed)
    everything = np.arange(len(space))
    vectors = space.vectors(everything)
    for _ in range(n):
        drawn = rng.choice(len(playlists), joined, replace=False)
        tracks = rng.permutation(np.unique(np.concatenate([playlists[one] for one in drawn])))
        n_hidden = len(tracks) // 5
        hidden, known = tracks[:n_hidden], np.sort(tracks[n_hidden:])
        cosines = vectors @ vectors[known].T
        parts = tuple(np.intersect1d(playlists[one], hidden) for one in drawn)
        owner = np.argmax([np.isin(known, playlists[one]) for one in drawn], axis=0)
        yield Case(known, owner, parts, cosines, near.of(cosines, everything, known))


def one_mean(space: Space) -> Profile:
    """The cosine with the mean of the known tracks."""
    vectors = space.vectors(np.arange(len(space)))

    def profile(case: Case) -> tuple[Scores, Ids]:
        return best(vectors @ vectors[case.known].mean(axis=0), case.known)

    return profile


def nearest(k: int, *, corrected: bool) -> Profile:
    """The mean of the `k` nearest known tracks."""

    def profile(case: Case) -> tuple[Scores, Ids]:
        scores = case.closeness if corrected else case.cosines
        few = min(k, scores.shape[1])
        return best(-np.partition(-scores, few - 1, axis=1)[:, :few].mean(axis=1), case.known)

    return profile


def kernel(width: float, *, corrected: bool) -> Profile:
    """The sum of kernels around the known tracks."""

    def profile(case: Case) -> tuple[Scores, Ids]:
        scores = case.closeness if corrected else case.cosines / case.cosines.std()
        return best(np.exp(np.minimum(scores / width, 80)).sum(axis=1), case.known)

    return profile


def in_turns(space: Space, near: Closeness, width: float, most: int, others: float) -> Profile:
    """Kernels by taste, the other tastes counting a part in each; tastes choose in turn."""

    def profile(case: Case) -> tuple[Scores, Ids]:
        weights = np.ones(len(case.known))
        taste = find_tastes(space.vectors(case.known), weights, most=most)
        parts = taste_weights(taste, weights, others=others)
        columns = [ranks(sums) for sums in affinities(space, near, case.known, parts, width=width)]
        orders = [iter(np.argsort(-column, kind="stable")) for column in columns]
        taken = set(case.known.tolist())
        chosen: list[int] = []
        for turn in turns(np.bincount(taste).astype(np.float64), TOP):
            track = next(int(row) for row in orders[turn] if int(row) not in taken)
            taken.add(track)
            chosen.append(track)
        return np.max(columns, axis=0), np.array(chosen)

    return profile


def best(scores: Scores, known: Ids) -> tuple[Scores, Ids]:
    """The scores, and the first fifty that are not known."""
    open_ = scores.copy()
    open_[known] = -np.inf
    return scores, np.argsort(-open_, kind="stable")[:TOP]


def judged(case: Case, scores: Scores, chosen: Ids) -> tuple[float, float, float, float]:
    """AUC over the tracks that are not known, share of the hidden ones that are chosen, `served`, `least`."""
    others = np.ones(len(scores), dtype=np.bool_)
    others[case.known] = False
    rank = ranks(np.where(others, scores, np.nan).astype(np.float32))
    n, n_hidden = int(others.sum()), len(case.hidden)
    places = rank[case.hidden].astype(np.float64) * (n - 1)
    auc = (places.sum() - n_hidden * (n_hidden - 1) / 2) / (n_hidden * (n - n_hidden))
    served = np.mean([bool(np.isin(part, chosen).any()) for part in case.parts])
    of_owner = np.bincount(case.owner)
    anchors = case.owner[np.argmax(case.closeness[chosen], axis=1)]
    given = np.bincount(anchors, minlength=len(of_owner)) / len(chosen)
    least = (given / (of_owner / of_owner.sum())).min()
    return auc, len(np.intersect1d(chosen, case.hidden)) / min(n_hidden, TOP), float(served), float(least)


def main() -> None:
    """Print one table for each kind of listener."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--listeners", type=int, default=250)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    space, playlists = library(given.folder)
    near = closeness(space)
    profiles: dict[str, Profile] = {"one mean": one_mean(space)}
    for k in (1, 3, 10):
        profiles[f"{k} nearest"] = nearest(k, corrected=True)
    for width in (0.2, 0.35, 0.5):
        profiles[f"kernel {width}, hubs as they are"] = kernel(width, corrected=False)
    for width in (0.2, 0.35, 0.5, 0.7, 1.0, 1.4):
        profiles[f"kernel {width}"] = kernel(width, corrected=True)
    for most in (4, 8):
        for others in (0.0, 0.3, 0.6):
            name = f"kernel 1.0, up to {most} tastes, others {others}"
            profiles[name] = in_turns(space, near, 1.0, most, others)
    rng = np.random.default_rng(given.seed)
    for joined in (1, 2, 4):
        rows: dict[str, list[tuple[float, float, float, float]]] = {name: [] for name in profiles}
        for case in cases(space, near, playlists, joined, given.listeners // joined, given.seed):
            for name, profile in profiles.items():
                rows[name].append(judged(case, *profile(case)))
        print(
            f"listeners of {joined} playlist(s), {given.listeners // joined} of them; chance Recall@50 "
            f"{TOP / len(space):.4f}"
        )
        for name, values in rows.items():
            auc, recall, served, least = np.array(values).T
            draws = rng.integers(0, len(recall), (1_000, len(recall)))
            low, high = np.percentile(recall[draws].mean(axis=1), [2.5, 97.5])
            print(
                f"  {name:38} AUC {auc.mean():.3f}  Recall@50 {recall.mean():.3f} [{low:.3f}, {high:.3f}]"
                f"  served {served.mean():.3f}  least {least.mean():.2f}"
            )


if __name__ == "__main__":
    main()
