"""Tempo, key and loudness of sounds whose tempo, key and loudness are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from segue.features import key_of, loudness_lufs, power_spectrum, tempo_of, weighted_power
from segue.features.key import MAJOR, MINOR
from segue.features.loudness import SILENT_LUFS

RATE = 22_050


@given(st.floats(65, 185), st.floats(0, 0.3), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_beats_among_noise_give_their_tempo_or_its_octave(bpm: float, noise: float, seed: int) -> None:
    rate = RATE / 512
    at = np.round(np.arange(0.5, 29, 60 / bpm) * rate).astype(int)
    onsets = np.random.default_rng(seed).random(int(30 * rate)) * noise
    onsets[at] += 1
    octaves = np.log2(tempo_of([onsets], rate).bpm / bpm)
    assert abs(octaves - round(octaves)) < 0.01  # 0.7 %
    assert abs(round(octaves)) <= 1


def test_the_tempo_is_that_of_librosa_but_finer() -> None:
    import librosa

    for bpm in (96.0, 120.0, 133.0):
        clicks = librosa.clicks(times=np.arange(0, 20, 60 / bpm), sr=RATE, length=20 * RATE)
        envelope = librosa.onset.onset_strength(y=clicks, sr=RATE)
        theirs = float(librosa.feature.tempo(onset_envelope=envelope, sr=RATE)[0])
        ours = tempo_of([envelope], RATE / 512).bpm
        assert ours == pytest.approx(theirs, rel=0.03)
        assert ours == pytest.approx(bpm, rel=0.002)


def test_windows_are_one_piece_whatever_their_order() -> None:
    rate = 100.0
    clicks = np.zeros(1000)
    clicks[::40] = 1
    assert tempo_of([clicks, clicks[:700]], rate) == tempo_of([clicks[:700], clicks], rate)
    assert tempo_of([clicks, clicks[:700]], rate).bpm == pytest.approx(150, rel=0.01)


@pytest.mark.parametrize("onsets", [np.zeros(2000), np.ones(2000), np.ones(3), np.empty(0), np.arange(40.0)])
def test_without_beats_there_is_no_strength(onsets: np.ndarray) -> None:
    tempo = tempo_of([onsets], 43.0)
    assert np.isnan(tempo.bpm) or tempo.strength < 1
    if onsets.std() == 0 if onsets.size else True:
        assert np.isnan(tempo.bpm) and tempo.strength == 0
    assert np.isnan(tempo_of([], 43.0).bpm)


@pytest.mark.parametrize("tonic", range(12))
def test_a_profile_is_its_own_key(tonic: int) -> None:
    assert key_of(np.roll(MAJOR, tonic)) == pytest.approx((tonic, 1.0))
    assert key_of(np.roll(MINOR, tonic)) == pytest.approx((tonic + 12, 1.0))


@given(st.lists(st.floats(0, 1), min_size=12, max_size=12), st.integers(0, 11))
def test_transposed_music_is_in_the_transposed_key(chroma: list[float], steps: int) -> None:
    here, there = key_of(np.array(chroma)), key_of(np.roll(chroma, steps))
    assert here.strength == pytest.approx(there.strength, abs=1e-9)
    fits = sorted(
        np.corrcoef(chroma, np.roll(p, t))[0, 1] if np.std(chroma) > 1e-6 else 0
        for p in (MAJOR, MINOR)
        for t in range(12)
    )
    if fits[-1] - fits[-2] > 1e-6:
        assert there.number % 12 == (here.number + steps) % 12
        assert there.number // 12 == here.number // 12
    assert key_of(np.ones(12)).strength == 0


def sine(hz: float, seconds: float = 4.0, gain: float = 1.0) -> np.ndarray:
    return (gain * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)


def lufs(samples: np.ndarray) -> float:
    return loudness_lufs(weighted_power(power_spectrum(samples, 2048, 512, padding="reflect"), RATE))


def test_the_reference_tone_has_the_reference_loudness() -> None:
    # ITU-R BS.1770: a sine of 997 Hz at full scale in one channel is -3.01 LKFS.
    assert lufs(sine(997.0)) == pytest.approx(-3.01, abs=0.05)
    assert lufs(sine(997.0, gain=0.1)) == pytest.approx(-23.01, abs=0.05)


def test_the_weighting_is_that_of_the_filters_in_time() -> None:
    # The filters as the recommendation prints them, for 48 kHz, over noise below 10 kHz.
    filters = [
        [1.53512485958697, -2.69169619938640, 1.19839281085285, 1, -1.69065929318241, 0.73248077421585],
        [1, -2, 1, 1, -1.99004745483398, 0.99007225036621],
    ]
    noise = np.random.default_rng(0).normal(0, 0.1, 10 * RATE)
    noise = signal.sosfilt(signal.butter(8, 9_000, fs=RATE, output="sos"), noise).astype(np.float32)
    filtered = signal.sosfilt(filters, signal.resample(noise, 10 * 48_000))
    assert lufs(noise) == pytest.approx(-0.691 + 10 * np.log10(np.mean(filtered**2)), abs=0.05)


def test_pauses_do_not_make_music_quieter() -> None:
    tone = sine(440.0)
    paused = np.concatenate([tone, np.zeros(4 * RATE, np.float32), 0.01 * tone])
    assert lufs(paused) == pytest.approx(lufs(tone), abs=0.2)
    assert lufs(np.zeros(RATE, np.float32)) == SILENT_LUFS
    assert loudness_lufs(np.empty(0)) == SILENT_LUFS
