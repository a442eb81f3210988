"""The steps of a training, on one device or several, with Lightning's Fabric."""

from __future__ import annotations

import math
import time
import zlib
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from segue.errors import SegueError
from segue.progress import Progress, Silent
from segue.training.checkpoints import (
    Checkpoint,
    clear,
    clear_drafts,
    load_best,
    load_last,
    save_best,
    save_last,
)
from segue.training.contract import Batch, Heard, Source
from segue.training.fitting import TrainingSettings
from segue.training.history import Epoch, History, followed, write_epochs
from segue.training.launching import launch
from segue.training.model import HearingModel, seeded
from segue.training.objectives.objective import Objective
from segue.training.steps import dealt, learning_rate, make_optimiser, validation_batches, whole_groups

if TYPE_CHECKING:
    from lightning.fabric import Fabric

    from segue.training.contract import Rows


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A training, as it goes to every process; see `fit`."""

    model: HearingModel
    objective: Objective
    source: Source
    train: Rows
    valid: Rows
    settings: TrainingSettings
    folder: Path
    resume: bool
    names: tuple[str, ...]

    @property
    def batch_size(self) -> int:
        """In whole groups."""
        return whole_groups(self.settings.batch_size, self.objective.group)

    def made_with(self) -> dict[str, Any]:
        """What a resumed training must have too; more epochs, if the rate does not depend on their number."""
        kept = asdict(self.settings)
        del kept["epochs"], kept["patience"]
        if self.settings.schedule != "none":
            kept["epochs"] = self.settings.epochs
        kept["betas"] = list(self.settings.betas)
        return {"digests": self._digests(), **kept}

    def _digests(self) -> dict[str, str]:
        """Of all that has more to it than can be told in a line."""
        layers = {
            name: (tuple(part.shape), part.requires_grad) for name, part in self.model.named_parameters()
        }
        return {
            "network": f"{zlib.crc32(f'{self.model}{layers}'.encode()):08x}",
            "objective": self.objective.digest(),
            "training part": f"{zlib.crc32(self.train.tobytes()):08x}",
            "validation part": f"{zlib.crc32(self.valid.tobytes()):08x}",
        }


class _Judged(NamedTuple):
    """The mean loss of some inputs; the share of their known classes told rightly, None without classes."""

    loss: float
    accuracy: float | None


class _Sums:
    """What is added up over the batches of a pass."""

    def __init__(self) -> None:
        self._loss, self._n_inputs = 0.0, 0
        self._told: Tensor | float = 0.0

    def add(self, job: Job, heard: Heard, batch: Batch, loss: float) -> None:
        self._loss += loss * len(batch.rows)
        self._n_inputs += len(batch.rows)
        self._told = self._told + job.objective.told_rightly(heard, batch)

    def judged(self, fabric: Fabric) -> _Judged:
        """Over the inputs of all processes."""
        told = self._told.tolist() if isinstance(self._told, Tensor) else [0.0, 0.0]
        parts = torch.tensor([self._loss, self._n_inputs, *told], dtype=torch.float64)
        sums = fabric.all_reduce(parts, reduce_op="sum")
        loss, n_inputs, right, known = (float(sums[at]) for at in range(len(parts)))
        return _Judged(loss / n_inputs, right / known if known else None)


def run(job: Job, progress: Progress) -> History:
    """Train; the model is then on the CPU, with its best weights, and evaluates. See `fit`."""
    if job.resume:
        clear_drafts(job.folder)
    else:
        clear(job.folder)
    devices, precision = job.settings.devices, job.settings.precision
    if devices == 1:
        launch(partial(_train, job=job, progress=progress), devices=1, precision=precision)
    else:
        with followed(job.folder / "history.jsonl", job.settings.epochs, progress):
            launch(partial(_train, job=job, progress=Silent()), devices=devices, precision=precision)
    kept = load_last(job.folder)
    assert kept is not None
    job.model.cpu().load_state_dict(load_best(job.folder))
    job.objective.cpu()
    job.model.eval()
    return History(tuple(kept.epochs), kept.best, _reason_to_stop(job.settings, kept.epochs, kept.best))


def _train(fabric: Fabric, *, job: Job, progress: Progress) -> None:
    """All epochs that are left, in one of the processes."""
    if fabric.world_size > 1:
        job = replace(job, model=deepcopy(job.model))  # what came here is shared with the other processes
    settings, epochs, best = job.settings, list[Epoch](), -1
    own_optimiser = make_optimiser(job.model, settings)
    model, optimiser = fabric.setup(job.model, own_optimiser)
    job.objective.to(fabric.device)
    kept = load_last(job.folder) if job.resume else None
    if kept is not None:
        kept.check(job.made_with(), job.folder)
        job.model.load_state_dict(kept.weights)
        own_optimiser.load_state_dict(kept.optimiser)
        epochs, best = kept.epochs, kept.best
    n_steps = -(-len(_rows(fabric, job, len(epochs))) // job.batch_size)
    progress.start("training, steps", settings.epochs * n_steps)
    progress.advance(len(epochs) * n_steps)
    while not _reason_to_stop(settings, epochs, best):
        began = time.perf_counter()
        with seeded(settings.seed, len(epochs), fabric.global_rank):
            taught, loading = _epoch(fabric, model, optimiser, job, len(epochs), progress)
        valid = _validate(fabric, job, len(epochs)) if len(job.valid) else None
        epochs.append(
            Epoch(
                epoch=len(epochs),
                train_loss=taught.loss,
                valid_loss=valid.loss if valid else None,
                seconds=time.perf_counter() - began,
                loading_seconds=loading,
                learning_rate=float(own_optimiser.param_groups[0]["lr"]),
                train_accuracy=taught.accuracy,
                valid_accuracy=valid.accuracy if valid else None,
            )
        )
        best = _best(epochs, best)
        if fabric.is_global_zero:
            _keep(job, own_optimiser, epochs, best)
    progress.finish()


def _epoch(
    fabric: Fabric, model: Any, optimiser: Any, job: Job, number: int, progress: Progress
) -> tuple[_Judged, float]:
    """How an epoch went, and the seconds that its inputs were waited for."""
    settings, size = job.settings, job.batch_size
    rows = _rows(fabric, job, number)
    n_steps = -(-len(rows) // size)
    batches = job.source.batches(rows, batch_size=size, seed=settings.seed + fabric.global_rank, epoch=number)
    job.model.train()
    loading, sums = 0.0, _Sums()
    for step in range(n_steps):
        began = time.perf_counter()
        batch = _placed(next(batches), fabric)
        loading += time.perf_counter() - began
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(settings, number * n_steps + step, settings.epochs * n_steps)
        heard = model(batch.inputs)
        loss = job.objective(heard, batch)
        optimiser.zero_grad()
        fabric.backward(loss)
        if settings.clip is not None:
            fabric.clip_gradients(model, optimiser, max_norm=settings.clip, error_if_nonfinite=False)
        optimiser.step()
        value = float(loss.detach())  # a GPU is waited for here, not before its gradients
        if not math.isfinite(value):
            raise _not_finite(job, batch, heard, value, f"epoch {number}, batch {step}")
        sums.add(job, heard, batch, value)
        progress.advance()
    return sums.judged(fabric), loading


def _rows(fabric: Fabric, job: Job, number: int) -> Rows:
    """Those of this process in an epoch, in order."""
    order = job.objective.order(job.train, np.random.default_rng((job.settings.seed, number)))
    return dealt(order, job.batch_size, fabric.global_rank, fabric.world_size)


@torch.no_grad()
def _validate(fabric: Fabric, job: Job, number: int) -> _Judged:
    """How the validation rows go."""
    job.model.eval()
    sums = _Sums()
    batches = validation_batches(
        job.source, job.objective, job.valid, job.batch_size, fabric.global_rank, fabric.world_size
    )
    for step, given in enumerate(batches):
        batch = _placed(given, fabric)
        with fabric.autocast():
            heard = job.model(batch.inputs)
        value = float(job.objective(heard, batch))
        if not math.isfinite(value):
            raise _not_finite(job, batch, heard, value, f"validation after epoch {number}, batch {step}")
        sums.add(job, heard, batch, value)
    return sums.judged(fabric)


def _placed(batch: Batch, fabric: Fabric) -> Batch:
    def there(part: Tensor | None) -> Tensor | None:
        return None if part is None else part.to(fabric.device)

    inputs, rows = batch.inputs.to(fabric.device), batch.rows.to(fabric.device)
    return Batch(inputs, rows, there(batch.partner), there(batch.share))


def _best(epochs: list[Epoch], best: int) -> int:
    """The number of the best epoch, now that one more is done."""
    last = epochs[-1]
    if last.valid_loss is None or best < 0:
        return last.epoch
    lowest = epochs[best].valid_loss
    return last.epoch if lowest is None or last.valid_loss < lowest else best


def _reason_to_stop(settings: TrainingSettings, epochs: list[Epoch], best: int) -> str:
    """``patience`` or ``epochs``; empty while there is none."""
    if epochs and settings.patience is not None and len(epochs) - 1 - best >= settings.patience:
        return "patience"
    return "epochs" if len(epochs) >= settings.epochs else ""


def _keep(job: Job, optimiser: torch.optim.Optimizer, epochs: list[Epoch], best: int) -> None:
    """Write what a resumed training needs; the best weights first, since the checkpoint counts on them."""
    weights = job.model.state_dict()
    if best == epochs[-1].epoch:
        save_best(job.folder, weights)
    save_last(job.folder, Checkpoint(job.made_with(), epochs, best, weights, optimiser.state_dict()))
    write_epochs(job.folder / "history.jsonl", epochs)


def _not_finite(job: Job, batch: Batch, heard: Heard, value: float, where: str) -> SegueError:
    """Says which tracks: whose inputs are not finite, or else whose outputs are not, or else the batch's."""
    made = [heard.embedding, *heard.outputs.values()]
    wrong = _not_finite_rows([batch.inputs])
    kind = "the input is not finite" if wrong.any() else "lower the learning rate, or clip gradients"
    if not wrong.any():
        wrong = _not_finite_rows(made)
    rows = batch.rows[wrong] if wrong.any() else batch.rows
    names = [job.names[row] if job.names else f"row {row}" for row in dict.fromkeys(rows.tolist())]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return SegueError(f"the loss is {value} in {where}, with {shown}: {kind}")


def _not_finite_rows(parts: list[Tensor]) -> Tensor:
    """(n,): whether any number of an input's parts is not finite."""
    return torch.stack([~part.isfinite().flatten(1).all(dim=1) for part in parts]).any(dim=0)
