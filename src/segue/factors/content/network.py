"""A small network from content to factors, in NumPy: dense layers, dropout, AdamW, any objective."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]
    Objective = Callable[[Ints, Floats], Floats]
    """Takes training rows and the outputs for them; gives the gradient with respect to the outputs."""

_DECAYS = (0.9, 0.999)


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """Shape and training.

    Attributes
    ----------
    hidden
        Widths of the hidden layers.
    n_epochs
        Times that every track is seen.
    batch
        Tracks in one step.
    rate
        Of learning, at the beginning; it falls to 0 along a cosine.
    decay
        How much weights shrink (AdamW).
    dropout
        Share of hidden units left out in a step.
    """

    hidden: tuple[int, ...] = (256, 256)
    n_epochs: int = 15
    batch: int = 128
    rate: float = 1e-3
    decay: float = 0.01
    dropout: float = 0.2


@dataclass(frozen=True, slots=True)
class Network:
    """Layers of weights; see `fit_network`."""

    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]

    def outputs(self, inputs: Floats) -> Floats:
        """``(n, n_outputs) float32``."""
        values = inputs
        for at, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            values = values @ weight + bias
            if at < len(self.weights) - 1:
                values = np.maximum(values, 0)
        return np.asarray(values)


def fit_network(
    inputs: Floats,
    n_outputs: int,
    objective: Objective,
    settings: NetworkSettings,
    *,
    seed: int,
    progress: Progress | None = None,
) -> Network:
    """Train dense ReLU layers with AdamW.

    Parameters
    ----------
    inputs : (n, n_inputs) float32
        One row a track.
    n_outputs
        Length of what is predicted.
    objective
        Gives the gradient of what is minimised.
    settings
        Shape and training.
    seed
        Of weights, order and dropout.
    progress
        Told of epochs.

    References
    ----------
    Loshchilov, Hutter, "Decoupled weight decay regularization", ICLR 2019; He et al., "Delving deep into
    rectifiers", ICCV 2015 (first weights).
    """
    progress = progress or Silent()
    rng = np.random.default_rng(seed)
    sizes = (inputs.shape[1], *settings.hidden, n_outputs)
    weights = [
        rng.standard_normal(pair, dtype=np.float32) * np.float32(np.sqrt(2 / pair[0]))
        for pair in pairwise(sizes)
    ]
    weights[-1] *= np.float32(0.1)
    biases = [np.zeros(size, dtype=np.float32) for size in sizes[1:]]
    step = _adam([*weights, *biases], settings.decay)
    n, n_batches = len(inputs), -(-len(inputs) // settings.batch)
    n_steps, at = settings.n_epochs * n_batches, 0
    progress.start("training a network, epochs", settings.n_epochs)
    for _ in range(settings.n_epochs):
        order = rng.permutation(n)
        for rows in np.array_split(order, n_batches):
            layers, kept = _forward(inputs[rows], weights, biases, settings.dropout, rng)
            gradients = _backward(objective(rows, layers[-1]), layers, kept, weights)
            step(gradients, settings.rate * 0.5 * (1 + np.cos(np.pi * at / n_steps)))
            at += 1
        progress.advance()
    progress.finish()
    return Network(tuple(weights), tuple(biases))


def _forward(
    values: Floats, weights: list[Floats], biases: list[Floats], dropout: float, rng: np.random.Generator
) -> tuple[list[Floats], list[Floats]]:
    """The values of every layer, and what dropout kept of each hidden one."""
    layers, kept = [values], []
    for at, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        values = values @ weight + bias
        if at < len(weights) - 1:
            chosen = (values > 0) & (rng.random(values.shape, dtype=np.float32) >= dropout)
            mask = chosen.astype(np.float32) / np.float32(1 - dropout)
            values = values * mask
            kept.append(mask)
        layers.append(values)
    return layers, kept


def _backward(
    gradient: Floats, layers: list[Floats], kept: list[Floats], weights: list[Floats]
) -> list[Floats]:
    """Gradients of all weights, then of all biases."""
    of_weights: list[Floats] = []
    of_biases: list[Floats] = []
    for at in range(len(weights) - 1, -1, -1):
        of_weights.append(layers[at].T @ gradient)
        of_biases.append(gradient.sum(axis=0))
        if at:
            gradient = (gradient @ weights[at].T) * kept[at - 1]
    return [*reversed(of_weights), *reversed(of_biases)]


def _adam(parameters: list[Floats], decay: float) -> Callable[[list[Floats], float], None]:
    """A step of AdamW that changes the parameters in place; biases do not decay."""
    first = [np.zeros_like(parameter) for parameter in parameters]
    second = [np.zeros_like(parameter) for parameter in parameters]
    times = 0

    def step(gradients: list[Floats], rate: float) -> None:
        nonlocal times
        times += 1
        unbiased = np.float32(rate * np.sqrt(1 - _DECAYS[1] ** times) / (1 - _DECAYS[0] ** times))
        for parameter, gradient, m, v in zip(parameters, gradients, first, second, strict=True):
            m += np.float32(1 - _DECAYS[0]) * (gradient - m)
            v += np.float32(1 - _DECAYS[1]) * (gradient**2 - v)
            parameter -= unbiased * m / (np.sqrt(v) + np.float32(1e-8))
            if parameter.ndim == 2:
                parameter *= np.float32(1 - rate * decay)

    return step
