"""Train an encoder on a person's own music and labels."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.catalogue import iterate_tracks, open_catalogue
from segue.encoders.folders import is_encoder_folder
from segue.errors import UsageError
from segue.files import check_folder, write_whole
from segue.operations.eight_bits import try_int8
from segue.progress import Progress, Silent
from segue.settings import DataFolder
from segue.training.torch_here import require_torch
from segue.types import EncoderId

if TYPE_CHECKING:
    from segue.experiments.judging import Figure
    from segue.experiments.recipe import Recipe
    from segue.training.contract import Source, Split
    from segue.training.datasets.contract import Dataset, Target
    from segue.training.export import About
    from segue.training.history import History
    from segue.training.model import HearingModel

_OBJECTIVES = {"class": "cross-entropy", "tags": "binary-cross-entropy", "values": "mse"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be learned, and how.

    Attributes
    ----------
    labels
        A table with the column file and others that say something about each; None: the folder says it.
    target
        What is learned; None: genre, else the first that is known.
    network
        Its name; where a recipe is called so, or uses it, the recipe's settings count.
    epochs
        At most; None: as many as the recipe says.
    start
        An earlier training, or an encoder that was trained here, whose network is trained on.
    resume
        Go on where an earlier training into the same folder was stopped.
    seed
        Of the split, of the network and of everything drawn.
    workers
        Processes that make spectra; None: one a core.
    """

    labels: Path | None = None
    target: str | None = None
    network: str = "segue-cnn"
    epochs: int | None = None
    start: Path | None = None
    resume: bool = False
    seed: int = 0
    workers: int | None = None


@dataclass(frozen=True, slots=True)
class Trained:
    """An encoder that was trained.

    Attributes
    ----------
    folder
        Where it is.
    encoder
        Its id.
    target
        What it was taught.
    counts
        Tracks that were learned from, that chose the epoch, and that judged.
    figures
        On the tracks that judged.
    epochs
        That were done, and the one that was kept, from 1.
    int8
        What came of the 8-bit variant, in one line.
    """

    folder: Path
    encoder: EncoderId
    target: str
    counts: tuple[int, int, int]
    figures: tuple[Figure, ...]
    epochs: tuple[int, int]
    int8: str


@dataclass(frozen=True, slots=True, eq=False)
class _Lesson:
    """What is taught, to which network, from which tracks."""

    recipe: Recipe
    dataset: Dataset
    target: str
    source: Source
    split: Split
    seed: int

    @property
    def known(self) -> Target:
        return self.dataset.target(self.target)


def train_encoder(
    folder: Path | None,
    output: Path,
    wanted: Wanted,
    *,
    data: DataFolder,
    progress: Progress | None = None,
) -> Trained:
    """Train an encoder from audio and labels.

    Artists are kept apart where they are known. Of the tracks 70 % are learned from, 15 % choose the epoch,
    and 15 % judge it at the end, once.

    Parameters
    ----------
    folder
        The audio, in a shape that `segue.training.datasets.opening.open_dataset` knows; None: the tracks of
        the library, with the genres of their tags.
    output
        The folder to write; an encoder in it is replaced.
    wanted
        What is learned, and how.
    data
        The library; its cache keeps the spectra.
    progress
        Is told how far it is.

    Raises
    ------
    SegueError
        If what training needs is not installed, or the loss is not finite.
    UsageError
        If folder, labels, target or network are none, the network hears no audio, or `output` holds other
        things.
    """
    require_torch()
    progress = progress or Silent()
    check_output(output)
    if wanted.start is not None:
        from segue.training.warm_start import trained_in

        trained_in(wanted.start)  # refuses what is no training before all music is heard
    recipe = _recipe(wanted)
    dataset = _dataset(folder, wanted.labels, data)
    for note in dataset.notes:
        progress.note(note)
    target = _target(dataset, wanted.target)
    dataset = dataset.take(np.flatnonzero(dataset.target(target).known))
    lesson = _lesson(recipe, dataset, target, wanted, data.cache, progress)
    model, history = _taught(lesson, output / "training", wanted, progress)
    dataset = lesson.dataset
    id_, figures = _exported(lesson, model, output, progress)
    return Trained(
        folder=output,
        encoder=id_,
        target=target,
        counts=(len(lesson.split.train), len(lesson.split.valid), len(lesson.split.test)),
        figures=figures,
        epochs=(len(history.epochs), history.best + 1),
        int8=try_int8(output, dataset, lesson.known, lesson.split),
    )


def check_output(output: Path) -> None:
    """Refuse a folder that holds anything but an encoder: its files could be a person's own."""
    check_folder(output)
    others = [path.name for path in output.iterdir()] if output.is_dir() else []
    if others and not is_encoder_folder(output) and others != ["training"]:
        raise UsageError(
            f"{output} holds other things, such as {min(others)}: give a new folder with --output"
        )


def _recipe(wanted: Wanted) -> Recipe:
    """The settings of a network: of the recipe of its name, of the first that uses it, or what is usual."""
    from segue.experiments.recipe import Choice, Objective, Recipe, load_recipe, recipe_names
    from segue.training.networks.registry import network_spec

    name = wanted.network
    known = [load_recipe(recipe) for recipe in recipe_names()]
    fitting = [recipe for recipe in known if name in (recipe.name, recipe.network.name)]
    if fitting:
        recipe = min(fitting, key=lambda recipe: recipe.name != name)
    else:
        spec = network_spec(name)
        recipe = Recipe(
            name=name,
            title=spec.description,
            system="S",
            source=spec.source,
            wants=(),
            model="network",
            network=Choice(name),
            objective=Objective("cross-entropy"),
        )
    if network_spec(recipe.network.name).hears is None:
        raise UsageError(f"{name} hears vectors, not audio: choose another --network")
    if wanted.epochs is not None:
        recipe = replace(recipe, training=replace(recipe.training, epochs=wanted.epochs))
    return recipe


def _dataset(folder: Path | None, labels: Path | None, data: DataFolder) -> Dataset:
    from segue.training.datasets.library import dataset_of_library
    from segue.training.datasets.opening import open_dataset

    if folder is not None:
        return open_dataset(folder, labels=labels)
    if labels is not None:
        raise UsageError(f"{labels} names files in a folder: say with --data in which")
    with open_catalogue(data) as catalogue:
        return dataset_of_library(iterate_tracks(catalogue))


def _target(dataset: Dataset, asked: str | None) -> str:
    if asked is not None:
        dataset.target(asked)
        return asked
    if not dataset.targets:
        raise UsageError(f"nothing is known about the tracks of {dataset.name}: give a table with --labels")
    return "genre" if "genre" in dataset.targets else next(iter(dataset.targets))


def _lesson(
    recipe: Recipe, dataset: Dataset, target: str, wanted: Wanted, cache: Path, progress: Progress
) -> _Lesson:
    """Spectra and split of the tracks; those that cannot be heard are in no part."""
    from segue.experiments.inputs import log_mel_settings, window_settings
    from segue.training.log_mels import prepare_log_mels
    from segue.training.sources import LogMelSource
    from segue.training.splits import apart_notes, split_tracks

    for note in apart_notes(dataset, "artist"):
        progress.note(note)
    split_tracks(dataset, target, seed=wanted.seed)  # says what is wrong with the labels before all is heard
    spectra = prepare_log_mels(
        dataset,
        log_mel_settings(recipe),
        folder=cache / "log-mel",
        workers=wanted.workers or os.cpu_count() or 1,
        progress=progress,
    )
    heard = np.flatnonzero(spectra.available)
    dataset, spectra = dataset.take(heard), spectra.take(heard)
    source = LogMelSource(spectra, window_settings(recipe), recipe.augment)
    split = split_tracks(dataset, target, seed=wanted.seed)
    return _Lesson(recipe, dataset, target, source, split, wanted.seed)


def _taught(
    lesson: _Lesson, folder: Path, wanted: Wanted, progress: Progress
) -> tuple[HearingModel, History]:
    """The network after its training, whose state is kept in a folder."""
    from segue.training.fitting import fit
    from segue.training.model import fit_scale, new_model
    from segue.training.objectives.registry import make_objective
    from segue.training.splits import split_as_json
    from segue.training.warm_start import load_trunk

    recipe, source = lesson.recipe, lesson.source
    objective = make_objective(_OBJECTIVES[lesson.known.kind], {lesson.target: lesson.known})
    model = new_model(
        recipe.network.name,
        objective.heads,
        settings=recipe.network.settings,
        shape=source.shape,
        range_db=recipe.input.range_db,
        seed=lesson.seed,
    )
    fit_scale(model, source, lesson.split.train)
    if wanted.start is not None:
        load_trunk(model, wanted.start)
    history = fit(
        model,
        objective,
        source,
        lesson.split,
        replace(recipe.training, seed=lesson.seed),
        folder=folder,
        resume=wanted.resume,
        progress=progress,
        names=lesson.dataset.tracks,
    )
    write_whole(folder / "split.json", split_as_json(lesson.split, lesson.dataset.tracks))
    return model, history


def _exported(
    lesson: _Lesson, model: HearingModel, output: Path, progress: Progress
) -> tuple[EncoderId, tuple[Figure, ...]]:
    """The encoder's folder, and how good it is on the tracks that judge, which are heard only here."""
    from segue.experiments.inputs import log_mel_settings
    from segue.experiments.judging import judge_predictions
    from segue.neighbours import fit_scaling
    from segue.training.export import export_encoder
    from segue.training.predicting import predict

    known, split, batch_size = lesson.known, lesson.split, lesson.recipe.training.batch_size
    seen = predict(model, lesson.source, split.train, batch_size=batch_size, progress=progress)
    new = predict(model, lesson.source, split.test, batch_size=batch_size, progress=progress)
    figures = judge_predictions(
        known, new.outputs[lesson.target], split.test, lesson.dataset, seed=lesson.seed
    ).figures
    id_ = export_encoder(
        output,
        model,
        log_mel_settings(lesson.recipe),
        labels={} if known.kind == "values" else {lesson.target: known.names},
        scaling=fit_scaling(seen.embedding),
        about=_about(lesson, model, output, figures),
    )
    return id_, figures


def _about(lesson: _Lesson, model: HearingModel, output: Path, figures: tuple[Figure, ...]) -> About:
    from segue.experiments.runs import fingerprint
    from segue.training.export import About, encoder_name
    from segue.training.networks.registry import n_parameters

    recipe, dataset, split = lesson.recipe, lesson.dataset, lesson.split
    return About(
        name=encoder_name(output.absolute().name),
        description=f"Learned {lesson.target} from {dataset.name}.",
        source=recipe.source,
        network={
            "name": recipe.network.name,
            "settings": dict(recipe.network.settings),
            "parameters": n_parameters(model),
        },
        data={
            "name": dataset.name,
            "fingerprint": fingerprint(dataset, targets=(lesson.target,)),
            "learned from": len(split.train),
            "chose the epoch": len(split.valid),
            "judged": len(split.test),
            "apart": split.apart,
            "seed": split.seed,
        },
        metrics={
            f"{figure.name} of {lesson.target}": figure.value
            if figure.low is None
            else [figure.value, figure.low, figure.high]
            for figure in figures
        },
    )
