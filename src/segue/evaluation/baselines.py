"""The plain vector that every encoder must beat: statistics of mel-frequency cepstral coefficients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segue.features.spectra import decibels, mel_power, power_spectrum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segue.types import Samples, Vector

MFCC_SAMPLE_RATE = 22_050
"""Hz."""
_COEFFICIENTS = 20


def mfcc_statistics(windows: Sequence[Samples]) -> Vector:
    """Mean and deviation of 20 coefficients and of their differences from frame to frame.

    Parameters
    ----------
    windows : each (n_samples,) float32
        Mono, at 22,050 Hz.

    Returns
    -------
    vector : (80,) float32
        Means, deviations, means of the differences, deviations of the differences; over all windows.

    Raises
    ------
    ValueError
        If there is no window with two frames (512 samples).

    References
    ----------
    G. Tzanetakis, P. Cook, "Musical Genre Classification of Audio Signals", IEEE TSAP 10, 2002; the
    coefficients are those of `librosa.feature.mfcc` (2,048 samples, hop 512, 128 Slaney bands).
    """
    from scipy.fft import dct

    frames, steps = [], []
    for samples in windows:
        bands = mel_power(power_spectrum(samples, 2_048, 512), MFCC_SAMPLE_RATE, n_mels=128)
        coefficients = dct(decibels(bands), axis=1, norm="ortho")[:, :_COEFFICIENTS]
        frames.append(coefficients)
        steps.append(np.diff(coefficients, axis=0))
    if not frames or not any(len(step) for step in steps):
        raise ValueError("MFCC statistics need a window of at least 512 samples")
    tables = (np.concatenate(frames), np.concatenate(steps))
    moments = [moment for table in tables for moment in (table.mean(axis=0), table.std(axis=0))]
    return np.concatenate(moments).astype(np.float32)
