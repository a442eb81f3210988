"""The cold-start protocol: tracks that nobody has played yet, ranked for each listener by content alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from segue.evaluation.judging import Exam, make_exam
from segue.evaluation.overlap import Overlap, overlap_by_cosine, overlap_by_dot
from segue.evaluation.own_tags import GivenTags, without_own_tags
from segue.evaluation.prediction import group_folds
from segue.evaluation.ranking_report import Entry, RankingReport, compare
from segue.evaluation.scorers import RandomScorer, SameForAll
from segue.factors.cold_start import ColdStart, Content, fit_cold_start
from segue.factors.scorers import FactorScorer
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Ints = NDArray[np.int64]
    Factors = NDArray[np.floating]
    WarmFit = Callable[..., tuple[NDArray[np.float32], NDArray[np.float32]]]

# Draws of the control whose content is shuffled: one alone favours some tracks by chance, for everybody.
_SHUFFLES = 5
_MOST_FOLDS = 20


class ColdStartFit(Protocol):
    """What `fit_cold_start` does."""

    def __call__(
        self, matrix: csr_array, content: Content, *, groups: Ints | None, seed: int, progress: Progress
    ) -> ColdStart: ...


@dataclass(frozen=True, slots=True)
class ColdTask:
    """Training plays, and new tracks with what was played of them later.

    Attributes
    ----------
    training : (n_listeners, n_training) csr_array
        Plays to learn from.
    content
        Of the training tracks.
    groups : (n_training,) int64
        The artist of each training track; what is chosen is chosen on artists left out.
    test : (n_listeners, n_test) csr_array
        Plays of the new tracks by the same listeners, to be judged by.
    test_content
        Of the new tracks; its tags are those of `given`.
    given
        Who tagged the new tracks, where tags are content.
    """

    training: csr_array
    content: Content
    groups: Ints
    test: csr_array
    test_content: Content
    given: GivenTags | None = None


@dataclass(frozen=True, slots=True)
class ColdResult:
    """The report, and the factors that make its first line.

    Attributes
    ----------
    report
        All figures.
    listener_factors : (n_listeners, n_factors) float32 or float64
        One row a listener of the training plays.
    track_factors : (n_test, n_factors) float32 or float64
        One row a new track; scores are dot products.
    """

    report: RankingReport
    listener_factors: Factors
    track_factors: Factors


def split_by_artist(artists: Ints, share: float, *, seed: int) -> NDArray[np.bool_]:
    """Choose whole artists whose tracks are held out, for figures of one's own.

    Parameters
    ----------
    artists : (n_tracks,) int64
        The artist of each track.
    share
        About how many of the tracks are held out, from 0.05 to 0.95; never all artists, never none.
    seed
        The same seed chooses the same artists.

    Returns
    -------
    held_out : (n_tracks,) bool

    Examples
    --------
    >>> split_by_artist(np.array([1, 1, 2, 2, 3, 3, 4, 4]), 0.25, seed=0).sum()
    np.int64(2)
    """
    share = min(max(share, 1 / _MOST_FOLDS), 1 - 1 / _MOST_FOLDS)
    n_folds = Fraction(share).limit_denominator(_MOST_FOLDS).denominator
    n_folds = min(n_folds, len(np.unique(artists)))
    n_out = min(max(1, round(share * n_folds)), n_folds - 1)
    return np.asarray(group_folds(artists, n_folds, seed=seed) < n_out)


def evaluate_cold(
    task: ColdTask,
    *,
    fit: ColdStartFit = fit_cold_start,
    warm_fit: WarmFit | None = None,
    min_plays: int = 5,
    seed: int = 0,
    progress: Progress | None = None,
) -> ColdResult:
    """Fit on the training part, place the new tracks by content, and judge the order each listener gets.

    Parameters
    ----------
    task
        What there is to learn from and to be judged by.
    fit
        The model; it sees training plays and content only, and chooses its settings there.
    warm_fit
        ``warm_fit(matrix, seed=…)`` gives listener and track factors: the bound that saw the test plays, and
        the true factors of the overlaps. Without it both are left out.
    min_plays
        How many training tracks a listener needs to count.
    seed, progress
        Of fitting and judging.

    Returns
    -------
    ColdResult

    Raises
    ------
    NothingFound
        If no listener counts.
    """
    progress = progress or Silent()
    model = fit(task.training, task.content, groups=task.groups, seed=seed, progress=progress)
    plain = model.predict(task.test_content)
    listeners, tracks = _placed(model, task, plain)
    n_players = np.bincount(task.test.indices, minlength=task.test.shape[1])
    exam = make_exam(task.test, n_players=n_players, likeness=_likeness(task.test_content, plain), seed=seed)
    warm = None if warm_fit is None else _warm_factors(warm_fit, task, seed)
    entries = _entries(model.method, listeners, tracks, n_players, warm, seed)
    n_known = np.diff(task.training.indptr)
    models = compare(entries, exam, n_known, min_plays=min_plays, seed=seed, progress=progress)
    counted = exam.listeners[n_known[exam.listeners] >= min_plays]
    predicted = (model.listener_factors, plain)
    report = RankingReport(
        protocol="cold-start",
        facts=_facts(task, exam, n_known, min_plays),
        models=models,
        chosen=model.method,
        choices=model.choices,
        settings=model.settings,
        overlap={} if warm is None else _overlap(warm, predicted, n_players, counted),
        notes=_notes(warm is not None),
        min_plays=min_plays,
        seed=seed,
    )
    return ColdResult(report, listeners, tracks)


def _placed(model: ColdStart, task: ColdTask, plain: Factors) -> tuple[Factors, Factors]:
    """Factors of listeners and new tracks; where there are tags, without each listener's own."""
    if task.given is None or task.test_content.tags is None:
        return model.listener_factors, plain
    numeric = task.test_content.numeric

    def predict(rows: Ints, tags: csr_array) -> Factors:
        return model.predict(Content(numeric[rows], tags))

    n_tracks, n_tags = task.test_content.tags.shape
    return without_own_tags(predict, model.listener_factors, task.given, n_tracks, n_tags)


def _entries(
    method: str,
    listeners: Factors,
    tracks: Factors,
    n_players: Ints,
    warm: tuple[Factors, Factors] | None,
    seed: int,
) -> list[Entry]:
    n_tracks = len(tracks)
    rng = np.random.default_rng(seed)
    shuffled = tuple(FactorScorer(listeners, tracks[rng.permutation(n_tracks)]) for _ in range(_SHUFFLES))
    centred = listeners - listeners.mean(axis=0)
    entries = [
        Entry(method, "model", (FactorScorer(listeners, tracks),)),
        Entry("item mean removed", "control", (FactorScorer(centred, tracks),)),
        Entry("content shuffled", "control", shuffled),
        Entry("popularity (training)", "control", (SameForAll(np.zeros(n_tracks, dtype=np.float32)),)),
        Entry("random", "control", (RandomScorer(n_tracks, seed),)),
        Entry("popularity (test)", "bound", (SameForAll(n_players.astype(np.float32)),)),
    ]
    if warm is not None:
        entries.append(Entry("warm (saw test plays)", "bound", (FactorScorer(*warm),)))
    return entries


def _warm_factors(warm_fit: WarmFit, task: ColdTask, seed: int) -> tuple[Factors, Factors]:
    """Factors of listeners and new tracks when the test plays are known."""
    from scipy.sparse import csr_array, hstack

    n_training = task.training.shape[1]
    both = csr_array(hstack([task.training, task.test], format="csr"))
    listeners, tracks = warm_fit(both, seed=seed)
    return listeners, tracks[n_training:]


def _overlap(
    warm: tuple[Factors, Factors], predicted: tuple[Factors, Factors], n_players: Ints, listeners: Ints
) -> dict[str, tuple[Overlap, ...]]:
    """Of the tracks that somebody plays, since the others have no true factors."""
    known = np.flatnonzero(n_players > 0)
    true_tracks, predicted_tracks = warm[1][known], predicted[1][known]
    true = (warm[0][listeners], true_tracks)
    guessed = (predicted[0][listeners], predicted_tracks)
    return {
        "cosine": overlap_by_cosine(true_tracks, predicted_tracks),
        "dot product": overlap_by_dot(true, guessed),
    }


def _likeness(content: Content, factors: Factors) -> NDArray[np.float32]:
    """Standardised attributes; where there are none, the predicted factors."""
    numeric = content.numeric
    known = np.isfinite(numeric)
    if not known.any():
        return factors.astype(np.float32)
    n = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, numeric, 0.0)
    mean = filled.sum(axis=0) / n
    offset = np.where(known, numeric - mean, 0.0)
    deviation = np.sqrt((offset**2).sum(axis=0) / n)
    return np.where(deviation > 0, offset / np.where(deviation > 0, deviation, 1), 0).astype(np.float32)


def _facts(task: ColdTask, exam: Exam, n_known: Ints, min_plays: int) -> dict[str, int]:
    return {
        "listeners count": int(np.sum(n_known[exam.listeners] >= min_plays)),
        "listeners with test plays": len(exam.listeners),
        "new tracks": task.test.shape[1],
        "test plays": task.test.nnz,
        "training tracks": task.training.shape[1],
        "training plays": task.training.nnz,
        "training artists": len(np.unique(task.groups)),
        "attributes": task.content.numeric.shape[1],
        "tags": 0 if task.content.tags is None else task.content.tags.shape[1],
    }


def _notes(with_warm: bool) -> tuple[str, ...]:
    notes: list[Any] = [
        "item mean removed: scores less the track's mean over listeners, so that only taste is left.",
        f"content shuffled: the new tracks' content handed to the wrong tracks (mean of {_SHUFFLES} draws).",
        "popularity (training): a new track has no plays, so all tie.",
        "popularity (test): counts the test plays themselves; nobody can know it beforehand.",
    ]
    if with_warm:
        notes.append("warm: factors fitted to training and test plays together; a bound, not a model.")
    return tuple(notes)
