"""EfficientAT's mn04, a tagger of AudioSet, with the names of its published weights."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from segue.features import fft_frequencies

SAMPLE_RATE, N_FFT, WINDOW_LENGTH, HOP = 32_000, 1024, 800, 320
N_FRAMES = 1000
"""Of the 10 s it learned from; one frame more leaves its last columns half empty and changes what it says."""

HIDDEN, N_CLASSES = 512, 527

_N_BANDS, _HIGHEST_HZ = 128, 15_000.0
_PRE_EMPHASIS = 0.97
_EPSILON = 1e-3  # of batch normalisation


class _Stage(NamedTuple):
    """One inverted residual: kernel, channels between and after, whether it weighs its channels, stride."""

    kernel: int
    between: int
    after: int
    weighs: bool
    stride: int


_FIRST, _LAST = 8, 384
_STAGES = (
    _Stage(3, 8, 8, False, 1),
    _Stage(3, 24, 16, False, 2),
    _Stage(3, 32, 16, False, 1),
    _Stage(5, 32, 16, True, 2),
    _Stage(5, 48, 16, True, 1),
    _Stage(5, 48, 16, True, 1),
    _Stage(3, 96, 32, False, 2),
    _Stage(3, 80, 32, False, 1),
    _Stage(3, 72, 32, False, 1),
    _Stage(3, 72, 32, False, 1),
    _Stage(3, 192, 48, True, 1),
    _Stage(3, 272, 48, True, 1),
    _Stage(5, 272, 64, True, 2),
    _Stage(5, 384, 64, True, 1),
    _Stage(5, 384, 64, True, 1),
)
_RECTIFIED = 6  # stages that rectify; the others use Hardswish


class Mn04(nn.Module):
    """Pictures of bands (n, 1, 128, n_frames) to 512 hidden values and 527 logits of AudioSet's classes.

    MobileNetV3-Large (A. Howard et al., ICCV 2019) at 0.4 of its width. F. Schmid, K. Koutini, G. Widmer,
    "Efficient large-scale audio tagging via transformer-to-CNN knowledge distillation", ICASSP 2023. The
    names of the parameters are those of the published file.
    """

    def __init__(self) -> None:
        super().__init__()
        stages: list[nn.Module] = []
        before = _FIRST
        for position, stage in enumerate(_STAGES):
            stages.append(_Residual(before, stage, nn.ReLU if position < _RECTIFIED else nn.Hardswish))
            before = stage.after
        self.features = nn.Sequential(
            _convolved(1, _FIRST, 3, nn.Hardswish, stride=2),
            *stages,
            _convolved(before, _LAST, 1, nn.Hardswish),
        )
        self.classifier = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(_LAST, HIDDEN),
            nn.Hardswish(),
            nn.Dropout(0.2),
            nn.Linear(HIDDEN, N_CLASSES),
        )

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Hidden values (n, 512) and logits (n, 527)."""
        hidden = self.classifier[:4](self.features(pictures))
        return hidden, self.classifier[5](hidden)


class _Residual(nn.Module):
    """Widen, convolve each channel for itself, perhaps weigh the channels, narrow again."""

    def __init__(self, before: int, stage: _Stage, bend: type[nn.Module]) -> None:
        super().__init__()
        widen = [] if stage.between == before else [_convolved(before, stage.between, 1, bend)]
        self.block = nn.Sequential(
            *widen,
            _convolved(stage.between, stage.between, stage.kernel, bend, stride=stage.stride, apart=True),
            *([_Weighing(stage.between)] if stage.weighs else []),
            _convolved(stage.between, stage.after, 1, None),
        )
        self.adds = stage.stride == 1 and before == stage.after

    def forward(self, values: Tensor) -> Tensor:
        through: Tensor = self.block(values)
        return through + values if self.adds else through


class _Weighing(nn.Module):
    """Squeeze and excitation: each channel by a factor that follows from the means of all."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conc_se_layers = nn.ModuleList([_Factors(channels)])

    def forward(self, values: Tensor) -> Tensor:
        factors: Tensor = self.conc_se_layers[0](values.mean(dim=(2, 3)))
        return values * factors[:, :, None, None]


class _Factors(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = _in_eights(channels // 4)
        self.fc1 = nn.Linear(channels, inner)
        self.fc2 = nn.Linear(inner, channels)

    def forward(self, means: Tensor) -> Tensor:
        factors: Tensor = self.fc2(self.fc1(means).relu()).sigmoid()
        return factors


def _in_eights(channels: int) -> int:
    """A multiple of 8 near a number, at most a tenth below it.

    >>> [_in_eights(channels) for channels in (8, 12, 18, 68)]
    [8, 16, 24, 72]
    """
    near = max(8, (channels + 4) // 8 * 8)
    return near if near >= 0.9 * channels else near + 8


def _convolved(
    before: int,
    after: int,
    kernel: int,
    bend: type[nn.Module] | None,
    *,
    stride: int = 1,
    apart: bool = False,
) -> nn.Sequential:
    """A convolution, its normalisation, and a bend where there is one."""
    groups = before if apart else 1
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(after, eps=_EPSILON),
        *([bend()] if bend else []),
    )


class FromPower(nn.Module):
    """Power spectra (n, n_frames, 513) to hidden values, and to the probabilities of classes where asked for.

    Of the 1001 frames that a centred transform makes of 10 s the last is not used. The network heard
    pre-emphasised samples; here the power of each bin is multiplied by what pre-emphasis does to it, which
    differs only as far as the window spreads a bin over its neighbours.
    """

    bank: Tensor

    def __init__(self, network: Mn04, *, probabilities: bool) -> None:
        super().__init__()
        self.network = network
        self.probabilities = probabilities
        frequencies = fft_frequencies(SAMPLE_RATE, N_FFT)
        turn = 2 * np.pi * frequencies / SAMPLE_RATE
        emphasis = np.abs(1 - _PRE_EMPHASIS * np.exp(-1j * turn)) ** 2
        bank = _kaldi_bank(frequencies) * emphasis
        self.register_buffer("bank", torch.from_numpy(np.ascontiguousarray(bank.T, dtype=np.float32)))

    def forward(self, power: Tensor) -> tuple[Tensor, ...]:
        """Embedding (n, 512), perhaps probabilities (n, 527)."""
        bands = (torch.log(power[:, :N_FRAMES] @ self.bank + 1e-5) + 4.5) / 5  # n, 1000, 128
        hidden, logits = self.network(bands.transpose(1, 2).unsqueeze(1))
        return (hidden, logits.sigmoid()) if self.probabilities else (hidden,)


def _kaldi_bank(frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Triangles in Kaldi's mels, each 1 high, ``(128, n_bins)``."""
    mels = 1127 * np.log1p(frequencies / 700)
    edges = np.linspace(0, 1127 * np.log1p(_HIGHEST_HZ / 700), _N_BANDS + 2)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    triangles = np.minimum((mels - low) / (middle - low), (high - mels) / (high - middle))
    return np.asarray(np.maximum(0, triangles))
