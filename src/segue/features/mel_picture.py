"""Log-mel spectra as a picture: one byte for each band of each moment, over a fixed range of decibels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segue.features.spectra import decibels, mel_filter_bank, power_spectrum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Samples

SAMPLE_RATE = 32_000
"""Of the sound in a picture, in Hz: bands up to 16 kHz."""
COLUMNS_A_SECOND = 20
N_BANDS = 96
RANGE_DB = 80.0
"""From 0, which is this far below a full-scale sine or more, to 255."""

_N_FFT = 2048
_HOP = SAMPLE_RATE // COLUMNS_A_SECOND


def mel_picture(samples: Samples) -> NDArray[np.uint8]:
    """The picture of a stretch of sound.

    Parameters
    ----------
    samples : (n_samples,) float32
        Mono, at `SAMPLE_RATE`.

    Returns
    -------
    picture : (n_columns, N_BANDS) uint8
        One column for each begun twentieth of a second; the first band is the lowest. 255 is a full-scale
        sine in this band, 0 is `RANGE_DB` below or less.
    """
    columns = -(-samples.size // _HOP)
    if columns == 0:
        return np.zeros((0, N_BANDS), np.uint8)
    padded = np.pad(samples, (0, (columns - 1) * _HOP + _N_FFT - samples.size))
    power = power_spectrum(padded, _N_FFT, _HOP, centred=False)
    bank = mel_filter_bank(SAMPLE_RATE, _N_FFT, N_BANDS)
    # Triangles of height 1: a sine has the same level in any band.
    bands = power @ (bank / bank.max(axis=1, keepdims=True)).T
    level = decibels(bands, reference=(_N_FFT / 4) ** 2, range_db=None)
    return np.asarray(np.rint(np.clip(level / RANGE_DB + 1, 0, 1) * 255), np.uint8)


def fitted(picture: NDArray[np.uint8], n_columns: int, n_bands: int) -> NDArray[np.uint8]:
    """A picture in another size: means where it becomes smaller, repeated where it becomes larger.

    Examples
    --------
    >>> fitted(np.array([[0, 10], [20, 30]], np.uint8), 1, 4)
    array([[10, 10, 20, 20]], dtype=uint8)
    """
    if picture.size == 0:
        return np.zeros((n_columns, n_bands), np.uint8)
    return _resized(_resized(picture, n_columns).T, n_bands).T


def _resized(picture: NDArray[np.uint8], n: int) -> NDArray[np.uint8]:
    """Rows made n."""
    m = len(picture)
    starts = np.arange(n) * m // n
    if n >= m:
        return picture[starts]
    lengths = np.diff([*starts.tolist(), m])[:, None]
    means = np.add.reduceat(picture, starts, axis=0, dtype=np.float32) / lengths
    return np.asarray(means, np.uint8)
