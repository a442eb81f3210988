"""What matters where one track goes over into the next: tempo, key, loudness of beginning and end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from segue.encoders.contract import Card, checked_windows
from segue.types import EncoderId

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Samples, Vector

TRANSITION_VALUES = (
    "tempo_bpm", "tempo_strength", "key", "key_strength", "loudness_lufs", "start_lufs", "end_lufs",
)  # fmt: skip
"""What each value of the vector is; 0 beats a minute where nothing repeats."""

_ID = EncoderId("transition-1")
_SAMPLE_RATE = 22_050
_N_FFT, _HOP, _N_MELS = 2048, 512, 64
_EDGE_S = 10.0
# Before the music begins and after it has ended there is nothing to go over from.
_AUDIBLE_LU = -30.0


class TransitionEncoder:
    """Tempo, key and loudness as seven plain values; they are looked at, never compared as a vector.

    Examples
    --------
    >>> noise = np.random.default_rng(0).standard_normal(220_500).astype(np.float32)
    >>> TransitionEncoder().encode([noise]).shape
    (7,)
    """

    id: EncoderId = _ID
    dim: int = len(TRANSITION_VALUES)
    sample_rate: int = _SAMPLE_RATE

    def encode(self, windows: Sequence[Samples]) -> Vector:
        """The values of one recording.

        Parameters
        ----------
        windows : each (n_samples,) float32
            Mono, 22,050 Hz; the first and the last tell how it begins and ends, so they should reach to the
            ends (the plan ``whole``).

        Returns
        -------
        vector : (7,) float32
            See `TRANSITION_VALUES`; the key is the pitch class of the tonic from C, + 12 for minor.

        Raises
        ------
        ValueError
            If there is no window or one is empty.
        """
        from segue.features import key_of, loudness_lufs, tempo_of

        parts = [_heard(window) for window in checked_windows(windows)]
        tempo = tempo_of([onsets for onsets, _, _ in parts], _SAMPLE_RATE / _HOP)
        # Pitch classes are counted from A.
        key = key_of(np.roll(sum(chroma for _, chroma, _ in parts), -3))
        power = np.concatenate([loud for _, _, loud in parts])
        overall = loudness_lufs(power)
        start, end = _edges(power, overall)
        bpm = 0.0 if np.isnan(tempo.bpm) else tempo.bpm
        return np.array([bpm, tempo.strength, *key, overall, start, end], dtype=np.float32)

    def describe(self) -> Card:
        """The encoder's card."""
        return Card(
            id=_ID,
            name="transition",
            dim=self.dim,
            sample_rate=_SAMPLE_RATE,
            licence="MIT",
            source="Segue",
            description="Tempo, key and loudness, for the order of a playlist; says nothing of likeness.",
            definition=(
                "Hann 2,048, hop 512; tempo: rises of 64 mel bands in dB, autocorrelation, log-normal prior "
                "at 120 beats a minute; key: peaks of 95 to 2,150 Hz, profiles of Krumhansl and Kessler; "
                "loudness: ITU-R BS.1770 on the mono mix, overall and of the first and last 10 s with music"
            ),
        )


def _heard(window: Samples) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Of one window: onset curve, strength of the 12 pitch classes from A, weighted power of each frame."""
    from segue.features import (
        decibels,
        level,
        mel_power,
        onset_strength,
        pitches,
        power_spectrum,
        weighted_power,
    )

    spectrum = power_spectrum(window, _N_FFT, _HOP)
    mel = decibels(mel_power(spectrum, _SAMPLE_RATE, n_mels=_N_MELS))
    onsets = onset_strength(mel).mean(axis=1)
    loud = weighted_power(spectrum, _SAMPLE_RATE)
    spectrum /= np.float32(level([window]) ** 2)
    chroma = pitches(spectrum, _SAMPLE_RATE, n_fft=_N_FFT).chroma
    # The square root keeps a few loud notes from deciding.
    return onsets, np.sqrt(chroma).sum(axis=0, dtype=np.float64), loud


def _edges(power: NDArray[np.float64], overall: float) -> tuple[float, float]:
    """Loudness of the first and of the last ten seconds with music, in LUFS."""
    from segue.features import loudness_lufs

    length = round(_EDGE_S * _SAMPLE_RATE / _HOP)
    audible = np.flatnonzero(10 * np.log10(np.maximum(power, 1e-12)) > overall + _AUDIBLE_LU)
    if not audible.size:
        return overall, overall
    first, last = int(audible[0]), int(audible[-1]) + 1
    return loudness_lufs(power[first : min(first + length, last)]), loudness_lufs(
        power[max(first, last - length) : last]
    )
