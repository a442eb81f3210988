"""What networks are made of: a trunk, and the few layers between arrays of another shape."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from segue.errors import UsageError


class Trunk(nn.Module):
    """Layers from inputs to embeddings.

    Parameters
    ----------
    layers
        From (n, n_frames, n_mels) or (n, size) to (n, dim), or to (n, n_steps, dim).
    dim
        Length of the embedding.
    per_step
        Whether there is an embedding for each of several steps in time; what heads make of them is averaged.
    zero_head
        Whether heads begin with weights of zero, as in system C. Not for objectives on directions: zero has
        none.
    own_scale
        Whether it takes levels in dB as they are: they are neither standardised nor cut to a range.
    """

    def __init__(
        self,
        layers: nn.Module,
        dim: int,
        *,
        per_step: bool = False,
        zero_head: bool = False,
        own_scale: bool = False,
    ) -> None:
        super().__init__()
        self.layers = layers
        self.dim = dim
        self.per_step = per_step
        self.zero_head = zero_head
        self.own_scale = own_scale

    def forward(self, inputs: Tensor) -> Tensor:
        """The embeddings of some inputs."""
        embedding: Tensor = self.layers(inputs)
        return embedding


class Rearrange(nn.Module):
    """Puts the axes in another order."""

    def __init__(self, *axes: int) -> None:
        super().__init__()
        self.axes = axes

    def forward(self, values: Tensor) -> Tensor:
        """The same values under other axes."""
        return values.permute(self.axes)


def frames_last() -> nn.Module:
    """From (n, n_frames, n_mels) to (n, n_mels, n_frames): bands are channels of a convolution over time."""
    return Rearrange(0, 2, 1)


def picture() -> nn.Module:
    """From (n, n_frames, n_mels) to (n, 1, n_mels, n_frames): a picture of one channel, time to the right."""
    return nn.Sequential(Rearrange(0, 2, 1), nn.Unflatten(1, (1, -1)))


class LastState(nn.Module):
    """What recurrent units know at the end, (n, channels, n_steps) to (n, cells).

    Parameters
    ----------
    units
        That take (n, n_steps, channels).
    """

    def __init__(self, units: nn.GRU | nn.LSTM) -> None:
        super().__init__()
        self.units = units

    def forward(self, values: Tensor) -> Tensor:
        """The last state of some sequences."""
        states, _ = self.units(values.permute(0, 2, 1))
        last: Tensor = states[:, -1]
        return last


def dense(sizes: Sequence[int], activation: type[nn.Module], *, dropout: float = 0.0) -> nn.Sequential:
    """Linear layers from each size to the next, each followed by the activation and any dropout."""
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise(sizes):
        layers += [nn.Linear(before, after), activation()]
        layers += [nn.Dropout(dropout)] if dropout else []
    return nn.Sequential(*layers)


def shape_after(layers: nn.Module, shape: Sequence[int]) -> tuple[int, ...]:
    """What becomes of the shape of one input; nothing is computed.

    Raises
    ------
    UsageError
        If nothing is left of an input that short.

    Examples
    --------
    >>> shape_after(nn.Conv1d(1, 8, 32), (1, 518))
    (8, 487)
    """
    ghost = copy.deepcopy(layers).to("meta").eval()
    try:
        left: Tensor = ghost(torch.zeros((1, *shape), device="meta"))
    except RuntimeError:
        raise UsageError(f"nothing is left of inputs of {tuple(shape)}: give longer ones") from None
    return tuple(left.shape[1:])


def flat_size(layers: nn.Module, shape: Sequence[int]) -> int:
    """How many values there are after some layers for one input."""
    return int(torch.Size(shape_after(layers, shape)).numel())


def he_normal(module: nn.Module) -> nn.Module:
    """Draw the weights of convolutions and dense layers as He et al. 2015 do; biases begin with zero."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return module
