"""Which recording it is, whatever the encoding: how loud a few bands are, one after another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segue.encoders.contract import Card, checked_windows
from segue.types import EncoderId

if TYPE_CHECKING:
    from segue.types import Samples, Vector

_ID = EncoderId("fingerprint-1")
_SAMPLE_RATE = 22_050
_FRAME = 4096
_BANDS = 8
_LOW_HZ, _HIGH_HZ = 120.0, 5000.0
_SEGMENTS = 32
# So far below the loudest segment there is only the noise of a coder.
_FLOOR = 1e-7


class FingerprintEncoder:
    """The course of the level of 8 bands over 32 segments: the same for a recording in any encoding.

    Unlike the vectors that say what sounds alike, it does not forget *when* something sounds, so two pieces
    from one synthesiser, or two takes of one song, are far apart. It costs a few milliseconds.

    Cosines of the same recording at 44 to 96 kbit/s in MP3, Vorbis, Opus and AAC were 0.90 and more, of
    different ones below 0.66 (``benchmarks/duplicates.py``).

    Examples
    --------
    >>> noise = np.random.default_rng(0).standard_normal(220_500).astype(np.float32)
    >>> FingerprintEncoder().encode([noise]).shape
    (256,)
    """

    id: EncoderId = _ID
    dim: int = _BANDS * _SEGMENTS
    sample_rate: int = _SAMPLE_RATE

    def encode(self, windows: Sequence[Samples]) -> Vector:
        """The fingerprint of one recording.

        Parameters
        ----------
        windows : each (n_samples,) float32
            Mono, 22,050 Hz; their order matters.

        Returns
        -------
        vector : (256,) float32
            Of length 1; zeros where nothing ever changes.

        Raises
        ------
        ValueError
            If there is no window or one is empty.
        """
        power = np.concatenate([_band_power(window) for window in checked_windows(windows)])
        level = np.log(_segments(power) + _FLOOR * power.max(initial=1e-12))
        level -= level.mean(axis=0)
        level -= level.mean(axis=1, keepdims=True)
        length = float(np.linalg.norm(level))
        vector: Vector = (level.ravel() / length if length > 1e-6 else np.zeros(level.size)).astype(
            np.float32
        )
        return vector

    def describe(self) -> Card:
        """The encoder's card."""
        return Card(
            id=_ID,
            name="fingerprint",
            dim=self.dim,
            sample_rate=_SAMPLE_RATE,
            licence="MIT",
            source="Segue",
            description="Which recording it is, whatever the encoding; says nothing of what sounds alike.",
            definition=(
                "Hann frames of 4,096 without overlap; power in 8 bands, 120 to 5,000 Hz, evenly in log; "
                "32 equal segments over all windows; log; mean of each band and of each segment removed; "
                "length 1"
            ),
        )


def _band_power(window: Samples) -> NDArray[np.float64]:
    """Power in each band of consecutive frames, ``(n_frames, 8)``; a rest of a frame is left out."""
    n = max(1, len(window) // _FRAME)
    frames = np.zeros((n, _FRAME), dtype=np.float32)
    used = min(len(window), n * _FRAME)
    frames.ravel()[:used] = window[:used]
    frames *= _hann()
    spectra = np.fft.rfft(frames, axis=1)
    edges = np.geomspace(_LOW_HZ, _HIGH_HZ, _BANDS + 1) * _FRAME / _SAMPLE_RATE
    used_bins = spectra[:, : int(edges[-1]) + 1]
    power = used_bins.real**2 + used_bins.imag**2
    return np.add.reduceat(power, np.ceil(edges[:-1]).astype(np.intp), axis=1).astype(np.float64)


@lru_cache(maxsize=1)
def _hann() -> NDArray[np.float32]:
    return np.hanning(_FRAME).astype(np.float32)


def _segments(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean power of 32 equal stretches of time, ``(32, 8)``; edges may lie within a frame."""
    n = len(power)
    total = np.vstack([np.zeros(_BANDS), np.cumsum(power, axis=0)])
    edges = np.linspace(0, n, _SEGMENTS + 1)
    at = np.stack([np.interp(edges, np.arange(n + 1), total[:, band]) for band in range(_BANDS)], axis=1)
    return np.diff(at, axis=0) * (_SEGMENTS / n)
