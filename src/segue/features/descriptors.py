"""What each frame of a spectrum is like: centre, width, flatness, contrast of its octaves, cepstrum.

Spectra are those of samples whose root mean square over the recording is 1 (`level`), so that thresholds are
absolute and a recording's gain changes nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from segue.features.spectra import fft_frequencies, mel_filter_bank

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Samples

    Frames = NDArray[np.float32]

# Half a step of 24 bits: quieter recordings are taken for the noise of silence, and not made louder.
_SILENCE_RMS = 6e-8
# A bin this far under the mean power of white noise of the same level says nothing about music.
_BIN_FLOOR_DB = -70.0


def level(windows: Sequence[Samples]) -> float:
    """Root mean square over all windows of a recording, in full scales, never quite zero.

    Parameters
    ----------
    windows : each (n_samples,) float32
        At least one sample in all.

    Examples
    --------
    >>> level([np.array([0.5, -0.5], dtype=np.float32), np.array([0.5], dtype=np.float32)])
    0.5
    """
    energy = sum(float(np.dot(window, window)) for window in windows)
    return max(float(np.sqrt(energy / sum(window.size for window in windows))), _SILENCE_RMS)


def noise_power(n_fft: int) -> float:
    """The mean power of a bin for white noise of unit root mean square under a Hann window.

    Examples
    --------
    >>> noise_power(2048)
    768.0
    """
    return 0.375 * n_fft


def noise_band_power(sample_rate: int, n_fft: int, n_mels: int) -> float:
    """The power of white noise of unit root mean square in a mel band, averaged over the bands."""
    return noise_power(n_fft) * float(mel_filter_bank(sample_rate, n_fft, n_mels).sum(axis=1).mean())


def log_db(power: Frames, soft_floor: float) -> Frames:
    """Power in dB above 1, after adding a floor that silence comes to rest on.

    NumPy's natural logarithm is vectorised where its decimal one is not: ten times faster.

    Examples
    --------
    >>> log_db(np.array([1, 0], dtype=np.float32), 1e-6).round(3)
    array([  0., -60.], dtype=float32)
    """
    level_db: Frames = np.log(power + np.float32(soft_floor)) * np.float32(10 / np.log(10))
    return level_db


def spectral_moments(power: Frames, sample_rate: int) -> Frames:
    """Where the spectrum's amplitude lies and how far it spreads.

    Parameters
    ----------
    power : (n_frames, n_bins) float32
        Of samples of unit root mean square.
    sample_rate
        In Hz.

    Returns
    -------
    moments : (n_frames, 2) float32
        Natural logarithms of centroid and bandwidth in Hz, both at least 50.
    """
    n_fft = 2 * (power.shape[1] - 1)
    frequency = fft_frequencies(sample_rate, n_fft).astype(np.float32)
    amplitude = np.sqrt(power)
    amplitude += np.float32(1e-3 * np.sqrt(_bin_floor(n_fft)))
    sums = amplitude @ np.stack([np.ones_like(frequency), frequency, frequency**2], axis=1)
    centroid = sums[:, 1] / sums[:, 0]
    bandwidth = np.sqrt(np.maximum(sums[:, 2] / sums[:, 0] - centroid**2, 0))
    in_hz = np.maximum(np.stack([centroid, bandwidth], axis=1), np.float32(50))
    logs: Frames = np.log(in_hz).astype(np.float32)
    return logs


def flatness(bands: Frames, bands_db: Frames) -> Frames:
    """How far the mean level of the bands lies under the level of their mean: 0 dB for noise, less for tones.

    Parameters
    ----------
    bands, bands_db : (n_frames, n_bands) float32
        Power relative to 1, and the same in dB over a floor.

    Returns
    -------
    flatness : (n_frames,) float32
        In dB, at most about 0.
    """
    under: Frames = bands_db.mean(axis=1) - log_db(bands.mean(axis=1), 1e-6)
    return under


def octave_contrast(power: Frames, *, n_octaves: int = 7) -> tuple[Frames, Frames]:
    """Level of the strongest tenth of each octave's bins over the weakest, and the level of the weakest.

    Parameters
    ----------
    power : (n_frames, n_bins) float32
        Of samples of unit root mean square.
    n_octaves
        Octaves, counted down from 5/8 of half the sample rate.

    Returns
    -------
    contrast, valley : (n_frames, n_octaves) float32
        In dB; the valley relative to white noise of the same level.
    """
    n_fft = 2 * (power.shape[1] - 1)
    top = n_fft * 5 // 16
    edges = [0, *(top >> octave for octave in range(n_octaves - 1, -1, -1))]
    peaks, valleys = [], []
    for low, high in itertools.pairwise(edges):
        count = max(1, (high - low) // 10)
        ordered = np.sort(power[:, low:high], axis=1)
        peaks.append(ordered[:, -count:].mean(axis=1))
        valleys.append(ordered[:, :count].mean(axis=1))
    relative = np.array([peaks, valleys], dtype=np.float32) / np.float32(noise_power(n_fft))
    both = log_db(relative, 10 ** (_BIN_FLOOR_DB / 10))
    return np.ascontiguousarray((both[0] - both[1]).T), np.ascontiguousarray(both[1].T)


@lru_cache(maxsize=8)
def cosine_transform(n_bands: int, n_coefficients: int) -> NDArray[np.float32]:
    """The first columns of the orthonormal DCT-II: bands to cepstral coefficients; read-only.

    Returns
    -------
    matrix : (n_bands, n_coefficients) float32
        ``bands @ matrix`` are the coefficients, the mean level first.

    Examples
    --------
    >>> np.ones(4, dtype=np.float32) @ cosine_transform(4, 1)
    array([2.], dtype=float32)
    """
    angle = np.pi / n_bands * (np.arange(n_bands)[:, None] + 0.5) * np.arange(n_coefficients)
    matrix = np.cos(angle) * np.sqrt(2 / n_bands)
    matrix[:, 0] = np.sqrt(1 / n_bands)
    rounded: NDArray[np.float32] = matrix.astype(np.float32)
    rounded.flags.writeable = False
    return rounded


def _bin_floor(n_fft: int) -> float:
    return float(noise_power(n_fft) * 10 ** (_BIN_FLOOR_DB / 10))
