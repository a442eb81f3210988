"""Train a model: settings, one call, and what holds before the first step. The steps are in `loop.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from segue.errors import UsageError
from segue.files import check_folder
from segue.progress import Progress, Silent
from segue.training.history import History

if TYPE_CHECKING:
    from segue.training.contract import Source, Split
    from segue.training.model import HearingModel
    from segue.training.objectives.objective import Objective


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How a network is trained.

    Attributes
    ----------
    epochs
        Times that the training rows are seen, at most.
    batch_size
        Inputs in one step on one device; rounded down to whole groups of the objective.
    learning_rate
        At its highest.
    optimiser
        ``adam``, ``adamw`` (weights decay apart from the gradient), or ``sgd``.
    weight_decay, betas, eps, momentum
        Of the optimiser: `betas` and `eps` of Adam, `momentum` of SGD.
    schedule
        ``none``; ``cosine``: down to 0; ``one-cycle``: up from a 25th for the first 0.3 of the steps, then
        down to nearly 0 (Smith, Topin, "Super-convergence", 2018).
    rate_decay
        Without a schedule: the rate of step t is ``learning_rate / (1 + rate_decay * t)``.
    patience
        Stop after so many epochs without a lower validation loss; None: never.
    clip
        Longest gradient, all parameters together; None: any.
    precision
        ``32``; ``bf16`` or ``16``: matrix products in 16 bits, on GPUs that can.
    seed
        Of order, windows, augmentation and dropout.
    devices
        GPUs, or processes where there is no GPU; each has its own batch.
    """

    epochs: int = 20
    batch_size: int = 32
    learning_rate: float = 1e-3
    optimiser: Literal["adam", "adamw", "sgd"] = "adam"
    weight_decay: float = 0.0
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    momentum: float = 0.0
    schedule: Literal["none", "cosine", "one-cycle"] = "none"
    rate_decay: float = 0.0
    patience: int | None = None
    clip: float | None = None
    precision: Literal["32", "bf16", "16"] = "32"
    seed: int = 0
    devices: int = 1

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "devices"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} is {getattr(self, name)}: it must be at least 1")
        if not 0 < self.learning_rate < np.inf:
            raise UsageError(f"learning_rate is {self.learning_rate}: it must be above 0")
        if self.patience is not None and self.patience < 1:
            raise UsageError(f"patience is {self.patience}: it must be at least 1, or left out")
        for name in ("weight_decay", "eps", "momentum", "rate_decay"):
            if not 0 <= getattr(self, name) < np.inf:
                raise UsageError(f"{name} is {getattr(self, name)}: it must be 0 or above")
        if not all(0 <= beta < 1 for beta in self.betas):
            raise UsageError(f"betas are {self.betas}: they must be from 0 to below 1")
        if self.clip is not None and not self.clip > 0:
            raise UsageError(f"clip is {self.clip}: it must be above 0, or left out")
        choices = {
            "optimiser": ("adam", "adamw", "sgd"),
            "schedule": ("none", "cosine", "one-cycle"),
            "precision": ("32", "bf16", "16"),
        }
        for name, possible in choices.items():
            if getattr(self, name) not in possible:
                raise UsageError(f"{name} is {getattr(self, name)!r}: choose of {', '.join(possible)}")


def fit(
    model: HearingModel,
    objective: Objective,
    source: Source,
    split: Split,
    settings: TrainingSettings,
    *,
    folder: Path,
    resume: bool = False,
    progress: Progress | None = None,
    names: Sequence[str] = (),
) -> History:
    """Train a model; at the end it has the weights of its best epoch.

    Parameters
    ----------
    model
        Trained in place. Its heads must be those of the objective; what they are is taken from it.
    objective
        Judges the outputs.
    source
        Gives the inputs.
    split
        `train` is learned from; `valid`, if any, chooses the epoch that is kept; `test` is not touched.
        Rows about which nothing is known are left out.
    settings
        How.
    folder
        Gets ``last.ckpt`` and ``best.ckpt`` after every epoch, and ``history.jsonl``.
    resume
        Go on from ``last.ckpt`` if there is one: on a CPU the end is the same, bit for bit, as without a
        break. Otherwise what is there of an earlier training is removed.
    progress
        Told of steps.
    names
        Ids of the tracks, for messages.

    Raises
    ------
    UsageError
        If model and objective do not fit, nothing can be learned, or a resumed training had other settings.
    SegueError
        If the loss is not finite (the message says when, and which tracks), or a file cannot be written.

    Notes
    -----
    The same arguments give the same bytes on a CPU. Several devices train together (data parallel); each has
    its part of the batches.
    """
    from segue.training.loop import Job, run

    check_folder(folder)
    wanted, there = objective.heads, {name: head.out_features for name, head in model.named_heads()}
    if wanted != there:
        raise UsageError(f"the objective needs the heads {wanted}, but the model has {there}")
    if not any(weights.requires_grad for weights in model.parameters()):
        raise UsageError("every part of the network is frozen, and it has no head: nothing can be learned")
    train, valid = objective.known(split.train), objective.known(split.valid)
    if len(train) < 2:
        raise UsageError(f"{len(train)} tracks of the training part have a label: nothing can be learned")
    if settings.patience is not None and not len(valid):
        raise UsageError("patience needs a validation part, and no track of it has a label")
    objective.learn(train)
    model.kinds.update(objective.kinds)
    for name, (centre, width) in objective.units.items():
        model.set_units(name, centre, width)
    job = Job(model, objective, source, train, valid, settings, folder, resume, tuple(names))
    return run(job, progress or Silent())
