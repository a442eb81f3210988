"""What is to be learned from which tracks, and which tracks judge: one task for all compared models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import NothingFound, UsageError
from segue.experiments.runs import Size, fingerprint
from segue.experiments.targets import Derived, derive_target
from segue.progress import Progress, Silent
from segue.training.datasets.opening import open_dataset
from segue.training.splits import apart_notes, fold_splits, split_tracks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.experiments.recipe import Recipe
    from segue.training.contract import Split
    from segue.training.datasets.contract import Dataset, Target
    from segue.types import Matrix


@dataclass(frozen=True, slots=True)
class Data:
    """Which data, as a person names them.

    Attributes
    ----------
    folder
        Of the data set.
    labels
        A table of labels for the audio in it.
    reader
        What kind of data set it is; found out where empty.
    without_faults
        Whether known faults and equal recordings are left out.
    target
        What is learned; empty: the first that the recipe wants and the data can give.
    tracks
        At most so many; 0: all.
    """

    folder: Path
    labels: Path | None = None
    reader: str = ""
    without_faults: bool = False
    target: str = ""
    tracks: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A task, ready for every model.

    Attributes
    ----------
    dataset
        The tracks whose target is known.
    target
        The name of what is learned.
    listeners
        (n_listeners, n_factors) float32, where the target is factors.
    splits
        One a fold.
    seed
        Of splits and of everything after them.
    tracks
        At most so many were taken; 0: all.
    notes
        What a reader must know.
    fingerprint
        Of the tracks and what is stored about them; what was made of it (factors, kinds) is left out.
    """

    dataset: Dataset
    target: str
    listeners: Matrix | None
    splits: tuple[Split, ...]
    seed: int
    tracks: int
    notes: tuple[str, ...]
    fingerprint: str

    @property
    def known(self) -> Target:
        """What is to be learned."""
        return self.dataset.target(self.target)

    @property
    def size(self) -> Size:
        """How much data there is."""
        return Size(
            tracks=len(self.dataset),
            artists=len(set(self.dataset.artists) - {""}),
            train=round(float(np.mean([len(split.train) for split in self.splits]))),
            valid=round(float(np.mean([len(split.valid) for split in self.splits]))),
            test=sum(len(split.test) for split in self.splits),
            classes=len(self.known.names),
        )


def open_task(recipe: Recipe, data: Data, *, seed: int, progress: Progress | None = None) -> Task:
    """Read the data, make the target, draw the split.

    Parameters
    ----------
    recipe
        Says which targets will do, how they are made, and how tracks are split.
    data
        Where they are.
    seed
        Of made targets, of the choice of tracks, and of the split.
    progress
        Told of the work.

    Raises
    ------
    UsageError
        If the folder is no data set, or it lacks what the recipe wants.
    NothingFound
        If the target of no track is known.
    """
    progress = progress or Silent()
    opened = dataset = open_dataset(
        data.folder, labels=data.labels, reader=data.reader or None, without_faults=data.without_faults
    )
    heard = recipe.hears_targets
    if heard:
        dataset = _derived(heard, recipe, data, dataset, seed, progress)[1].dataset
    wanted = (data.target,) if data.target else recipe.wants
    name, derived = _derived(wanted, recipe, data, dataset, seed, progress)
    dataset = derived.dataset
    if data.tracks and data.tracks < len(dataset):
        dataset = dataset.take(some_tracks(dataset.target(name), data.tracks, seed))
    notes = [*dataset.notes, *apart_notes(dataset, recipe.split.apart)]
    if "simulated" in dataset.targets:
        notes.append("the listeners are simulated from genre, mood and artist: nobody played these tracks")
    return Task(
        dataset=dataset,
        target=name,
        listeners=derived.listeners,
        splits=_splits(recipe, dataset, name, seed),
        seed=seed,
        tracks=data.tracks,
        notes=tuple(dict.fromkeys(notes)),
        fingerprint=fingerprint(dataset, targets=tuple(opened.targets), vectors=tuple(opened.vectors)),
    )


def some_tracks(target: Target, n_tracks: int, seed: int) -> NDArray[np.int64]:
    """So many tracks at random, of every class alike as far as it has them: ``(n,)`` int64, ascending."""
    shuffled = np.random.default_rng(seed).permutation(len(target.values))
    if target.kind != "class":
        return np.sort(shuffled[:n_tracks])
    classes = target.values[shuffled]
    turn = np.zeros(len(shuffled), dtype=np.int64)
    for one in np.unique(classes):
        here = np.flatnonzero(classes == one)
        turn[here] = np.arange(len(here))
    return np.sort(shuffled[np.argsort(turn, kind="stable")[:n_tracks]])


def _derived(
    names: Sequence[str], recipe: Recipe, data: Data, dataset: Dataset, seed: int, progress: Progress
) -> tuple[str, Derived]:
    """The first of some targets that can be had."""
    refused: list[str] = []
    for name in names:
        try:
            derived = derive_target(
                dataset, name, folder=data.folder, seed=seed, settings=recipe.target, progress=progress
            )
        except (UsageError, NothingFound) as error:
            refused.append(str(error))
            continue
        return name, derived
    raise UsageError("; ".join(refused))


def _splits(recipe: Recipe, dataset: Dataset, target: str, seed: int) -> tuple[Split, ...]:
    chosen = recipe.split
    if chosen.folds > 1:
        return fold_splits(
            dataset, target, n_folds=chosen.folds, seed=seed, valid=chosen.valid, apart=chosen.apart
        )
    split = split_tracks(dataset, target, seed=seed, valid=chosen.valid, test=chosen.test, apart=chosen.apart)
    return (split,)
