"""Recipes without a network: the classifiers of `segue.genres` tell classes from vectors, fold by fold."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import UsageError
from segue.genres import Plan, Selection, check_voters, cross_validated, vote_of, voted, voters
from segue.progress import Progress
from segue.training.splits import heard_split

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from segue.experiments.folds import Fold
    from segue.experiments.inputs import Place
    from segue.experiments.recipe import Recipe
    from segue.experiments.task import Task
    from segue.training.contract import Split
    from segue.training.datasets.contract import Target
    from segue.types import Matrix


@dataclass(frozen=True, slots=True)
class ClassifierChoice:
    """Which classifier, on which columns.

    Attributes
    ----------
    name
        One of `segue.genres.classifier_names`, or an ensemble: ``vote-soft``, ``vote-hard``.
    selection
        Of columns, see `segue.genres.Selection`.
    balanced
        Rare classes weigh as much as common ones.
    """

    name: str
    selection: Selection = "all"
    balanced: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What was said of the test tracks of a split.

    Attributes
    ----------
    rows
        (n,) int64: the test tracks whose class is known.
    probabilities
        (n, n_classes) float32.
    settings
        That the validation tracks chose, by the name of the classifier.
    right
        Share of the validation tracks that it tells rightly with these; None of an ensemble, which chooses
        nothing, and without validation tracks.
    """

    rows: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    settings: dict[str, float]
    right: float | None


def tell_classes(
    choice: ClassifierChoice,
    vectors: Matrix,
    target: Target,
    split: Split,
    *,
    seed: int,
    progress: Progress | None = None,
) -> Told:
    """Learn classes from vectors and say those of the test tracks.

    Parameters
    ----------
    choice
        What learns; the validation tracks choose its setting.
    vectors : (n_tracks, dim) float32
        Of all tracks.
    target
        Classes; tracks whose class is not known are neither learned from nor asked.
    split
        Which tracks do what.
    seed
        Of what is drawn.
    progress
        Told of each classifier that is done.

    Raises
    ------
    UsageError
        If the target is no classes, or the training tracks show fewer than two.
    """
    _check_classes(choice.name, target)
    classes = target.values.astype(np.int64)
    learned = classes[np.concatenate([split.train, split.valid])]
    if len(np.unique(learned[learned >= 0])) < 2:
        raise UsageError("the training tracks show fewer than two classes: there is nothing to tell apart")
    held = [
        cross_validated(
            Plan(kind, choice.selection, choice.balanced),
            vectors,
            classes,
            n_classes=len(target.names),
            folds=[split],
            seed=seed,
            progress=progress,
        )
        for kind in voters(choice.name)
    ]
    said = voted([one.probabilities for one in held], vote_of(choice.name))
    return Told(
        rows=held[0].rows,
        probabilities=said.astype(np.float32),
        settings={kind: one.settings[0] for kind, one in zip(voters(choice.name), held, strict=True)},
        right=float(held[0].by_setting.max()) if len(held) == 1 and len(split.valid) else None,
    )


def check_classifier(choice: ClassifierChoice, task: Task, start: Path | None) -> None:
    """Refuse what cannot be made, before anything is heard.

    Raises
    ------
    UsageError
        If there is no such classifier, it cannot weigh classes, or the target is no classes.
    SegueError
        If its library is not installed.
    """
    if start is not None:
        raise UsageError(f"--from is for networks: {choice.name} goes on from nothing")
    _check_classes(choice.name, task.known)
    check_voters(choice.name, balanced=choice.balanced)


def classify(
    choice: ClassifierChoice,
    recipe: Recipe,
    task: Task,
    split: Split,
    place: Place,
    *,
    seed: int,
    progress: Progress,
) -> Fold:
    """A fold of a recipe with a classifier.

    Parameters
    ----------
    choice, recipe
        What learns, from which vectors.
    task, split
        On which tracks.
    place
        Where vectors are kept.
    seed
        Of what is drawn.
    progress
        Told of the work.
    """
    from segue.experiments.folds import Fold, FoldFacts
    from segue.experiments.inputs import silent_note, vectors_of

    matrix, available = vectors_of(recipe, task, place, progress)
    heard = heard_split(split, available)
    began = time.perf_counter()
    progress.start(f"fold {split.fold[0] + 1} of {split.fold[1]}, classifiers", len(voters(choice.name)))
    told = tell_classes(choice, matrix, task.known, heard, seed=seed, progress=progress)
    progress.finish()
    facts = FoldFacts(
        parameters=0,
        epochs=0,
        seconds=time.perf_counter() - began,
        valid_loss=None,
        accuracies={} if told.right is None else {"validation": told.right},
        device="cpu",
        note=silent_note(available),
        settings=told.settings,
    )
    said = told.probabilities
    scores = np.log(np.maximum(said, np.float32(1e-6)))
    return Fold(replace(heard, test=told.rows), said, np.zeros_like(said), scores, facts)


def settings_note(chosen: Sequence[dict[str, float]]) -> str:
    """Which settings the folds chose, in a line; empty: there were none to choose.

    >>> settings_note([{"knn": 9.0}, {"knn": 3.0}, {"knn": 9.0}])
    'settings chosen by the validation tracks of each fold: knn 9 9 3'
    """
    names = list(dict.fromkeys(name for one in chosen for name in one))
    parts = [
        " ".join([name, *(f"{value:g}" for value in sorted((one[name] for one in chosen), reverse=True))])
        for name in names
    ]
    return f"settings chosen by the validation tracks of each fold: {'; '.join(parts)}" if parts else ""


def _check_classes(name: str, target: Target) -> None:
    if target.kind != "class":
        raise UsageError(f"{name} tells classes, and the target is {target.kind}")
