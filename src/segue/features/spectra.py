"""Samples to spectra: short-time Fourier transform, Slaney's mel bands, decibels.

Frames lie on the first axis and frequencies on the second, C order: a row is what was heard at one moment.
Everything is float32; a reader who wants librosa's layout transposes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from segue.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Samples

Padding = Literal["constant", "reflect"]
"""What stands before the first and after the last sample of a centred transform: zeros, or a mirror image."""

# Frames transformed at a time: few enough that a block of complex spectra stays in a core's cache.
_BLOCK = 64
_MEL_BLOCK = 16


@lru_cache(maxsize=8)
def periodic_hann(length: int) -> NDArray[np.float32]:
    """One period of the Hann window, read-only.

    Parameters
    ----------
    length
        Samples in the window.

    Returns
    -------
    window : (length,) float32

    Examples
    --------
    >>> periodic_hann(4)
    array([0. , 0.5, 1. , 0.5], dtype=float32)
    """
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)).astype(np.float32)
    window.flags.writeable = False
    return window


def frame(
    samples: Samples, length: int, hop: int, *, centred: bool = True, padding: Padding = "constant"
) -> NDArray[np.float32]:
    """Overlapping stretches of the samples, as a read-only view.

    Parameters
    ----------
    samples : (n_samples,) float32
        Mono samples.
    length, hop
        Length of a frame and distance between the beginnings of two, in samples.
    centred
        Whether frame ``i`` has its middle at sample ``i * hop``; otherwise it begins there, and an incomplete
        last frame is dropped. Fewer than ``length`` samples are filled up with zeros.
    padding
        What a centred frame sees beyond the ends.

    Returns
    -------
    frames : (n_frames, length) float32
        ``1 + n_samples // hop`` frames when centred.

    Examples
    --------
    >>> frame(np.arange(4, dtype=np.float32), 4, 2)
    array([[0., 0., 0., 1.],
           [0., 1., 2., 3.],
           [2., 3., 0., 0.]], dtype=float32)
    """
    samples = np.ascontiguousarray(samples, dtype=np.float32)
    if centred:
        # A mirror needs a second sample to show; without one it is a constant anyway.
        mode: Padding = padding if samples.size > 1 else "constant"
        samples = np.pad(samples, length // 2, mode=mode)
    if samples.size < length:
        samples = np.pad(samples, (0, length - samples.size))
    frames: NDArray[np.float32] = np.lib.stride_tricks.sliding_window_view(samples, length)[::hop]
    return frames


def power_spectrum(
    samples: Samples,
    n_fft: int,
    hop: int,
    *,
    window_length: int | None = None,
    centred: bool = True,
    padding: Padding = "constant",
) -> NDArray[np.float32]:
    """Squared magnitudes of the short-time Fourier transform under a periodic Hann window.

    Parameters
    ----------
    samples : (n_samples,) float32
        Mono samples in [-1, 1].
    n_fft
        Length of the transform, in samples.
    hop
        Distance between two frames, in samples.
    window_length
        Length of the window, centred in the transform; `n_fft` if not given.
    centred, padding
        As for `frame`.

    Returns
    -------
    power : (n_frames, 1 + n_fft // 2) float32
        ``1 + n_samples // hop`` frames when centred. Not normalised, as in ``abs(librosa.stft(x)) ** 2``.

    Raises
    ------
    UsageError
        If the window is longer than the transform.

    Examples
    --------
    >>> power_spectrum(np.ones(8, dtype=np.float32), 4, 4, padding="reflect")
    array([[4., 1., 0.],
           [4., 1., 0.],
           [4., 1., 0.]], dtype=float32)
    """
    frames = frame(samples, n_fft, hop, centred=centred, padding=padding)
    power = np.empty((frames.shape[0], 1 + n_fft // 2), dtype=np.float32)
    for start, spectrum in _spectra(frames, _window(n_fft, window_length)):
        _square(spectrum, power[start : start + len(spectrum)])
    return power


def complex_spectrum(
    samples: Samples, window: NDArray[np.floating[Any]], hop: int, *, padding: Padding = "constant"
) -> NDArray[np.complex64]:
    """The centred short-time Fourier transform under any window.

    Parameters
    ----------
    samples : (n_samples,) float32
        Mono samples.
    window : (n_fft,) float32 or float64
        The window, as long as the transform, which is made in the precision of the window.
    hop
        Distance between two frames, in samples.
    padding
        As for `frame`.

    Returns
    -------
    spectrum : (1 + n_samples // hop, 1 + n_fft // 2) complex64
    """
    frames = frame(samples, window.size, hop, padding=padding)
    spectrum = np.empty((frames.shape[0], 1 + window.size // 2), dtype=np.complex64)
    for start, block in _spectra(frames, window):
        spectrum[start : start + len(block)] = block
    return spectrum


def fft_frequencies(sample_rate: int, n_fft: int) -> NDArray[np.float64]:
    """Centre of every bin of the transform, in Hz.

    Examples
    --------
    >>> fft_frequencies(8000, 4)
    array([   0., 2000., 4000.])
    """
    return np.arange(1 + n_fft // 2, dtype=np.float64) * (sample_rate / n_fft)


@lru_cache(maxsize=8)
def mel_filter_bank(
    sample_rate: int, n_fft: int, n_mels: int, f_min: float = 0.0, f_max: float | None = None
) -> NDArray[np.float32]:
    """Triangles of area 1 (in Hz) on Slaney's mel scale, as ``librosa.filters.mel`` makes them; read-only.

    Parameters
    ----------
    sample_rate
        In Hz.
    n_fft
        Length of the transform whose bins are gathered, in samples.
    n_mels
        Number of bands.
    f_min, f_max
        Where the lowest band begins and the highest ends, in Hz; half the sample rate if no `f_max` is given.

    Returns
    -------
    weights : (n_mels, 1 + n_fft // 2) float32
        ``power @ weights.T`` are the mel bands.

    References
    ----------
    M. Slaney, "Auditory Toolbox", version 2, Interval Research Corporation, 1998.

    Examples
    --------
    >>> mel_filter_bank(22050, 2048, 128).shape
    (128, 1025)
    """
    top = sample_rate / 2 if f_max is None else f_max
    edges = _mel_to_hz(np.linspace(_hz_to_mel(f_min), _hz_to_mel(top), n_mels + 2))
    frequencies = fft_frequencies(sample_rate, n_fft)
    rising = (frequencies - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - frequencies) / (edges[2:] - edges[1:-1])[:, None]
    weights = np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    bank: NDArray[np.float32] = np.ascontiguousarray(weights, dtype=np.float32)
    bank.flags.writeable = False
    return bank


def mel_power(
    power: NDArray[np.float32],
    sample_rate: int,
    *,
    n_mels: int,
    f_min: float = 0.0,
    f_max: float | None = None,
) -> NDArray[np.float32]:
    """Power gathered in mel bands.

    Parameters
    ----------
    power : (n_frames, n_bins) float32
        As `power_spectrum` returns it.
    sample_rate
        In Hz.
    n_mels, f_min, f_max
        As for `mel_filter_bank`.

    Returns
    -------
    bands : (n_frames, n_mels) float32
    """
    n_fft = 2 * (power.shape[1] - 1)
    bands = np.zeros((power.shape[0], n_mels), dtype=np.float32)
    for columns, touched, weights in _mel_blocks(sample_rate, n_fft, n_mels, f_min, f_max):
        np.matmul(power[:, touched], weights, out=bands[:, columns])
    return bands


@lru_cache(maxsize=8)
def _mel_blocks(
    sample_rate: int, n_fft: int, n_mels: int, f_min: float, f_max: float | None
) -> list[tuple[slice, slice, NDArray[np.float32]]]:
    """Mel bands, the bins that they touch, and the weights of these, ``(n_bins, n_bands)``.

    A few neighbouring bands touch few bins: multiplying only those costs a third of the whole product.
    """
    bank = mel_filter_bank(sample_rate, n_fft, n_mels, f_min, f_max)
    blocks = []
    for start in range(0, n_mels, _MEL_BLOCK):
        weights = bank[start : start + _MEL_BLOCK]
        touched = np.flatnonzero(weights.any(axis=0))
        if touched.size:
            bins = slice(int(touched[0]), int(touched[-1]) + 1)
            columns = slice(start, start + len(weights))
            blocks.append((columns, bins, np.ascontiguousarray(weights[:, bins].T)))
    return blocks


def decibels(
    power: NDArray[np.float32], *, reference: float = 1.0, floor: float = 1e-10, range_db: float | None = 80.0
) -> NDArray[np.float32]:
    """Power in dB.

    Parameters
    ----------
    power : (…) float32
        Not negative.
    reference
        The power that is 0 dB.
    floor
        The smallest power told apart from silence.
    range_db
        Values more than this below the largest are raised to it; None leaves them.

    Returns
    -------
    level : (…) float32
        In dB.

    Examples
    --------
    >>> decibels(np.array([1, 0.1, 0], dtype=np.float32))
    array([  0., -10., -80.], dtype=float32)
    """
    level: NDArray[np.float32] = 10 * np.log10(np.maximum(power, np.float32(floor)))
    level -= np.float32(10 * np.log10(max(floor, reference)))
    if range_db is not None and level.size:
        np.maximum(level, level.max() - np.float32(range_db), out=level)
    return level


def _window(n_fft: int, length: int | None) -> NDArray[np.float32]:
    if length is None or length == n_fft:
        return periodic_hann(n_fft)
    if length > n_fft:
        raise UsageError(f"a window of {length} samples does not fit into a transform of {n_fft}")
    left = (n_fft - length) // 2
    return np.pad(periodic_hann(length), (left, n_fft - length - left))


def _square(spectrum: NDArray[np.complex64], power: NDArray[np.float32]) -> NDArray[np.float32]:
    # Real and imaginary parts lie side by side: squaring them as one plain array spares two copies.
    parts = spectrum.view(np.float32)
    np.multiply(parts, parts, out=parts)
    return np.add(parts[:, ::2], parts[:, 1::2], out=power)


def _spectra(
    frames: NDArray[np.float32], window: NDArray[np.floating[Any]]
) -> Iterator[tuple[int, NDArray[Any]]]:
    for start in range(0, len(frames), _BLOCK):
        # SciPy's transform does several rows at once and takes a third less, but importing it costs as much
        # as the difference over a hundred tracks.
        yield start, np.fft.rfft(frames[start : start + _BLOCK] * window, axis=1)


# Slaney's scale: linear up to 1 kHz, 15 mels there, then 27 mels to each factor of 6.4.
_LINEAR_HZ = 200 / 3
_LOG_STEP = np.log(6.4) / 27


def _hz_to_mel(frequency: float) -> float:
    if frequency < 1000:
        return frequency / _LINEAR_HZ
    return float(15 + np.log(frequency / 1000) / _LOG_STEP)


def _mel_to_hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    above = 1000 * np.exp(_LOG_STEP * np.maximum(mels - 15, 0))
    return np.where(mels < 15, mels * _LINEAR_HZ, above)
