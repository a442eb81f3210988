"""The usual descriptors of a frame, as librosa defines them: level, crossings, centroid, contrast, MFCC.

They take what librosa's functions take (magnitudes here, powers there) and are kept apart from Segue's own
(`segue.features.descriptors`), which serve another encoder and may be better.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from segue.features.descriptors import cosine_transform
from segue.features.spectra import decibels, fft_frequencies, mel_power

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Samples

    Frames: TypeAlias = NDArray[np.floating[Any]]


def zero_crossing_rate(samples: Samples, *, frame_length: int, hop: int) -> Frames:
    """Sign changes by sample, as ``librosa.feature.zero_crossing_rate``.

    Parameters
    ----------
    samples : (n_samples,) float32
        Mono samples, at least one; those within 1e-10 of zero count as zero, which is positive.
    frame_length, hop
        In samples; frames are centred, and the ends continue with their last sample.

    Returns
    -------
    rate : (1 + n_samples // hop, 1) float64
        In [0, 1).

    Examples
    --------
    >>> zero_crossing_rate(np.array([1, -1, 1, -1], dtype=np.float32), frame_length=4, hop=2).ravel()
    array([0.25, 0.75, 0.25])
    """
    padded = np.pad(samples, frame_length // 2, mode="edge")
    negative = padded < -1e-10
    changes = np.concatenate([[0], np.cumsum(negative[1:] != negative[:-1])])
    starts = np.arange(0, padded.size - frame_length + 1, hop)
    rate: Frames = (changes[starts + frame_length - 1] - changes[starts])[:, None] / frame_length
    return rate


def root_mean_square(power: Frames) -> Frames:
    """Level of each frame from its spectrum, as ``librosa.feature.rms(S=sqrt(power).T)``.

    Parameters
    ----------
    power : (n_frames, n_bins) float32
        Squared magnitudes.

    Returns
    -------
    level : (n_frames, 1) float32
    """
    n_fft = 2 * (power.shape[1] - 1)
    both_sides = 2 * power.sum(axis=1, keepdims=True) - power[:, :1] - power[:, -1:]
    level: Frames = np.sqrt(both_sides) / np.float32(n_fft)
    return level


def centroid_bandwidth(magnitudes: Frames, sample_rate: int) -> tuple[Frames, Frames]:
    """Mean and spread of the spectrum, as ``librosa.feature.spectral_centroid`` and ``spectral_bandwidth``.

    Parameters
    ----------
    magnitudes : (n_frames, n_bins) float32
    sample_rate
        In Hz.

    Returns
    -------
    centroid, bandwidth : (n_frames, 1) float64
        In Hz; zero for silence.
    """
    frequencies = fft_frequencies(sample_rate, 2 * (magnitudes.shape[1] - 1))
    total = magnitudes.sum(axis=1, dtype=np.float64, keepdims=True)
    total[total < np.finfo(np.float32).tiny] = 1
    # About the middle of the band, where the difference of the two large sums keeps its digits.
    offset = frequencies - frequencies.mean()
    sums = magnitudes.astype(np.float64) @ np.stack([np.ones_like(offset), offset, offset**2], axis=1) / total
    mean_offset = sums[:, 1:2]
    centroid = np.where(sums[:, :1] > 0, mean_offset + frequencies.mean(), 0)
    variance = sums[:, 2:3] - mean_offset**2
    return centroid, np.sqrt(np.maximum(variance, 0))


def rolloff(magnitudes: Frames, sample_rate: int) -> Frames:
    """The frequency below which 85 % of the magnitude lies, as ``librosa.feature.spectral_rolloff``.

    Parameters
    ----------
    magnitudes : (n_frames, n_bins) float32
    sample_rate
        In Hz.

    Returns
    -------
    frequency : (n_frames, 1) float64
        In Hz, the centre of a bin.
    """
    frequencies = fft_frequencies(sample_rate, 2 * (magnitudes.shape[1] - 1))
    total = np.cumsum(magnitudes, axis=1)
    reached = total >= np.float32(0.85) * total[:, -1:]
    frequency: Frames = frequencies[reached.argmax(axis=1)][:, None]
    return frequency


def spectral_contrast(magnitudes: Frames, sample_rate: int) -> Frames:
    """Peaks over valleys in six octaves from 200 Hz and below it, as ``librosa.feature.spectral_contrast``.

    Parameters
    ----------
    magnitudes : (n_frames, n_bins) float32
    sample_rate
        In Hz, above 12,800.

    Returns
    -------
    contrast : (n_frames, 7) float64
        In dB of magnitude.

    References
    ----------
    D.-N. Jiang et al., "Music type classification by spectral contrast feature", ICME 2002.
    """
    frequencies = fft_frequencies(sample_rate, 2 * (magnitudes.shape[1] - 1))
    edges = np.concatenate([[0.0], 200 * 2.0 ** np.arange(7)])
    peaks, valleys = [], []
    for band, (low, high) in enumerate(itertools.pairwise(edges)):
        inside = np.flatnonzero((frequencies >= low) & (frequencies <= high))
        first, stop = inside[0], inside[-1] + 1
        if band > 0:
            first -= 1
        if band == 6:
            stop = frequencies.size
        count = max(1, int(np.rint(0.02 * (stop - first))))
        ordered = np.sort(magnitudes[:, first : stop if band == 6 else stop - 1], axis=1)
        valleys.append(ordered[:, :count].mean(axis=1, dtype=np.float64))
        peaks.append(ordered[:, -count:].mean(axis=1, dtype=np.float64))
    return decibels(np.stack(peaks, axis=1)) - decibels(np.stack(valleys, axis=1))


def mel_cepstrum(power: Frames, sample_rate: int, *, n_coefficients: int = 20) -> Frames:
    """MFCC of 128 mel bands in dB, as ``librosa.feature.mfcc``.

    Parameters
    ----------
    power : (n_frames, n_bins) float32
        Squared magnitudes.
    sample_rate
        In Hz.
    n_coefficients
        How many, the level first.

    Returns
    -------
    coefficients : (n_frames, n_coefficients) float32
    """
    level = decibels(mel_power(power, sample_rate, n_mels=128))
    return level @ cosine_transform(128, n_coefficients)
