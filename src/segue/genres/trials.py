"""Classifiers tried on one task: cross-validated, kept as they come, the best one fitted on all tracks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from segue.files import whole_file
from segue.genres.calibration import fit_temperature, fit_temperature_of_each, probabilities_of_each
from segue.genres.classifiers import classifier_kind
from segue.genres.fitting import Fitted, HeldOut, Parts, Plan, cross_validated, fit_plan
from segue.genres.model import up_the_tree
from segue.genres.selection import Selection, permutation_importance
from segue.genres.several import best_thresholds, cross_validated_several, fit_several
from segue.genres.votes import vote_of, voted, voters
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Matrix

    Floats = NDArray[np.float64]

_FORMAT = 1


@dataclass(frozen=True, slots=True, eq=False)
class GenreTask:
    """What is to be told from what.

    Attributes
    ----------
    vectors
        (n_tracks, dim) float32.
    names
        Of the genres.
    truth
        (n_tracks,) int64, the genre of each track; or (n_tracks, n_genres) bool, where they may be several.
    folds
        Whose test tracks do not overlap, and together are all.
    parents
        The tree above the genres, by name of the child.
    seed
        Of what is drawn.
    """

    vectors: Matrix
    names: tuple[str, ...]
    truth: NDArray[np.int64] | NDArray[np.bool_]
    folds: Sequence[Parts]
    parents: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0

    @property
    def several(self) -> bool:
        """Whether a track may be of several genres."""
        return self.truth.ndim == 2


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What one classifier, or several that vote, said of tracks that they had not seen.

    Attributes
    ----------
    name
        Of the classifier or ensemble.
    probabilities
        (n_tracks, n_genres) float64.
    told
        (n_tracks, n_genres) bool: by thresholds of validation tracks; None unless several genres.
    choice
        How good it was on validation tracks: share right, or mean logarithmic likelihood of several genres.
    settings
        Of each voter, for all tracks.
    temperatures
        Of each voter.
    importance
        (dim,) float64, where columns were selected by it.
    """

    name: str
    probabilities: Floats
    told: NDArray[np.bool_] | None
    choice: float
    settings: tuple[float, ...]
    temperatures: tuple[float, ...]
    importance: Floats | None = None


def try_classifier(
    name: str,
    task: GenreTask,
    *,
    selection: Selection = "all",
    balanced: bool = False,
    kept: Path | None = None,
    progress: Progress | None = None,
) -> Trial:
    """Cross-validate a classifier, or those who vote under a name.

    Parameters
    ----------
    name
        Of `segue.genres.classifiers.classifier_names`, or of an ensemble.
    task
        What is told from what.
    selection, balanced
        As in `Plan`.
    kept
        A folder where each is kept; one that was tried before on the same task is read from there.
    progress
        Is told of folds.
    """
    progress = progress or Silent()
    plans = [Plan(voter, selection, balanced) for voter in voters(name)]
    if task.several:
        return _several(plans[0], task, progress)
    helds = [_kept(plan, task, kept, progress) for plan in plans]
    classes = task.truth.astype(np.int64)
    return Trial(
        name=name,
        probabilities=voted([held.probabilities for held in helds], vote_of(name)),
        told=None,
        choice=float(np.mean([held.by_setting.max(axis=1).mean() for held in helds])),
        settings=tuple(_best(plan, held.by_setting) for plan, held in zip(plans, helds, strict=True)),
        temperatures=tuple(fit_temperature(held.scores, classes[held.rows]) for held in helds),
        importance=helds[0].importance,
    )


def fit_trial(trial: Trial, task: GenreTask, *, selection: Selection, balanced: bool) -> list[Fitted]:
    """The classifiers of a trial, each learned from all tracks."""
    plans = [Plan(voter, selection, balanced) for voter in voters(trial.name)]
    if task.several:
        there = task.truth.astype(bool)
        return [fit_several(plans[0], task.vectors, there, setting=trial.settings[0], seed=task.seed)]
    return [
        fit_plan(
            plan,
            task.vectors,
            task.truth.astype(np.int64),
            setting=setting,
            seed=task.seed,
            importance=trial.importance,
        )
        for plan, setting in zip(plans, trial.settings, strict=True)
    ]


def thresholds_of(trial: Trial, task: GenreTask) -> NDArray[np.float32] | None:
    """From which probability each genre is told, by all tracks; None unless several genres."""
    return best_thresholds(trial.probabilities, task.truth.astype(bool)) if task.several else None


def learning_curve(
    trial: Trial, task: GenreTask, *, selection: Selection, balanced: bool, shares: Sequence[float]
) -> list[tuple[float, int, float]]:
    """Accuracy when less is learned from: share, tracks learned from (mean over folds), accuracy.

    Drawn evenly over the genres; of several voters the first is taken.
    """
    classes = task.truth.astype(np.int64)
    plan = Plan(voters(trial.name)[0], "all" if selection == "mda" else selection, balanced)
    points = []
    for share in shares:
        rights, sizes = [], []
        for number, fold in enumerate(task.folds):
            chance = np.random.default_rng([task.seed, number])
            rows = _some(np.concatenate([fold.train, fold.valid]), classes, share, chance)
            if len(np.unique(classes[rows])) < 2:
                continue
            fitted = fit_plan(
                plan, task.vectors[rows], classes[rows], setting=trial.settings[0], seed=task.seed
            )
            rights.append(fitted.predict(task.vectors[fold.test]) == classes[fold.test])
            sizes.append(len(rows))
        if rights:
            points.append((share, round(float(np.mean(sizes))), float(np.concatenate(rights).mean())))
    return points


def family_importance(
    trial: Trial, task: GenreTask, families: Sequence[str], *, balanced: bool
) -> list[tuple[str, int, float]]:
    """How much accuracy is lost when a family of columns is shuffled: name, columns, mean decrease.

    Measured on the test tracks of each fold by a classifier of its other tracks, on all columns; of several
    voters the first is taken. The most important comes first.

    Parameters
    ----------
    trial, task
        What was tried on what; one genre a track.
    families
        (dim,) names: what each column belongs to.
    balanced
        As in `Plan`.
    """
    classes = task.truth.astype(np.int64)
    plan = Plan(voters(trial.name)[0], "all", balanced)
    names = list(dict.fromkeys(families))
    groups = [np.flatnonzero(np.array(families) == name) for name in names]
    lost = []
    for number, fold in enumerate(task.folds):
        rows = np.concatenate([fold.train, fold.valid])
        fitted = fit_plan(plan, task.vectors[rows], classes[rows], setting=trial.settings[0], seed=task.seed)
        lost.append(
            permutation_importance(
                fitted.predict, task.vectors[fold.test], classes[fold.test], groups, seed=task.seed + number
            )
        )
    mean = np.mean(lost, axis=0)
    return [(names[at], len(groups[at]), float(mean[at])) for at in np.argsort(-mean, kind="stable")]


def _some(
    rows: NDArray[np.int64], classes: NDArray[np.int64], share: float, chance: np.random.Generator
) -> NDArray[np.int64]:
    """A share of the rows of each class, at least one."""
    mixed = chance.permutation(rows)
    parts = [mixed[classes[mixed] == one] for one in np.unique(classes[mixed])]
    return np.concatenate([part[: max(1, round(share * len(part)))] for part in parts])


def _several(plan: Plan, task: GenreTask, progress: Progress) -> Trial:
    there = task.truth.astype(bool)
    held = cross_validated_several(
        plan,
        task.vectors,
        there,
        folds=task.folds,
        names=task.names,
        parents=task.parents,
        seed=task.seed,
        progress=progress,
    )
    temperature = fit_temperature_of_each(held.scores, there[held.rows])
    likely = up_the_tree(probabilities_of_each(held.scores, temperature), task.names, task.parents)
    return Trial(
        name=plan.classifier,
        probabilities=likely,
        told=held.told,
        choice=float(held.by_setting.max(axis=1).mean()),
        settings=(_best(plan, held.by_setting),),
        temperatures=(temperature,),
    )


def _best(plan: Plan, by_setting: Floats) -> float:
    """The setting that the validation tracks of all folds like best, the first of equals."""
    return classifier_kind(plan.classifier).settings[int(np.argmax(by_setting.mean(axis=0)))]


def _kept(plan: Plan, task: GenreTask, kept: Path | None, progress: Progress) -> HeldOut:
    """Cross-validate, or read what an earlier run found of the same."""
    path = kept / f"{_fingerprint(plan, task)}.npz" if kept is not None else None
    found = _read(path) if path is not None else None
    if found is not None:
        for _ in task.folds:
            progress.advance()
        return found
    held = cross_validated(
        plan,
        task.vectors,
        task.truth.astype(np.int64),
        n_classes=len(task.names),
        folds=task.folds,
        seed=task.seed,
        progress=progress,
    )
    if path is not None:
        with whole_file(path) as out:
            np.savez(
                out,
                rows=held.rows,
                scores=held.scores,
                probabilities=held.probabilities,
                settings=np.array(held.settings),
                by_setting=held.by_setting,
                importance=np.zeros(0) if held.importance is None else held.importance,
            )
    return held


def _read(path: Path) -> HeldOut | None:
    """What is kept, if it is whole; what is damaged is made again."""
    try:
        with path.open("rb") as stored, np.load(stored, allow_pickle=False) as arrays:
            importance = arrays["importance"]
            return HeldOut(
                arrays["rows"],
                arrays["scores"],
                arrays["probabilities"],
                tuple(arrays["settings"].tolist()),
                arrays["by_setting"],
                importance if importance.size else None,
            )
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def _fingerprint(plan: Plan, task: GenreTask) -> str:
    """16 hexadecimal digits of all that makes a trial."""
    settings = classifier_kind(plan.classifier).settings
    said = [_FORMAT, plan.classifier, settings, plan.selection, plan.balanced, task.names, task.seed]
    digest = hashlib.sha256(json.dumps(said).encode())
    for array in (task.vectors, task.truth, *(rows for fold in task.folds for rows in _rows(fold))):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def _rows(fold: Parts) -> tuple[NDArray[np.int64], ...]:
    return fold.train, fold.valid, fold.test
