"""Objectives of triplets: an anchor nearer to what is like it than to what is not, by a margin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from segue.errors import UsageError
from segue.training.objectives.likeness import Likeness
from segue.training.objectives.losses import directions
from segue.training.objectives.objective import Objective, nothing

if TYPE_CHECKING:
    from segue.training.contract import Batch, Heard, Rows
    from segue.training.datasets.contract import Target


class OfflineTriplets(Objective):
    """``max(d(a, p) - d(a, n) + margin, 0)`` of triplets drawn before the epoch, as in thesis C.

    The positive is one of the nearest tracks by the cosine of the target's values, the negative one of the
    farthest; where the target is a class, one of the same and one of another. d is the Euclidean distance of
    embeddings of unit length. Every row is an anchor once an epoch. There are no heads.

    Parameters
    ----------
    targets
        One, of values or classes.
    weights
        Not used.
    margin
        Between the distances.
    nearest, farthest
        Tracks that positives and negatives are drawn from; at most a tenth and a half of the rows.
    """

    group = 3

    def __init__(
        self,
        targets: Mapping[str, Target],
        weights: Mapping[str, float],
        *,
        margin: float = 0.4,
        nearest: int = 20,
        farthest: int = 500,
    ) -> None:
        super().__init__(targets, weights)
        self._margin = margin
        self._likeness = Likeness(_only(targets), nearest, farthest)

    def order(self, rows: Rows, rng: np.random.Generator) -> Rows:
        """Anchor, positive, negative, and so on, the anchors shuffled."""
        positive, negative = self._likeness.partners(rows, rng), self._likeness.strangers(rows, rng)
        triplets = np.stack([rows, positive, negative], axis=1)
        return rng.permutation(triplets).ravel()

    def forward(self, heard: Heard, batch: Batch) -> Tensor:
        """See `Objective`; the batch is made of whole triplets."""
        made = directions(heard.embedding.float())
        anchor, positive, negative = made.reshape(-1, 3, made.shape[1]).unbind(dim=1)
        return (_distance(anchor, positive) - _distance(anchor, negative) + self._margin).clamp(min=0).mean()


class OnlineTriplets(Objective):
    """Triplets found in the batch, with semi-hard negatives.

    Rows come in pairs that are alike. Of every pair of a batch that is alike, the negative is the nearest
    that is farther than the positive; where there is none, the farthest. Tracks are alike if they are of one
    class, or one is among the nearest of the other by the cosine of values; unlike if of two classes, or
    farther than half of the tracks. Distances are as in `OfflineTriplets`. There are no heads.

    Parameters
    ----------
    targets
        One, of values or classes.
    weights
        Not used.
    margin
        Between the distances.
    nearest
        Tracks that are alike; at most a tenth of the rows.

    References
    ----------
    Schroff, Kalenichenko, Philbin, "FaceNet: a unified embedding for face recognition and clustering", CVPR
    2015.
    """

    group = 2

    def __init__(
        self,
        targets: Mapping[str, Target],
        weights: Mapping[str, float],
        *,
        margin: float = 0.4,
        nearest: int = 20,
    ) -> None:
        super().__init__(targets, weights)
        self._margin = margin
        self._likeness = Likeness(_only(targets), nearest)

    def order(self, rows: Rows, rng: np.random.Generator) -> Rows:
        """Each row, in shuffled order, followed by one that is like it."""
        pairs = np.stack([rows, self._likeness.partners(rows, rng)], axis=1)
        return rng.permutation(pairs).ravel()

    def forward(self, heard: Heard, batch: Batch) -> Tensor:
        """See `Objective`."""
        made = directions(heard.embedding.float())
        distance = _distance(made[:, None], made[None])  # n, n
        alike, unlike = self._likeness.between(batch.rows)
        alike = alike.bool() & ~torch.eye(len(made), dtype=torch.bool, device=made.device)
        anchor, positive = (alike & unlike.any(dim=1, keepdim=True)).nonzero(as_tuple=True)
        if not len(anchor):
            return nothing(heard)
        to_positive, to_others = distance[anchor, positive], distance[anchor]  # n_pairs; n_pairs, n
        farther = unlike[anchor] & (to_others > to_positive[:, None])
        nearest = to_others.masked_fill(~farther, torch.inf).amin(dim=1)
        farthest = to_others.masked_fill(~unlike[anchor], -torch.inf).amax(dim=1)
        to_negative = torch.where(farther.any(dim=1), nearest, farthest)
        return (to_positive - to_negative + self._margin).clamp(min=0).mean()


def _only(targets: Mapping[str, Target]) -> Target:
    """The one target of triplets."""
    if len(targets) != 1:
        raise UsageError(f"triplets learn from one target, not from {len(targets)}: {', '.join(targets)}")
    return next(iter(targets.values()))


def _distance(one: Tensor, other: Tensor) -> Tensor:
    """Euclidean, of the last dimension; its gradient is finite where both are equal."""
    return torch.sqrt(((one - other) ** 2).sum(dim=-1) + 1e-8)
