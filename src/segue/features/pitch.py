"""Pitch classes of each frame, from the peaks of its spectrum; no knowledge of key or instrument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segue.features.descriptors import noise_power

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Frames = NDArray[np.float32]

# Below, the bins of a transform of 2,048 are wider than a semitone; above, partials outnumber fundamentals.
_LOWEST_HZ, _HIGHEST_HZ = 95.0, 2150.0
# Peaks this far under white noise of the same level are the codec's, not the music's.
_FLOOR_DB = -70.0


@dataclass(frozen=True, slots=True)
class Pitches:
    """What the spectral peaks of each frame say about pitch.

    Attributes
    ----------
    chroma
        ``(n_frames, 12)`` float32: amplitude of the peaks by pitch class, from A, after tuning.
    tonality
        ``(n_frames, 3)`` float32: the share of the amplitude that lies in peaks, in the five strongest, and
        the logarithm of 1 + the number of peaks within 20 dB of the strongest.
    tuning
        Mean deviation from A = 440 Hz, in semitones, in [-0.5, 0.5].
    tuning_strength
        How well the peaks agree about it, in [0, 1].
    """

    chroma: Frames
    tonality: Frames
    tuning: float
    tuning_strength: float


def pitch_bins(sample_rate: int, n_fft: int) -> int:
    """How many bins, from 0 Hz, `pitches` looks at.

    Examples
    --------
    >>> pitch_bins(22050, 2048)
    201
    """
    return round(_HIGHEST_HZ * n_fft / sample_rate) + 1


def pitches(power: Frames, sample_rate: int, *, n_fft: int) -> Pitches:
    """Pitch classes of spectral peaks between 95 and 2,150 Hz.

    Parameters
    ----------
    power : (n_frames, n_bins) float32
        Of samples of unit root mean square; `pitch_bins` bins suffice.
    sample_rate
        In Hz.
    n_fft
        Length of the transform, in samples.
    """
    low, high = (round(edge * n_fft / sample_rate) for edge in (_LOWEST_HZ, _HIGHEST_HZ))
    floor = np.float32(np.sqrt(noise_power(n_fft) * 10 ** (_FLOOR_DB / 10)))
    amplitude = np.sqrt(power[:, low - 1 : high + 1])
    middle = amplitude[:, 1:-1]
    is_peak = (middle > amplitude[:, :-2]) & (middle >= amplitude[:, 2:]) & (middle > floor)
    place = np.flatnonzero(is_peak)
    row, column = np.divmod(place, middle.shape[1])
    around = row * amplitude.shape[1] + column
    left, here, right = (np.log(amplitude.ravel()[around + offset] + floor) for offset in range(3))
    # A parabola through three log amplitudes finds a peak between the bins.
    shift = np.clip(0.5 * (left - right) / np.minimum(left - 2 * here + right, np.float32(-1e-6)), -0.5, 0.5)
    position = (column + low).astype(np.float32) + shift
    semitone = 12 * np.log2(position * np.float32(sample_rate / n_fft / 440))
    weight = amplitude.ravel()[around + 1]
    angle = np.float32(2 * np.pi) * (semitone - np.round(semitone))
    turn = complex(float(np.dot(weight, np.cos(angle))), float(np.dot(weight, np.sin(angle))))
    tuning = float(np.angle(turn)) / (2 * np.pi)
    strength = abs(turn) / max(float(weight.sum()), 1e-12)
    chroma = _fold(row, semitone - np.float32(tuning), weight, power.shape[0])
    return Pitches(chroma, _tonality(middle * is_peak, middle, floor), tuning, strength)


def _fold(row: NDArray[np.intp], semitone: Frames, weight: Frames, n_frames: int) -> Frames:
    # A peak between two semitones counts for both, so that a slow glide makes no jump.
    below = np.floor(semitone)
    share_above = semitone - below
    first = row * 12
    pitch_class = below.astype(np.intp) % 12
    chroma = np.bincount(first + pitch_class, weight * (1 - share_above), 12 * n_frames)
    chroma += np.bincount(first + (pitch_class + 1) % 12, weight * share_above, 12 * n_frames)
    return chroma.reshape(n_frames, 12).astype(np.float32)


def _tonality(peaks: Frames, amplitude: Frames, floor: np.float32) -> Frames:
    total = amplitude.sum(axis=1) + floor
    strongest = np.sort(peaks, axis=1)[:, -5:]
    near = np.count_nonzero(peaks > np.maximum(0.1 * strongest[:, -1:], floor), axis=1)
    shares = [peaks.sum(axis=1) / total, strongest.sum(axis=1) / total]
    return np.stack([*shares, np.log1p(near).astype(np.float32)], axis=1)
