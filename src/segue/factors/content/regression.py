"""Content to given factors: the ways to predict where a track stands that nobody has played."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import UsageError
from segue.factors.content.folds import hold_out_groups
from segue.factors.content.inputs import Content, Inputs, fit_inputs
from segue.factors.content.kernel import KernelRidge, choose_kernel, fit_kernel_ridge
from segue.factors.content.nearest import Nearest
from segue.factors.content.network import NetworkSettings, fit_network
from segue.factors.content.objectives import mcos_objective, squares_objective, wpe_objective
from segue.factors.content.ridge import fit_ridge

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float32]
    Predict = Callable[[Floats], Floats]

_PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
_WIDTHS = (0.35, 1.4)
LINEAR_PENALTIES = (1.0, 10.0, 100.0, 1_000.0, 10_000.0)
"""What validation chooses among for linear ridge regression."""
_NEIGHBOURS = (10, 30, 100)
_NETWORK = NetworkSettings()


@dataclass(frozen=True, slots=True)
class ContentModel:
    """Predicts factors from content; see `fit_content`.

    Attributes
    ----------
    method
        One of `METHODS`.
    setting
        What validation chose for it.
    choices
        What each method explained of the factors of artists left out (R², 1 is all, 0 is their mean).
    """

    method: str
    setting: str
    choices: Mapping[str, float]
    inputs: Inputs
    regression: Predict
    centre: Floats
    scale: Floats
    doubt: KernelRidge

    def predict(self, content: Content) -> tuple[Floats, Floats]:
        """Factors and how uncertain each is.

        Returns
        -------
        factors : (n_tracks, n_factors) float32
            The mean of all factors where a track has no content.
        spread : (n_tracks,) float32
            0 is certain, 1 is nothing known nearby.
        """
        spread = np.where(content.known(), self.doubt.spread(self.inputs.of(content)), np.float32(1))
        return self.factors(content), spread.astype(np.float32)

    def factors(self, content: Content) -> Floats:
        """The factors alone, ``(n_tracks, n_factors) float32``, as `predict` gives them."""
        regressed = self.regression(self.inputs.of(content))
        standard = np.where(content.known()[:, None], regressed, np.float32(0))
        return np.asarray(standard * self.scale + self.centre, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Usage:
    """Who plays the tracks, for what is learned from plays beside factors.

    Attributes
    ----------
    added
        (n_tracks, n_listeners) CSR, what plays add to the confidence: ``c - 1``, above 0.
    listeners : (n_listeners, n_factors) float32
        Their factors.
    """

    added: csr_array
    listeners: Floats


@dataclass(frozen=True, slots=True)
class Lesson:
    """Training tracks, row by row.

    Attributes
    ----------
    inputs : (n, n_inputs) float32
        Their content.
    factors : (n, n_factors) float32
        As they were given.
    centre, scale : (n_factors,) float32
        What standardises them.
    usage
        Of the same tracks, where it is known.
    seed
        Of everything drawn.
    """

    inputs: Floats
    factors: Floats
    centre: Floats
    scale: Floats
    usage: Usage | None
    seed: int

    @property
    def targets(self) -> Floats:
        """The factors, standardised, ``(n, n_factors)``."""
        return np.asarray((self.factors - self.centre) / self.scale)

    @property
    def n_listeners(self) -> Floats:
        """Of each track, ``(n,)``; one each where usage is not known."""
        if self.usage is None:
            return np.ones(len(self.inputs), dtype=np.float32)
        return np.asarray(np.diff(self.usage.added.indptr), dtype=np.float32)

    def rows(self, chosen: NDArray[np.bool_]) -> Lesson:
        """Some of the tracks."""
        usage = None
        if self.usage is not None:
            usage = replace(self.usage, added=self.usage.added[np.flatnonzero(chosen)])
        return replace(self, inputs=self.inputs[chosen], factors=self.factors[chosen], usage=usage)


def _ridge(lesson: Lesson) -> dict[str, Predict]:
    """Linear, closed form."""
    models = fit_ridge(lesson.inputs, lesson.targets, LINEAR_PENALTIES)
    return {
        f"penalty {penalty:g}": model.predict for penalty, model in zip(LINEAR_PENALTIES, models, strict=True)
    }


def _kernel(lesson: Lesson) -> dict[str, Predict]:
    fitted: dict[str, Predict] = {}
    for width in _WIDTHS:
        kernel = choose_kernel(lesson.inputs, width=width, seed=lesson.seed)
        for model in fit_kernel_ridge(kernel, lesson.inputs, lesson.targets, _PENALTIES):
            fitted[f"width {width:g}, penalty {model.penalty:g}"] = model.predict
    return fitted


def _nearest(lesson: Lesson) -> dict[str, Predict]:
    weight = np.log1p(lesson.n_listeners)
    return {f"{k} nearest": Nearest(lesson.inputs, lesson.targets, weight, k).predict for k in _NEIGHBOURS}


def _squares(lesson: Lesson) -> dict[str, Predict]:
    return {"": _trained(lesson, squares_objective(lesson.targets))}


def _weighted_errors(lesson: Lesson) -> dict[str, Predict]:
    """WMF's own error; nothing where usage is not known."""
    if lesson.usage is None:
        return {}
    usage = lesson.usage
    return {"": _trained(lesson, wpe_objective(usage.added, usage.listeners, lesson.centre, lesson.scale))}


def _cosines(lesson: Lesson) -> dict[str, Predict]:
    """Directions by MCOS; every track gets the mean length."""
    outputs = _trained(lesson, mcos_objective(lesson.targets))
    length = np.float32(np.linalg.norm(lesson.targets, axis=1).mean())

    def predict(rows: Floats) -> Floats:
        found = outputs(rows)
        return np.asarray(found * (length / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)))

    return {"": predict}


def _trained(lesson: Lesson, objective: Callable[..., Floats]) -> Predict:
    return fit_network(lesson.inputs, lesson.targets.shape[1], objective, _NETWORK, seed=lesson.seed).outputs


METHODS: Mapping[str, Callable[[Lesson], dict[str, Predict]]] = {
    "ridge": _ridge,
    "kernel": _kernel,
    "nearest": _nearest,
    "mse": _squares,
    "wpe": _weighted_errors,
    "mcos": _cosines,
}
"""Every way, and its settings fitted at once: name → fit(lesson) → setting → predict."""


def fit_content(
    content: Content,
    factors: Floats,
    *,
    usage: Usage | None = None,
    groups: NDArray[np.int64] | None = None,
    method: str = "auto",
    seed: int = 0,
) -> ContentModel:
    """Learn to predict factors from content.

    Factors are centred and brought to unit variance first: what scales them by their extremes (min-max)
    leaves next to nothing of them.

    Parameters
    ----------
    content
        Of the tracks; those without any teach nothing.
    factors : (n_tracks, n_factors) float32
        Of the same tracks.
    usage : Usage, optional
        Who plays the tracks: ``wpe`` needs it, and ``nearest`` weighs neighbours by it.
    groups : (n_tracks,) int64, optional
        The artist of each track: settings are chosen on artists left out.
    method
        One of `METHODS`, or ``auto`` for the one that explains most of the factors of artists left out.
    seed
        Of everything drawn.

    Raises
    ------
    UsageError
        If there is no such method, usage is missing for it, or fewer than ten tracks have content.
    """
    if method != "auto" and method not in METHODS:
        raise UsageError(f"no method is called {method!r}: auto, {', '.join(METHODS)}")
    if method == "wpe" and usage is None:
        raise UsageError("wpe learns from plays: give the usage of the tracks, or choose another method")
    known = np.flatnonzero(content.known() & np.isfinite(factors).all(axis=1))
    if len(known) < 10:
        raise UsageError(f"{len(known)} tracks have both content and factors: at least 10 are needed")
    inputs = fit_inputs(content.rows(known))
    lesson = _lesson(inputs.of(content.rows(known)), factors[known], seed)
    if usage is not None:
        lesson = replace(lesson, usage=Usage(usage.added[known].tocsr(), usage.listeners))
    names = list(METHODS) if method == "auto" else [method]
    explained = _validated(lesson, known if groups is None else groups[known], names)
    name, setting = max(explained, key=lambda pair: explained[pair])
    kernel = choose_kernel(lesson.inputs, width=_WIDTHS[-1], seed=seed)
    return ContentModel(
        method=name,
        setting=setting,
        choices=_best_of_each(explained),
        inputs=inputs,
        regression=METHODS[name](lesson)[setting],
        centre=lesson.centre,
        scale=lesson.scale,
        doubt=fit_kernel_ridge(kernel, lesson.inputs, lesson.targets[:, :1], (1.0,))[0],
    )


def _lesson(inputs: Floats, factors: Floats, seed: int) -> Lesson:
    """Factors with what centres them and brings them to unit variance."""
    deviation = factors.std(axis=0, dtype=np.float64)
    scale = np.where(deviation > 1e-9, deviation, 1.0).astype(np.float32)
    centre = factors.mean(axis=0, dtype=np.float64).astype(np.float32)
    return Lesson(inputs, np.asarray(factors, dtype=np.float32), centre, scale, None, seed)


def _best_of_each(explained: Mapping[tuple[str, str], float]) -> dict[str, float]:
    best: dict[str, float] = {}
    for (name, _), value in explained.items():
        best[name] = max(value, best.get(name, -np.inf))
    return best


def _validated(lesson: Lesson, groups: NDArray[np.int64], names: list[str]) -> dict[tuple[str, str], float]:
    """R² of each method and setting on artists left out."""
    held = hold_out_groups(groups, seed=lesson.seed)
    targets = lesson.targets
    asked, truth = lesson.inputs[held], targets[held]
    total = float(((truth - targets[~held].mean(axis=0)) ** 2).sum())
    return {
        (name, setting): 1 - float(((predict(asked) - truth) ** 2).sum()) / max(total, 1e-12)
        for name in names
        for setting, predict in METHODS[name](lesson.rows(~held)).items()
    }
