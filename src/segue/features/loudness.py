"""How loud music is to an ear: power weighted by frequency, quiet moments left out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from segue.features.spectra import fft_frequencies, periodic_hann

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Frames = NDArray[np.float32]

SILENT_LUFS = -70.0
"""Quieter moments do not count, and a piece without louder ones is as loud as this."""
_RELATIVE_LU = -10.0
# The two filters of the recommendation, at 48 kHz: a shelf for the head, a high pass.
_FILTERS = (
    ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)
_FILTER_RATE = 48_000


def weighted_power(power: Frames, sample_rate: int) -> NDArray[np.float64]:
    """Mean square of each frame after the weighting of the ear.

    Parameters
    ----------
    power : (n_frames, n_bins) float32
        Squared magnitudes under a Hann window, as from `power_spectrum`.
    sample_rate
        In Hz.

    Returns
    -------
    power : (n_frames,) float64
        Of samples in [-1, 1].

    References
    ----------
    Recommendation ITU-R BS.1770-5, annex 1: the weighting K, here by its response at each bin.
    """
    weights = _weights(sample_rate, 2 * (power.shape[1] - 1))
    return (power @ weights).astype(np.float64)


def loudness_lufs(power: NDArray[np.float64]) -> float:
    """Loudness of some frames in LUFS, of one channel, quiet frames left out in two steps.

    Parameters
    ----------
    power : (n_frames,) float64
        Of `weighted_power`.

    References
    ----------
    Recommendation ITU-R BS.1770-5, annex 1; frames here are as long as those of the spectrum.
    """
    heard = power[_lufs(power) > SILENT_LUFS]
    if not heard.size:
        return SILENT_LUFS
    loud = heard[_lufs(heard) > _lufs(heard.mean()) + _RELATIVE_LU]
    return float(_lufs(loud.mean()))


def _lufs(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-12))


@lru_cache(maxsize=4)
def _weights(sample_rate: int, n_fft: int) -> Frames:
    """What a bin adds to the mean square: weighting, both halves of the spectrum, the window's power."""
    turn = np.exp(-2j * np.pi * fft_frequencies(sample_rate, n_fft) / _FILTER_RATE)
    response = np.ones(len(turn))
    for above, below in _FILTERS:
        response *= np.abs(np.polyval(above[::-1], turn) / np.polyval(below[::-1], turn)) ** 2
    both = np.full(len(turn), 2.0)
    both[[0, -1]] = 1.0
    window = float((periodic_hann(n_fft).astype(np.float64) ** 2).sum())
    weights: Frames = (response * both / (n_fft * window)).astype(np.float32)
    return weights
