"""The encoder `fma518`: the 518 descriptors of FMA's ``features.csv``, as librosa defines them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from segue.encoders.contract import Card, checked_windows
from segue.types import EncoderId

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Samples, Vector

    Frames: TypeAlias = NDArray[np.floating[Any]]

_ID = EncoderId("fma518-1")
_SAMPLE_RATE, _N_FFT, _HOP = 22050, 2048, 512
_PIECE_S = 300
_FEATURES = {
    "chroma_cens": 12,
    "chroma_cqt": 12,
    "chroma_stft": 12,
    "mfcc": 20,
    "rmse": 1,
    "spectral_bandwidth": 1,
    "spectral_centroid": 1,
    "spectral_contrast": 7,
    "spectral_rolloff": 1,
    "tonnetz": 6,
    "zcr": 1,
}
_STATISTICS = ("kurtosis", "max", "mean", "median", "min", "skew", "std")

FMA518_COLUMNS: tuple[tuple[str, str, str], ...] = tuple(
    (feature, statistic, f"{number:02d}")
    for feature, size in _FEATURES.items()
    for statistic in _STATISTICS
    for number in range(1, size + 1)
)
"""Feature, statistic and number of each value, in the order of FMA's ``features.csv``."""


class Fma518Encoder:
    """Seven statistics over time of 74 descriptors; 22,050 Hz, transforms of 2,048 samples every 512.

    The values are those of librosa 0.11's own functions, the chroma of the constant-Q transform folded from
    12 bins an octave, as in FMA's script. Where the statistics are undefined (skew and kurtosis of a value
    that never moves), they are 0.

    Examples
    --------
    >>> encoder = Fma518Encoder()
    >>> noise = np.random.default_rng(0).uniform(-0.5, 0.5, 22050).astype(np.float32)
    >>> vector = encoder.encode([noise])
    >>> vector.shape
    (518,)
    >>> FMA518_COLUMNS[0]
    ('chroma_cens', 'kurtosis', '01')

    References
    ----------
    M. Defferrard et al., "FMA: a dataset for music analysis", ISMIR 2017.
    """

    id: EncoderId = _ID
    dim: int = len(FMA518_COLUMNS)
    sample_rate: int = _SAMPLE_RATE

    def encode(self, windows: Sequence[Samples]) -> Vector:
        """The vector of one recording.

        Parameters
        ----------
        windows : each (n_samples,) float32
            Mono, 22,050 Hz. Each is analysed by itself, one of more than five minutes in equal pieces; the
            statistics are taken over the frames of all.

        Returns
        -------
        vector : (518,) float32
            In the order of `FMA518_COLUMNS`.

        Raises
        ------
        ValueError
            If there is no window or one is empty.
        """
        pieces = [piece for window in checked_windows(windows) for piece in _pieces(window)]
        frames = [fma_frames(piece) for piece in pieces]
        together = (np.concatenate([window[name].T for window in frames], axis=1) for name in _FEATURES)
        return np.concatenate([_statistics(rows).ravel() for rows in together]).astype(np.float32)

    def describe(self) -> Card:
        """The encoder's card."""
        return Card(
            id=_ID,
            name="fma518",
            dim=self.dim,
            sample_rate=_SAMPLE_RATE,
            licence="MIT",
            source="Defferrard et al., FMA: a dataset for music analysis, ISMIR 2017",
            description="Mean, spread and shape over time of chroma, MFCC, contrast, tonnetz and the like.",
            definition=(
                "22,050 Hz; n_fft 2,048, hop 512; librosa 0.11's definitions; chroma of 12 bins an octave; "
                "kurtosis, max, mean, median, min, skew, std"
            ),
        )


def fma_frames(samples: Samples) -> dict[str, Frames]:
    """The 74 descriptors of each frame, by the name of their feature.

    Parameters
    ----------
    samples : (n_samples,) float32
        Mono, 22,050 Hz.

    Returns
    -------
    frames
        ``(1 + n_samples // 512, size)`` for each feature, in the order of the columns.
    """
    from segue.features import (
        centroid_bandwidth,
        chroma_energy,
        chroma_from_cqt,
        chroma_from_power,
        complex_spectrum,
        constant_q,
        estimate_tuning,
        mel_cepstrum,
        rolloff,
        root_mean_square,
        spectral_contrast,
        tonnetz,
        zero_crossing_rate,
    )

    # In double precision, as in librosa: the valleys of the contrast lie deeper than float32 rounds.
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_N_FFT) / _N_FFT)
    magnitudes = np.abs(complex_spectrum(samples, hann, _HOP))
    power = magnitudes**2
    # librosa estimates the tuning twice, from magnitudes here and from powers there; so do we.
    tuning = estimate_tuning(magnitudes, _SAMPLE_RATE)
    semitones = constant_q(samples, _SAMPLE_RATE, hop=_HOP, tuning=tuning)
    cens = chroma_energy(semitones)
    centroid, bandwidth = centroid_bandwidth(magnitudes, _SAMPLE_RATE)
    return {
        "chroma_cens": cens,
        "chroma_cqt": chroma_from_cqt(semitones),
        "chroma_stft": chroma_from_power(power, _SAMPLE_RATE, tuning=estimate_tuning(power, _SAMPLE_RATE)),
        "mfcc": mel_cepstrum(power, _SAMPLE_RATE),
        "rmse": root_mean_square(power),
        "spectral_bandwidth": bandwidth,
        "spectral_centroid": centroid,
        "spectral_contrast": spectral_contrast(magnitudes, _SAMPLE_RATE),
        "spectral_rolloff": rolloff(magnitudes, _SAMPLE_RATE),
        "tonnetz": tonnetz(cens),
        "zcr": zero_crossing_rate(samples, frame_length=_N_FFT, hop=_HOP),
    }


def _pieces(window: Samples) -> list[Samples]:
    # Spectra in double precision take 1.5 MB a second: hours of them would not fit into memory.
    return np.array_split(window, -(-window.size // (_PIECE_S * _SAMPLE_RATE)))


def _statistics(frames: Frames) -> NDArray[np.float64]:
    """Rows in the order of the statistics, ``(7, size)``, of descriptors by time, ``(size, n_frames)``."""
    frames = np.ascontiguousarray(frames, dtype=np.float64)
    mean = frames.mean(axis=1)
    centred = frames - mean[:, None]
    # Products: NumPy's powers above the second take ten times as long.
    squared = centred * centred
    variance = squared.mean(axis=1)
    # Less than rounding leaves of a constant: its shape is noise.
    moves = variance > (1e-6 * np.abs(mean)) ** 2 + 1e-30
    safe = np.where(moves, variance, 1)
    skew = np.where(moves, (squared * centred).mean(axis=1) / safe**1.5, 0)
    kurtosis = np.where(moves, (squared * squared).mean(axis=1) / safe**2 - 3, 0)
    low, high, middle = frames.min(axis=1), frames.max(axis=1), np.median(frames, axis=1)
    return np.stack([kurtosis, high, mean, middle, low, skew, np.sqrt(variance)])
