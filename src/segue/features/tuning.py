"""How far a recording is tuned from A = 440 Hz, as librosa estimates it: the mode over its spectral peaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segue.features.spectra import fft_frequencies

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Frames = NDArray[np.float32]

_LOWEST_HZ, _HIGHEST_HZ = 150.0, 4000.0
# Peaks weaker than this part of a frame's strongest bin are left out.
_THRESHOLD = 0.1
_STEPS = 100


def estimate_tuning(spectrum: Frames, sample_rate: int) -> float:
    """Deviation from A = 440 Hz in semitones, as ``librosa.estimate_tuning(S=spectrum.T)``.

    Parameters
    ----------
    spectrum : (n_frames, n_bins) float32
        Magnitudes, or powers: the weights and the interpolation of the peaks differ, and so may the result.
    sample_rate
        In Hz.

    Returns
    -------
    tuning
        In [-0.5, 0.5), a multiple of 0.01; 0 if there is no peak.

    Examples
    --------
    >>> estimate_tuning(np.zeros((3, 1025), dtype=np.float32), 22050)
    0.0
    """
    n_fft = 2 * (spectrum.shape[1] - 1)
    frequencies = fft_frequencies(sample_rate, n_fft)
    usable = np.flatnonzero((frequencies >= _LOWEST_HZ) & (frequencies < _HIGHEST_HZ))
    low, high = int(usable[0]), int(usable[-1]) + 1
    limit = np.float32(_THRESHOLD) * spectrum.max(axis=1, keepdims=True)
    around = spectrum[:, low - 1 : high + 1]
    audible = np.where(around > limit, around, 0)
    middle = audible[:, 1:-1]
    row, column = np.nonzero((middle > audible[:, :-2]) & (middle >= audible[:, 2:]))
    left, here, right = (around[row, column + offset] for offset in range(3))
    curve = left + right - 2 * here
    slope = (right - left) / 2
    shift = np.where(np.abs(slope) < np.abs(curve), -slope / np.where(curve == 0, 1, curve), 0)
    pitch = (column + low + shift) * float(sample_rate) / n_fft
    strength = here + np.float32(0.5) * slope * shift
    if not strength.size:
        return 0.0
    return _mode(pitch[strength >= np.median(strength)].astype(np.float32))


def _mode(pitch: Frames) -> float:
    residual = np.mod(12 * np.log2(pitch / (440.0 / 16)), 1.0)
    residual[residual >= 0.5] -= 1.0
    counts, edges = np.histogram(residual, np.linspace(-0.5, 0.5, _STEPS + 1))
    return float(edges[counts.argmax()])
