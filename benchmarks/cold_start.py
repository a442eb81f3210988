"""Compare every way from content to factors and write the tables of docs/cold-start.md.

    python benchmarks/cold_start.py ../shared/data

Two sets with content: playlists of tracks, and listeners of artists. Whole artists are held out; every method
chooses its settings on artists inside the rest.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from quality import write_table
from segue.evaluation import make_exam, split_by_artist
from segue.evaluation.ranking_report import Entry, ModelFigures, compare
from segue.factors import FactorScorer, WMFSettings, fit_wmf
from segue.factors.cold_start import METHODS, Content, fit_cold_start
from segue.factors.content import METHODS as REGRESSIONS
from segue.factors.content import Usage, fit_artists, fit_content
from segue.factors.wmf import confidences
from segue.listening import read_plays
from segue.operations.track_tables import positions, read_track_table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cold-start.md"
MIN_PLAYS = 5
N_FACTORS = 64


@dataclass(frozen=True, slots=True)
class Set:
    """Plays and content of the same tracks.

    Attributes
    ----------
    matrix
        (n_listeners, n_tracks) CSR.
    numeric : (n_tracks, n_columns) float64
        NaN where missing.
    artists : (n_tracks,) int64
        Of each track.
    """

    matrix: csr_array
    numeric: NDArray[np.float64]
    artists: NDArray[np.int64]


def read_set(folder: Path) -> Set:
    """The tables of one data set."""
    plays, _ = read_plays(folder / "plays.parquet")
    table = read_track_table(folder / "tracks.parquet", ignore=("averaged_tracks",))
    rows = positions(plays.tracks, table.tracks)
    numeric = np.column_stack([values[rows] for values in table.numeric.values()])
    names = [str(at) for at in rows] if table.artists is None else [table.artists[at] for at in rows]
    return Set(plays.matrix, numeric, np.unique(names, return_inverse=True)[1].astype(np.int64))


def placed(chosen: Set, out: NDArray[np.bool_], seed: int) -> Iterator[Entry]:
    """One line for each method that places tracks among tastes, then for each regression onto WMF factors."""
    train, content = chosen.matrix[:, np.flatnonzero(~out)].tocsr(), Content(chosen.numeric[~out])
    new = Content(chosen.numeric[out])
    groups = chosen.artists[~out]
    for method in (*METHODS, "auto"):
        model = fit_cold_start(train, content, groups=groups, method=method, seed=seed)
        name = f"**chosen: {model.method}**" if method == "auto" else method
        yield Entry(name, "model", (FactorScorer(model.listener_factors, model.predict(new)),))
    settings = WMFSettings(n_factors=N_FACTORS)
    listeners, tracks = fit_wmf(train, settings, seed=seed)
    known = np.flatnonzero(content.known() & (np.linalg.norm(tracks, axis=1) > 0))
    added = confidences(train, settings)
    added.data -= 1
    usage = Usage(added[:, known].T.tocsr(), listeners)
    for method in REGRESSIONS:
        onto = fit_content(
            content.rows(known), tracks[known], usage=usage, groups=groups[known], method=method
        )
        factors, _ = onto.predict(new)
        yield Entry(f"WMF, {method}", "model", (FactorScorer(listeners, factors),))
    rng = np.random.default_rng(seed)
    yield Entry(
        "content shuffled", "control", (FactorScorer(listeners, factors[rng.permutation(len(factors))]),)
    )


def with_artists(chosen: Set, out: NDArray[np.bool_], seed: int) -> Iterator[Entry]:
    """New tracks of known artists, by content with and without what is known of the artist."""
    train = chosen.matrix[:, np.flatnonzero(~out)].tocsr()
    listeners, tracks = fit_wmf(train, WMFSettings(n_factors=N_FACTORS), seed=seed)
    content, artists = Content(chosen.numeric[~out]), chosen.artists[~out]
    model = fit_content(content, tracks, groups=artists, method="kernel", seed=seed)
    predicted, _ = model.predict(Content(chosen.numeric[out]))
    means = fit_artists(content, tracks, artists, method="kernel", seed=seed)
    both = means.shrunk(predicted, chosen.artists[out])
    yield Entry("content alone", "model", (FactorScorer(listeners, predicted),))
    yield Entry("content and artist", "model", (FactorScorer(listeners, both),))


def table(entries: Iterator[Entry], chosen: Set, out: NDArray[np.bool_], seed: int) -> str:
    """Markdown: AUC and Recall@50 of every line with intervals over listeners."""
    n_known = np.diff(chosen.matrix[:, np.flatnonzero(~out)].tocsr().indptr)
    test = chosen.matrix[:, np.flatnonzero(out)].tocsr()
    unit = np.nan_to_num(chosen.numeric[out]).astype(np.float32)
    exam = make_exam(
        test, n_players=np.bincount(test.indices, minlength=test.shape[1]), likeness=unit, seed=seed
    )
    lines = ["| method | AUC | Recall@50 |", "| --- | --- | --- |"]
    for entry in entries:
        started = time.perf_counter()
        (figures,) = compare([entry], exam, n_known, min_plays=MIN_PLAYS, seed=seed)
        lines.append(f"| {entry.name} | {_cell(figures, 'auc')} | {_cell(figures, 'recall@50')} |")
        print(lines[-1], f"judged in {time.perf_counter() - started:.0f} s", flush=True)
    counted = int(np.sum(n_known[exam.listeners] >= MIN_PLAYS))
    return f"{counted:,} listeners, {test.shape[1]:,} new tracks.\n\n" + "\n".join(lines)


def _cell(figures: ModelFigures, name: str) -> str:
    figure = figures.figures[name]
    return f"{figure.value:.3f} ({figure.low:.3f} – {figure.high:.3f})"


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="folder with the folders playlists and artists")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    seed = given.seed
    for name in ("artists", "playlists"):
        chosen = read_set(given.data / name)
        known = np.flatnonzero(np.isfinite(chosen.numeric).any(axis=1))
        out = np.zeros(len(chosen.artists), dtype=bool)
        out[known] = split_by_artist(chosen.artists[known], 0.2, seed=seed)
        write_table(PAGE, name, table(placed(chosen, out, seed), chosen, out, seed))
    scattered = split_by_artist(np.arange(len(chosen.artists)), 0.2, seed=seed)
    scattered &= np.isin(chosen.artists, chosen.artists[~scattered])
    write_table(PAGE, "known-artists", table(with_artists(chosen, scattered, seed), chosen, scattered, seed))


if __name__ == "__main__":
    main()
