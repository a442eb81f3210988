"""Several channels to one, and samples that later rooms can trust: finite, in range, at the wanted rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from segue.types import Samples


BLOCK_FRAMES = (
    1 << 16
)  # read at a time: stays in the processor's cache and bounds the memory of 5.1 at 192 kHz

_ABSURD = np.float32(1 << 16)  # no float file is mixed this hot: such a value is damage
_OVERSHOOT = 2.0  # lossy decoders overshoot, at 48 kbit/s by up to 70 %; beyond this the file is too loud
_NEAR_FULL = 0.5  # no resampler's ripple doubles a peak
SILENCE = 1e-4  # a peak below -80 dB of full scale is none
_SILENT_LFE = {6: 3, 7: 3, 8: 3}  # the place of the bass effects channel in 5.1, 6.1 and 7.1


def to_mono(block: NDArray[np.float32], *, out: Samples | None = None) -> Samples:
    """The mean of the channels, without the bass effects channel of 5.1 and its relatives.

    Parameters
    ----------
    block : (n_frames, n_channels) float32
    out : (n_frames,) float32
        Where to put the result.

    Returns
    -------
    (n_frames,) float32
    """
    channels = block.shape[1]
    if channels == 1:
        return np.multiply(block[:, 0], 1, out=out)
    total = np.add(block[:, 0], block[:, 1], out=out)
    count = 2
    for channel in range(2, channels):
        if channel != _SILENT_LFE.get(channels):
            total += block[:, channel]
            count += 1
    total *= np.float32(1 / count)
    return total


def stereo_weights(names: Sequence[str]) -> NDArray[np.float32]:
    """How much of each channel goes to the left and to the right; no sum of full scales exceeds full scale.

    Channels of one side go there whole, those of the middle to both sides at -3 dB, bass effects nowhere.

    Parameters
    ----------
    names
        Of the loudspeakers, as libav names them: ``FL``, ``BR``, ``FC``, ``LFE``, …; unknown ones count as
        middle.

    Returns
    -------
    (2, n_channels) float32

    Examples
    --------
    >>> stereo_weights(["FL", "FR", "FC", "LFE"]).round(2)
    array([[0.59, 0.  , 0.41, 0.  ],
           [0.  , 0.59, 0.41, 0.  ]], dtype=float32)
    """
    weights = np.zeros((2, len(names)), np.float32)
    for column, name in enumerate(names):
        if name.startswith("LFE"):
            continue
        side = name.removesuffix("C") if len(name) > 2 else name  # FLC: front, left of the middle
        if side.endswith(("L", "R")):
            weights[0 if side.endswith("L") else 1, column] = 1
        else:
            weights[:, column] = np.sqrt(0.5)
    return weights / max(1.0, float(weights.sum(axis=1).max(initial=0)))


def join(blocks: Sequence[Samples]) -> Samples:
    """Blocks of samples one after the other."""
    if len(blocks) == 1:
        return blocks[0]
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def mend(samples: Samples) -> tuple[Samples, int]:
    """Samples with NaN, infinities and absurd values replaced by 0, and how many there were."""
    if peak(samples) < _ABSURD:  # false for NaN
        return samples, 0
    bad = ~(np.abs(samples) < _ABSURD)
    return np.where(bad, np.float32(0), samples), int(bad.sum())


def peak(samples: Samples) -> float:
    """The largest magnitude, 0 without samples, NaN if there is one among them."""
    if samples.size == 0:
        return 0.0
    # Two passes without a copy are quicker than one of absolute values.
    return float(np.maximum(samples.max(), -samples.min()))


def bring_into_range(windows: Sequence[Samples], loudest: float) -> tuple[Samples, ...]:
    """Windows of one recording, whose peak before resampling was `loudest`, in [-1, 1]; changed in place.

    A small overshoot is cut, as a loudspeaker's converter would; a recording that is far too loud (a float
    mix, or integers stored as floats) is turned down as a whole, so that its windows keep their proportions.
    """
    for window in windows:
        if loudest > _OVERSHOOT:
            window *= np.float32(1 / loudest)
        if loudest > _NEAR_FULL:  # resampling may overshoot by itself
            np.clip(window, -1, 1, out=window)
    return tuple(windows)


def resample(samples: Samples, sample_rate: int, wanted: int) -> Samples:
    """Samples at another rate (soxr, high quality: published vectors were made with it), always a new array.

    Parameters
    ----------
    samples : (n_samples,) float32
    sample_rate, wanted
        In Hz.

    Returns
    -------
    (n_samples * wanted / sample_rate,) float32
    """
    if sample_rate == wanted:
        return samples.copy()
    import soxr

    return np.asarray(soxr.resample(samples, sample_rate, wanted, "HQ"), np.float32)
