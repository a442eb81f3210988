"""How loudness moves: segments, onsets, periodicity and modulation spectra."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from segue.features.spectra import periodic_hann

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Frames = NDArray[np.float32]


def segments(frames: Frames, length: int) -> Frames:
    """Stretches of `length` frames, at most half a stretch apart, from the first frame to the last.

    Parameters
    ----------
    frames : (n_frames, n) float32
        One row a moment.
    length
        Frames in a segment.

    Returns
    -------
    segments : (n_segments, length, n) float32
        Each without its mean. A recording shorter than a segment is followed by zeros.

    Examples
    --------
    >>> segments(np.arange(5, dtype=np.float32)[:, None], 4)[:, :, 0]
    array([[-1.5, -0.5,  0.5,  1.5],
           [-1.5, -0.5,  0.5,  1.5]], dtype=float32)
    """
    n_frames = frames.shape[0]
    if n_frames <= length:
        centred = frames - frames.mean(axis=0)
        return np.pad(centred, ((0, length - n_frames), (0, 0)))[None]
    count = 1 - (-2 * (n_frames - length) // length)
    starts = np.round(np.linspace(0, n_frames - length, count)).astype(np.intp)
    stacked = np.stack([frames[start : start + length] for start in starts])
    stacked -= stacked.mean(axis=1, keepdims=True)
    return stacked


def onset_strength(bands: Frames) -> Frames:
    """How much louder each band is than in the frame before; falls count nothing.

    Parameters
    ----------
    bands : (n_frames, n_bands) float32
        Levels in dB, or loudness.

    Returns
    -------
    rise : (n_frames, n_bands) float32
        In the unit of `bands`; the first frame is zero.

    Examples
    --------
    >>> onset_strength(np.array([[1], [3], [2]], dtype=np.float32)).ravel()
    array([0., 2., 0.], dtype=float32)
    """
    rise = np.zeros_like(bands)
    np.maximum(bands[1:] - bands[:-1], 0, out=rise[1:])
    return rise


def modulation_power(stretches: Frames, frame_rate: float, edges_hz: NDArray[np.float64]) -> Frames:
    """Power of fluctuation in bands of modulation frequency.

    Parameters
    ----------
    stretches : (n_segments, n_frames, n) float32
        As from `segments`.
    frame_rate
        Frames a second.
    edges_hz : (n_edges,) float64
        Ascending edges of the modulation bands; each holds at least one bin.

    Returns
    -------
    power : (n_segments, n_edges - 1, n) float32
        The mean over the bins of a modulation band.
    """
    length = stretches.shape[1]
    spectrum = np.fft.rfft(stretches * periodic_hann(length)[:, None], axis=1)
    power = (spectrum.real**2 + spectrum.imag**2) / np.float32(length)
    bins = np.maximum(np.round(edges_hz * length / frame_rate).astype(np.intp), 1)
    bands = [power[:, low : max(high, low + 1)].mean(axis=1) for low, high in itertools.pairwise(bins)]
    return np.stack(bands, axis=1)


def autocorrelation(stretches: Frames) -> Frames:
    """Similarity of each segment with itself some frames later, 1 at lag 0.

    Parameters
    ----------
    stretches : (n_segments, n_frames, n) float32
        As from `segments`.

    Returns
    -------
    correlation : (n_segments, n_frames // 2, n) float32
        By lag in frames, corrected for the shorter overlap of long lags; zero where nothing moves.
    """
    length = stretches.shape[1]
    spectrum = np.fft.rfft(stretches, 2 * length, axis=1)
    raw = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, 2 * length, axis=1)[:, : length // 2]
    overlap = (length / (length - np.arange(length // 2))).astype(np.float32)
    energy = raw[:, :1]
    correlation: Frames = np.where(energy > 1e-6, raw * overlap[:, None] / np.maximum(energy, 1e-6), 0)
    return correlation.astype(np.float32)
