"""The networks of musicnn's wheel, filled from its checkpoints.

J. Pons, X. Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging", ISMIR 2019
(late-breaking demo). Convolutions see pictures (n, channels, frames, bands), as in the checkpoints.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from segue.features import mel_filter_bank

SAMPLE_RATE, N_FFT, HOP, N_FRAMES = 16_000, 512, 256, 187

_N_MELS = 96
_EPSILON = 1e-3  # of batch normalisation
_VGG_FILTERS, _VGG_LAYERS = 128, 4  # what follows the fourth pooling is not used
_FRONT = ((204, 7, 38), (204, 7, 67), (51, 128, 1), (51, 64, 1), (51, 32, 1))  # filters, frames, bands
_N_FRONT = sum(filters for filters, _, _ in _FRONT)
_MIDDLE_FILTERS, _MIDDLE_FRAMES = 64, 7
_DENSE = 200

Published = Iterator[tuple[str, nn.Module]]


class Vgg(nn.Module):
    """Log-mel bands (n, 187, 96) to mean and deviation of each channel after the fourth pooling (n, 256)."""

    dim = 2 * _VGG_FILTERS

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(1, eps=_EPSILON)
        self.layers = nn.ModuleList(
            _Layer(before, _VGG_FILTERS, (3, 3), bands_around=1)
            for before in (1, *[_VGG_FILTERS] * (_VGG_LAYERS - 1))
        )

    def forward(self, bands: Tensor) -> Tensor:
        x = self.norm(bands.unsqueeze(1))  # n, 1, 187, 96
        for number, layer in enumerate(self.layers):
            x = nn.functional.max_pool2d(layer(x), 2 if number else (4, 1), 2)
        mean = x.mean((2, 3))  # n, 128
        variance = (x - mean[:, :, None, None]).square().mean((2, 3))
        return torch.cat([mean, variance.clamp(min=1e-12).sqrt()], dim=1)

    def published(self) -> Published:
        """Its layers, by their names in the checkpoint."""
        yield _norm_name(0), self.norm
        for number, layer in enumerate(self.layers, 1):
            yield f"{number}CNN", layer.get_submodule("convolution")
            yield _norm_name(number), layer.get_submodule("norm")


class Musicnn(nn.Module):
    """Log-mel bands (n, 187, 96) to the dense layer before the tags (n, 200)."""

    dim = _DENSE

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(1, eps=_EPSILON)
        self.front = nn.ModuleList(_Layer(1, filters, (frames, bands)) for filters, frames, bands in _FRONT)
        self.middle = nn.ModuleList(
            _Layer(1, _MIDDLE_FILTERS, (_MIDDLE_FRAMES, channels))
            for channels in (_N_FRONT, _MIDDLE_FILTERS, _MIDDLE_FILTERS)
        )
        n_pooled = 2 * (_N_FRONT + len(self.middle) * _MIDDLE_FILTERS)
        self.pooled_norm = nn.BatchNorm1d(n_pooled, eps=_EPSILON)
        self.dense = nn.Linear(n_pooled, _DENSE)
        self.dense_norm = nn.BatchNorm1d(_DENSE, eps=_EPSILON)

    def forward(self, bands: Tensor) -> Tensor:
        x = self.norm(bands.unsqueeze(1))  # n, 1, 187, 96
        front = [layer(x).amax(3) for layer in self.front]
        channels = [torch.cat(front, dim=1)]  # n, 561, 187
        for number, layer in enumerate(self.middle):
            pictures = channels[-1].transpose(1, 2).unsqueeze(1)  # n, 1, 187, channels
            heard = layer(pictures).squeeze(3)  # n, 64, 187
            channels.append(heard + channels[-1] if number else heard)
        every = torch.cat(channels, dim=1)  # n, 753, 187
        pooled = torch.stack([every.amax(2), every.mean(2)], dim=2).flatten(1)  # n, 1506
        embedding: Tensor = self.dense_norm(self.dense(self.pooled_norm(pooled)).relu())
        return embedding

    def published(self) -> Published:
        """Its layers, by their names in the checkpoint."""
        yield _norm_name(0), self.norm
        for number, layer in enumerate((*self.front, *self.middle)):
            yield f"conv2d_{number}" if number else "conv2d", layer.get_submodule("convolution")
            yield _norm_name(number + 1), layer.get_submodule("norm")
        yield _norm_name(9), self.pooled_norm
        yield "dense", self.dense
        yield _norm_name(10), self.dense_norm


class FromPower(nn.Module):
    """Power spectra (n, 187, 257) to the embedding of a network that hears log-mel bands."""

    bank: Tensor

    def __init__(self, network: Vgg | Musicnn) -> None:
        super().__init__()
        self.network = network
        bank = mel_filter_bank(SAMPLE_RATE, N_FFT, _N_MELS).T
        self.register_buffer("bank", torch.from_numpy(np.ascontiguousarray(bank)))

    def forward(self, power: Tensor) -> tuple[Tensor]:
        """Embedding (n, dim)."""
        return (self.network(torch.log10(1 + 10_000 * (power @ self.bank))),)


def fill(network: Vgg | Musicnn, arrays: Mapping[str, NDArray[np.float32]]) -> None:
    """Put the arrays of a checkpoint into a network; kernels are (frames, bands, before, after) there."""
    for name, layer in network.published():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            weight, bias = arrays[f"{name}/gamma"], arrays[f"{name}/beta"]
            layer.running_mean = torch.tensor(arrays[f"{name}/moving_mean"])
            layer.running_var = torch.tensor(arrays[f"{name}/moving_variance"])
        else:
            kernel, bias = arrays[f"{name}/kernel"], arrays[f"{name}/bias"]
            weight = kernel.transpose(3, 2, 0, 1) if kernel.ndim == 4 else kernel.T
        layer.weight = nn.Parameter(torch.tensor(weight).contiguous())
        layer.bias = nn.Parameter(torch.tensor(bias))


class _Layer(nn.Module):
    """A convolution that gives as many frames as it takes, rectified, then normalised."""

    def __init__(self, before: int, after: int, kernel: tuple[int, int], *, bands_around: int = 0) -> None:
        super().__init__()
        earlier = (kernel[0] - 1) // 2
        self.around = (bands_around, bands_around, earlier, kernel[0] - 1 - earlier)
        self.convolution = nn.Conv2d(before, after, kernel)
        self.norm = nn.BatchNorm2d(after, eps=_EPSILON)

    def forward(self, pictures: Tensor) -> Tensor:
        heard = self.convolution(nn.functional.pad(pictures, self.around))
        normalised: Tensor = self.norm(heard.relu())
        return normalised


def _norm_name(number: int) -> str:
    return f"batch_normalization_{number}" if number else "batch_normalization"
