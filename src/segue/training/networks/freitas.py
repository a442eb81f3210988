"""System D's network for pictures of spectra: ten genres, or three kinds of music."""

from __future__ import annotations

from torch import nn

from segue.training.networks.trunk import Trunk, flat_size, picture


def spectrogram_cnn(shape: tuple[int, ...], *, dropout: float = 0.3) -> Trunk:
    """Three convolutions of 3 x 3, each pooled, and a dense layer.

    D publishes figures but no sizes: 32, 64 and 128 filters and 128 neurons are a usual choice for pictures.

    Parameters
    ----------
    shape
        ``(n_frames, n_mels)``; D's pictures show 30 s, ours 3 s (128, 128).
    dropout
        Share of the values left out while training, before and after the dense layer.
    """
    convolutions = nn.Sequential(
        picture(),  # n, 1, 128, 128
        *(nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),  # n, 32, 64, 64
        *(nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),  # n, 64, 32, 32
        *(nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(), nn.MaxPool2d(4)),  # n, 128, 8, 8
        *(nn.Flatten(), nn.Dropout(dropout)),  # n, 8192
    )
    hidden = (nn.Linear(flat_size(convolutions, shape), 128), nn.ReLU(), nn.Dropout(dropout))  # n, 128
    return Trunk(nn.Sequential(convolutions, *hidden), 128)
