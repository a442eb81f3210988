"""The descriptors that follow librosa, beside librosa's own functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

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

librosa = pytest.importorskip("librosa")
RATE = 22050


def signals() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    time = np.arange(3 * RATE) / RATE
    chord = sum(np.sin(2 * np.pi * f * time) for f in (222.0, 279.7, 332.6)) * np.exp(-time % 0.5)
    return {
        "noise": 0.1 * random.standard_normal(2 * RATE),
        "chord": 0.2 * chord + 0.001 * random.standard_normal(time.size),
        "chirp": librosa.chirp(fmin=100, fmax=5000, sr=RATE, duration=2)
        + 1e-4 * random.standard_normal(2 * RATE),
        "clicks": np.where(np.arange(2 * RATE) % 5000 == 0, 0.9, 0) + 1e-4 * random.standard_normal(2 * RATE),
    }


@pytest.fixture(scope="module", params=["noise", "chord", "chirp", "clicks"])
def samples(request: pytest.FixtureRequest) -> np.ndarray:
    return signals()[request.param].astype(np.float32)


@pytest.fixture(scope="module")
def magnitudes(samples: np.ndarray) -> np.ndarray:
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(2048) / 2048)
    return np.abs(complex_spectrum(samples, hann, 512))


def assert_same(ours: np.ndarray, theirs: Any, tolerance: float = 1e-4) -> None:
    np.testing.assert_allclose(ours.T, theirs, rtol=tolerance, atol=tolerance * np.abs(theirs).max())


def test_shape_of_the_spectrum(magnitudes: np.ndarray) -> None:
    centroid, bandwidth = centroid_bandwidth(magnitudes, RATE)
    assert_same(centroid, librosa.feature.spectral_centroid(S=magnitudes.T, sr=RATE))
    assert_same(bandwidth, librosa.feature.spectral_bandwidth(S=magnitudes.T, sr=RATE))
    assert_same(rolloff(magnitudes, RATE), librosa.feature.spectral_rolloff(S=magnitudes.T, sr=RATE))
    assert_same(
        spectral_contrast(magnitudes, RATE), librosa.feature.spectral_contrast(S=magnitudes.T, sr=RATE)
    )


def test_level_crossings_and_cepstrum(samples: np.ndarray, magnitudes: np.ndarray) -> None:
    power = magnitudes**2
    assert_same(root_mean_square(power), librosa.feature.rms(S=magnitudes.T))
    assert_same(
        zero_crossing_rate(samples, frame_length=2048, hop=512),
        librosa.feature.zero_crossing_rate(samples),
        1e-12,
    )
    level = librosa.power_to_db(librosa.feature.melspectrogram(S=power.T, sr=RATE))
    assert_same(mel_cepstrum(power, RATE), librosa.feature.mfcc(S=level, n_mfcc=20))


def test_tuning_and_chroma(samples: np.ndarray, magnitudes: np.ndarray) -> None:
    power = magnitudes**2
    assert estimate_tuning(magnitudes, RATE) == pytest.approx(librosa.estimate_tuning(y=samples, sr=RATE))
    tuning = estimate_tuning(power, RATE)
    assert tuning == pytest.approx(librosa.estimate_tuning(S=power.T, sr=RATE))
    assert_same(
        chroma_from_power(power, RATE, tuning=tuning), librosa.feature.chroma_stft(S=power.T, sr=RATE)
    )


def test_constant_q_and_what_is_folded_from_it(samples: np.ndarray, magnitudes: np.ndarray) -> None:
    ours = constant_q(samples, RATE, hop=512, tuning=estimate_tuning(magnitudes, RATE))
    theirs = np.abs(librosa.cqt(samples, sr=RATE, hop_length=512, n_bins=84, tuning=None))
    # Frame by frame: a quiet one beside a loud one is as near, though rounding is most of it.
    assert np.max(np.abs(ours.T - theirs) / theirs.max(axis=0)) < 1e-5
    # From librosa's own magnitudes, so that a step of the quantisation is not a matter of rounding.
    cens = librosa.feature.chroma_cens(C=theirs, bins_per_octave=12)
    assert_same(chroma_from_cqt(theirs.T), librosa.feature.chroma_cqt(C=theirs, bins_per_octave=12))
    assert_same(chroma_energy(theirs.T), cens)
    assert_same(tonnetz(cens.T), librosa.feature.tonnetz(chroma=cens))


@pytest.mark.parametrize("n_samples", [1, 50, 700, 2048])
def test_short_windows_have_all_frames(n_samples: int) -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, n_samples).astype(np.float32)
    assert constant_q(samples, RATE, hop=512, tuning=0.0).shape == (1 + n_samples // 512, 84)
    assert zero_crossing_rate(samples, frame_length=2048, hop=512).shape == (1 + n_samples // 512, 1)


def test_silence_is_zero_and_finite() -> None:
    silence = np.zeros((4, 1025), dtype=np.float32)
    assert not chroma_from_power(silence, RATE, tuning=0.0).any()
    assert not chroma_energy(np.zeros((4, 84), dtype=np.float32)).any()
    assert not tonnetz(np.zeros((4, 12), dtype=np.float32)).any()
    centroid, bandwidth = centroid_bandwidth(silence, RATE)
    assert not centroid.any()
    assert not bandwidth.any()
    assert not spectral_contrast(silence, RATE).any()
