"""The fingerprint is the same for one recording in any encoding, and another for any other recording."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from segue.encoders import load_encoder, members, resolve
from segue.errors import UsageError

RATE = 22_050


@pytest.fixture(scope="module")
def encoder():
    return load_encoder("fingerprint")


def piece(seed: int, seconds: float = 20.0) -> np.ndarray:
    """Notes of a few instruments, at random."""
    rng = np.random.default_rng(seed)
    samples = np.zeros(int(seconds * RATE), dtype=np.float32)
    for _ in range(60):
        start, length = rng.integers(0, len(samples) - RATE), rng.integers(RATE // 4, RATE)
        t = np.arange(length) / RATE
        note = np.sin(2 * np.pi * 110 * 2 ** rng.uniform(0, 4) * t) * np.exp(-3 * t)
        samples[start : start + length] += note.astype(np.float32)
    return 0.3 * samples / np.abs(samples).max()


def encoded(samples: np.ndarray, kind: str) -> np.ndarray:
    """The samples after a lossy coder."""
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, format=kind)
    file.seek(0)
    return soundfile.read(file, dtype="float32")[0]


@pytest.mark.parametrize("kind", ["MP3", "OGG"])
def test_another_encoding_has_nearly_the_same(encoder, kind):
    samples = piece(1)
    assert encoder.encode([samples]) @ encoder.encode([encoded(samples, kind)]) > 0.95


def test_gain_does_not_matter_and_a_shift_little(encoder):
    samples = piece(2)
    own = encoder.encode([samples])
    assert own @ encoder.encode([0.1 * samples]) > 0.999
    assert own @ encoder.encode([samples[1_105:]]) > 0.9  # the delay of an MP3 coder
    assert (
        own @ encoder.encode([np.sqrt(0.5) * np.convolve(samples, [1, 0.7], "same").astype(np.float32)]) > 0.9
    )


def test_other_pieces_on_the_same_instrument_are_far(encoder):
    prints = np.stack([encoder.encode([piece(seed)]) for seed in range(3, 15)])
    cosines = prints @ prints.T
    np.fill_diagonal(cosines, 0)
    assert cosines.max() < 0.7


@pytest.mark.parametrize(
    "samples", [np.zeros(9, np.float32), np.zeros(RATE, np.float32), np.ones(5, np.float32)]
)
def test_what_never_changes_has_none(encoder, samples):
    assert not encoder.encode([samples]).any()


def test_it_is_unit_and_finite(encoder):
    vector = encoder.encode([piece(1), piece(2, 3.0)])
    assert vector.dtype == np.float32
    assert vector.shape == (encoder.dim,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_it_is_not_offered_for_similarity():
    assert members("fingerprint") == ("fingerprint-1",)
    with pytest.raises(UsageError, match="does not say what sounds alike"):
        resolve("fingerprint")
    with pytest.raises(UsageError, match="no encoder"):
        resolve("musicnn+fingerprint")
