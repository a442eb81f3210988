"""System E's networks for square slices of the spectrum."""

from __future__ import annotations

from typing import Literal

from torch import nn

from segue.training.networks.trunk import LastState, Trunk, flat_size, picture, shape_after

_CHANNELS = (47, 95, 95, 142, 190)
_ACTIVATIONS: dict[str, type[nn.Module]] = {"elu": nn.ELU, "relu": nn.ReLU}


def slice_cnn(shape: tuple[int, ...], *, activation: Literal["elu", "relu"] = "elu") -> Trunk:
    """Five convolutions with poolings, for 128 x 128 slices; E tells eight genres apart.

    Parameters
    ----------
    shape
        ``(n_frames, n_mels)``, E's is (128, 128).
    activation
        ``elu`` or ``relu``; E tried both.
    """
    act = _ACTIVATIONS[activation]
    a, b, c, d, e = _CHANNELS
    layers = nn.Sequential(
        picture(),  # n, 1, 128, 128
        *(nn.Conv2d(1, a, 3, padding=1), act(), nn.MaxPool2d((2, 4))),  # n, 47, 64, 32
        *(nn.Conv2d(a, b, 3, padding=1), act(), nn.MaxPool2d((2, 4))),  # n, 95, 32, 8
        *(nn.Conv2d(b, c, 3, padding=1), act(), nn.MaxPool2d((2, 4))),  # n, 95, 16, 2
        *(nn.Conv2d(c, d, 3, padding=1), act(), nn.MaxPool2d((3, 2), ceil_mode=True)),  # n, 142, 6, 1
        *(nn.Conv2d(d, e, 3, padding=1), act(), nn.MaxPool2d((3, 1))),  # n, 190, 2, 1
        nn.Flatten(),  # n, 380
    )
    return Trunk(layers, flat_size(layers, shape))


def slice_crnn(
    shape: tuple[int, ...], *, activation: Literal["elu", "relu"] = "elu", cells: int = 64
) -> Trunk:
    """Convolutions that keep time, then two layers of gated recurrent units, the last state is the embedding.

    E gives no sizes: the convolutions are the first four of `slice_cnn`, pooled mostly over frequency.

    Parameters
    ----------
    shape
        ``(n_frames, n_mels)``, E's is (128, 128).
    activation
        ``elu`` or ``relu``.
    cells
        Units of each recurrent layer.
    """
    act = _ACTIVATIONS[activation]
    a, b, c, d, _ = _CHANNELS
    convolutions = nn.Sequential(
        picture(),  # n, 1, 128, 128
        *(nn.Conv2d(1, a, 3, padding=1), act(), nn.MaxPool2d((2, 2))),  # n, 47, 64, 64
        *(nn.Conv2d(a, b, 3, padding=1), act(), nn.MaxPool2d((4, 2))),  # n, 95, 16, 32
        *(nn.Conv2d(b, c, 3, padding=1), act(), nn.MaxPool2d((4, 2))),  # n, 95, 4, 16
        *(nn.Conv2d(c, d, 3, padding=1), act(), nn.MaxPool2d((4, 1))),  # n, 142, 1, 16
        nn.Flatten(1, 2),  # n, 142, 16
    )
    channels = shape_after(convolutions, shape)[0]
    units = nn.GRU(channels, cells, num_layers=2, batch_first=True)  # n, 16, 64
    return Trunk(nn.Sequential(convolutions, LastState(units)), cells)
