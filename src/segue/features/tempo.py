"""The tempo of a piece, from how its onsets repeat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Curve = NDArray[np.floating[Any]]

# People tap about two beats a second, and rarely more than an octave from it.
_USUAL_BPM, _OCTAVES = 120.0, 0.9
_SLOWEST_BPM, _FASTEST_BPM = 40.0, 240.0
# A period is measured over so many beats where the piece keeps its beat so long.
_BEATS = (2, 4, 8)


class Tempo(NamedTuple):
    """A tempo, and how clear it is.

    Attributes
    ----------
    bpm
        Beats a minute; NaN where nothing repeats.
    strength
        Autocorrelation of the onsets after one beat, 0 to 1.
    """

    bpm: float
    strength: float


def tempo_of(onsets: Sequence[Curve], frame_rate: float) -> Tempo:
    """The tempo at which onsets repeat, near to those that people tap.

    The autocorrelation of the onset curve, with that of twice the lag added, is weighted by a bell over the
    logarithm of the tempo; its highest peak is the beat, whose period is then measured over several beats.

    Parameters
    ----------
    onsets : each (n_frames,) float
        How much begins at each moment, one curve a stretch of the piece.
    frame_rate
        Frames a second.

    References
    ----------
    D. P. W. Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36, 2007, part 3.

    Examples
    --------
    >>> clicks = np.zeros(1000)
    >>> clicks[::50] = 1
    >>> tempo_of([clicks], 100.0)
    Tempo(bpm=120.0, strength=1.0)
    """
    slowest = int(np.ceil(60 * frame_rate / _SLOWEST_BPM))
    correlation = _autocorrelation(onsets, max(_BEATS) * slowest + 2)
    if correlation is None:
        return Tempo(float("nan"), 0.0)
    lags = np.arange(
        max(2, int(60 * frame_rate / _FASTEST_BPM)), min(slowest, (len(correlation) - 2) // 2) + 1
    )
    if not len(lags):
        return Tempo(float("nan"), 0.0)
    summed = (
        correlation[lags]
        + 0.5 * correlation[2 * lags]
        + 0.25 * (correlation[2 * lags - 1] + correlation[2 * lags + 1])
    )
    bell = np.exp(-0.5 * (np.log2(60 * frame_rate / lags / _USUAL_BPM) / _OCTAVES) ** 2)
    lag = int(lags[np.argmax(np.maximum(summed, 0) * bell)])
    strength = float(np.clip(correlation[lag - 1 : lag + 2].max(), 0, 1))
    if strength <= 0:
        return Tempo(float("nan"), 0.0)
    return Tempo(round(60 * frame_rate / _period(correlation, lag), 3), round(strength, 6))


def _autocorrelation(onsets: Sequence[Curve], longest: int) -> Curve | None:
    """Mean over the stretches, 1 at lag 0, up to half of the longest stretch; None where nothing moves."""
    length = max((len(curve) for curve in onsets), default=0)
    n_lags = min(longest, length // 2)
    if n_lags < 8:
        return None
    raw, overlap = np.zeros(n_lags), np.zeros(n_lags)
    for curve in onsets:
        centred = np.asarray(curve, dtype=np.float64) - np.mean(curve)
        spectrum = np.fft.rfft(centred, 2 * len(centred))
        own = np.fft.irfft(spectrum.real**2 + spectrum.imag**2)[:n_lags]
        raw[: len(own)] += own[: len(curve)]
        overlap += np.maximum(len(curve) - np.arange(n_lags), 0)
    if raw[0] <= 1e-9 * overlap[0]:
        return None
    correlation: Curve = raw / np.maximum(overlap, 1) * (overlap[0] / raw[0])
    return correlation


def _period(correlation: Curve, lag: int) -> float:
    """The lag between the frames, from the peaks after 1, 2, 4 and 8 beats as far as they are there."""
    period = _peak(correlation, lag, 1)
    for beats in _BEATS:
        place = round(beats * period)
        if place + 3 >= len(correlation) or correlation[place - 2 : place + 3].max() < 0.5 * correlation[lag]:
            break
        period = _peak(correlation, place, 2) / beats
    return period


def _peak(correlation: Curve, place: int, reach: int) -> float:
    """Where the highest value within `reach` of a lag lies, between the frames."""
    low = max(place - reach, 1)
    top = low + int(np.argmax(correlation[low : place + reach + 1]))
    if top + 1 >= len(correlation):
        return float(top)
    before, here, after = correlation[top - 1 : top + 2]
    curve = before - 2 * here + after
    return top + float(np.clip(0.5 * (before - after) / curve, -0.5, 0.5)) if curve < 0 else float(top)
