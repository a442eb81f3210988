"""The encoder for transitions hears the tempo, key and loudness that a piece was made with."""

from __future__ import annotations

import numpy as np
import pytest

from segue.encoders import (
    TRAITS,
    TRANSITION_VALUES,
    encoder_names,
    internal_encoders,
    load_encoder,
    members,
    resolve,
    traits,
)
from segue.encoders.timbre import timbre_names
from segue.errors import UsageError

RATE = 22_050


def heard(*windows: np.ndarray) -> dict[str, float]:
    vector = load_encoder("transition").encode([window.astype(np.float32) for window in windows])
    return dict(zip(TRANSITION_VALUES, vector.tolist(), strict=True))


def chords(roots: list[tuple[int, bool]], bpm: float, seconds: float = 30.0) -> np.ndarray:
    """A triad on every beat, each for two bars: semitones above C, and whether it is minor."""
    rng = np.random.default_rng(0)
    samples = 1e-4 * rng.standard_normal(int(seconds * RATE))
    beat = 60 / bpm
    for number, at in enumerate(np.arange(0, seconds - beat, beat)):
        root, minor = roots[number // 8 % len(roots)]
        t = np.arange(int(beat * RATE)) / RATE
        for step in (0, 3 if minor else 4, 7):
            hz = 261.63 * 2 ** ((root + step) / 12)
            start = int(at * RATE)
            tone = np.sin(2 * np.pi * hz * t) + 0.3 * np.sin(4 * np.pi * hz * t)
            samples[start : start + len(t)] += 0.1 * tone * np.exp(-6 * t)
    return samples


@pytest.mark.parametrize("bpm", [84.0, 120.0, 140.0])
def test_tempo_and_key_of_chords(bpm: float) -> None:
    in_d = heard(chords([(2, False), (7, False), (9, False), (2, False)], bpm))
    assert in_d["key"] == 2 and in_d["key_strength"] > 0.7
    assert in_d["tempo_bpm"] == pytest.approx(bpm, rel=0.01)
    assert in_d["tempo_strength"] > 0.3
    in_a_minor = heard(chords([(9, True), (2, True), (4, True), (9, True)], bpm))
    assert in_a_minor["key"] == 9 + 12


def test_beginning_and_end_are_heard_apart_from_silence() -> None:
    piece = chords([(0, False)], 120.0)
    fade = piece * np.concatenate([np.full(len(piece) // 2, 1.0), np.full(len(piece) - len(piece) // 2, 0.1)])
    silence = np.zeros(5 * RATE)
    values = heard(np.concatenate([silence, fade, silence]))
    assert values["start_lufs"] - values["end_lufs"] == pytest.approx(20, abs=0.5)
    # The quiet half is left out of the whole: the gate of the recommendation.
    assert values["loudness_lufs"] == pytest.approx(values["start_lufs"], abs=1)
    apart = heard(fade[: len(fade) // 2], fade[len(fade) // 2 :])
    assert apart["start_lufs"] == pytest.approx(values["start_lufs"], abs=0.3)
    assert apart["end_lufs"] == pytest.approx(values["end_lufs"], abs=0.3)


def test_gain_moves_loudness_and_nothing_else() -> None:
    piece = chords([(5, False), (0, False)], 100.0)
    loud, quiet = heard(piece), heard(0.25 * piece)
    for name in ("tempo_bpm", "key"):
        assert loud[name] == pytest.approx(quiet[name], rel=1e-3)
    for name in ("loudness_lufs", "start_lufs", "end_lufs"):
        assert loud[name] - quiet[name] == pytest.approx(12.04, abs=0.05)


@pytest.mark.parametrize(
    "window", [np.zeros(RATE), np.zeros(1), np.random.default_rng(0).normal(0, 0.1, 100)]
)
def test_whatever_is_heard_is_finite(window: np.ndarray) -> None:
    assert np.isfinite(list(heard(window).values())).all()
    with pytest.raises(ValueError, match="at least one window"):
        load_encoder("transition").encode([])


def test_it_is_offered_to_nobody() -> None:
    assert "transition" not in encoder_names()
    assert members("transition")[0] in internal_encoders()
    for name in ("transition", "transition-1", "fingerprint"):
        with pytest.raises(UsageError, match="does not say what sounds alike: choose from musicnn"):
            resolve(name)
    with pytest.raises(UsageError, match="there is no encoder 'transition'"):
        resolve("musicnn+transition")


def noise(cutoff: float) -> np.ndarray:
    from scipy import signal

    rng = np.random.default_rng(0)
    sos = signal.butter(2, cutoff, fs=RATE, output="sos")
    return signal.sosfilt(sos, rng.standard_normal(10 * RATE)).astype(np.float32)


def trait(word: str, samples: np.ndarray) -> float:
    vector = load_encoder("timbre").encode([samples.astype(np.float32)])
    return float(traits(vector[None])[0, [much for much, _ in TRAITS].index(word)])


def test_traits_mean_what_they_say() -> None:
    assert trait("bright", noise(8000.0)) > trait("bright", noise(300.0)) + 1
    beat, pad = chords([(0, False)], 120.0), np.sin(2 * np.pi * 220 * np.arange(30 * RATE) / RATE)
    assert trait("rhythmic", beat) > trait("rhythmic", noise(4000.0))
    assert trait("fast", chords([(0, False)], 220.0)) > trait("fast", chords([(0, False)], 60.0))
    assert trait("tonal", pad + 0.5 * np.sin(2 * np.pi * 330 * np.arange(30 * RATE) / RATE)) > trait(
        "tonal", noise(8000.0)
    )
    assert trait("dynamic", beat) > trait("dynamic", noise(4000.0))
    assert trait("clear", beat) > trait("clear", noise(8000.0))
    assert trait("major", chords([(0, False)], 100.0)) > trait("major", chords([(0, True)], 100.0))


def test_every_trait_is_made_of_known_values() -> None:
    vectors = np.eye(len(timbre_names()), dtype=np.float32)
    table = traits(vectors)
    assert table.shape == (361, len(TRAITS))
    np.testing.assert_allclose(np.abs(table).sum(axis=0), 1, rtol=1e-6)
