"""Cold start: where a track that nobody has played stands among the tastes of listeners, by its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import UsageError
from segue.factors.content.folds import hold_out_groups
from segue.factors.content.inputs import Content, Inputs, fit_inputs
from segue.factors.content.placing import WAYS, Placement, Training, blend
from segue.factors.content.tastes import fit_tastes
from segue.factors.scorers import FactorScorer
from segue.factors.usage import checked, listeners_of
from segue.factors.validation import judge
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float32]

__all__ = ["METHODS", "ColdStart", "Content", "fit_cold_start"]

_FEW_TRACKS = 5_000
_DRAWS = 3  # of artists left out, where there are few tracks and one draw says little
_BLENDED = ("kernel", "network")
_BLEND = "kernel + network"
METHODS = (*WAYS, _BLEND)
"""What `fit_cold_start` can be told to use; it chooses among them by itself."""


@dataclass(frozen=True, slots=True)
class ColdStart:
    """Scores of new tracks for known listeners: ``listener_factors @ predict(content).T``.

    Attributes
    ----------
    listener_factors : (n_listeners, n_factors) float32
        One row a listener.
    method
        One of `METHODS`.
    settings
        What validation chose for each part of the method.
    choices
        What validation said of each method: AUC + Recall@50 on artists left out of the training part.
    """

    listener_factors: Floats
    method: str
    settings: Mapping[str, str]
    choices: Mapping[str, float]
    inputs: Inputs
    placement: Placement

    def predict(self, content: Content) -> Floats:
        """Factors of tracks by their content, ``(n_tracks, n_factors) float32``.

        Raises
        ------
        UsageError
            If the content has other columns than that of training.
        """
        return np.asarray(self.placement.place(self.inputs.of(content)), dtype=np.float32)


def fit_cold_start(
    matrix: csr_array,
    content: Content,
    *,
    groups: NDArray[np.int64] | None = None,
    method: str = "auto",
    seed: int = 0,
    progress: Progress | None = None,
) -> ColdStart:
    """Learn to place tracks by content; method and settings are chosen on artists left out.

    Parameters
    ----------
    matrix
        (n_listeners, n_tracks) CSR, plays; that there are plays counts, not how many.
    content
        Of the same tracks; tracks without content still tell which listeners are alike.
    groups : (n_tracks,) int64, optional
        The artist of each track; by default each track is an artist of its own.
    method
        One of `METHODS`, or ``auto`` for the best on validation.
    seed
        Of everything drawn; the same seed gives the same factors on one machine.
    progress
        Of what takes long.

    Raises
    ------
    UsageError
        If there is no such method, fewer than ten played tracks have content, or plays cannot be used.
    """
    progress = progress or Silent()
    if method != "auto" and method not in METHODS:
        raise UsageError(f"no method is called {method!r}: auto, {', '.join(METHODS)}")
    plays = checked(matrix)
    if content.numeric.shape[0] != plays.shape[1]:
        raise UsageError(f"content of {content.numeric.shape[0]} tracks does not fit {plays.shape[1]} tracks")
    known = np.flatnonzero(content.known() & (listeners_of(plays) > 0))
    if len(known) < 10:
        raise UsageError(f"{len(known)} played tracks have content: at least 10 are needed")
    artists = known if groups is None else np.asarray(groups)[known]
    ways = _ways(method)
    chosen, choices = _choose(plays, content, known, artists, ways, method, seed, progress)
    training, inputs = _training(plays, content, known, seed, progress)
    placement = _fitted(training, chosen)
    name = next(iter(chosen)) if len(chosen) == 1 else _BLEND
    return ColdStart(placement.listeners, name, chosen, choices, inputs, placement)


def _ways(method: str) -> tuple[str, ...]:
    if method == "auto":
        return tuple(WAYS)
    return _BLENDED if method == _BLEND else (method,)


def _training(
    plays: csr_array, content: Content, rows: NDArray[np.int64], seed: int, progress: Progress
) -> tuple[Training, Inputs]:
    """What is learned from; tastes from all plays, also of tracks without content."""
    known = content.rows(rows)
    inputs = fit_inputs(known)
    training = Training(inputs.of(known), plays[:, rows].tocsr(), fit_tastes(plays), seed, progress)
    return training, inputs


def _choose(
    plays: csr_array,
    content: Content,
    known: NDArray[np.int64],
    artists: NDArray[np.int64],
    ways: tuple[str, ...],
    method: str,
    seed: int,
    progress: Progress,
) -> tuple[dict[str, str], dict[str, float]]:
    """The setting of each part of the best method, and what validation said of every method."""
    draws = _DRAWS if len(known) <= _FEW_TRACKS else 1
    held = [hold_out_groups(artists, seed=seed + draw) for draw in range(draws)]
    exams = [_exam(plays, content, known, out, seed, progress) for out in held]
    placed = [
        {way: {setting: fit() for setting, fit in WAYS[way](exam.training).items()} for way in ways}
        for exam in exams
    ]

    def mean(of: Callable[[_Exam, dict[str, dict[str, Placement]]], Placement]) -> float:
        return float(np.mean([exam.figure(of(exam, one)) for exam, one in zip(exams, placed, strict=True)]))

    best: dict[str, str] = {}
    choices: dict[str, float] = {}
    for way in ways:
        figures = {
            setting: mean(lambda _, one, way=way, setting=setting: one[way][setting])  # type: ignore[misc]
            for setting in placed[0][way]
        }
        best[way] = max(figures, key=lambda setting: figures[setting])
        choices[way] = figures[best[way]]
    if set(_BLENDED) <= set(ways):
        choices[_BLEND] = mean(
            lambda exam, one: blend([one[way][best[way]] for way in _BLENDED], exam.training.inputs)
        )
    winner = method if method != "auto" else max(choices, key=lambda name: choices[name])
    return {way: best[way] for way in (_BLENDED if winner == _BLEND else (winner,))}, choices


@dataclass(frozen=True, slots=True)
class _Exam:
    """Artists left out of the training part: what is learned without them, and their tracks and plays."""

    training: Training
    asked: Floats
    truth: csr_array
    seed: int

    def figure(self, placement: Placement) -> float:
        scorer = FactorScorer(placement.listeners, placement.place(self.asked))
        return judge(scorer, _empty_like(self.truth), self.truth, seed=self.seed).figure


def _exam(
    plays: csr_array,
    content: Content,
    known: NDArray[np.int64],
    held: NDArray[np.bool_],
    seed: int,
    progress: Progress,
) -> _Exam:
    kept = np.ones(plays.shape[1], dtype=bool)
    kept[known[held]] = False
    seen = np.flatnonzero(kept)
    rows = np.searchsorted(seen, known[~held])
    training, inputs = _training(plays[:, seen].tocsr(), content.rows(seen), rows, seed, progress)
    return _Exam(training, inputs.of(content.rows(known[held])), plays[:, known[held]].tocsr(), seed)


def _empty_like(matrix: csr_array) -> csr_array:
    from scipy.sparse import csr_array

    return csr_array(matrix.shape, dtype=np.float32)


def _fitted(training: Training, chosen: Mapping[str, str]) -> Placement:
    """The chosen settings, learned from everything."""
    parts = [WAYS[way](training)[setting]() for way, setting in chosen.items()]
    return parts[0] if len(parts) == 1 else blend(parts, training.inputs)
