"""The constant-Q transform of seven octaves from C1, as librosa computes it.

Octave by octave from the top: the samples are transformed with a short basis, then halved in rate for the
octave below. Every step rounds where librosa's does, so that the magnitudes are librosa's to the last bit:
where a frame holds next to nothing, or a share lies on the edge of a step of CENS, rounding decides.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

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
    bases, lengths = _bases(sample_rate, tuning)
    n_frames = 1 + samples.size // hop
    transform = np.empty((n_frames, lengths.size), dtype=np.complex64)
    for octave, (n_fft, basis) in enumerate(bases):
        spectrum = complex_spectrum(samples, np.ones(n_fft), hop >> octave)[:n_frames]
        last = lengths.size - 12 * octave
        transform[:, last - 12 : last] = basis.dot(spectrum.T).T
        if octave + 1 < len(bases):
            samples = _halved(samples)
    transform /= np.sqrt(lengths)
    return np.abs(transform)


def _halved(samples: Samples) -> Samples:
    """At half the rate and with the same energy."""
    import soxr

    size = -(-samples.size // 2)
    half = soxr.resample(samples, 2, 1, quality="HQ")[:size]
    half = np.pad(half, (0, size - half.size))
    half /= np.sqrt(0.5)
    return half


@lru_cache(maxsize=100)
def _bases(sample_rate: int, tuning: float) -> tuple[list[tuple[int, Any]], NDArray[np.float64]]:
    """Length of the transform and sparse spectra, ``(12, n_fft // 2 + 1)``, of each octave from the top.

    And the length of each of the 84 filters, from the lowest, in samples of the full rate.
    """
    from scipy import sparse

    octaves, steps = 2.0 ** np.arange(_OCTAVES), 2.0 ** (np.arange(12) / 12)
    frequencies = np.multiply.outer(octaves, steps).ravel() * (_C1_HZ * 2 ** (tuning / 12))
    quality = _quality(frequencies)
    bases = []
    for octave in range(_OCTAVES):
        stop = frequencies.size - 12 * octave
        here = slice(stop - 12, stop)
        spectra = _filter_spectra(frequencies[here] / (sample_rate / 2**octave), quality[here])
        basis = sparse.csr_matrix(_sparse(spectra))
        # Samples that are fewer by half weigh more.
        basis.data *= np.sqrt(2.0**octave)
        bases.append((2 * (spectra.shape[1] - 1), basis))
    return bases, quality * sample_rate / frequencies


def _quality(frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Frequency over bandwidth; the bandwidth reaches from one neighbour to the other."""
    octaves = np.log2(frequencies)
    apart = np.concatenate(
        [[octaves[1] - octaves[0]], (octaves[2:] - octaves[:-2]) / 2, [octaves[-1] - octaves[-2]]]
    )
    ratio = 2.0 ** (2 * apart)
    return 1 / ((ratio - 1) / (ratio + 1))


def _filter_spectra(cycles: NDArray[np.float64], quality: NDArray[np.float64]) -> NDArray[np.complex64]:
    """Spectra of the filters of one octave, ``(12, n_fft // 2 + 1)``; `cycles` are cycles a sample."""
    from scipy import fft

    lengths = quality / cycles
    n_fft = int(2 ** np.ceil(np.log2(lengths.max())))
    filters = np.zeros((cycles.size, n_fft), dtype=np.complex64)
    for row, (length, cycle) in enumerate(zip(lengths, cycles, strict=True)):
        time = np.arange(-length // 2, length // 2)
        hann = 0.5 + 0.5 * np.cos(np.linspace(-np.pi, np.pi, time.size + 1)[:-1])
        wave = np.exp(2j * np.pi * cycle * time) * hann
        start = (n_fft - time.size) // 2
        filters[row, start : start + time.size] = wave / np.abs(wave).sum()
    filters *= (lengths / n_fft)[:, None]
    spectra: NDArray[np.complex64] = fft.fft(filters, axis=1)[:, : n_fft // 2 + 1]
    return spectra


def _sparse(spectra: NDArray[np.complex64]) -> NDArray[np.complex64]:
    magnitude = np.abs(spectra)
    ordered = np.sort(magnitude, axis=1)
    share = np.cumsum(ordered / magnitude.sum(axis=1, keepdims=True), axis=1)
    smallest = np.take_along_axis(ordered, np.argmin(share < _SPARSITY, axis=1)[:, None], axis=1)
    return np.where(magnitude >= smallest, spectra, 0)
