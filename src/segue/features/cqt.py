"""The constant-Q transform of seven octaves from C1, as librosa computes it.

Octave by octave from the top: the samples are transformed with a short basis, then halved in rate for the
octave below, so that one basis serves all octaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segue.features.spectra import complex_spectrum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Samples

_C1_HZ = 440 * 2 ** (-45 / 12)
_OCTAVES = 7
# The share of a filter's magnitude that is dropped from its spectrum.
_SPARSITY = 0.01


def constant_q(samples: Samples, sample_rate: int, *, hop: int, tuning: float) -> NDArray[np.float32]:
    """Magnitudes at the 84 semitones from C1, as ``abs(librosa.cqt(samples, sr=…, tuning=…)).T``.

    Parameters
    ----------
    samples : (n_samples,) float32
        Mono samples.
    sample_rate
        In Hz; 22,050 is what the octaves fit.
    hop
        Distance of the frames in samples, a multiple of 64, so that the lowest octave still has whole steps.
    tuning
        Deviation from A = 440 Hz, in semitones.

    Returns
    -------
    magnitudes : (1 + n_samples // hop, 84) float32

    References
    ----------
    C. Schörkhuber, A. Klapuri, "Constant-Q transform toolbox for music processing", SMC 2010.
    """
    import soxr

    frequencies = _C1_HZ * 2 ** (tuning / 12) * 2 ** (np.arange(12 * _OCTAVES) / 12)
    basis, lengths = _basis(frequencies[-12:] / sample_rate)
    ones = np.ones(2 * (basis.shape[1] - 1))
    n_frames = 1 + samples.size // hop
    octaves = []
    for octave in range(_OCTAVES):
        spectrum = complex_spectrum(samples, ones, hop >> octave)[:n_frames]
        magnitude = np.abs(spectrum @ basis.T)
        # The lower octave's filters are longer in samples of the full rate, and rarer samples weigh more.
        octaves.append(magnitude * (np.sqrt(2.0**octave) / np.sqrt(lengths * 2**octave)))
        half = -(-samples.size // 2)
        halved = soxr.resample(samples, 2, 1, quality="HQ")[:half] * np.float32(np.sqrt(2))
        samples = np.pad(halved, (0, half - halved.size))
    return np.ascontiguousarray(np.concatenate(octaves[::-1], axis=1), dtype=np.float32)


def _basis(cycles: NDArray[np.float64]) -> tuple[NDArray[np.complex64], NDArray[np.float64]]:
    """Spectra of the filters of one octave, ``(12, n_fft // 2 + 1)``, and their lengths in samples.

    `cycles` are the frequencies in cycles a sample.
    """
    quality = (2 ** (1 / 6) + 1) / (2 ** (1 / 6) - 1)
    lengths = quality / cycles
    n_fft = int(2 ** np.ceil(np.log2(lengths.max())))
    filters = np.zeros((cycles.size, n_fft), dtype=np.complex64)
    for row, (length, cycle) in enumerate(zip(lengths, cycles, strict=True)):
        time = np.arange(-length // 2, length // 2)
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(time.size) / time.size)
        wave = np.exp(2j * np.pi * cycle * time) * window
        start = (n_fft - time.size) // 2
        filters[row, start : start + time.size] = wave / np.abs(wave).sum()
    spectra = np.fft.fft(filters * (lengths / n_fft)[:, None], axis=1)[:, : n_fft // 2 + 1]
    return _sparse(spectra).astype(np.complex64), lengths


def _sparse(spectra: NDArray[np.complex128]) -> NDArray[np.complex128]:
    magnitude = np.abs(spectra)
    ordered = np.sort(magnitude, axis=1)
    share = np.cumsum(ordered / magnitude.sum(axis=1, keepdims=True), axis=1)
    smallest = np.take_along_axis(ordered, np.argmin(share < _SPARSITY, axis=1)[:, None], axis=1)
    return np.where(magnitude >= smallest, spectra, 0)
