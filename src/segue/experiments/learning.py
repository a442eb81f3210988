"""What a recipe does with a fold: one or two stages of training, then the test tracks, once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from segue.experiments.folds import Fold, FoldFacts
from segue.experiments.inputs import expected_shape
from segue.experiments.looking import first_filters, layer_activations
from segue.training.fitting import fit
from segue.training.model import HearingModel, fit_scale, new_model
from segue.training.networks.registry import build_network, n_parameters
from segue.training.objectives.registry import make_objective
from segue.training.predicting import predict
from segue.training.stages import EmbeddingSource, hand_on
from segue.training.warm_start import load_trunk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.experiments.inputs import Inputs
    from segue.experiments.recipe import Choice, Objective, Recipe
    from segue.experiments.task import Task
    from segue.progress import Progress
    from segue.training.contract import Source, Split
    from segue.training.datasets.contract import Target
    from segue.training.fitting import TrainingSettings
    from segue.training.history import History
    from segue.training.objectives.objective import Objective as Loss

_MOST_TRAINING_TRACKS = 300
"""Of so many the accuracy in training is told; more would not move it."""


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """A fold's work.

    Attributes
    ----------
    recipe, task
        What is done with what.
    split
        Tracks that can be heard.
    inputs
        What the network hears.
    folder
        Of the fold.
    seed
        Of the networks and their training.
    start
        Folder of a trained network to go on from.
    resume
        Whether checkpoints in the folder count.
    progress
        Told of the work.
    """

    recipe: Recipe
    task: Task
    split: Split
    inputs: Inputs
    folder: Path
    seed: int
    start: Path | None
    resume: bool
    progress: Progress


def check_settings(recipe: Recipe, task: Task, start: Path | None) -> None:
    """Refuse networks and objectives that cannot be made, before anything is heard.

    Raises
    ------
    UsageError
        For an unknown setting, weights that are missing or of another network, or targets that the data do
        not have.
    """
    for objective in (recipe.objective, *([recipe.stage2.objective] if recipe.stage2 else [])):
        _loss(objective, task)
    shape = expected_shape(recipe, task)
    trunk = build_network(recipe.network.name, shape=shape, settings=recipe.network.settings)
    if start is not None and recipe.model == "network":
        load_trunk(HearingModel(trunk, {}, shape=shape, range_db=recipe.input.range_db), start)
    if recipe.stage2 is not None and recipe.stage2.network is not None:
        second = recipe.stage2.network
        build_network(second.name, shape=(int(trunk.dim),), settings=second.settings)  # type: ignore[arg-type]


def learn(work: Work) -> tuple[HearingModel, Fold]:
    """Train all stages and hear the test tracks.

    Returns
    -------
    network, fold
        What hears the inputs, and what came out.
    """
    recipe, split, batch_size = work.recipe, work.split, work.recipe.training.batch_size
    source: Source = work.inputs.source
    network, histories = _network(work)
    heard = predict(network, source, split.test, batch_size=batch_size)
    embedding, model, parameters = heard.embedding, network, n_parameters(network)
    stage2 = recipe.stage2
    if stage2 is not None and stage2.network is not None:
        rows = np.concatenate([split.train, split.valid, split.test])
        source = EmbeddingSource(network, source, rows, batch_size=batch_size)
        stage = _Stage("regression", stage2.network, stage2.objective, stage2.training)
        model = stage.model(work, source, None)
        fit_scale(model, source, split.train)
        histories.append(stage.fit(work, model, source))
        parameters += n_parameters(model)
        heard = predict(model, source, split.test, batch_size=stage2.training.batch_size)
    nothing = np.zeros((len(split.test), 0), dtype=np.float32)
    facts = FoldFacts(
        parameters=parameters,
        epochs=sum(len(history.epochs) for history in histories),
        seconds=sum(history.seconds for history in histories),
        valid_loss=histories[-1].epochs[histories[-1].best].valid_loss,
        accuracies=_accuracies(work, model, source),
        device=torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        note=work.inputs.note,
    )
    outputs, spread = (each.get(work.task.target, nothing) for each in (heard.outputs, heard.spread))
    return network, Fold(split, outputs, spread, embedding, facts)


def looks(network: HearingModel, work: Work) -> dict[str, NDArray[np.generic]]:
    """What pictures need: ``filters``, and ``window`` and layers of the first test track, its ``row``."""
    row = int(work.split.test[0])
    arrays: dict[str, NDArray[np.generic]] = {"row": np.array(row)}
    filters = first_filters(network)
    if filters is not None:
        arrays["filters"] = filters
    window = work.inputs.source.windows(row)[0]
    if window.ndim == 2:
        arrays["window"] = window
        layers = layer_activations(network, window)
        arrays |= {f"layer: {name}": maps for name, maps in layers.items()}
    return arrays


def _network(work: Work) -> tuple[HearingModel, list[History]]:
    """The network after its first stage, and after a transfer where the recipe has one."""
    recipe, source, range_db = work.recipe, work.inputs.source, work.inputs.range_db
    first = _Stage("network", recipe.network, recipe.objective, recipe.training)
    network = first.model(work, source, range_db)
    fit_scale(network, source, work.split.train)
    if work.start is not None:
        load_trunk(network, work.start)
    histories = [first.fit(work, network, source)]
    if recipe.stage2 is not None and recipe.stage2.kind == "transfer":
        second = _Stage("transfer", recipe.network, recipe.stage2.objective, recipe.stage2.training)
        taught, network = network, second.model(work, source, range_db)
        hand_on(taught, network)
        histories.append(second.fit(work, network, source))
    return network, histories


@dataclass(frozen=True, slots=True)
class _Stage:
    """A network and what it learns by; `name` is its folder."""

    name: str
    network: Choice
    objective: Objective
    training: TrainingSettings

    def model(self, work: Work, source: Source, range_db: float | None) -> HearingModel:
        heads = _loss(self.objective, work.task).heads
        return new_model(
            self.network.name,
            heads,
            settings=self.network.settings,
            shape=source.shape,
            range_db=range_db,
            seed=work.seed,
        )

    def fit(self, work: Work, model: HearingModel, source: Source) -> History:
        return fit(
            model,
            _loss(self.objective, work.task),
            source,
            work.split,
            replace(self.training, seed=work.seed),
            folder=work.folder / self.name,
            resume=work.resume,
            progress=work.progress,
            names=work.task.dataset.tracks,
        )


def _loss(chosen: Objective, task: Task) -> Loss:
    targets = targets_of(chosen, task)
    return make_objective(chosen.name, targets, weights=chosen.weights, settings=chosen.settings)


def targets_of(objective: Objective, task: Task) -> dict[str, Target]:
    """What an objective learns of a task's tracks, by name.

    Raises
    ------
    UsageError
        If the data do not have it.
    """
    names = objective.targets or ("wanted",)
    wanted = dict.fromkeys(task.target if name == "wanted" else name for name in names)
    return {name: task.dataset.target(name) for name in wanted}


def _accuracies(work: Work, model: HearingModel, source: Source) -> dict[str, float]:
    """How often classes are told rightly in training and in validation."""
    target, name = work.task.known, work.task.target
    if target.kind != "class" or name not in model.names:
        return {}
    train = work.split.train
    parts = {"training": train[:: -(-len(train) // _MOST_TRAINING_TRACKS)], "validation": work.split.valid}
    found = {}
    for part, rows in parts.items():
        rows = rows[target.known[rows]]
        if len(rows):
            said = predict(model, source, rows, batch_size=work.recipe.training.batch_size).outputs[name]
            found[part] = float(np.mean(said.argmax(axis=1) == target.values[rows]))
    return found
