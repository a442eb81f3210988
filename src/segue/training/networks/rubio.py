"""System B's networks: genre from thirty seconds of music."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from segue.training.networks.trunk import LastState, Trunk, frames_last, he_normal, picture, shape_after


def dieleman(shape: tuple[int, ...]) -> Trunk:
    """Convolutions over time, three ways of pooling all of it, two dense layers of 2,048.

    S. Dieleman, "Recommending music on Spotify with deep learning", 2014; B calls it "Spotify".

    Parameters
    ----------
    shape
        ``(n_frames, n_mels)``, B's is (646, 128).
    """
    layers = nn.Sequential(
        frames_last(),  # n, 128, 646
        *(nn.Conv1d(shape[1], 256, 4), nn.ReLU(), nn.MaxPool1d(4)),  # n, 256, 160
        *(nn.Conv1d(256, 256, 4), nn.ReLU(), nn.MaxPool1d(2)),  # n, 256, 78
        *(nn.Conv1d(256, 256, 4), nn.ReLU(), nn.MaxPool1d(2)),  # n, 256, 37
        *(nn.Conv1d(256, 512, 4), nn.ReLU()),  # n, 512, 34
        MeanMaxL2(),  # n, 1536
        *(nn.Linear(1536, 2048), nn.ReLU()),  # n, 2048
        *(nn.Linear(2048, 2048), nn.ReLU()),  # n, 2048
    )
    shape_after(layers, shape)
    return Trunk(he_normal(layers), 2048)


def deepsound(shape: tuple[int, ...], *, dropout: float = 0.5) -> Trunk:
    """Convolutions over time, then an LSTM; every step says a genre, and what the steps say is averaged.

    The published CRNN of P. Kozakowski and B. Michalak, deepsound.io, 2016.

    Parameters
    ----------
    shape
        ``(n_frames, n_mels)``, B's is (646, 128).
    dropout
        Share of the values left out while training, before and after the LSTM.
    """
    layers = nn.Sequential(
        frames_last(),  # n, 128, 646
        *(nn.Conv1d(shape[1], 256, 5), nn.ReLU(), nn.MaxPool1d(2)),  # n, 256, 321
        *(nn.Conv1d(256, 256, 5), nn.ReLU(), nn.MaxPool1d(2)),  # n, 256, 158
        *(nn.Conv1d(256, 256, 5), nn.ReLU(), nn.MaxPool1d(2)),  # n, 256, 77
        nn.Dropout(dropout),
        AllStates(nn.LSTM(256, 256, batch_first=True)),  # n, 77, 256
        nn.Dropout(dropout),
    )
    shape_after(layers, shape)
    return Trunk(layers, 256, per_step=True)


def cnn_lstm(shape: tuple[int, ...], *, cells: int = 128, dropout: float = 0.3) -> Trunk:
    """Convolutions over time and frequency, then an LSTM whose last state is the embedding.

    B's own network; the sizes are not published. Four convolutions of 3 x 3 with batch normalisation, pooled
    to 8 bands and a step in 0.74 s, are a usual choice of that time.

    Parameters
    ----------
    shape
        ``(n_frames, n_mels)``, B's is (646, 128).
    cells
        Of the LSTM.
    dropout
        Share of the values left out while training, before the LSTM.
    """
    layers: list[nn.Module] = [picture()]  # n, 1, 128, 646
    for before, after in ((1, 32), (32, 64), (64, 64), (64, 64)):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ELU(), nn.MaxPool2d(2)]
    layers += [nn.Flatten(1, 2), nn.Dropout(dropout)]  # n, 512, 40
    convolutions = nn.Sequential(*layers)
    channels = shape_after(convolutions, shape)[0]
    return Trunk(
        nn.Sequential(convolutions, LastState(nn.LSTM(channels, cells, batch_first=True))),  # n, 128
        cells,
    )


class MeanMaxL2(nn.Module):
    """Mean, maximum and root mean square over time, (n, channels, n_steps) to (n, 3 channels)."""

    def forward(self, values: Tensor) -> Tensor:
        """The three of some inputs."""
        # Where all values are zero, the root has no slope.
        root = (values.square().mean(dim=2) + 1e-12).sqrt()
        return torch.cat([values.mean(dim=2), values.amax(dim=2), root], dim=1)


class AllStates(nn.Module):
    """What recurrent units know after each step, (n, channels, n_steps) to (n, n_steps, cells).

    Parameters
    ----------
    units
        That take (n, n_steps, channels).
    """

    def __init__(self, units: nn.LSTM) -> None:
        super().__init__()
        self.units = units

    def forward(self, values: Tensor) -> Tensor:
        """All states of some sequences."""
        states: Tensor = self.units(values.permute(0, 2, 1))[0]
        return states
