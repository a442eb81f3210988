"""Objectives of heads: every output against its own target, several at once, labels missing and mixed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from torch import Tensor

from segue.training.objectives import losses
from segue.training.objectives.objective import Objective

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.training.contract import Batch, Heard, Rows
    from segue.training.datasets.contract import Kind, Target

Loss = Callable[[Tensor, Tensor], Tensor]
"""Takes outputs (n, k) and what is right for them; gives (n,) losses."""

Balance = Literal["none", "weights", "sampling"]
"""Classes as often as they are, each class of equal weight, or each drawn equally often."""

_USUAL: dict[Kind, Loss] = {
    "class": losses.cross_entropy,
    "tags": losses.binary_cross_entropy,
    "values": losses.squared_error,
}


class HeadsObjective(Objective):
    """The weighted sum over heads of the mean loss of the inputs whose label is known.

    Parameters
    ----------
    targets, weights
        See `Objective`.
    values_loss
        Of targets that are values; other kinds have cross-entropy.
    scaled
        Whether values are centred and scaled to unit variance by the training rows before they are compared.
        Losses that know only directions take them as they are.
    by_weight
        Whether targets' own weights (such as plays) count; scaled to a mean of 1 over the training rows.
    balance
        Of classes. Sampling goes by the first target that is a class.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        weights: Mapping[str, float],
        *,
        values_loss: Loss = losses.squared_error,
        scaled: bool = True,
        by_weight: bool = False,
        balance: Balance = "none",
    ) -> None:
        super().__init__(targets, weights)
        self.heads = {name: len(target.names) for name, target in targets.items()}
        self.kinds = {name: target.kind for name, target in targets.items()}
        self._losses = {**_USUAL, "values": values_loss}
        self._scaled, self._by_weight, self._balance = scaled, by_weight, balance
        for at, target in enumerate(targets.values()):
            self.register_buffer(f"right_{at}", torch.tensor(target.values), False)
            self.register_buffer(f"known_{at}", torch.tensor(target.known), False)
            self.register_buffer(f"weight_{at}", torch.ones(len(target.values)), False)

    def learn(self, rows: Rows) -> None:
        """Units of values, weights of classes and of tracks, from the training rows."""
        for at, (name, target) in enumerate(self.targets.items()):
            there = rows[target.known[rows]]
            weight: NDArray[np.floating] | None = None
            if target.kind == "values":
                values = torch.tensor(target.values)
                centre, width = self.units[name] = _units(values[torch.tensor(there)], self._scaled)
                self.get_buffer(f"right_{at}").copy_((values - centre) / width)
                weight = target.weights if self._by_weight else None
            elif target.kind == "class" and self._balance == "weights":
                weight = _rarity(target, there)
            if weight is not None:
                mean = max(float(np.mean(weight[there])), 1e-12) if len(there) else 1.0
                self.get_buffer(f"weight_{at}").copy_(torch.from_numpy(weight / np.float32(mean)))

    def order(self, rows: Rows, rng: np.random.Generator) -> Rows:
        """Shuffled, or drawn with replacement so that every class comes equally often."""
        classes = [target for target in self.targets.values() if target.kind == "class"]
        if self._balance != "sampling" or not classes:
            return rng.permutation(rows)
        chance = _rarity(classes[0], rows)[rows]
        return rng.choice(rows, size=len(rows), p=chance / chance.sum())

    def forward(self, heard: Heard, batch: Batch) -> Tensor:
        """See `Objective`; an input with another mixed in is judged by both targets, by their shares."""
        whole = torch.zeros((), device=heard.embedding.device)
        for at, name in enumerate(self.targets):
            output = heard.outputs[name].float()
            parts = [self._cost(at, output, rows, share) for rows, share in _mixed(batch)]
            cost, known = (torch.stack(sums).sum() for sums in zip(*parts, strict=True))
            whole = whole + self.weights[name] * cost / torch.where(known > 0, known, 1.0)
        return whole

    @torch.no_grad()
    def told_rightly(self, heard: Heard, batch: Batch) -> Tensor:
        """See `Objective`; of two mixed inputs each counts by its share."""
        counts = torch.zeros(2, device=heard.embedding.device)
        for at, (name, kind) in enumerate(self.kinds.items()):
            if kind == "class":
                said = heard.outputs[name].argmax(dim=1)
                for rows, share in _mixed(batch):
                    right = said == self.get_buffer(f"right_{at}")[rows]  # never where it is not known: -1
                    known = self.get_buffer(f"known_{at}")[rows]
                    counts += torch.stack([(share * right).sum(), (share * known).sum()])
        return counts

    def _cost(self, at: int, outputs: Tensor, rows: Tensor, share: Tensor) -> tuple[Tensor, Tensor]:
        """Sum of the losses and of the shares of the inputs whose label is known."""
        known = self.get_buffer(f"known_{at}")[rows]
        rows, share = rows[known], share[known]
        loss = self._losses[list(self.kinds.values())[at]]
        each = loss(outputs[known], self.get_buffer(f"right_{at}")[rows])
        return (each * share * self.get_buffer(f"weight_{at}")[rows]).sum(), share.sum()


def _mixed(batch: Batch) -> list[tuple[Tensor, Tensor]]:
    """The tracks in the inputs with their shares: the inputs' own, and those that were mixed in, if any."""
    if batch.partner is None or batch.share is None:
        return [(batch.rows, torch.ones(len(batch.rows), device=batch.rows.device))]
    return [(batch.rows, batch.share), (batch.rows[batch.partner], 1.0 - batch.share)]


def mse(targets: Mapping[str, Target], weights: Mapping[str, float]) -> HeadsObjective:
    """Mean squared error of values that were centred and scaled to unit variance."""
    return HeadsObjective(targets, weights)


def weighted_mse(targets: Mapping[str, Target], weights: Mapping[str, float]) -> HeadsObjective:
    """The same, each track counting by the weight that its target gives it, such as its plays."""
    return HeadsObjective(targets, weights, by_weight=True)


def cosine(targets: Mapping[str, Target], weights: Mapping[str, float]) -> HeadsObjective:
    """One minus the cosine to the values as they are. One point for all scores well: beware (thesis A)."""
    return HeadsObjective(targets, weights, values_loss=losses.cosine_distance, scaled=False)


def mcos(targets: Mapping[str, Target], weights: Mapping[str, float]) -> HeadsObjective:
    """Minus MCOS: to the own values and away from those of the batch's other inputs (thesis A)."""
    return HeadsObjective(targets, weights, values_loss=losses.mcos, scaled=False)


def cross_entropy(targets: Mapping[str, Target], weights: Mapping[str, float]) -> HeadsObjective:
    """Cross-entropy of classes, binary cross-entropy of tags."""
    return HeadsObjective(targets, weights)


def weighted_cross_entropy(targets: Mapping[str, Target], weights: Mapping[str, float]) -> HeadsObjective:
    """Each class counts equally, however many tracks it has."""
    return HeadsObjective(targets, weights, balance="weights")


def balanced_cross_entropy(targets: Mapping[str, Target], weights: Mapping[str, float]) -> HeadsObjective:
    """Each class is drawn equally often, however many tracks it has."""
    return HeadsObjective(targets, weights, balance="sampling")


def _units(values: Tensor, scaled: bool) -> tuple[Tensor, Tensor]:
    """(k,) centre and (k,) width of (n, k) values."""
    n_values = values.shape[1]
    if not scaled or len(values) < 2:
        return torch.zeros(n_values), torch.ones(n_values)
    width = values.double().std(dim=0, correction=0).float()
    return values.double().mean(dim=0).float(), torch.where(width > 1e-9, width, 1.0)


def _rarity(target: Target, rows: Rows) -> NDArray[np.float32]:
    """(n_tracks,): one through the number of `rows` in a track's class; 0 for classes without any.

    A track whose class is not known has the mean of the others.
    """
    counts = np.bincount(target.values[rows][target.known[rows]], minlength=len(target.names))
    by_class = np.where(counts > 0, 1.0 / np.maximum(counts, 1), 0.0)
    mean = by_class[counts > 0].mean() if counts.any() else 1.0
    return np.where(target.known, by_class[target.values], mean).astype(np.float32)
