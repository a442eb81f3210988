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
_OVERSHOOT = 1.5  # lossy decoders overshoot full scale a little; beyond this the whole file is too loud
_SILENCE = 1e-4  # -80 dB of full scale
_SILENT_LFE = {6: 3, 7: 3, 8: 3}  # the place of the bass effects channel in 5.1, 6.1 and 7.1


def to_mono(block: NDArray[np.float32]) -> Samples:
    """The mean of the channels, without the bass effects channel of 5.1 and its relatives.

    Parameters
    ----------
    block : (n_frames, n_channels) float32

    Returns
    -------
    (n_frames,) float32
    """
    channels = block.shape[1]
    if channels == 1:
        return np.ascontiguousarray(block[:, 0])
    total = block[:, 0] + block[:, 1]
    count = 2
    for channel in range(2, channels):
        if channel != _SILENT_LFE.get(channels):
            total += block[:, channel]
            count += 1
    total *= np.float32(1 / count)
    return total


def join(blocks: Sequence[Samples]) -> Samples:
    """Blocks of samples one after the other."""
    if len(blocks) == 1:
        return blocks[0]
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def mend(samples: Samples) -> tuple[Samples, int]:
    """Samples with NaN, infinities and absurd values replaced by 0, and how many there were."""
    if samples.size == 0 or (np.isfinite(extreme := np.abs(samples).max()) and extreme < _ABSURD):
        return samples, 0
    bad = ~(np.abs(samples) < _ABSURD)
    return np.where(bad, np.float32(0), samples), int(bad.sum())


def bring_into_range(windows: Sequence[Samples]) -> tuple[Samples, ...]:
    """Windows of one recording in [-1, 1].

    A small overshoot is cut, as a loudspeaker's converter would; a recording that is far too loud (a float
    mix, or integers stored as floats) is turned down as a whole, so that its windows keep their proportions.
    """
    peak = max((float(np.abs(window).max()) for window in windows if window.size), default=0.0)
    if peak <= 1:
        return tuple(windows)
    if peak <= _OVERSHOOT:
        return tuple(np.clip(window, -1, 1) for window in windows)
    return tuple(window * np.float32(1 / peak) for window in windows)


def is_silent(windows: Sequence[Samples]) -> bool:
    """Whether nothing reaches -80 dB of full scale."""
    return all(window.size == 0 or float(np.abs(window).max()) < _SILENCE for window in windows)


def resample(samples: Samples, sample_rate: int, wanted: int) -> Samples:
    """Samples at another rate (soxr, high quality: published vectors were made with it), kept in [-1, 1].

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
        return samples
    import soxr

    changed: Samples = np.asarray(soxr.resample(samples, sample_rate, wanted, "HQ"), np.float32)
    return np.clip(changed, -1, 1, out=changed)
