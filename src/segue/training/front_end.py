"""From samples to scaled log-mel spectra, as layers that travel with a network into its ONNX file."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from segue.errors import UsageError
from segue.features import mel_filter_bank, periodic_hann
from segue.training.contract import LogMelSettings

_FLOOR = 1e-10


class Power(nn.Module):
    """Samples to power spectra, as `segue.features.power_spectrum` makes them, centred, with zeros around.

    Rounding differs: bands of music agree within 0.001 dB down to 80 dB below the loudest, those beside pure
    tones down to 60 dB.

    Parameters
    ----------
    settings
        `n_fft` and `hop` are used.
    """

    window: Tensor

    def __init__(self, settings: LogMelSettings) -> None:
        super().__init__()
        self.n_fft, self.hop = settings.n_fft, settings.hop
        self.register_buffer("window", torch.from_numpy(periodic_hann(settings.n_fft).copy()))

    def forward(self, samples: Tensor) -> Tensor:
        """From (n, n_samples) to (n, 1 + n_samples // hop, 1 + n_fft // 2)."""
        half = self.n_fft // 2
        padded = nn.functional.pad(samples, (half, half))
        spectrum = torch.stft(
            padded, self.n_fft, self.hop, window=self.window, center=False, return_complex=True
        )
        parts = torch.view_as_real(spectrum)  # n, n_bins, n_frames, 2
        power: Tensor = parts.square().sum(dim=3).permute(0, 2, 1)
        return power


class PowerToDb(nn.Module):
    """Power spectra to mel bands in dB, as `segue.features.mel_power` and `decibels` make them.

    Nothing is cut off but what lies below 1e-10 (-100 dB); see `InputScale` for a range below the loudest.

    Parameters
    ----------
    settings
        Sample rate, length of the transform and bands.
    """

    bank: Tensor

    def __init__(self, settings: LogMelSettings) -> None:
        super().__init__()
        bank = mel_filter_bank(
            settings.sample_rate, settings.n_fft, settings.n_mels, settings.f_min, settings.f_max
        )
        self.register_buffer("bank", torch.from_numpy(np.ascontiguousarray(bank.T)))

    def forward(self, power: Tensor) -> Tensor:
        """From (n, n_frames, 1 + n_fft // 2) to (n, n_frames, n_mels) in dB."""
        return 10 * torch.log10((power @ self.bank).clamp(min=_FLOOR))


class InputScale(nn.Module):
    """Standardises inputs, by a mean and a standard deviation for each band or dimension.

    They are 0 and 1 until they are learned from the training tracks; they are stored with the weights but
    are no parameters.

    Parameters
    ----------
    shape
        Of one input: ``(n_frames, n_mels)`` or ``(dim,)``.
    range_db
        Spectra only: levels more than this below the loudest of their input are raised to it; None leaves
        them.

    Raises
    ------
    UsageError
        If the range is not above zero.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, shape: tuple[int, ...], *, range_db: float | None = 80.0) -> None:
        super().__init__()
        if range_db is not None and range_db <= 0:
            raise UsageError(f"a range of {range_db} dB leaves nothing: give one above 0")
        self.range_db = range_db if len(shape) == 2 else None
        self.register_buffer("mean", torch.zeros(shape[-1]))
        self.register_buffer("std", torch.ones(shape[-1]))

    def forward(self, inputs: Tensor) -> Tensor:
        """From (n, *shape) to the same, standardised."""
        return (self.raised(inputs) - self.mean) / self.std

    def raised(self, inputs: Tensor) -> Tensor:
        """The inputs as they are before they are standardised: within `range_db` of their loudest."""
        if self.range_db is None:
            return inputs
        loudest = inputs.amax(dim=(1, 2), keepdim=True)
        return torch.maximum(inputs, loudest - self.range_db)
