"""What a recipe's model hears of a task's tracks: windows of cached spectra, bags of tones, or vectors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import UsageError
from segue.training.augment import check_augmentation
from segue.training.contract import LogMelSettings, Source
from segue.training.networks.registry import network_spec
from segue.training.windows import WindowSettings, check_windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.experiments.recipe import Recipe
    from segue.experiments.task import Task
    from segue.progress import Progress
    from segue.training.contract import Split
    from segue.training.datasets.contract import Target
    from segue.training.log_mels import LogMels

_USUAL_LENGTH = 518
_SPECTRA = ("sample_rate", "n_fft", "hop", "n_mels", "f_min", "f_max")


@dataclass(frozen=True, slots=True)
class Place:
    """Where inputs are kept, and how many processes make them.

    Attributes
    ----------
    cache
        Folder that may be deleted at any time.
    workers
        Processes.
    """

    cache: Path
    workers: int


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What a model hears.

    Attributes
    ----------
    source
        Gives it.
    available
        (n_tracks,) bool: which tracks can be heard.
    range_db
        For the model; None for vectors.
    note
        What a reader must know about them; empty: nothing.
    """

    source: Source
    available: NDArray[np.bool_]
    range_db: float | None
    note: str = ""


def log_mel_settings(recipe: Recipe) -> LogMelSettings:
    """The spectra of a recipe: its network's, with what the recipe says otherwise."""
    heard = network_spec(recipe.network.name).hears or LogMelSettings()
    said = {name: value for name in _SPECTRA if (value := getattr(recipe.input, name)) is not None}
    return replace(heard, **said)


def window_settings(recipe: Recipe) -> WindowSettings:
    """The windows of a recipe."""
    chosen = recipe.input
    return WindowSettings(
        n_frames=chosen.n_frames or network_spec(recipe.network.name).n_frames,
        choose=chosen.choose,
        skip_start_s=chosen.skip_start_s,
        skip_end_s=chosen.skip_end_s,
        n_predict=chosen.n_predict,
    )


def check_input(recipe: Recipe, task: Task) -> None:
    """Refuse data that the recipe cannot hear, before any work.

    Raises
    ------
    UsageError
        If there is no audio, or no such vectors, or the network takes the other kind of input, or settings
        make no input.
    """
    takes_spectra = network_spec(recipe.network.name).hears is not None
    if takes_spectra != (recipe.model == "network"):
        kind = "spectra" if takes_spectra else "vectors"
        raise UsageError(
            f"{recipe.name}: {recipe.network.name} takes {kind}, which a {recipe.model} recipe has not"
        )
    if recipe.model != "vectors" and not task.dataset.audio:
        raise UsageError(
            f"{recipe.name} hears audio, and {task.dataset.name} has none: "
            "take a recipe on vectors, such as attributes-dense"
        )
    if recipe.model == "vectors":
        _check_vectors(recipe, task)
    if recipe.model == "network":
        from segue.training.log_mels import check_log_mel

        check_log_mel(log_mel_settings(recipe))
        check_windows(window_settings(recipe))
        check_augmentation(recipe.augment)


def expected_shape(recipe: Recipe, task: Task) -> tuple[int, ...]:
    """Of one input, before anything is heard; of vectors that are yet to be heard a usual length."""
    if recipe.model == "network":
        return (window_settings(recipe).n_frames, log_mel_settings(recipe).n_mels)
    if recipe.model == "bag":
        return (recipe.bag.n_tones,)
    if recipe.hears_targets:
        return (len(_heard_target(recipe, task).names),)
    there = task.dataset.vectors.get(recipe.input.vectors)
    return (_USUAL_LENGTH if there is None else there.shape[1],)


def inputs_of(recipe: Recipe, task: Task, split: Split, place: Place, progress: Progress) -> Inputs:
    """Make what the model hears; what is learned for it (tones) is learned from the training part.

    Raises
    ------
    UsageError
        If the data have no such content.
    NothingFound
        If nothing can be heard.
    """
    inputs = _inputs(recipe, task, split, place, progress)
    n_silent = int(np.count_nonzero(~inputs.available))
    if not n_silent:
        return inputs
    silent = f"{n_silent} of {len(task.dataset)} tracks cannot be heard: left out"
    return replace(inputs, note="; ".join(filter(None, [silent, inputs.note])))


def _inputs(recipe: Recipe, task: Task, split: Split, place: Place, progress: Progress) -> Inputs:
    if recipe.model == "vectors":
        return _vectors(recipe, task, place, progress)
    from segue.training.sources import LogMelSource, VectorSource

    if recipe.model == "bag":
        from segue.training.bags import BAG_LOG_MEL, bag_of_tones

        spectra = _spectra(task, BAG_LOG_MEL, place, progress)
        bags = bag_of_tones(spectra, split.train, settings=recipe.bag, seed=task.seed, progress=progress)
        return Inputs(VectorSource(bags), spectra.available, None)
    spectra = _spectra(task, log_mel_settings(recipe), place, progress)
    window = window_settings(recipe)
    source = LogMelSource(spectra, window, recipe.augment)
    short = float(np.mean(spectra.n_frames[spectra.available] < window.n_frames))
    length_s = window.n_frames / spectra.frames_per_s
    note = f"{short * 100:.0f} % of the tracks are shorter than the input of {length_s:.1f} s: repeated"
    return Inputs(source, spectra.available, recipe.input.range_db, note if short else "")


def _spectra(task: Task, settings: LogMelSettings, place: Place, progress: Progress) -> LogMels:
    from segue.training.log_mels import prepare_log_mels

    return prepare_log_mels(
        task.dataset, settings, folder=place.cache / "log-mel", workers=place.workers, progress=progress
    )


def _vectors(recipe: Recipe, task: Task, place: Place, progress: Progress) -> Inputs:
    from segue.training.sources import VectorSource

    name, dataset = recipe.input.vectors, task.dataset
    if recipe.hears_targets:
        known = _heard_target(recipe, task)
        matrix = known.values.astype(np.float32)
        return Inputs(VectorSource(np.nan_to_num(matrix)), known.known, None)
    if name in dataset.vectors:
        matrix = dataset.vectors[name]
        return Inputs(VectorSource(matrix), np.asarray(np.isfinite(matrix).all(axis=1)), None)
    from segue.training.content_vectors import content_vectors

    heard = content_vectors(
        dataset, name, folder=place.cache / "vectors", workers=place.workers, progress=progress
    )
    return Inputs(VectorSource(heard.matrix), heard.available, None)


def _check_vectors(recipe: Recipe, task: Task) -> None:
    name, dataset = recipe.input.vectors, task.dataset
    if not name:
        raise UsageError(f"{recipe.name} [input] lacks 'vectors'")
    if recipe.hears_targets:
        _heard_target(recipe, task)
    elif name not in dataset.vectors and not (dataset.audio and _is_encoder(name)):
        there = ", ".join(dataset.vectors) or "none"
        raise UsageError(f"{dataset.name} has no vectors {name!r}: it has {there}")


def _heard_target(recipe: Recipe, task: Task) -> Target:
    """The first of the targets that a recipe hears."""
    choices, targets = recipe.hears_targets, task.dataset.targets
    known = next((targets[one] for one in choices if one in targets), None)
    if known is None or known.kind == "class":
        raise UsageError(f"{task.dataset.name} has no values called {' or '.join(choices)} to learn from")
    return known


def _is_encoder(name: str) -> bool:
    from segue.encoders import resolve

    try:
        resolve(name)
    except UsageError:
        return False
    return True
