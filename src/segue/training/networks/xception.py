"""A network for photographs, transferred to spectra as system C did."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Literal, Self

from torch import Tensor, nn

from segue.training.networks.pohl_cnn import HIDDEN
from segue.training.networks.published import chosen_weights, convolutions_and_norms, fill
from segue.training.networks.trunk import Trunk, dense, flat_size, he_normal, picture

_WHERE = (
    "xception_weights_tf_dim_ordering_tf_kernels_notop.h5 of release v0.4 of "
    "github.com/fchollet/deep-learning-models"
)
_LAST_BLOCK = 11


def xception(
    shape: tuple[int, ...],
    *,
    mode: Literal["frozen", "adapted", "untrained"] = "frozen",
    weights: str = "",
    hidden: Sequence[int] = HIDDEN,
) -> Trunk:
    """Entry and middle flow to block 11, a convolution from 728 to 32 channels, and C's dense layers.

    F. Chollet, "Xception: deep learning with depthwise separable convolutions", CVPR 2017. The convolution
    of 1 x 1 that makes three channels of one begins as three copies.

    Parameters
    ----------
    shape
        ``(n_frames, n_mels)``, C's is (256, 128).
    mode
        ``frozen``: what was learned from photographs stays; ``adapted``: all learns on from there;
        ``untrained``: all learns from random weights.
    weights
        File with the published weights.
    hidden
        Sizes of the dense layers.

    Raises
    ------
    UsageError
        If a mode needs weights and there are none, or they are of another network.
    """
    pictures = _Pictures()
    end = nn.Sequential(nn.Conv2d(728, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ELU())
    convolutions = nn.Sequential(
        picture(),  # n, 1, 128, 256
        pictures,  # n, 728, 8, 16
        end,  # n, 32, 8, 16
        nn.Flatten(),  # n, 4096
    )
    trunk = nn.Sequential(convolutions, dense((flat_size(convolutions, shape), *hidden), nn.ELU))  # n, 512
    he_normal(trunk)
    nn.init.ones_(pictures.to_three.weight)
    if mode != "untrained" and not pictures.to_three.weight.is_meta:
        _load(pictures, mode, weights)
    if mode == "frozen":
        pictures.freeze()
    return Trunk(trunk, hidden[-1], zero_head=True)


class _Pictures(nn.Module):
    """Three channels, then the entry and middle flow, (n, 1, height, width) to (n, 728, …)."""

    def __init__(self) -> None:
        super().__init__()
        self.frozen = False
        self.to_three = nn.Conv2d(1, 3, 1, bias=False)
        self.start = nn.Sequential(
            *(nn.Conv2d(3, 32, 3, stride=2, bias=False), _norm(32), nn.ReLU()),  # n, 32, 63, 127
            *(nn.Conv2d(32, 64, 3, bias=False), _norm(64), nn.ReLU()),  # n, 64, 61, 125
        )
        self.entry = nn.Sequential(
            _Block((64, 128, 128), halve=True, bend_first=False),  # n, 128, 31, 63
            _Block((128, 256, 256), halve=True),  # n, 256, 16, 32
            _Block((256, 728, 728), halve=True),  # n, 728, 8, 16
        )
        self.middle = nn.Sequential(*(_Block((728,) * 4) for _ in range(5, _LAST_BLOCK + 1)))

    def freeze(self) -> None:
        """Let nothing change: neither weights nor the statistics of batch normalisation."""
        self.frozen = True
        self.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> Self:
        """Learn, or not; never when frozen."""
        return super().train(mode and not self.frozen)

    def forward(self, pictures: Tensor) -> Tensor:
        """What is seen in some pictures."""
        seen: Tensor = self.middle(self.entry(self.start(self.to_three(pictures))))
        return seen

    def published_names(self) -> Iterator[tuple[str, nn.Module]]:
        """Name of each layer in Keras and the layer, but for those on the ways around blocks 2 to 4."""
        for number, first in ((1, 0), (2, 3)):
            yield f"block1_conv{number}", self.start[first]
            yield f"block1_conv{number}_bn", self.start[first + 1]
        for number, block in enumerate((*self.entry, *self.middle), start=2):
            assert isinstance(block, _Block)
            for position, (kernel, norm) in enumerate(block.separable(), start=1):
                yield f"block{number}_sepconv{position}", kernel
                yield f"block{number}_sepconv{position}_bn", norm


class _Block(nn.Module):
    """Separable convolutions, each normalised, with a way around them."""

    def __init__(self, channels: Sequence[int], *, halve: bool = False, bend_first: bool = True) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(channels):
            layers += [nn.ReLU()] if layers or bend_first else []
            layers += [
                nn.Sequential(
                    nn.Conv2d(before, before, 3, padding=1, groups=before, bias=False),
                    nn.Conv2d(before, after, 1, bias=False),
                ),
                _norm(after),
            ]
        self.layers = nn.Sequential(*layers, *([_Halve()] if halve else []))
        around = nn.Conv2d(channels[0], channels[-1], 1, stride=2, bias=False)
        self.around = nn.Sequential(around, _norm(channels[-1])) if halve else nn.Sequential()

    def forward(self, seen: Tensor) -> Tensor:
        """From (n, channels, height, width) to the same, or to half the height and width."""
        through: Tensor = self.layers(seen) + self.around(seen)
        return through

    def separable(self) -> Iterator[tuple[nn.Module, nn.Module]]:
        """Each separable convolution and its normalisation."""
        layers = list(self.layers)
        for position, layer in enumerate(layers):
            if isinstance(layer, nn.Sequential):
                yield layer, layers[position + 1]


class _Halve(nn.Module):
    """The largest of 3 x 3 at every second place, with the edges where TensorFlow puts them."""

    def forward(self, seen: Tensor) -> Tensor:
        """From (n, channels, height, width) to half the height and width, rounded up."""
        top, left = seen.shape[2] % 2, seen.shape[3] % 2
        padded = nn.functional.pad(seen, (left, 1, top, 1), value=float("-inf"))
        return nn.functional.max_pool2d(padded, 3, stride=2)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


def _load(pictures: _Pictures, mode: str, weights: str) -> None:
    """The published weights of photographs."""
    path, published = chosen_weights(weights, mode=mode, where=_WHERE)
    blocks = [block for block in pictures.entry if isinstance(block, _Block)]
    kernels, norms = convolutions_and_norms(published, len(blocks), len(blocks), path=path, where=_WHERE)
    around = [
        pair
        for block, kernel, norm in zip(blocks, kernels, norms, strict=True)
        for pair in ((kernel, block.around[0]), (norm, block.around[1]))
    ]
    fill(published, [*pictures.published_names(), *around], path=path)
