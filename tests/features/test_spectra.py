"""Spectra against librosa's, and what must hold without it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.errors import UsageError
from segue.features import complex_spectrum, decibels, frame, mel_filter_bank, mel_power, power_spectrum
from segue.features.spectra import Padding


@pytest.mark.parametrize(
    ("sample_rate", "n_fft", "n_mels", "f_min", "f_max"),
    [
        (22050, 2048, 128, 0.0, None),
        (16000, 512, 96, 0.0, 8000.0),
        (32000, 1024, 64, 20.0, 14000.0),
        (22050, 2048, 40, 1200.0, 8000.0),
    ],
)
def test_mel_filter_bank_is_librosas(
    sample_rate: int, n_fft: int, n_mels: int, f_min: float, f_max: float | None
) -> None:
    librosa = pytest.importorskip("librosa")
    ours = mel_filter_bank(sample_rate, n_fft, n_mels, f_min, f_max)
    theirs = librosa.filters.mel(sr=sample_rate, n_fft=n_fft, n_mels=n_mels, fmin=f_min, fmax=f_max)
    np.testing.assert_allclose(ours, theirs, atol=1e-6 * theirs.max())


@pytest.mark.parametrize("padding", ["constant", "reflect"])
@pytest.mark.parametrize(
    ("n_fft", "hop", "window_length"), [(512, 256, None), (2048, 512, None), (1024, 320, 800)]
)
def test_power_spectrum_is_librosas(
    padding: Padding, n_fft: int, hop: int, window_length: int | None
) -> None:
    librosa = pytest.importorskip("librosa")
    samples = np.random.default_rng(0).standard_normal(30_000).astype(np.float32)
    ours = power_spectrum(samples, n_fft, hop, window_length=window_length, padding=padding)
    theirs = np.abs(
        librosa.stft(samples, n_fft=n_fft, hop_length=hop, win_length=window_length, pad_mode=padding)
    )
    np.testing.assert_allclose(ours, theirs.T**2, rtol=1e-4, atol=1e-6 * ours.max())


def test_uncentred_frames_drop_the_incomplete_last_one() -> None:
    samples = np.arange(10, dtype=np.float32)
    assert frame(samples, 4, 3, centred=False).tolist() == [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]]
    assert frame(samples[:2], 4, 3, centred=False).tolist() == [[0, 1, 0, 0]]


@settings(max_examples=30, deadline=None)
@given(n=st.integers(0, 3000), hop=st.integers(1, 700), seed=st.integers(0, 9))
def test_any_length_has_its_frames(n: int, hop: int, seed: int) -> None:
    samples = np.random.default_rng(seed).uniform(-1, 1, n).astype(np.float32)
    power = power_spectrum(samples, 256, hop)
    assert power.shape == (1 + n // hop, 129)
    assert power.dtype == np.float32
    assert np.isfinite(power).all()


def test_power_is_the_square_of_the_complex_spectrum() -> None:
    samples = np.random.default_rng(1).standard_normal(5000).astype(np.float32)
    from segue.features import periodic_hann

    spectrum = complex_spectrum(samples, periodic_hann(512), 128)
    np.testing.assert_allclose(power_spectrum(samples, 512, 128), np.abs(spectrum) ** 2, rtol=1e-4, atol=1e-4)


def test_mel_power_gathers_rows() -> None:
    power = np.ones((3, 257), dtype=np.float32)
    bands = mel_power(power, 16000, n_mels=20)
    assert bands.shape == (3, 20)
    np.testing.assert_allclose(bands[0], mel_filter_bank(16000, 512, 20).sum(axis=1), rtol=1e-5)


def test_decibels_are_librosas() -> None:
    librosa = pytest.importorskip("librosa")
    power = np.random.default_rng(2).exponential(size=(50, 20)).astype(np.float32) ** 9
    np.testing.assert_allclose(decibels(power), librosa.power_to_db(power), atol=1e-4)
    np.testing.assert_allclose(
        decibels(power, range_db=None, reference=2.0),
        librosa.power_to_db(power, ref=2.0, top_db=None),
        atol=1e-4,
    )


def test_a_window_longer_than_the_transform_is_refused() -> None:
    with pytest.raises(UsageError, match="does not fit"):
        power_spectrum(np.zeros(100, dtype=np.float32), 64, 32, window_length=65)
