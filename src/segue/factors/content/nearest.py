"""Neighbours in content, weighted by how near they are and how much they are played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_BLOCK = 1_024


@dataclass(frozen=True, slots=True)
class Nearest:
    """The mean of the factors of the `k` tracks nearest in content.

    Attributes
    ----------
    inputs : (n, n_inputs) float32
        Of the training tracks.
    targets : (n, n_factors) float32
        Their factors.
    plays : (n,) float32
        How much each counts.
    k
        How many neighbours.
    """

    inputs: Floats
    targets: Floats
    plays: Floats
    k: int

    def predict(self, inputs: Floats) -> Floats:
        """Factors, ``(n, n_factors) float32``."""
        blocks = [inputs[at : at + _BLOCK] for at in range(0, max(len(inputs), 1), _BLOCK)]
        return np.concatenate([self._block(block) for block in blocks])

    def _block(self, inputs: Floats) -> Floats:
        k = min(self.k, len(self.inputs))
        squares = (self.inputs**2).sum(axis=1) - 2 * (inputs @ self.inputs.T)
        squares += (inputs**2).sum(axis=1)[:, None]
        near = np.argpartition(squares, k - 1, axis=1)[:, :k]
        distance = np.maximum(np.take_along_axis(squares, near, axis=1), 0)
        # The farthest of them sets the scale, as content is dense in some places and thin in others.
        weight = np.exp(-distance / np.maximum(distance.max(axis=1, keepdims=True), 1e-9)) * self.plays[near]
        weight /= np.maximum(weight.sum(axis=1, keepdims=True), 1e-9)
        return np.asarray(np.einsum("nk,nkd->nd", weight, self.targets[near]), dtype=np.float32)
