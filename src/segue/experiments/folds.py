"""One fold of a run: inputs, training, and what is said of the test tracks, kept so that it is done once."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from segue.errors import SegueError
from segue.experiments.inputs import Place, inputs_of
from segue.files import whole_file, write_whole
from segue.training.splits import heard_split, split_as_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.experiments.recipe import Recipe
    from segue.experiments.task import Task
    from segue.progress import Progress
    from segue.training.contract import Split

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FoldFacts:
    """What is told of a fold's training.

    Attributes
    ----------
    parameters
        Trained ones, of all stages.
    epochs
        Trained, of all stages.
    seconds
        Of training, of all stages.
    valid_loss
        Of the last stage's best epoch; None without validation tracks.
    accuracies
        Of classes: on ``training`` and ``validation`` tracks.
    device
        ``cpu``, or the name of the GPU.
    note
        What a reader must know about the inputs; empty: nothing.
    settings
        That the validation tracks chose, by the name of the classifier.
    """

    parameters: int
    epochs: int
    seconds: float
    valid_loss: float | None
    accuracies: dict[str, float]
    device: str
    note: str = ""
    settings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """A finished fold.

    Attributes
    ----------
    split
        Without tracks that cannot be heard.
    outputs : (n_test, n_names) float32
        Of the target for the test tracks, mean over windows; no columns where only an embedding was learned.
    spread
        The same: deviation over the windows.
    embedding : (n_test, dim) float32
        Of the network, mean over windows; of a classifier its scores.
    facts
        Of the training.
    """

    split: Split
    outputs: Floats
    spread: Floats
    embedding: Floats
    facts: FoldFacts


def run_fold(
    recipe: Recipe,
    task: Task,
    number: int,
    *,
    folder: Path,
    place: Place,
    start: Path | None,
    resume: bool,
    progress: Progress,
) -> Fold:
    """Train and predict one fold, or read what was done before.

    Parameters
    ----------
    recipe
        What to do.
    task
        On what.
    number
        Of the fold, from 0.
    folder
        Of the fold.
    place
        For inputs.
    start
        Folder of a trained network to go on from.
    resume
        Whether what is in the folder counts.
    progress
        Told of the work.
    """
    split = task.splits[number]
    if resume and (folder / "predictions.npz").is_file():
        return read_fold(folder, split)
    write_whole(folder / "split.json", split_as_json(split, task.dataset.tracks))
    seed = task.seed + 1000 * number
    if recipe.classifier is not None:
        from segue.experiments.classifying import classify

        fold = classify(recipe.classifier, recipe, task, split, place, seed=seed, progress=progress)
        _keep(folder, fold)
        return fold
    from segue.experiments.learning import Work, learn, looks

    inputs = inputs_of(recipe, task, split, place, progress)
    heard = heard_split(split, inputs.available)
    work = Work(recipe, task, heard, inputs, folder, seed, start, resume, progress)
    network, fold = learn(work)
    if number == 0:
        with whole_file(folder / "looks.npz") as out:
            np.savez_compressed(out, **looks(network, work))  # type: ignore[arg-type]
    _keep(folder, fold)
    return fold


def read_fold(folder: Path, split: Split) -> Fold:
    """A finished fold.

    Parameters
    ----------
    folder
        Of the fold.
    split
        As it was drawn.

    Raises
    ------
    SegueError
        If it is damaged.
    """
    try:
        with np.load(folder / "predictions.npz", allow_pickle=False) as arrays:
            rows, outputs, spread, embedding = (
                arrays[name] for name in ("rows", "outputs", "spread", "embedding")
            )
        facts = FoldFacts(**json.loads((folder / "fold.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise SegueError(f"{folder} is damaged ({error}): delete it and run again") from error
    return Fold(replace(split, test=rows), outputs, spread, embedding, facts)


def _keep(folder: Path, fold: Fold) -> None:
    """Predictions come last: with them the fold is done, and of its weights only the best are needed."""
    write_whole(folder / "fold.json", json.dumps(asdict(fold.facts), indent=1) + "\n")
    with whole_file(folder / "predictions.npz") as out:
        np.savez(
            out, rows=fold.split.test, outputs=fold.outputs, spread=fold.spread, embedding=fold.embedding
        )
    for checkpoint in folder.glob("*/last.ckpt"):
        checkpoint.unlink()
