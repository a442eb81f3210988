"""System A's networks: latent factors from three seconds of music, genre from nine."""

from __future__ import annotations

from typing import Literal

from torch import nn

from segue.training.networks.trunk import Trunk, flat_size, frames_last, picture

# Bands x frames of a filter, and of the pooling after it (None: all there are), after Pons, Lidy and Serra,
# "Experimenting with musically motivated convolutional neural networks", CBMI 2016.
_FILTERS: dict[str, tuple[tuple[int, int], tuple[int | None, int | None]]] = {
    "temporal": ((1, 60), (None, 4)),
    "frequency": ((32, 1), (4, None)),
    "rectangular": ((12, 8), (4, 4)),
}


def factor_cnn(shape: tuple[int, ...], *, filters: int = 128, kernel: int = 3, width: int = 128) -> Trunk:
    """Filters as tall as the spectrum, sliding over time; one hidden layer; A's output has 50 factors.

    Parameters
    ----------
    shape
        ``(n_frames, n_mels)``, A's is (130, 128).
    filters, kernel
        Number of filters, and frames that each spans.
    width
        Of the hidden layer.
    """
    n_mels = shape[1]
    convolutions = nn.Sequential(
        frames_last(),  # n, 128, 130
        *(nn.Conv1d(n_mels, filters, kernel), nn.ReLU()),  # n, 128, 128
        nn.MaxPool1d(4),  # n, 128, 32
        nn.Flatten(),  # n, 4096
    )
    return Trunk(
        nn.Sequential(convolutions, nn.Linear(flat_size(convolutions, shape), width), nn.ReLU()),  # n, 128
        width,
    )


def factor_cnn_shaped(
    shape: tuple[int, ...],
    *,
    form: Literal["temporal", "frequency", "rectangular"] = "rectangular",
    filters: int = 32,
    width: int = 128,
) -> Trunk:
    """As `factor_cnn`, with filters that slide over time and frequency.

    A only names them, after Pons: wide in time they hear rhythm, tall in frequency timbre, rectangular ones
    both. The sizes are near those of Pons, Lidy and Serra 2016.

    Parameters
    ----------
    shape
        ``(n_frames, n_mels)``.
    form
        ``temporal``: 1 band x 60 frames, the largest over all bands; ``frequency``: 32 bands x 1 frame, the
        largest over all frames; ``rectangular``: 12 bands x 8 frames.
    filters
        Number of filters.
    width
        Of the hidden layer.
    """
    (bands, frames), (pool_bands, pool_frames) = _FILTERS[form]
    n_frames, n_mels = shape
    pool = (pool_bands or n_mels - bands + 1, pool_frames or n_frames - frames + 1)
    convolutions = nn.Sequential(
        picture(),  # n, 1, 128, 130
        *(nn.Conv2d(1, filters, (bands, frames)), nn.ReLU()),  # n, 32, 117, 123
        nn.MaxPool2d(pool),  # n, 32, 29, 30
        nn.Flatten(),  # n, 27840
    )
    return Trunk(
        nn.Sequential(convolutions, nn.Linear(flat_size(convolutions, shape), width), nn.ReLU()),  # n, 128
        width,
    )


def genre_cnn(shape: tuple[int, ...], *, filters: int = 128, kernel: int = 3, dropout: float = 0.5) -> Trunk:
    """Two convolutions over time, one hidden layer; A tells five genres apart.

    The text gives 128 filters, a pooling of 3, dropout and a dense layer of 128; that the convolutions span
    all bands and 3 frames, that each is pooled, and the share of dropout are taken from `factor_cnn` and use.

    Parameters
    ----------
    shape
        ``(n_frames, n_mels)``, A's is (388, 128).
    filters, kernel
        Number of filters of each convolution, and frames that each spans.
    dropout
        Share of the values left out while training, before and after the hidden layer.
    """
    n_mels = shape[1]
    convolutions = nn.Sequential(
        frames_last(),  # n, 128, 388
        *(nn.Conv1d(n_mels, filters, kernel), nn.ReLU(), nn.MaxPool1d(3)),  # n, 128, 128
        *(nn.Conv1d(filters, filters, kernel), nn.ReLU(), nn.MaxPool1d(3)),  # n, 128, 42
        *(nn.Flatten(), nn.Dropout(dropout)),  # n, 5376
    )
    hidden = (nn.Linear(flat_size(convolutions, shape), 128), nn.ReLU(), nn.Dropout(dropout))  # n, 128
    return Trunk(nn.Sequential(convolutions, *hidden), 128)
