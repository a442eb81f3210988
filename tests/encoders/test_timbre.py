"""`timbre`: what must not move it, what must, and the vector of one signal for ever.

``python tests/encoders/test_timbre.py`` writes the golden file anew: only for a new id.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.encoders import published_scaling
from segue.encoders.timbre import TIMBRE_BLOCKS, TimbreEncoder, speech_likeness, timbre_names

RATE = 22050
GOLDEN = Path(__file__).with_name("golden-timbre-1.json")


def piece(seconds: float = 8.0, *, root: float = 220.0, beats: float = 2.0, seed: int = 0) -> np.ndarray:
    """A chord that is struck again and again, a hiss on every second beat."""
    time = np.arange(int(seconds * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * root * 2 ** (step / 12) * time) for step in (0, 4, 7, 12))
    struck = np.exp(-6 * (time * beats % 1) / beats)
    noise = np.random.default_rng(seed).uniform(-1, 1, time.size) * np.exp(
        -40 * ((time * beats + 1) % 2) / beats
    )
    return (0.15 * chord * struck + 0.2 * noise).astype(np.float32)


def golden_windows() -> list[np.ndarray]:
    return [piece(6.0), piece(6.0, root=261.6, beats=3.0, seed=1), piece(2.0, root=110.0, beats=1.5, seed=2)]


def test_blocks_cover_the_vector_and_names_go_with_them() -> None:
    ends = [0]
    for name, block in TIMBRE_BLOCKS.items():
        assert block.start == ends[-1]
        assert all(value.startswith(f"{name}.") for value in timbre_names()[block])
        ends.append(block.stop)
    assert ends[-1] == TimbreEncoder().dim == len(timbre_names()) == len(set(timbre_names()))


@settings(max_examples=10, deadline=None)
@given(decibel=st.floats(-60, 20))
def test_gain_changes_nothing(decibel: float) -> None:
    encoder, samples = TimbreEncoder(), piece(3.0)
    louder = (samples * 10 ** (decibel / 20)).astype(np.float32)
    np.testing.assert_allclose(encoder.encode([louder]), encoder.encode([samples]), atol=2e-3)


def test_a_power_of_two_changes_not_even_a_bit() -> None:
    samples = piece(3.0)
    assert TimbreEncoder().encode([samples / 4]).tobytes() == TimbreEncoder().encode([samples]).tobytes()


def test_order_and_cutting_of_windows_hardly_matter() -> None:
    encoder, windows = TimbreEncoder(), golden_windows()
    np.testing.assert_allclose(encoder.encode(windows), encoder.encode(windows[::-1]), atol=2e-3)
    whole = piece(12.0)
    one, halves = encoder.encode([whole]), encoder.encode([whole[: 6 * RATE], whole[6 * RATE :]])
    assert one @ halves / np.linalg.norm(one) / np.linalg.norm(halves) > 0.98


def test_a_long_window_is_heard_in_pieces() -> None:
    encoder = TimbreEncoder()
    long, short = (encoder.encode([np.tile(piece(8.0), times)]) for times in (9, 4))
    assert np.abs(long - short).max() < 0.5


def test_dynamics_move_dynamics() -> None:
    samples = piece(12.0)
    swelling = samples * np.linspace(0.02, 1, samples.size, dtype=np.float32)
    change = np.abs(TimbreEncoder().encode([swelling]) - TimbreEncoder().encode([samples]))
    assert change[TIMBRE_BLOCKS["dynamics"]].mean() > 2 * change[TIMBRE_BLOCKS["harmony"]].mean()


def test_tempo_moves_rhythm_most() -> None:
    change = np.abs(TimbreEncoder().encode([piece(beats=4.0)]) - TimbreEncoder().encode([piece(beats=2.0)]))
    assert change[TIMBRE_BLOCKS["rhythm"]].mean() > change[TIMBRE_BLOCKS["harmony"]].mean()


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(RATE),
        np.zeros(1),
        np.ones(1),
        np.ones(RATE),
        np.eye(1, RATE, RATE // 2)[0],
        np.random.default_rng(0).standard_normal(RATE),
        np.resize([1.0, -1.0], RATE),
        np.full(RATE, 1e-30),
        np.full(RATE, 1e6),
    ],
    ids=["silence", "zero", "one", "constant", "impulse", "noise", "nyquist", "denormal", "huge"],
)
def test_anything_is_finite_and_bounded(samples: np.ndarray) -> None:
    vector = TimbreEncoder().encode([samples.astype(np.float32)])
    assert vector.dtype == np.float32
    assert np.abs(vector).max() <= 5
    assert 0 <= speech_likeness(vector) <= 1


@pytest.mark.parametrize("windows", [[], [np.zeros(0, dtype=np.float32)]])
def test_nothing_to_hear_is_refused(windows: list[np.ndarray]) -> None:
    with pytest.raises(ValueError, match="window"):
        TimbreEncoder().encode(windows)


def test_a_vector_of_another_encoder_is_refused() -> None:
    with pytest.raises(ValueError, match="361"):
        speech_likeness(np.zeros(200, dtype=np.float32))


def test_published_scaling_is_that_of_standardised_values() -> None:
    scaling = published_scaling("timbre-1")
    # The cut at 5 takes spread only from values with long tails, most from the share of very quiet frames.
    assert np.abs(scaling.mean).max() < 0.1
    assert 0.7 < scaling.std.min() <= scaling.std.max() < 1.05
    assert np.quantile(scaling.std, 0.05) > 0.97


def test_the_golden_vector_stays() -> None:
    golden = json.loads(GOLDEN.read_text())
    np.testing.assert_allclose(TimbreEncoder().encode(golden_windows()), golden["vector"], atol=5e-3)


def babble(seconds: float) -> np.ndarray:
    """Syllables of a gliding voice with pauses: what speech looks like to the rule, without a synthesiser."""
    random = np.random.default_rng(4)
    out = []
    while sum(part.size for part in out) < seconds * RATE:
        for _ in range(random.integers(4, 12)):
            time = np.arange(int(RATE * random.uniform(0.1, 0.25))) / RATE
            pitch = np.cumsum(random.uniform(90, 170) * (1 - 0.8 * time)) / RATE
            formants = random.uniform([300, 900, 2200], [800, 2000, 3000])
            voice = sum(
                np.sin(2 * np.pi * k * pitch) * np.exp(-(np.abs(formants - 120 * k).min() / 250))
                for k in range(1, 30)
            )
            hiss = random.standard_normal(int(RATE * random.uniform(0.02, 0.08)))
            out += [voice * np.hanning(time.size), 0.3 * np.diff(hiss, prepend=0), np.zeros(int(0.02 * RATE))]
        out.append(np.zeros(int(RATE * random.uniform(0.2, 0.7))))
    return (0.1 * np.concatenate(out)[: int(seconds * RATE)]).astype(np.float32)


def test_babble_resembles_speech_more_than_a_struck_chord_does() -> None:
    encoder = TimbreEncoder()
    assert speech_likeness(encoder.encode([babble(15)])) > speech_likeness(encoder.encode([piece(15)])) + 0.3


@pytest.mark.slow
def test_hardly_any_music_is_taken_for_speech(shared: Path) -> None:
    import soundfile

    encoder = TimbreEncoder()
    for folder, limit in (("emotify", 0.01), ("free-music", 0.01), ("gtzan", 0.01)):
        with (shared / "data" / folder / "tracks.csv").open(encoding="utf-8") as table:
            files = [shared / "data" / folder / row["file"] for row in csv.DictReader(table)]
        likeness = [
            speech_likeness(encoder.encode([soundfile.read(path, dtype="float32")[0]])) for path in files
        ]
        assert np.mean(np.array(likeness) >= 0.5) < limit, folder


if __name__ == "__main__":
    values = [round(float(value), 5) for value in TimbreEncoder().encode(golden_windows())]
    GOLDEN.write_text(json.dumps({"encoder": "timbre-1", "vector": values}) + "\n")
