"""Linear ridge regression from content to factors, in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ridge:
    """A fitted regression; see `fit_ridge`.

    Attributes
    ----------
    weights : (n_inputs + 1, n_factors) float32
        Of the inputs, and of a constant.
    """

    weights: Floats

    def predict(self, inputs: Floats) -> Floats:
        """Factors, ``(n, n_factors) float32``."""
        return np.asarray(inputs @ self.weights[:-1] + self.weights[-1])


def fit_ridge(inputs: Floats, targets: Floats, penalties: Sequence[float]) -> list[Ridge]:
    """Fit one regression for each penalty; the constant is penalised too.

    Parameters
    ----------
    inputs : (n, n_inputs) float32
        Of tracks with factors.
    targets : (n, n_factors) float32
        Their factors.
    penalties
        lambda of each.
    """
    x = np.column_stack([inputs, np.ones(len(inputs))]).astype(np.float64)
    return solved(x.T @ x, x.T @ targets, penalties)


def solved(
    gram: NDArray[np.float64], towards: NDArray[np.float64], penalties: Sequence[float]
) -> list[Ridge]:
    """One regression for each penalty from sums over tracks, wherever they were added up.

    Parameters
    ----------
    gram : (n_inputs + 1, n_inputs + 1) float64
        ``X^T X``, the last column of X being ones.
    towards : (n_inputs + 1, n_factors) float64
        ``X^T Y``.
    penalties
        lambda of each.
    """
    return [
        Ridge(np.linalg.solve(gram + penalty * np.eye(len(gram)), towards).astype(np.float32))
        for penalty in penalties
    ]
