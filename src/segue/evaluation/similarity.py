"""The protocol of `segue evaluate similarity`: vectors judged by genre, artist and mood of their tracks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from segue.errors import VectorsError
from segue.evaluation import vector_metrics as metrics
from segue.evaluation.bootstrap import interval, mean_of
from segue.evaluation.controls import random_vectors, shuffled_vectors
from segue.evaluation.prediction import predict_genres, predict_moods
from segue.neighbours import standardise

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from segue.types import Matrix

    Floats = NDArray[np.float64]
    Statistic = Callable[[Floats], Floats]

MEASURES = {
    "genre_precision_at_10": "genre precision@10",
    "artist_hit_at_10": "same-artist hit@10",
    "artist_r_precision": "same-artist R-precision",
    "mood_correlation": "mood correlation",
    "genre_accuracy": "genre accuracy",
    "hubness": "hubness",
}
"""Every measure: its name in JSON and its name for people."""

# Fewer artists leave no folds to train on and no interval worth its name.
_FEWEST_ARTISTS = 5
_CONTROL_DRAWS = 3


@dataclass(frozen=True, slots=True)
class Labels:
    """What people wrote about the tracks, row by row as the vectors.

    Attributes
    ----------
    artists : (n,) int64
        A number for each artist.
    genres : (n,) int64 or None
        A number for each genre, -1 where unknown; None when there is no such column.
    moods : (n, n_moods) float64 or None
        NaN where unknown; None when there is no such column.
    mood_names
        One name for each column of `moods`.
    """

    artists: NDArray[np.int64]
    genres: NDArray[np.int64] | None = None
    moods: Floats | None = None
    mood_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure.

    Attributes
    ----------
    name
        A key of `MEASURES`.
    value
        The figure.
    low, high
        Its 95 % interval when artists are drawn again.
    control
        The same figure of vectors that know nothing.
    n_tracks, n_artists
        On how many it rests.
    better
        Which way is good.
    """

    name: str
    value: float
    low: float
    high: float
    control: float
    n_tracks: int
    n_artists: int
    better: Literal["higher", "lower"] = "higher"


@dataclass(frozen=True, slots=True)
class SimilarityReport:
    """All figures of one set of vectors.

    Attributes
    ----------
    encoder
        What made the vectors.
    dim
        Their length.
    n_tracks, n_artists
        How many were judged.
    measures
        In the order of `MEASURES`.
    left_out
        Measures that could not be taken, and why.
    moods
        The mood columns that were predicted.
    unmatched_vectors, unmatched_tracks
        Files that had vectors but no row, and rows that had no vector.
    seed
        Of folds, controls and intervals.
    """

    encoder: str
    dim: int
    n_tracks: int
    n_artists: int
    measures: tuple[Measure, ...]
    left_out: Mapping[str, str]
    moods: tuple[str, ...] = ()
    unmatched_vectors: tuple[str, ...] = ()
    unmatched_tracks: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one measure says of one set of vectors: the tracks asked, and a statistic over their weights."""

    rows: NDArray[np.intp]
    statistic: Statistic
    better: Literal["higher", "lower"] = field(default="higher")


def measure_similarity(vectors: Matrix, labels: Labels, *, encoder: str, seed: int = 0) -> SimilarityReport:
    """Take every measure that the labels allow.

    Parameters
    ----------
    vectors : (n, dim) float32
        Raw vectors; they are standardised over the set here.
    labels
        Of the same tracks, row by row.
    encoder
        Named in the report.
    seed
        Of folds, controls and intervals: the same seed gives the same figures.

    Returns
    -------
    SimilarityReport
        Nearest tracks are by cosine of the standardised vectors. The control of hubness is normally
        distributed vectors; of all others, the same vectors handed to the wrong tracks (mean of three draws).

    Raises
    ------
    VectorsError
        If the vectors are not one finite row for each track, or fewer than three.
    """
    vectors = _checked(vectors, len(labels.artists))
    taken: list[Measure] = []
    left_out: dict[str, str] = {}
    for name in MEASURES:
        measured = _missing(name, labels) or _measured(name, vectors, labels, seed)
        if isinstance(measured, Measure):
            taken.append(measured)
        else:
            left_out[name] = measured
    return SimilarityReport(
        encoder=encoder,
        dim=vectors.shape[1],
        n_tracks=len(vectors),
        n_artists=len(np.unique(labels.artists)),
        measures=tuple(taken),
        left_out=left_out,
        moods=labels.mood_names,
        seed=seed,
    )


def _measured(name: str, vectors: Matrix, labels: Labels, seed: int) -> Measure | str:
    """One figure with its interval and control, or why there is none."""
    answer = _answer(name, vectors, labels, seed)
    if len(answer.rows) == 0:
        return "no track has a neighbour to ask"
    artists = labels.artists[answer.rows]
    low, high = interval(artists, answer.statistic, seed=seed)
    return Measure(
        name=name,
        value=float(answer.statistic(np.ones((1, len(answer.rows))))[0]),
        low=low,
        high=high,
        control=_control(name, vectors, labels, seed),
        n_tracks=len(answer.rows),
        n_artists=len(np.unique(artists)),
        better=answer.better,
    )


def _checked(vectors: Matrix, n: int) -> Matrix:
    if vectors.ndim != 2 or vectors.shape[1] == 0:
        raise VectorsError(f"vectors must be one row a track, not an array of shape {vectors.shape}")
    if len(vectors) != n:
        raise VectorsError(f"{len(vectors)} vectors do not fit {n} tracks")
    if n < 3:
        raise VectorsError(f"{n} tracks have both a vector and a row: at least 3 are needed")
    if not np.isfinite(vectors).all():
        raise VectorsError("some vectors are not finite: make them again with segue embed")
    return np.ascontiguousarray(vectors, dtype=np.float32)


def _missing(name: str, labels: Labels) -> str | None:
    """Why the labels do not allow a measure, or None when they do."""
    artists = labels.artists
    if name.startswith("genre"):
        if labels.genres is None:
            return "the tracks have no column genre"
        known = labels.genres >= 0
        if len(np.unique(labels.genres[known])) < 2:
            return "the tracks are of fewer than two genres"
        return _few(artists[known], "a genre")
    if name.startswith("mood"):
        if labels.moods is None:
            return "the tracks have no mood columns"
        return _few(artists[np.isfinite(labels.moods).all(axis=1)], "moods")
    if name.startswith("artist") and np.unique(artists, return_counts=True)[1].max() < 2:
        return "no artist has two tracks"
    return None


def _few(artists: NDArray[np.int64], what: str) -> str | None:
    n = len(np.unique(artists))
    return (
        None
        if n >= _FEWEST_ARTISTS
        else f"only {n} artists with {what}: at least {_FEWEST_ARTISTS} are needed"
    )


def _answer(name: str, vectors: Matrix, labels: Labels, seed: int) -> _Answer:
    artists = labels.artists
    if name == "genre_accuracy":
        assert labels.genres is not None
        rows = np.flatnonzero(labels.genres >= 0)
        guess = predict_genres(vectors[rows], labels.genres[rows], artists[rows], seed=seed)
        return _Answer(rows, mean_of((guess == labels.genres[rows]).astype(np.float64)))
    if name == "mood_correlation":
        assert labels.moods is not None
        rows = np.flatnonzero(np.isfinite(labels.moods).all(axis=1))
        truth = labels.moods[rows]
        predicted = predict_moods(vectors[rows], truth, artists[rows], seed=seed)
        return _Answer(rows, lambda weights: metrics.pearson_r(truth, predicted, weights))
    unit = standardise(vectors)
    if name == "hubness":
        seen = metrics.occurrences(unit)
        return _Answer(np.arange(len(seen)), lambda weights: metrics.skewness(seen, weights), "lower")
    if name == "genre_precision_at_10":
        assert labels.genres is not None
        values = metrics.label_precision_at_k(unit, labels.genres, artists)
    elif name == "artist_hit_at_10":
        values = metrics.hit_at_k(unit, artists)
    else:
        values = metrics.r_precision(unit, artists)
    rows = np.flatnonzero(np.isfinite(values))
    return _Answer(rows, mean_of(values[rows]))


def _control(name: str, vectors: Matrix, labels: Labels, seed: int) -> float:
    figures = []
    for draw in range(_CONTROL_DRAWS):
        own = seed * _CONTROL_DRAWS + draw + 1
        if name == "hubness":
            stand_in = random_vectors(*vectors.shape, seed=own)
        else:
            stand_in = shuffled_vectors(vectors, seed=own)
        answer = _answer(name, stand_in, labels, seed)
        figures.append(float(answer.statistic(np.ones((1, len(answer.rows))))[0]))
    return float(np.mean(figures))
