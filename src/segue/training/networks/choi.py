"""A music tagger of 2017, transferred to factors as system C did: frozen, adapted, long input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import nn

from segue.training.networks.pohl_cnn import HIDDEN
from segue.training.networks.published import chosen_weights, convolutions_and_norms, fill
from segue.training.networks.trunk import Trunk, dense, flat_size, he_normal, picture

_WHERE = "keras2_model/model_best.hdf5 of github.com/keunwoochoi/transfer_learning_music"
# Bands x frames. Choi's poolings leave nothing of six seconds; these leave C's 2,048 values.
_POOLS = ((2, 2), (2, 2), (2, 2), (2, 2), (1, 2))
_EPSILON = 1e-3


def choi(
    shape: tuple[int, ...],
    *,
    mode: Literal["frozen", "adapted", "untrained"] = "frozen",
    weights: str = "",
    hidden: Sequence[int] = HIDDEN,
) -> Trunk:
    """Five convolutions of 32 filters of 3 x 3, each pooled, and C's dense layers.

    K. Choi, G. Fazekas, M. Sandler, K. Cho, "Transfer learning for music classification and regression
    tasks", ISMIR 2017. As C counts its parameters, the picture is normalised, and so is what four of the
    convolutions put out; the normalisation of the fifth is multiplied into its published weights. C does not
    give its poolings.

    Parameters
    ----------
    shape
        ``(n_frames, n_mels)``, C's are (256, 128) and (2560, 128).
    mode
        ``frozen``: the convolutions stay as published, batch normalisation learns; ``adapted``: all learn on
        from there; ``untrained``: all learn from random weights.
    weights
        File with the published weights.
    hidden
        Sizes of the dense layers.

    Raises
    ------
    UsageError
        If a mode needs weights and there are none, or they are of another network.
    """
    blocks = [_block(position, pool) for position, pool in enumerate(_POOLS)]
    convolutions = nn.Sequential(
        *(picture(), nn.BatchNorm2d(1, eps=_EPSILON)),  # n, 1, 128, 256
        *blocks,  # n, 32, 8, 8
        nn.Flatten(),  # n, 2048
    )
    trunk = nn.Sequential(convolutions, dense((flat_size(convolutions, shape), *hidden), nn.ELU))  # n, 512
    he_normal(trunk)
    kernels = [block[0] for block in blocks]
    if mode != "untrained" and not kernels[0].weight.is_meta:
        _load([layer for block in blocks for layer in block], mode, weights)
    for kernel in kernels:
        kernel.requires_grad_(mode != "frozen")
    return Trunk(trunk, hidden[-1], zero_head=True)


def _block(position: int, pool: tuple[int, int]) -> nn.Sequential:
    norm = [nn.BatchNorm2d(32, eps=_EPSILON)] if position < len(_POOLS) - 1 else []
    before = 1 if position == 0 else 32
    return nn.Sequential(nn.Conv2d(before, 32, 3, padding=1), *norm, nn.ELU(), nn.MaxPool2d(pool))


def _load(layers: Sequence[nn.Module], mode: str, weights: str) -> None:
    """The published weights, the last normalisation multiplied into the last convolution."""
    path, published = chosen_weights(weights, mode=mode, where=_WHERE)
    kernels = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    last = nn.BatchNorm2d(32, eps=_EPSILON)
    norms = [*(layer for layer in layers if isinstance(layer, nn.BatchNorm2d)), last]
    named = convolutions_and_norms(published, len(kernels), len(norms), path=path, where=_WHERE)
    names = (*named[0], *named[1])
    fill(published, list(zip(names, (*kernels, *norms), strict=True)), path=path)
    _multiply_in(last, kernels[-1])


def _multiply_in(norm: nn.BatchNorm2d, kernel: nn.Conv2d) -> None:
    assert norm.running_mean is not None and norm.running_var is not None and kernel.bias is not None
    with torch.no_grad():
        factor = norm.weight / (norm.running_var + norm.eps).sqrt()
        kernel.weight *= factor[:, None, None, None]
        kernel.bias.copy_((kernel.bias - norm.running_mean) * factor + norm.bias)
