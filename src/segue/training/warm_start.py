"""Go on from a network that was trained before: its trunk and the scale of its inputs, under new heads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from segue.errors import UsageError
from segue.training.checkpoints import load_best

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from segue.training.model import HearingModel


def trained_in(folder: Path) -> Path:
    """The folder of a training: this one, or one below it; of several (folds, stages) the first by name.

    Raises
    ------
    UsageError
        If there is none.
    """
    found = sorted(folder.rglob("best.ckpt"))
    if not found:
        raise UsageError(f"{folder} has no trained network: no best.ckpt is in it")
    return found[0].parent


def load_trunk(model: HearingModel, folder: Path) -> None:
    """Give a model the trunk of another that was trained; its own heads stay as they are.

    Parameters
    ----------
    model
        Of the same network, for inputs of the same size. What it learns may be something else.
    folder
        That `fit` wrote to, or one above it, see `trained_in`.

    Raises
    ------
    UsageError
        If no training is there, or it was of another network: the message names the first difference.
    SegueError
        If its file is damaged.
    """
    place = trained_in(folder)
    kept = load_best(place)
    there = _heard_by(kept)
    here = _heard_by(model.state_dict())
    if difference := _first_difference(there, here):
        raise UsageError(f"{place / 'best.ckpt'} is of another network: {difference}")
    model.load_state_dict({**model.state_dict(), **there})


def _heard_by(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """All but the heads."""
    return {name: values for name, values in weights.items() if name.startswith(("scale.", "trunk."))}


def _first_difference(there: Mapping[str, Tensor], here: Mapping[str, Tensor]) -> str:
    for name, values in here.items():
        if name not in there:
            return f"it has no {name}"
        if there[name].shape != values.shape:
            return f"its {name} is of shape {tuple(there[name].shape)}, not {tuple(values.shape)}"
    left = [name for name in there if name not in here]
    return f"it also has {left[0]}" if left else ""
