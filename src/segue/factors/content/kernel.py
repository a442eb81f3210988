"""Kernel ridge regression from content to factors: near in content, near in factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_MOST_LANDMARKS = 2_000
_SAMPLE = 500
_BLOCK = 4_096
_NEGLIGIBLE = 1e-7  # of the largest eigenvalue


@dataclass(frozen=True, slots=True)
class Kernel:
    """A Gaussian kernel around landmarks, which are training tracks.

    Attributes
    ----------
    landmarks : (m, n_inputs) float32
        Inputs of the tracks that stand for all; all of them up to 2,000.
    gamma
        The kernel is ``exp(-gamma |a - b|²)``.
    """

    landmarks: Floats
    gamma: float

    def likeness(self, inputs: Floats) -> Floats:
        """How like each landmark each track is, ``(n, m) float32``, in [0, 1]."""
        squares = (inputs**2).sum(axis=1)[:, None] + (self.landmarks**2).sum(axis=1)
        distances = np.maximum(squares - 2 * (inputs @ self.landmarks.T), 0)
        return np.asarray(np.exp(np.float32(-self.gamma) * distances), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class KernelRidge:
    """A fitted regression; see `fit_kernel_ridge`.

    Attributes
    ----------
    kernel
        What is near.
    coefficients : (m, n_factors) float32
        What each landmark says.
    doubt : (m, m) float32
        Gives the spread of a prediction.
    penalty
        lambda.
    """

    kernel: Kernel
    coefficients: Floats
    doubt: Floats
    penalty: float

    def predict(self, inputs: Floats) -> Floats:
        """Factors, ``(n, n_factors) float32``."""
        blocks = [inputs[at : at + _BLOCK] for at in range(0, max(len(inputs), 1), _BLOCK)]
        return np.concatenate([self.kernel.likeness(block) @ self.coefficients for block in blocks])

    def spread(self, inputs: Floats) -> Floats:
        """How uncertain each prediction is, ``(n,) float32``: 0 is certain, 1 is nothing known nearby.

        The posterior deviation of a Gaussian process with this kernel (projected process; Rasmussen,
        Williams, "Gaussian Processes for Machine Learning", 2006, equation 8.27), relative to the prior's.
        """
        near = self.kernel.likeness(inputs)
        variance = 1 + ((near @ self.doubt) * near).sum(axis=1)
        return np.asarray(np.sqrt(np.clip(variance, 0, 1)), dtype=np.float32)


def choose_kernel(inputs: Floats, *, width: float, seed: int) -> Kernel:
    """A kernel whose gamma is ``width`` over the median squared distance of two tracks.

    Parameters
    ----------
    inputs : (n, n_inputs) float32
        Of the training tracks.
    width
        1 makes half of all pairs more alike than exp(-1).
    seed
        Of the landmarks.
    """
    rng = np.random.default_rng(seed)
    n = len(inputs)
    chosen = np.sort(rng.choice(n, min(n, _MOST_LANDMARKS), replace=False))
    sample = inputs[chosen[:: max(1, len(chosen) // _SAMPLE)]].astype(np.float64)
    squares = ((sample[:, None] - sample[None]) ** 2).sum(axis=2)
    median = float(np.median(squares[np.triu_indices(len(sample), 1)])) if len(sample) > 1 else 1.0
    return Kernel(np.ascontiguousarray(inputs[chosen]), width / max(median, 1e-6))


def fit_kernel_ridge(
    kernel: Kernel, inputs: Floats, targets: Floats, penalties: Sequence[float]
) -> list[KernelRidge]:
    """Fit one regression for each penalty.

    Parameters
    ----------
    kernel
        See `choose_kernel`.
    inputs : (n, n_inputs) float32
        Of tracks with plays.
    targets : (n, n_factors) float32
        Their factors.
    penalties
        lambda of each.

    References
    ----------
    Rudi, Camoriano, Rosasco, "Less is more: Nyström computational regularization", NIPS 2015, equation 5:
    ``(K_mn K_nm + lambda K_mm)⁻¹ K_mn y``; with all tracks as landmarks it is kernel ridge regression.
    """
    # In the directions in which the kernel says anything: stable, and fewer than there are landmarks.
    values, vectors = np.linalg.eigh(kernel.likeness(kernel.landmarks).astype(np.float64))
    heard = values > _NEGLIGIBLE * values[-1]
    projection = vectors[:, heard] / np.sqrt(values[heard])
    gram = np.zeros((projection.shape[1],) * 2)
    towards = np.zeros((projection.shape[1], targets.shape[1]))
    for at in range(0, len(inputs), _BLOCK):
        places = kernel.likeness(inputs[at : at + _BLOCK]).astype(np.float64) @ projection
        gram += places.T @ places
        towards += places.T @ targets[at : at + _BLOCK]
    strengths, turned = np.linalg.eigh(gram)
    strengths = np.maximum(strengths, 0)
    outwards, wanted = projection @ turned, turned.T @ towards
    fitted = []
    for penalty in penalties:
        coefficients = (outwards / (strengths + penalty)) @ wanted
        doubt = (outwards * (penalty / (strengths + penalty) - 1)) @ outwards.T
        model = KernelRidge(kernel, coefficients.astype(np.float32), doubt.astype(np.float32), penalty)
        fitted.append(model)
    return fitted
