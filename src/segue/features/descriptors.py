"""What each frame of a spectrum is like: its bands, shape, contrast and pitch classes.

Every function takes power spectra ``(n_frames, n_bins)`` of samples whose root mean square over the recording is 1,
so that thresholds are absolute and a recording's level changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from segue.features.spectra import fft_frequencies

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Frames = NDArray[np.float32]

# A bin this far under the mean power of white noise of the same level says nothing about music.
_FLOOR_DB = -70.0
_PITCH_HZ = (95.0, 2150.0)


def power_floor(n_fft: int, *, floor_db: float = _FLOOR_DB) -> float:
    """The power of a bin that lies `floor_db` under white noise of unit root mean square (Hann window).

    Examples
    --------
    >>> power_floor(2048, floor_db=0.0)
    768.0
    """
    return float(0.375 * n_fft * 10 ** (floor_db / 10))


def spectral_shape(power: Frames, sample_rate: int) -> Frames:
    """Where the spectrum's amplitude lies and how noise-like it is.

    Parameters
    ----------
    power : (n_frames, n_bins) float32
        Of samples of unit root mean square.
    sample_rate
        In Hz.

    Returns
    -------
    shape : (n_frames, 4) float32
        Natural logarithms of centroid, bandwidth and 85 % roll-off (in Hz, at least 50), and flatness in dB (at
        most 0).
    """
    n_fft = 2 * (power.shape[1] - 1)
    frequency = fft_frequencies(sample_rate, n_fft).astype(np.float32)
    floor = power_floor(n_fft)
    amplitude = np.sqrt(power)
    amplitude += np.float32(1e-3 * np.sqrt(floor))
    moments = amplitude @ np.stack([np.ones_like(frequency), frequency, frequency**2], axis=1)
    centroid = moments[:, 1] / moments[:, 0]
    bandwidth = np.sqrt(np.maximum(moments[:, 2] / moments[:, 0] - centroid**2, 0))
    # Sums of eight bins are fine enough (86 Hz at 22,050 Hz) and eight times fewer to add up.
    blocks = np.add.reduceat(amplitude, np.arange(0, amplitude.shape[1], 8), axis=1)
    total = np.cumsum(blocks, axis=1)
    rolloff = frequency[::8][(total >= 0.85 * total[:, -1:]).argmax(axis=1)]
    floored = power[:, 4:] + np.float32(floor)
    flatness = 10 / np.log(10) * (np.log(floored).mean(axis=1) - np.log(floored.mean(axis=1)))
    in_hz = np.log(np.maximum(np.stack([centroid, bandwidth, rolloff], axis=1), 50))
    return np.concatenate([in_hz, flatness[:, None]], axis=1).astype(np.float32)


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
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        count = max(1, (high - low) // 10)
        ordered = np.sort(power[:, low:high], axis=1)
        peaks.append(ordered[:, -count:].mean(axis=1))
        valleys.append(ordered[:, :count].mean(axis=1))
    unit, floor = power_floor(n_fft, floor_db=0), 10 ** (_FLOOR_DB / 10)
    level = 10 * np.log10(np.array([peaks, valleys]) / np.float32(unit) + np.float32(floor))
    return np.ascontiguousarray((level[0] - level[1]).T), np.ascontiguousarray(level[1].T)


@dataclass(frozen=True, slots=True)
class Pitches:
    """What the spectral peaks of each frame say about pitch.

    Attributes
    ----------
    chroma
        ``(n_frames, 12)`` float32: amplitude of the peaks by pitch class, from A, after tuning.
    tonality
        ``(n_frames, 3)`` float32: the share of the amplitude that lies in peaks and in the five strongest, and how
        many peaks are within 20 dB of the strongest (logarithm of 1 + n).
    tuning
        Mean deviation from A = 440 Hz, in semitones, in [-0.5, 0.5].
    tuning_strength
        How well the peaks agree about it, in [0, 1].
    """

    chroma: Frames
    tonality: Frames
    tuning: float
    tuning_strength: float


def pitches(power: Frames, sample_rate: int) -> Pitches:
    """Pitch classes of spectral peaks between 95 and 2,150 Hz.

    Parameters
    ----------
    power : (n_frames, n_bins) float32
        Of samples of unit root mean square.
    sample_rate
        In Hz.
    """
    n_fft = 2 * (power.shape[1] - 1)
    low, high = (round(edge * n_fft / sample_rate) for edge in _PITCH_HZ)
    floor = power_floor(n_fft)
    amplitude = np.sqrt(power[:, low - 1 : high + 1])
    middle = amplitude[:, 1:-1]
    is_peak = (middle > amplitude[:, :-2]) & (middle >= amplitude[:, 2:]) & (middle > np.sqrt(floor))
    row, column = np.nonzero(is_peak)
    left, here, right = (
        np.log(amplitude[row, column + offset] + np.float32(1e-3 * floor)) for offset in range(3)
    )
    # A parabola through three log amplitudes finds a peak between the bins.
    shift = 0.5 * (left - right) / np.minimum(left - 2 * here + right, -1e-6)
    semitone = 12 * np.log2((column + low + np.clip(shift, -0.5, 0.5)) * (sample_rate / n_fft / 440))
    weight = middle[row, column]
    n_frames = power.shape[0]
    turn = np.sum(weight * np.exp(2j * np.pi * semitone))
    tuning = float(np.angle(turn)) / (2 * np.pi)
    strength = float(np.abs(turn) / max(float(weight.sum()), 1e-12))
    chroma = _fold(row, semitone - tuning, weight, n_frames)
    return Pitches(chroma, _tonality(row, weight, middle, n_frames, floor), tuning, strength)


def _fold(
    row: NDArray[np.intp], semitone: NDArray[np.float64], weight: Frames, n_frames: int
) -> NDArray[np.float32]:
    # A peak between two semitones counts for both, so that a slow glide makes no jump.
    below = np.floor(semitone)
    above_share = semitone - below
    pitch_class = below.astype(np.intp) % 12
    flat = np.bincount(row * 12 + pitch_class, weight * (1 - above_share), 12 * n_frames)
    flat += np.bincount(row * 12 + (pitch_class + 1) % 12, weight * above_share, 12 * n_frames)
    return flat.reshape(n_frames, 12).astype(np.float32)


def _tonality(
    row: NDArray[np.intp], weight: Frames, amplitude: Frames, n_frames: int, floor: float
) -> NDArray[np.float32]:
    total = amplitude.sum(axis=1) + np.float32(np.sqrt(floor))
    in_peaks = np.bincount(row, weight, n_frames) / total
    # Peaks of one frame stand together, so the place within the run after sorting is the rank.
    order = np.lexsort((-weight, row))
    counts = np.bincount(row, minlength=n_frames)
    first = np.cumsum(counts) - counts
    rank = np.arange(row.size) - np.repeat(first, counts)
    top = np.bincount(row, weight[order] * (rank < 5), n_frames) / total
    strongest = np.zeros(n_frames, dtype=np.float32)
    np.maximum.at(strongest, row, weight)
    near = np.bincount(row, weight > 0.1 * strongest[row], n_frames)
    return np.stack([in_peaks, top, np.log1p(near)], axis=1).astype(np.float32)


@lru_cache(maxsize=4)
def cosine_transform(n_bands: int, n_coefficients: int) -> NDArray[np.float32]:
    """The first rows of the orthonormal DCT-II: bands to cepstral coefficients.

    Returns
    -------
    matrix : (n_bands, n_coefficients) float32
        ``bands @ matrix`` are the coefficients, the mean level first.

    Examples
    --------
    >>> cosine_transform(4, 2).T @ np.ones(4, dtype=np.float32)
    array([2., 0.], dtype=float32)
    """
    angle = np.pi / n_bands * (np.arange(n_bands)[:, None] + 0.5) * np.arange(n_coefficients)
    matrix = np.cos(angle) * np.sqrt(2 / n_bands)
    matrix[:, 0] = np.sqrt(1 / n_bands)
    rounded: NDArray[np.float32] = matrix.astype(np.float32)
    rounded.flags.writeable = False
    return rounded
