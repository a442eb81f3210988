"""System C's recurrent network: three layers of LSTM over the frames, all their states into dense layers."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from segue.training.networks.pohl_cnn import HIDDEN
from segue.training.networks.trunk import Trunk, dense, he_normal


def lstm(
    shape: tuple[int, ...], *, cells: int = 64, layers: int = 3, hidden: Sequence[int] = HIDDEN
) -> Trunk:
    """Batch normalisation of the picture, then LSTMs with batch normalisation, flattened.

    C's text says 64, then 128 cells; its counts of parameters say three layers of 64.

    Parameters
    ----------
    shape
        ``(n_frames, n_mels)``, C's are (256, 128), (768, 128) and (2560, 128).
    cells
        Of each LSTM.
    layers
        Number of LSTMs.
    hidden
        Sizes of the dense layers.
    """
    n_frames, n_mels = shape
    recurrent = [NormedLstm(n_mels if layer == 0 else cells, cells) for layer in range(layers)]
    trunk = nn.Sequential(
        *(nn.Unflatten(1, (1, -1)), nn.BatchNorm2d(1), nn.Flatten(1, 2)),  # n, 256, 128
        *recurrent,  # n, 256, 64
        nn.Flatten(),  # n, 16384
        dense((n_frames * cells, *hidden), nn.ELU),  # n, 512
    )
    return Trunk(he_normal(trunk), hidden[-1], zero_head=True)


class NormedLstm(nn.Module):
    """An LSTM, then batch normalisation of each cell, (n, n_steps, channels) to (n, n_steps, cells)."""

    def __init__(self, channels: int, cells: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(channels, cells, batch_first=True)
        self.norm = nn.BatchNorm1d(cells)

    def forward(self, steps: Tensor) -> Tensor:
        """The normalised states after each step."""
        states: Tensor = self.lstm(steps)[0]
        normed: Tensor = self.norm(states.permute(0, 2, 1))
        return normed.permute(0, 2, 1)
