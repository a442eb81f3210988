"""Energy by pitch class, as librosa defines it: from Fourier and constant-Q transforms, and CENS.

All start at C. `segue.features.pitch` has the faster chroma of Segue's own.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Frames: TypeAlias = NDArray[np.floating[Any]]

_TINY = np.finfo(np.float32).tiny


def chroma_from_power(power: Frames, sample_rate: int, *, tuning: float) -> Frames:
    """As ``librosa.feature.chroma_stft(S=power.T, tuning=…).T``: each frame's largest value is 1.

    Parameters
    ----------
    power : (n_frames, n_bins) float32
        Squared magnitudes.
    sample_rate
        In Hz.
    tuning
        Deviation from A = 440 Hz, in semitones.

    Returns
    -------
    chroma : (n_frames, 12) float32
        In [0, 1].
    """
    return _normalised(power @ _chroma_filters(sample_rate, 2 * (power.shape[1] - 1), tuning).T, "max")


def chroma_from_cqt(magnitudes: Frames) -> Frames:
    """As ``librosa.feature.chroma_cqt(C=magnitudes.T, bins_per_octave=12).T``.

    Parameters
    ----------
    magnitudes : (n_frames, 84) float32
        Semitones from C.

    Returns
    -------
    chroma : (n_frames, 12) float32
        In [0, 1].
    """
    return _normalised(_folded(magnitudes), "max")


def chroma_energy(magnitudes: Frames) -> Frames:
    """As ``librosa.feature.chroma_cens(C=magnitudes.T, bins_per_octave=12).T``.

    Quantised shares, smoothed over 41 frames.

    Parameters
    ----------
    magnitudes : (n_frames, 84) float32
        Semitones from C.

    Returns
    -------
    chroma : (n_frames, 12) float64
        Rows of length 1.

    References
    ----------
    M. Müller, S. Ewert, "Chroma Toolbox", ISMIR 2011.
    """
    from scipy import ndimage

    shares = _normalised(_folded(magnitudes), "sum")
    steps = np.sum([(shares > limit) * 0.25 for limit in (0.4, 0.2, 0.1, 0.05)], axis=0)
    kernel = np.hanning(43)
    smooth: Frames = ndimage.convolve1d(steps, kernel / kernel.sum(), axis=0, mode="constant")
    return _normalised(smooth, "length")


def tonnetz(chroma: Frames) -> Frames:
    """As ``librosa.feature.tonnetz(chroma=chroma.T).T``: where the pitch classes lie on three circles.

    Parameters
    ----------
    chroma : (n_frames, 12) float

    Returns
    -------
    centroid : (n_frames, 6) float
        Fifths, minor thirds, major thirds; two coordinates each.

    References
    ----------
    C. Harte, M. Sandler, M. Gasser, "Detecting harmonic change in musical audio", 2006.
    """
    turns = np.multiply.outer([7 / 6, 7 / 6, 3 / 2, 3 / 2, 2 / 3, 2 / 3], np.arange(12))
    turns[::2] -= 0.5
    circles = np.array([1, 1, 1, 1, 0.5, 0.5])[:, None] * np.cos(np.pi * turns)
    centroid: Frames = _normalised(chroma, "sum") @ circles.T
    return centroid


def _folded(magnitudes: Frames) -> Frames:
    folded: Frames = magnitudes.reshape(len(magnitudes), -1, 12).sum(axis=1)
    return folded


def _normalised(rows: Frames, norm: str) -> Frames:
    # In double precision, as in librosa: a share on the edge of a step of CENS falls on the same side.
    precise = rows.astype(np.float64)
    if norm == "max":
        size = np.abs(precise).max(axis=1, keepdims=True)
    elif norm == "sum":
        size = np.abs(precise).sum(axis=1, keepdims=True)
    else:
        size = np.linalg.norm(precise, axis=1, keepdims=True)
    # A silent frame stays zero.
    normalised: Frames = (precise / np.where(size < _TINY, 1, size)).astype(rows.dtype)
    return normalised


@lru_cache(maxsize=8)
def _chroma_filters(sample_rate: int, n_fft: int, tuning: float) -> Frames:
    frequencies = np.arange(1, n_fft) * (sample_rate / n_fft)
    bins = 12 * np.log2(frequencies / (440 * 2 ** (tuning / 12) / 16))
    # The bin at 0 Hz has no pitch: it is put an octave and a half under the first.
    bins = np.concatenate([[bins[0] - 18], bins])
    width = np.concatenate([np.maximum(np.diff(bins), 1), [1]])
    distance = np.remainder(bins - np.arange(12)[:, None] + 126, 12) - 6
    weights = np.exp(-0.5 * (2 * distance / width) ** 2)
    weights /= np.linalg.norm(weights, axis=0)
    weights *= np.exp(-0.5 * ((bins / 12 - 5) / 2) ** 2)
    from_c: Frames = np.roll(weights, -3, axis=0)[:, : 1 + n_fft // 2].astype(np.float32)
    return from_c
