"""What every objective is: targets, the order in which rows are seen, and a loss."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.training.contract import Batch, Heard, Rows
    from segue.training.datasets.contract import Kind, Target


class Objective(nn.Module):
    """Base of all objectives.

    Parameters
    ----------
    targets
        What is known about the tracks, by name.
    weights
        How much each counts; 1 where not given.

    Attributes
    ----------
    group
        Inputs that belong together: every batch is a multiple of it.
    heads, kinds
        Outputs that the model must have: their number and what they are, by the name of the target.
    units
        By head of values: (centre, width), in which the model's outputs are compared with targets. Set by
        `learn`.
    settings
        Name and settings that `make_objective` made it with.
    """

    group = 1

    def __init__(self, targets: Mapping[str, Target], weights: Mapping[str, float]) -> None:
        super().__init__()
        self.targets = dict(targets)
        self.weights = {name: float(weights.get(name, 1.0)) for name in targets}
        self.heads: dict[str, int] = {}
        self.kinds: dict[str, Kind] = {}
        self.units: dict[str, tuple[Tensor, Tensor]] = {}
        self.settings: dict[str, object] = {}

    def digest(self) -> str:
        """Hex digits that change with its settings and with anything that is known about any track."""
        parts: list[object] = [type(self).__name__, self.settings, self.weights]
        for name, target in self.targets.items():
            numbers = target.values.tobytes() + (b"" if target.weights is None else target.weights.tobytes())
            parts += [name, target.kind, target.names, hashlib.sha256(numbers).hexdigest()]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:8]

    def known(self, rows: Rows) -> Rows:
        """Those of the rows about which any target is known."""
        anything: NDArray[np.bool_] = np.zeros(len(rows), dtype=bool)
        for target in self.targets.values():
            anything |= target.known[rows]
        return rows[anything]

    def learn(self, rows: Rows) -> None:
        """Take from the training rows what the loss needs: units of values, weights of classes."""

    def order(self, rows: Rows, rng: np.random.Generator) -> Rows:
        """The rows of one epoch: a multiple of `group` of them, those of a group side by side."""
        return rng.permutation(rows)

    def forward(self, heard: Heard, batch: Batch) -> Tensor:
        """The loss, a scalar; zero, with a gradient of zero, if nothing is known about the batch."""
        raise NotImplementedError

    def told_rightly(self, heard: Heard, batch: Batch) -> Tensor:
        """(2,): how many classes of the batch were told rightly, and how many are known; zeros without."""
        return torch.zeros(2, device=heard.embedding.device)


def nothing(heard: Heard) -> Tensor:
    """A loss of zero that has a gradient, of zero, everywhere."""
    return sum(((made * 0.0).sum() for made in heard.outputs.values()), (heard.embedding * 0.0).sum())
