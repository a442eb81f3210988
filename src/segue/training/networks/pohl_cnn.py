"""System C's convolutional networks, for six seconds of music and more, and its triplet network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from torch import Tensor, nn

from segue.training.networks.trunk import Trunk, dense, flat_size, frames_last, he_normal, picture

HIDDEN = (1024, 1024, 512)
"""Dense layers before the 200 factors in C's LSTM, one-dimensional and transferred networks."""


def cnn(
    shape: tuple[int, ...],
    *,
    filters: int = 64,
    batch_norm: bool = False,
    extra_convolutions: int = 0,
    extra_dense: int = 0,
    neurons: int = 512,
    dropout: float = 0.0,
) -> Trunk:
    """Three convolutions of filters of 3 x 3, each pooled, and a dense layer.

    Inputs longer than 6 s (C's are 18 and 60 s) are pooled more at the end, so that as many values are left;
    how C did it is not published, nor where its further convolutions are: here after the third pooling.

    Parameters
    ----------
    shape
        ``(n_frames, n_mels)``, C's is (256, 128).
    filters
        Of each convolution; fewer are faster.
    batch_norm
        Whether each convolution is followed by batch normalisation.
    extra_convolutions
        Further convolutions, not pooled.
    extra_dense
        Further dense layers.
    neurons
        Of each dense layer.
    dropout
        Share of the values left out before the dense layers while training; C wished for it at 60 s.
    """
    convolutions = nn.Sequential(*_convolutions(shape, filters, batch_norm, extra_convolutions))
    sizes = (flat_size(convolutions, shape), *(neurons,) * (1 + extra_dense))
    left_out = [nn.Dropout(dropout)] if dropout else []
    layers = nn.Sequential(convolutions, *left_out, dense(sizes, nn.ELU))  # n, 512
    return Trunk(he_normal(layers), neurons, zero_head=True)


def _convolutions(shape: tuple[int, ...], filters: int, batch_norm: bool, extra: int) -> list[nn.Module]:
    last = (2, max(1, shape[0] // 128))

    def convolution(before: int) -> list[nn.Module]:
        norm: list[nn.Module] = [nn.BatchNorm2d(filters)] if batch_norm else []
        return [nn.Conv2d(before, filters, 3, padding=1), *norm, nn.ELU()]

    return [
        picture(),  # n, 1, 128, 256
        *(*convolution(1), nn.MaxPool2d((2, 2))),  # n, 64, 64, 128
        *(*convolution(filters), nn.MaxPool2d((2, 4))),  # n, 64, 32, 32
        *(*convolution(filters), nn.MaxPool2d(last)),  # n, 64, 16, 16
        *(layer for _ in range(extra) for layer in convolution(filters)),  # n, 64, 16, 16
        nn.Flatten(),  # n, 16384
    ]


def triplet(shape: tuple[int, ...], *, filters: int = 64, dim: int = 128) -> Trunk:
    """`cnn`, then an embedding of length 1, for C's triplets.

    That the embeddings have length 1 is our choice: it gives the margin of 0.4 a meaning.

    Parameters
    ----------
    shape
        ``(n_frames, n_mels)``, C's is (256, 128).
    filters
        Of each convolution.
    dim
        Of the embedding.
    """
    body = cnn(shape, filters=filters)
    return Trunk(nn.Sequential(body, nn.Linear(body.dim, dim), UnitLength()), dim, zero_head=True)  # n, 128


class UnitLength(nn.Module):
    """Brings rows to length 1."""

    def forward(self, rows: Tensor) -> Tensor:
        """From (n, dim) to the same."""
        return nn.functional.normalize(rows, dim=1)


def one_dimensional(
    shape: tuple[int, ...],
    *,
    along: Literal["time", "frequency"] = "time",
    hidden: Sequence[int] = HIDDEN,
) -> Trunk:
    """Three convolutions in one direction: the other is their channels.

    Parameters
    ----------
    shape
        ``(n_frames, n_mels)``, C's is (256, 128).
    along
        What they slide over. C's "1-D frequency" slides over time, its "1-D time" over frequency.
    hidden
        Sizes of the dense layers.
    """
    arranged = frames_last() if along == "time" else nn.Identity()  # n, 128, 256 or n, 256, 128
    channels = shape[1] if along == "time" else shape[0]

    def convolution(before: int) -> list[nn.Module]:
        same = nn.ConstantPad1d((1, 2), 0.0)
        return [same, nn.Conv1d(before, 32, 4), nn.BatchNorm1d(32), nn.ELU(), nn.MaxPool1d(2)]

    convolutions = nn.Sequential(
        arranged,
        *convolution(channels),  # n, 32, 128 (of time)
        *convolution(32),  # n, 32, 64
        *convolution(32),  # n, 32, 32
        nn.Flatten(),  # n, 1024
    )
    layers = nn.Sequential(convolutions, dense((flat_size(convolutions, shape), *hidden), nn.ELU))  # n, 512
    return Trunk(he_normal(layers), hidden[-1], zero_head=True)
