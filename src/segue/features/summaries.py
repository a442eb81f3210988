"""Frames of a whole recording to a few numbers with names: timbre, harmony, rhythm, dynamics.

A recording may come in several windows, some shorter than a second; what compares neighbouring frames never
reaches from one window into the next, and the order of the windows does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from segue.features.descriptors import (
    cosine_transform,
    flatness,
    log_db,
    noise_band_power,
    noise_power,
    octave_contrast,
    spectral_moments,
)
from segue.features.key import MAJOR, MINOR
from segue.features.pitch import pitch_bins, pitches
from segue.features.rhythm import autocorrelation, modulation_power, onset_strength, segments
from segue.features.spectra import mel_power, power_spectrum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Samples

    Frames = NDArray[np.float32]
    Summary: TypeAlias = dict[str, NDArray[np.float32]]

N_FFT, FRAME_HOP, N_MELS = 2048, 1024, 128
# About six seconds: three bars of a slow piece, and still inside the shortest usual window.
_SEGMENT = 128
_MODULATION_HZ = np.geomspace(0.4, 10.5, 13)
_PULSE_S = (0.2, 1.5)
# Low, middle and high bands (up to 0.5, 2.6 and 11 kHz), by the number of their mel bands.
_REGIONS = (slice(0, 21), slice(21, 74), slice(74, 128))
# Nine groups of mel bands, three to a region, that widen as critical bands do.
_GROUPS = np.array([0, 6, 13, 21, 31, 43, 57, 74, 95])


@dataclass(frozen=True, slots=True)
class Heard:
    """One window, frame by frame.

    Attributes
    ----------
    bands_db
        ``(n_frames, 128)`` float32: mel power relative to white noise of the recording's level, in dB, at
        least -60.
    loudness
        ``(n_frames, 128)`` float32: the fourth root of the same power.
    shape
        ``(n_frames, 3)``: log centroid, log bandwidth, flatness in dB.
    contrast, valley
        ``(n_frames, 7)``: by octave, in dB.
    chroma, tonality
        ``(n_frames, 12)`` smoothed over a quarter of a second, and ``(n_frames, 3)``.
    tuning_strength
        How well the pitches agree with one tuning, in [0, 1].
    power
        ``(n_frames,)``: relative to white noise of the recording's level.
    """

    bands_db: Frames
    loudness: Frames
    shape: Frames
    contrast: Frames
    valley: Frames
    chroma: Frames
    tonality: Frames
    tuning_strength: float
    power: Frames


def hear(samples: Samples, sample_rate: int) -> Heard:
    """Everything that the summaries need of one window, from one short-time Fourier transform.

    Parameters
    ----------
    samples : (n_samples,) float32
        Scaled so that the recording's root mean square is 1.
    sample_rate
        In Hz.
    """
    spectrum = power_spectrum(samples, N_FFT, FRAME_HOP)
    bands = mel_power(spectrum, sample_rate, n_mels=N_MELS)
    bands /= np.float32(noise_band_power(sample_rate, N_FFT, N_MELS))
    bands_db = log_db(bands, 1e-6)
    pitch = pitches(spectrum[:, : pitch_bins(sample_rate, N_FFT)], sample_rate, n_fft=N_FFT)
    moments = spectral_moments(spectrum, sample_rate)
    contrast, valley = octave_contrast(spectrum)
    return Heard(
        bands_db=bands_db,
        loudness=np.sqrt(np.sqrt(bands)),
        shape=np.column_stack([moments, flatness(bands, bands_db)]),
        contrast=contrast,
        valley=valley,
        chroma=_smoothed(pitch.chroma),
        tonality=pitch.tonality,
        tuning_strength=pitch.tuning_strength,
        power=spectrum.mean(axis=1) / np.float32(noise_power(N_FFT)),
    )


def timbre_summary(heard: Sequence[Heard]) -> Summary:
    """The colour of the sound: cepstra of level and loudness, their covariation, contrast of the octaves."""
    cepstra = [window.bands_db @ cosine_transform(N_MELS, 28) for window in heard]
    cepstrum = np.concatenate(cepstra)
    change = np.concatenate([rows[1:, :20] - rows[:-1, :20] for rows in cepstra])
    loudness = np.sum([window.loudness.sum(axis=0) for window in heard], axis=0) / len(cepstrum)
    low, high = np.quantile(cepstrum[:, 1:20], [0.02, 0.98], axis=0)
    contrast = np.concatenate([window.contrast for window in heard])
    return {
        "cepstrum_mean": cepstrum[:, 1:].mean(axis=0),
        "cepstrum_low": low,
        "cepstrum_high": high,
        "cepstrum_change": np.log(_spread(change) + 0.1),
        "cepstrum_correlation": _correlation(cepstrum[:, :12]),
        "loudness_cepstrum": (loudness @ cosine_transform(N_MELS, 20))[1:] / (loudness.mean() + 1e-3),
        "shape_spread": _spread(np.concatenate([window.shape for window in heard])),
        "contrast_mean": contrast.mean(axis=0),
        "contrast_low_high": np.quantile(contrast, [0.1, 0.9], axis=0).ravel(),
        "valley_mean": np.concatenate([window.valley for window in heard]).mean(axis=0),
    }


def harmony_summary(heard: Sequence[Heard], frame_rate: float) -> Summary:
    """Pitch classes without regard to key: intervals, chords, how clear and how fast they change."""
    shares = [window.chroma / (window.chroma.sum(axis=1, keepdims=True) + 1e-3) for window in heard]
    chroma = np.concatenate(shares)
    intervals = np.abs(np.fft.rfft(chroma, axis=1))[:, 1:]
    overall = np.concatenate([window.chroma for window in heard]).mean(axis=0)
    overall /= overall.sum() + np.float32(1e-6)
    entropy = _entropy(chroma)
    step = max(1, round(0.19 * frame_rate))
    motion = np.concatenate([np.abs(rows[step:] - rows[:-step]).sum(axis=1) for rows in shares])
    tonality = np.concatenate([window.tonality for window in heard])
    major, minor = (_key_strength(overall, profile) for profile in (MAJOR, MINOR))
    strength = np.average([w.tuning_strength for w in heard], weights=[len(w.chroma) for w in heard])
    return {
        "interval_mean": intervals.mean(axis=0),
        "interval_spread": _spread(intervals),
        "overall_interval": np.abs(np.fft.rfft(overall))[1:],
        "key": np.array([major, minor, major - minor, _entropy(overall[None])[0], strength]),
        "clarity": np.array([entropy.mean(), entropy.std(), _mean(motion), _spread(motion[:, None])[0]]),
        "chord": _chords(shares),
        "tonality": np.concatenate([tonality.mean(axis=0), _spread(tonality)]),
        "chroma_modulation": _chroma_modulation(shares),
    }


def rhythm_summary(heard: Sequence[Heard], frame_rate: float) -> Summary:
    """How loudness moves in low, middle and high bands: modulation spectrum, pulse, onsets."""
    widths = np.diff(np.append(_GROUPS, N_MELS)).astype(np.float32)
    grouped: list[Frames] = [
        (np.add.reduceat(10 * window.loudness, _GROUPS, axis=1) / widths).astype(np.float32)
        for window in heard
    ]
    stretches = np.concatenate([segments(rows, _SEGMENT) for rows in grouped])
    fluctuation = modulation_power(stretches, frame_rate, _MODULATION_HZ).mean(axis=0)
    by_region = (10 * np.log10(fluctuation + 1e-2)).reshape(-1, 3, 3).mean(axis=2)
    summary = {"modulation": by_region.ravel()}
    for unit, windows in (
        ("level", [window.bands_db for window in heard]),
        ("loudness", [10 * window.loudness for window in heard]),
    ):
        rises = [_by_region(onset_strength(rows)) for rows in windows]
        summary[f"{unit}_pulse"] = _pulse(rises, frame_rate)
        summary[f"{unit}_onsets"] = _onsets(np.concatenate(rises))
    return summary


def dynamics_summary(heard: Sequence[Heard], frame_rate: float) -> Summary:
    """How loudness is spread over the recording, in dB about its mean power."""
    levels = [log_db(window.power, 1e-6) for window in heard]
    together = np.concatenate(levels)
    second = round(frame_rate)
    slow = np.concatenate([_means(rows, second) for rows in levels])
    steps = np.abs(np.concatenate([np.diff(rows) for rows in levels]))
    # Pauses are cut at -50 dB: how deep a digital silence is says nothing.
    audible: list[Frames] = [np.maximum(rows, np.float32(-50))[:, None] for rows in levels]
    stretches = np.concatenate([segments(rows, _SEGMENT) for rows in audible])
    fluctuation = modulation_power(stretches, frame_rate, _MODULATION_HZ[::2]).mean(axis=0)[:, 0]
    spreads = np.array([together.std(), slow.std(), np.ptp(slow)])
    return {
        "level_quantiles": np.quantile(together, [0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98]),
        "level_spread": np.log(spreads + 0.1),
        "quiet_share": np.array([np.mean(together < limit) for limit in (-3, -10, -20)]),
        "level_step": np.log([_mean(steps) + 0.05]),
        "level_modulation": 10 * np.log10(fluctuation + 0.1),
    }


def _smoothed(chroma: Frames) -> Frames:
    smooth = np.zeros_like(chroma)
    last = len(chroma)
    for offset, weight in enumerate(np.hanning(7)[1:-1].astype(np.float32), start=-2):
        here = slice(max(0, offset), max(0, last + min(0, offset)))
        smooth[here] += weight * chroma[max(0, -offset) : max(0, last - max(0, offset))]
    return smooth


def _spread(rows: Frames) -> Frames:
    return rows.std(axis=0) if len(rows) else np.zeros(rows.shape[1], dtype=np.float32)


def _mean(values: Frames) -> float:
    return float(values.mean()) if values.size else 0.0


def _means(values: Frames, count: int) -> Frames:
    whole = len(values) // count * count
    means: Frames = values[:whole].reshape(-1, count).mean(axis=1) if whole else values.mean(keepdims=True)
    return means


def _entropy(shares: Frames) -> Frames:
    entropy: Frames = -(shares * np.log(shares + np.float32(1e-6))).sum(axis=1)
    return entropy


def _correlation(columns: Frames) -> Frames:
    # Fisher's transform, so that .9 and .95 are as far apart as they deserve.
    spread = columns.std(axis=0)
    centred = (columns - columns.mean(axis=0)) / np.maximum(spread, 1e-3)
    matrix = centred.T @ centred / len(columns)
    upper: Frames = np.arctanh(np.clip(matrix[np.triu_indices(len(matrix), 1)], -0.99, 0.99))
    return upper


def _key_strength(overall: Frames, profile: Sequence[float]) -> float:
    # Krumhansl and Kessler's probe tones, at the best of the twelve keys.
    expected = np.array(profile)
    turned = np.stack([np.roll(expected - expected.mean(), step) for step in range(12)])
    heard = overall - overall.mean()
    norm = float(np.linalg.norm(heard) * np.linalg.norm(turned[0]))
    return float((turned @ heard).max() / norm) if norm > 1e-6 else 0.0


def _chords(shares: Sequence[Frames]) -> Frames:
    triads = np.zeros((24, 12), dtype=np.float32)
    for root in range(12):
        triads[root, [root, (root + 4) % 12, (root + 7) % 12]] = 3**-0.5
        triads[12 + root, [root, (root + 3) % 12, (root + 7) % 12]] = 3**-0.5
    majors, minors, changes = [], [], []
    for rows in shares:
        fit = rows @ triads.T / (np.linalg.norm(rows, axis=1, keepdims=True) + np.float32(1e-6))
        majors.append(fit[:, :12].max(axis=1))
        minors.append(fit[:, 12:].max(axis=1))
        best = fit.argmax(axis=1)
        changes.append(best[1:] != best[:-1])
    major, minor = np.concatenate(majors), np.concatenate(minors)
    lean = major - minor
    change = _mean(np.concatenate(changes))
    return np.array([major.mean(), minor.mean(), lean.mean(), lean.std(), change], dtype=np.float32)


def _chroma_modulation(shares: Sequence[Frames]) -> Frames:
    # Magnitudes of the Fourier transform over pitch class and time: neither key nor downbeat matters.
    stretches = np.concatenate([segments(rows[::2], 64) for rows in shares])
    window = np.hanning(66)[1:-1].astype(np.float32)
    magnitude = np.abs(np.fft.rfft2(stretches * window[:, None], axes=(1, 2))).mean(axis=0)[:, 1:]
    octaves = [magnitude[low : 2 * low].mean(axis=0) for low in (1, 2, 4, 8, 16)]
    modulation: Frames = np.log(np.concatenate(octaves) + 1e-3)
    return modulation


def _by_region(rise: Frames) -> Frames:
    return np.stack([rise.mean(axis=1), *(rise[:, region].mean(axis=1) for region in _REGIONS)], axis=1)


def _pulse(rises: Sequence[Frames], frame_rate: float) -> Frames:
    first, last = (int(edge * frame_rate) for edge in _PULSE_S)
    stretches = np.concatenate([segments(rows, _SEGMENT) for rows in rises])
    correlation = autocorrelation(stretches).mean(axis=0)[first:last]
    peak = correlation.max(axis=0)
    period = np.log((int(correlation[:, 0].argmax()) + first) / frame_rate)
    return np.concatenate([peak, peak - correlation.min(axis=0), [period]])


def _onsets(rise: Frames) -> Frames:
    mean, spread = rise.mean(axis=0), rise.std(axis=0)
    total = rise[:, 0]
    is_onset = (total[1:-1] > total[:-2]) & (total[1:-1] >= total[2:]) & (total[1:-1] > mean[0] + spread[0])
    return np.concatenate(
        [np.log(mean + 1e-2), np.log(spread / (mean + 1e-2) + 0.05), [_mean(is_onset.astype(np.float32))]]
    )
