"""Losses of one input each: what an output costs, given what is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812 - as everywhere in torch

if TYPE_CHECKING:
    from torch import Tensor

_SHORTEST = 1e-4
"""Added (squared) to lengths, so that an output of zero has a direction and a finite gradient."""


def cross_entropy(outputs: Tensor, classes: Tensor) -> Tensor:
    """(n, n_classes) logits and (n,) classes to (n,) losses; a class below 0 costs nothing."""
    return F.cross_entropy(outputs, classes, reduction="none", ignore_index=-1)


def binary_cross_entropy(outputs: Tensor, tags: Tensor) -> Tensor:
    """(n, n_tags) logits and (n, n_tags) of 0, 1 and NaN to (n,): the mean over the tags that are known."""
    known = ~tags.isnan()
    losses = F.binary_cross_entropy_with_logits(outputs, tags.nan_to_num(0.0), reduction="none")
    return (losses * known).sum(dim=1) / known.sum(dim=1).clamp(min=1)


def squared_error(outputs: Tensor, values: Tensor) -> Tensor:
    """(n, k) and (n, k) to (n,): the mean over the dimensions."""
    return ((outputs - values) ** 2).mean(dim=1)


def cosine_distance(outputs: Tensor, values: Tensor) -> Tensor:
    """(n, k) and (n, k) to (n,): one minus the cosine."""
    return 1.0 - (directions(outputs) * directions(values)).sum(dim=1)


def mcos(outputs: Tensor, values: Tensor) -> Tensor:
    """(n, k) and (n, k) to (n,): minus MCOS (thesis A).

    With ``S[i, j] = cos(values i, outputs j)`` and ``S2 = S + 1`` the score of k is
    ``S[k, k] / sum_i S2[i, k]``: high where an output points to its own target and away from the others.
    """
    likeness = directions(values) @ directions(outputs).T
    return -likeness.diagonal() / (likeness + 1.0).sum(dim=0).clamp(min=1e-6)


def directions(vectors: Tensor) -> Tensor:
    """(n, k) to unit length."""
    return vectors / torch.sqrt((vectors**2).sum(dim=1, keepdim=True) + _SHORTEST**2)
