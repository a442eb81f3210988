"""Parts of a step that need no loop: who has which batch, what validation hears, how fast to learn."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch

from segue.training.contract import Batch, Source

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import nn

    from segue.training.contract import Rows
    from segue.training.fitting import TrainingSettings
    from segue.training.objectives.objective import Objective

    Input = NDArray[np.float32]

# Of the one-cycle schedule: share of the steps in which the rate rises; how far below the highest it begins.
_RISE, _LOW = 0.3, 25.0


def whole_groups(batch_size: int, group: int) -> int:
    """The batch size in inputs, a multiple of `group`."""
    return max(group, batch_size - batch_size % group)


def dealt(order: Rows, batch_size: int, rank: int, n_ranks: int) -> Rows:
    """The rows of one process: every `n_ranks`-th batch, as many batches for each.

    A last batch of one input is left out, since batch normalisation cannot learn from it. Where batches are
    missing at the end, the first ones come again.
    """
    if len(order) > batch_size and len(order) % batch_size == 1:
        order = order[:-1]
    if n_ranks == 1:
        return order
    batches = [order[at : at + batch_size] for at in range(0, len(order), batch_size)]
    own = [batches[at % len(batches)] for at in range(-(-len(batches) // n_ranks) * n_ranks)][rank::n_ranks]
    # Only the last batch of an epoch may be short.
    own.sort(key=len, reverse=True)
    return np.concatenate(own)


def validation_batches(
    source: Source, objective: Objective, rows: Rows, batch_size: int, rank: int, n_ranks: int
) -> Iterator[Batch]:
    """What one process hears of the validation rows: the same inputs every epoch, never augmented.

    Up to three windows of a track; for objectives of groups, groups as in training, in which a track that
    comes again comes with another of its windows where it has several.
    """
    waiting: list[tuple[int, Input]] = []
    for row, window in _validation_inputs(source, objective, rows, rank, n_ranks):
        waiting.append((row, window))
        if len(waiting) == batch_size:
            yield _batch(waiting)
            waiting = []
    if waiting:
        yield _batch(waiting)


def _validation_inputs(
    source: Source, objective: Objective, rows: Rows, rank: int, n_ranks: int
) -> Iterator[tuple[int, Input]]:
    if objective.group == 1:
        for row in rows[rank::n_ranks].tolist():
            windows = source.windows(row)
            yield from ((row, windows[at]) for at in _chosen(len(windows)))
        return
    order = objective.order(rows, np.random.default_rng(0))
    seen: Counter[int] = Counter()
    for row in order.reshape(-1, objective.group)[rank::n_ranks].ravel().tolist():
        windows = source.windows(row)
        chosen = _chosen(len(windows))
        yield row, windows[chosen[seen[row] % len(chosen)]]
        seen[row] += 1


def _chosen(n_windows: int) -> list[int]:
    """Up to three of the windows: the middle, the first, the last."""
    return list(dict.fromkeys([n_windows // 2, 0, n_windows - 1])) if n_windows else []


def _batch(inputs: list[tuple[int, Input]]) -> Batch:
    rows = torch.tensor([row for row, _ in inputs])
    return Batch(torch.from_numpy(np.stack([window for _, window in inputs])), rows)


def make_optimiser(model: nn.Module, settings: TrainingSettings) -> torch.optim.Optimizer:
    """An optimiser of all parameters that are not frozen."""
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    rate, decay = settings.learning_rate, settings.weight_decay
    if settings.optimiser == "sgd":
        return torch.optim.SGD(parameters, lr=rate, momentum=settings.momentum, weight_decay=decay)
    kind = torch.optim.Adam if settings.optimiser == "adam" else torch.optim.AdamW
    return kind(parameters, lr=rate, betas=settings.betas, eps=settings.eps, weight_decay=decay)


def learning_rate(settings: TrainingSettings, step: int, n_steps: int) -> float:
    """For a step of `n_steps`, both over all epochs."""
    highest, done = settings.learning_rate, step / max(n_steps, 1)
    if settings.schedule == "none":
        return highest / (1 + settings.rate_decay * step)
    if settings.schedule == "cosine":
        return _along(highest, 0.0, done)
    if done < _RISE:
        return _along(highest / _LOW, highest, done / _RISE)
    return _along(highest, highest / _LOW**3, (done - _RISE) / (1 - _RISE))


def _along(start: float, end: float, share: float) -> float:
    """From start to end along half a cosine."""
    return end + (start - end) * 0.5 * (1 + math.cos(math.pi * share))
