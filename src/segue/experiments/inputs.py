"""What a recipe's model hears of a task's tracks: windows of cached spectra, bags of tones, or vectors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import UsageError
from segue.training.contract import LogMelSettings, Source
from segue.training.networks.registry import network_spec
from segue.training.windows import WindowSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.experiments.recipe import Recipe
    from segue.experiments.task import Task
    from segue.progress import Progress
    from segue.training.contract import Split
    from segue.training.log_mels import LogMels

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
        If there is no audio, or no such vectors, or the network takes the other kind of input.
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
    if recipe.model == "vectors" and not recipe.input.vectors:
        raise UsageError(f"{recipe.name} [input] lacks 'vectors'")


def inputs_of(recipe: Recipe, task: Task, split: Split, place: Place, progress: Progress) -> Inputs:
    """Make what the model hears; what is learned for it (tones) is learned from the training part.

    Raises
    ------
    UsageError
        If the data have no such content.
    NothingFound
        If nothing can be heard.
    """
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

    name = recipe.input.vectors
    dataset = task.dataset
    if recipe.hears_targets:
        choices = recipe.hears_targets
        known = next((dataset.targets[one] for one in choices if one in dataset.targets), None)
        if known is None or known.kind == "class":
            raise UsageError(f"{dataset.name} has none of {', '.join(choices)} to learn from")
        matrix = known.values.astype(np.float32)
        return Inputs(VectorSource(np.nan_to_num(matrix)), known.known, None)
    if name in dataset.vectors:
        matrix = dataset.vectors[name]
        return Inputs(VectorSource(matrix), np.asarray(np.isfinite(matrix).all(axis=1)), None)
    if not (dataset.audio and _is_encoder(name)):
        there = ", ".join(dataset.vectors) or "none"
        raise UsageError(f"{dataset.name} has no vectors {name!r}: it has {there}")
    from segue.training.content_vectors import content_vectors

    heard = content_vectors(
        dataset, name, folder=place.cache / "vectors", workers=place.workers, progress=progress
    )
    return Inputs(VectorSource(heard.matrix), heard.available, None)


def _is_encoder(name: str) -> bool:
    from segue.encoders import resolve

    try:
        resolve(name)
    except UsageError:
        return False
    return True
