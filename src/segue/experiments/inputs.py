"""What a recipe's model hears of a task's tracks: windows of cached spectra, bags of tones, or vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.encoders.fma518 import FMA518_COLUMNS
from segue.errors import UsageError
from segue.experiments.tables import suggestion
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
    from segue.types import Matrix

_DESCRIPTORS = "fma518"
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
    if recipe.network.name:
        takes_spectra = network_spec(recipe.network.name).hears is not None
        if takes_spectra != (recipe.model == "network"):
            kind = "spectra" if takes_spectra else "vectors"
            raise UsageError(
                f"{recipe.name}: {recipe.network.name} takes {kind}, which a {recipe.model} recipe has not"
            )
    if not recipe.takes_vectors and not task.dataset.audio:
        raise UsageError(
            f"{recipe.name} hears audio, and {task.dataset.name} has none: "
            "take a recipe on vectors, such as attributes-dense"
        )
    if recipe.takes_vectors:
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
    if recipe.input.families:
        return (len(_columns(recipe.input.families)),)
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
    return replace(inputs, note="; ".join(filter(None, [silent_note(inputs.available), inputs.note])))


def silent_note(available: NDArray[np.bool_]) -> str:
    """How many tracks cannot be heard; empty: all can."""
    n_silent = int(np.count_nonzero(~available))
    return f"{n_silent} of {len(available)} tracks cannot be heard: left out" if n_silent else ""


def _inputs(recipe: Recipe, task: Task, split: Split, place: Place, progress: Progress) -> Inputs:
    if recipe.takes_vectors:
        from segue.training.sources import VectorSource

        matrix, available = vectors_of(recipe, task, place, progress)
        return Inputs(VectorSource(matrix), available, None)
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


def vectors_of(
    recipe: Recipe, task: Task, place: Place, progress: Progress
) -> tuple[Matrix, NDArray[np.bool_]]:
    """The vectors that a recipe hears.

    Returns
    -------
    matrix, available
        ``(n_tracks, dim)`` float32, and ``(n_tracks,)`` bool: which tracks have one.

    Raises
    ------
    NothingFound
        If nothing can be heard.
    """
    name, dataset = recipe.input.vectors, task.dataset
    if recipe.hears_targets:
        known = _heard_target(recipe, task)
        return np.nan_to_num(known.values.astype(np.float32)), known.known
    if name in dataset.vectors:
        matrix = dataset.vectors[name]
        available = np.asarray(np.isfinite(matrix).all(axis=1))
    else:
        from segue.training.content_vectors import content_vectors

        heard = content_vectors(
            dataset, name, folder=place.cache / "vectors", workers=place.workers, progress=progress
        )
        matrix, available = heard.matrix, heard.available
    if recipe.input.families:
        matrix = matrix[:, _columns(recipe.input.families)]
    return matrix, available


def _columns(families: Sequence[str]) -> NDArray[np.int64]:
    """Which of the 518 descriptors are of some families."""
    return np.flatnonzero([feature in families for feature, _, _ in FMA518_COLUMNS])


def _check_vectors(recipe: Recipe, task: Task) -> None:
    name, dataset = recipe.input.vectors, task.dataset
    if not name:
        raise UsageError(f"{recipe.name} [input] lacks 'vectors'")
    if recipe.input.families is not None:
        _check_families(recipe.input.families, name)
    if recipe.hears_targets:
        _heard_target(recipe, task)
    elif name not in dataset.vectors and not (dataset.audio and _is_encoder(name)):
        there = ", ".join(dataset.vectors) or "none"
        raise UsageError(f"{dataset.name} has no vectors {name!r}: it has {there}")


def _check_families(families: Sequence[str], vectors: str) -> None:
    if vectors != _DESCRIPTORS:
        raise UsageError(f"input.families are of {_DESCRIPTORS}; {vectors} has none")
    known = dict.fromkeys(feature for feature, _, _ in FMA518_COLUMNS)
    for family in families:
        if family not in known:
            raise UsageError(f"{_DESCRIPTORS} has no family {family!r}: {suggestion(family, known)}")
    if not families:
        raise UsageError("input.families names none: leave it out for all descriptors")


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
