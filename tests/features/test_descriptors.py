"""Segue's own descriptors: what gain, silence, transposition and the order of the windows may do to them."""

from __future__ import annotations

import numpy as np
import pytest

from segue.features import (
    FRAME_HOP,
    dynamics_summary,
    harmony_summary,
    hear,
    level,
    rhythm_summary,
    timbre_summary,
)
from segue.features.descriptors import cosine_transform, octave_contrast, spectral_moments
from segue.features.pitch import pitches
from segue.features.rhythm import autocorrelation, modulation_power, segments
from segue.features.spectra import power_spectrum

RATE = 22050
FRAME_RATE = RATE / FRAME_HOP


def tone(hertz: float, seconds: float = 1.0) -> np.ndarray:
    time = np.arange(int(seconds * RATE)) / RATE
    return (np.sqrt(2) * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def test_the_cosine_transform_is_scipys() -> None:
    from scipy import fft

    rows = np.random.default_rng(0).standard_normal((3, 40))
    np.testing.assert_allclose(
        rows @ cosine_transform(40, 13), fft.dct(rows, axis=1, norm="ortho")[:, :13], atol=1e-5
    )


def test_a_tone_lies_at_its_frequency_and_noise_in_the_middle() -> None:
    moments = np.exp(spectral_moments(power_spectrum(tone(1000), 2048, 512), RATE)[10:-10].mean(axis=0))
    assert moments[0] == pytest.approx(1000, rel=0.1)
    noise = np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    assert np.exp(spectral_moments(power_spectrum(noise, 2048, 512), RATE)[:, 0]).mean() == pytest.approx(
        RATE / 4, rel=0.05
    )


def test_tones_have_more_contrast_than_noise() -> None:
    noise = np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    in_noise, _ = octave_contrast(power_spectrum(noise, 2048, 512))
    in_tone, _ = octave_contrast(power_spectrum(tone(1000), 2048, 512))
    assert in_tone[10:-10, 4].min() > in_noise[:, 4].max()


@pytest.mark.parametrize(("hertz", "pitch_class"), [(440.0, 0), (261.63, 3), (880.0, 0), (1318.5, 7)])
def test_pitch_classes_are_counted_from_a(hertz: float, pitch_class: int) -> None:
    heard = pitches(power_spectrum(tone(hertz), 2048, 512), RATE, n_fft=2048)
    assert heard.chroma.sum(axis=0).argmax() == pitch_class
    assert heard.tuning_strength > 0.9


def test_tuning_is_found() -> None:
    heard = pitches(power_spectrum(tone(440 * 2 ** (0.3 / 12)), 2048, 512), RATE, n_fft=2048)
    assert heard.tuning == pytest.approx(0.3, abs=0.05)


def test_a_beat_shows_at_its_rate() -> None:
    beats_hz = 2.0
    time = np.arange(2000) / FRAME_RATE
    rows = np.cos(2 * np.pi * beats_hz * time)[:, None].astype(np.float32)
    stretches = segments(rows, 128)
    edges = np.geomspace(0.4, 10.5, 13)
    power = modulation_power(stretches, FRAME_RATE, edges).mean(axis=0)[:, 0]
    assert edges[power.argmax()] <= beats_hz * 1.05
    assert edges[power.argmax() + 1] >= beats_hz * 0.95
    correlation = autocorrelation(stretches).mean(axis=0)[:, 0]
    assert (5 + correlation[5:16].argmax()) / FRAME_RATE == pytest.approx(1 / beats_hz, abs=1.5 / FRAME_RATE)
    assert correlation[0] == pytest.approx(1)


def test_segments_reach_both_ends() -> None:
    rows = np.arange(300, dtype=np.float32)[:, None]
    stretches = segments(rows, 256)
    assert stretches.shape == (2, 256, 1)
    np.testing.assert_allclose(stretches.mean(axis=1), 0, atol=1e-3)
    assert segments(rows[:7], 256).shape == (1, 256, 1)


def test_level_is_never_zero() -> None:
    assert level([np.zeros(10, dtype=np.float32)]) > 0
    assert level([tone(440), 3 * tone(440)]) == pytest.approx(np.sqrt(5), rel=1e-4)


def test_transposing_by_a_semitone_hardly_moves_harmony_but_another_chord_does() -> None:
    def chord(root: float, steps: tuple[int, ...]) -> dict[str, np.ndarray]:
        samples = sum(tone(root * 2 ** (step / 12), 4.0) for step in steps)
        return harmony_summary([hear(samples / np.float32(level([samples])), RATE)], FRAME_RATE)

    here, above, other = chord(330, (0, 4, 7)), chord(330 * 2 ** (1 / 12), (0, 4, 7)), chord(330, (0, 3, 6))
    for name in ("interval_mean", "overall_interval", "key"):
        near = np.abs(here[name] - above[name]).max()
        assert near < 0.35 * np.abs(here[name] - other[name]).max(), name
    assert here["key"][2] > 0


@pytest.mark.parametrize("n_samples", [1, 100, 512, 3000, 22050])
def test_any_length_has_finite_summaries(n_samples: int) -> None:
    heard = [hear(np.random.default_rng(0).standard_normal(n_samples).astype(np.float32), RATE)]
    summaries = [
        timbre_summary(heard),
        harmony_summary(heard, FRAME_RATE),
        rhythm_summary(heard, FRAME_RATE),
        dynamics_summary(heard, FRAME_RATE),
    ]
    sizes = [sum(values.size for values in summary.values()) for summary in summaries]
    assert sizes == [201, 68, 72, 20]
    assert all(np.isfinite(values).all() for summary in summaries for values in summary.values())
