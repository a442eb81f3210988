"""The layers of musicnn (Pons, Serra 2019) as arrays, freed of everything that has no effect.

Weight decay has taken most filters of the published network to zero. What such a filter puts out is a
constant, so it is computed here, once, and folded into the next layer: what remains gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TAG_NAMES = (
    *("rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s"),
    *("alternative rock", "jazz", "beautiful", "metal", "chillout", "male vocalists", "classic rock", "soul"),
    *("indie rock", "Mellow", "electronica", "80s", "folk", "90s", "chill", "instrumental", "punk", "oldies"),
    *("blues", "hard rock", "ambient", "acoustic", "experimental", "female vocalist", "guitar", "Hip-Hop"),
    *("70s", "party", "country", "easy listening", "sexy", "catchy", "funk", "electro", "heavy metal"),
    *("Progressive rock", "60s", "rnb", "indie pop", "sad", "House", "happy"),
)
"""The tags of the last layer, in its order."""

_EPSILON = 1e-3  # of TensorFlow's batch normalisation
# Largest weight of a filter that counts as zero: what such weights add is less than float32 resolves in the
# embedding. The least of the filters that stay reaches 2e-7.
_DEAD = 1e-8

# The checkpoint's names, in the order in which the network was built.
_FRONT = ("conv2d", "conv2d_1", "conv2d_2", "conv2d_3", "conv2d_4")
_MIDDLE = ("conv2d_5", "conv2d_6", "conv2d_7")
_NORMS = ("batch_normalization", *(f"batch_normalization_{i}" for i in range(1, 11)))


@dataclass(frozen=True, slots=True)
class FrontFilters:
    """The living filters of one block of the front end: convolve, maximum over frequency, then bend.

    Output is ``relu(sign * max + bias) * scale + shift``; filters are ``(n, time, mel)``. A filter whose
    normalisation has a negative factor is stored negated, which turns its minimum into a maximum.
    """

    filters: Array
    sign: Array
    bias: Array
    scale: Array
    shift: Array


@dataclass(frozen=True, slots=True)
class Convolution:
    """A convolution over time, ``relu(w * x + edge * 1 + bias) * scale + shift``.

    ``weights`` are ``(out, in, time)``; ``edge`` ``(out, time)`` is what the folded constant channels put in:
    it is convolved with ones that are padded with zeros, because so were the constants.
    """

    weights: Array
    edge: Array
    bias: Array
    scale: Array
    shift: Array


@dataclass(frozen=True, slots=True)
class Layers:
    """The network without its dead filters.

    The channels of the middle are ordered so that those alive in its first convolution come first. The
    embedding is ``relu(max @ dense_max + mean @ dense_mean + dense_bias) * dense_scale + dense_shift``, where
    maximum and mean are over time, of front end, first, second and third convolution side by side (the latter
    two with residuals).
    """

    input_scale: float
    input_shift: float
    front: tuple[FrontFilters, ...]
    middle: tuple[Convolution, ...]
    dense_max: Array
    dense_mean: Array
    dense_bias: Array
    dense_scale: Array
    dense_shift: Array
    out_weights: Array
    out_bias: Array


def living_layers(checkpoint: Mapping[str, NDArray[np.float32]]) -> Layers:
    """Fold what is constant and keep the rest.

    Parameters
    ----------
    checkpoint
        The tensors of ``MSD_musicnn`` by their names.
    """
    arrays = {name: array.astype(np.float64) for name, array in checkpoint.items()}
    norms = [_normalisation(arrays, name) for name in _NORMS]
    blocks = [_front_block(arrays, name, norm) for name, norm in zip(_FRONT, norms[1:6], strict=True)]
    alive = np.concatenate([block[1] for block in blocks])
    constants = np.concatenate([block[2] for block in blocks])

    kernels = [arrays[f"{name}/kernel"][:, :, 0].transpose(2, 1, 0) for name in _MIDDLE]
    biases = [arrays[f"{name}/bias"] for name in _MIDDLE]
    first_alive = np.abs(kernels[0]).max(axis=(1, 2)) > _DEAD
    order = np.concatenate([np.flatnonzero(first_alive), np.flatnonzero(~first_alive)])
    n_first = int(first_alive.sum())
    scales, shifts = (np.stack([norm[part][order] for norm in norms[6:9]]) for part in (0, 1))
    kernels = [kernels[0][order], *(kernel[order][:, order] for kernel in kernels[1:])]
    biases = [bias[order] for bias in biases]
    # A filter without weights gives the same value everywhere, at the edges too.
    first_constant = (np.maximum(biases[0], 0) * scales[0] + shifts[0])[n_first:]

    first = _fold(kernels[0], alive, constants)
    second = _fold(kernels[1], np.arange(len(order)) < n_first, np.r_[np.zeros(n_first), first_constant])
    third = _fold(kernels[2], np.ones(len(order), bool), np.zeros(len(order)))
    # The residual adds the first convolution to the second: its constants go into the second's shift.
    shifts[1, n_first:] += first_constant
    middle = tuple(
        Convolution(weights[:n], edge[:n], bias[:n], scale[:n], shift[:n])
        for (weights, edge), bias, scale, shift, n in zip(
            (first, second, third), biases, scales, shifts, (n_first, len(order), len(order)), strict=True
        )
    )
    dense = _dense(arrays, norms[9], alive, constants, order, n_first, first_constant)
    return Layers(
        float(norms[0][0][0]),
        float(norms[0][1][0]),
        tuple(block[0] for block in blocks),
        middle,
        *dense,
        *norms[10],
        arrays["dense_1/kernel"],
        arrays["dense_1/bias"],
    )


def _normalisation(arrays: Mapping[str, Array], name: str) -> tuple[Array, Array]:
    scale = arrays[f"{name}/gamma"] / np.sqrt(arrays[f"{name}/moving_variance"] + _EPSILON)
    return scale, arrays[f"{name}/beta"] - arrays[f"{name}/moving_mean"] * scale


def _front_block(
    arrays: Mapping[str, Array], name: str, norm: tuple[Array, Array]
) -> tuple[FrontFilters, NDArray[np.bool_], Array]:
    """The living filters of a block, which they are, and what each would put out without its weights."""
    filters = arrays[f"{name}/kernel"][:, :, 0].transpose(2, 0, 1)
    bias, (scale, shift) = arrays[f"{name}/bias"], norm
    alive = np.abs(filters).max(axis=(1, 2)) > _DEAD
    sign = np.where(scale < 0, -1.0, 1.0)[alive]
    block = FrontFilters(filters[alive] * sign[:, None, None], sign, bias[alive], scale[alive], shift[alive])
    return block, alive, np.maximum(bias, 0) * scale + shift


def _fold(kernel: Array, alive: NDArray[np.bool_], constants: Array) -> tuple[Array, Array]:
    edge = np.einsum("oct,c->ot", kernel[:, ~alive], constants[~alive])
    return kernel[:, alive], edge


def _dense(
    arrays: Mapping[str, Array],
    norm: tuple[Array, Array],
    alive: NDArray[np.bool_],
    constants: Array,
    order: NDArray[np.int64],
    n_first: int,
    first_constant: Array,
) -> tuple[Array, Array, Array]:
    """Weights for the maxima and the means of the living channels, and the bias with the constants in it."""
    weights = arrays["dense/kernel"]
    bias = arrays["dense/bias"] + norm[1] @ weights
    # The two pools of a channel lie side by side in what was flattened: maximum, then mean.
    for_max, for_mean = (norm[0][:, None] * weights).reshape(-1, 2, weights.shape[1]).transpose(1, 0, 2)
    n_front = len(alive)
    first = n_front + order
    dead = np.r_[np.flatnonzero(~alive), first[n_first:]]
    value = np.r_[constants[~alive], first_constant]
    bias = bias + value @ (for_max[dead] + for_mean[dead])
    keep = np.r_[
        np.flatnonzero(alive), first[:n_first], n_front + len(order) + order, n_front + 2 * len(order) + order
    ]
    return for_max[keep], for_mean[keep], bias
