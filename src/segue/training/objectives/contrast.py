"""Objectives of contrast: an input nearer to those like it than to all others of its batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from segue.training.objectives.likeness import Likeness
from segue.training.objectives.losses import directions
from segue.training.objectives.objective import Objective, nothing

if TYPE_CHECKING:
    from segue.training.contract import Batch, Heard, Rows
    from segue.training.datasets.contract import Target


class Contrast(Objective):
    """Supervised contrast by one or more targets; without any, self-supervised: two crops of a track.

    With z the directions of embeddings and w how alike two inputs are (see `Likeness`), the loss of input i
    is ``-sum_j w[i, j] log(exp(z_i·z_j / t) / sum_{k≠i} exp(z_i·z_k / t)) / sum_j w[i, j]``; its mean over
    the inputs for which anything in the batch is alike, and the weighted mean over the targets. Inputs about
    which a target is not known have no part in its loss. Rows come in pairs: each with one that is like it by
    a target drawn by chance, or with itself. There are no heads. Mixed inputs count as their own track.

    Parameters
    ----------
    targets
        Of any kinds.
    weights
        How much each counts.
    temperature
        t.
    nearest
        Tracks that are alike by values; at most a tenth of the rows.

    References
    ----------
    Khosla et al., "Supervised contrastive learning", NeurIPS 2020 (L_out); Chen et al., "A simple framework
    for contrastive learning of visual representations", ICML 2020 (two crops).
    """

    group = 2

    def __init__(
        self,
        targets: Mapping[str, Target],
        weights: Mapping[str, float],
        *,
        temperature: float = 0.1,
        nearest: int = 20,
    ) -> None:
        super().__init__(targets, weights)
        self._temperature = temperature
        self._likeness = nn.ModuleList(Likeness(target, nearest) for target in targets.values())

    def known(self, rows: Rows) -> Rows:
        """As elsewhere; all rows where nothing needs to be known."""
        return super().known(rows) if self.targets else rows

    def order(self, rows: Rows, rng: np.random.Generator) -> Rows:
        """Each row, in shuffled order, followed by its partner."""
        partners = rows.copy()
        if self.targets:
            # By target; only where it is known has a row a partner by it.
            offers = np.stack([rows] * len(self.targets))
            known = np.stack([target.known[rows] for target in self.targets.values()])
            for at, likeness in enumerate(self._likeness):
                if known[at].sum() > 1:
                    offers[at, known[at]] = likeness.partners(rows[known[at]], rng)  # type: ignore[operator]
            drawn = np.where(known, rng.random(known.shape), -1.0).argmax(axis=0)
            partners = offers[drawn, np.arange(len(rows))]
        return rng.permutation(np.stack([rows, partners], axis=1)).ravel()

    def forward(self, heard: Heard, batch: Batch) -> Tensor:
        """See `Objective`."""
        made = directions(heard.embedding.float())
        scores = made @ made.T / self._temperature
        same = batch.rows[:, None] == batch.rows[None]
        if not self.targets:
            everything = torch.ones(len(made), dtype=torch.bool, device=made.device)
            return nothing(heard) + _contrast(scores, same.float(), everything)
        whole = nothing(heard)
        for weight, likeness in zip(self.weights.values(), self._likeness, strict=True):
            alike, _ = likeness.between(batch.rows)  # type: ignore[operator]
            known = likeness.get_buffer("known")[batch.rows]
            whole = whole + weight * _contrast(scores, alike, known)
        return whole / max(sum(self.weights.values()), 1e-12)


def self_supervised(
    targets: Mapping[str, Target], weights: Mapping[str, float], *, temperature: float = 0.1
) -> Contrast:
    """Two crops of a track alike, all other tracks unlike; targets are not looked at."""
    return Contrast({}, {}, temperature=temperature)


def _contrast(scores: Tensor, alike: Tensor, known: Tensor) -> Tensor:
    """The loss among the known inputs, from (n, n) scores and likeness."""
    scores, alike = scores[known][:, known], alike[known][:, known]
    own = torch.eye(len(scores), dtype=torch.bool, device=scores.device)
    chances = scores - scores.masked_fill(own, -torch.inf).logsumexp(dim=1, keepdim=True)
    pull = alike.masked_fill(own, 0.0)
    strength = pull.sum(dim=1)
    there = strength > 0
    if not there.any():
        return (scores * 0.0).sum()
    return (-(pull * chances).sum(dim=1)[there] / strength[there]).mean()
