"""Vectors of a data set's audio: heard once and kept; again where files changed or the cache is damaged."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from segue.encoders import load_encoder
from segue.errors import NothingFound, UsageError
from segue.progress import Silent
from segue.training.content_vectors import content_vectors
from segue.training.datasets.contract import Dataset


class _Telling(Silent):
    def __init__(self) -> None:
        self.heard = 0
        self.problems: list[str] = []
        self.notes: list[str] = []

    def advance(self, steps: int = 1) -> None:
        self.heard += steps

    def problem(self, path: Path | str, reason: str, detail: str) -> None:
        self.problems.append(f"{Path(path).name}: {reason}")

    def note(self, message: str) -> None:
        self.notes.append(message)


def _dataset(folder: Path, *names: str) -> Dataset:
    empty = ("",) * len(names)
    return Dataset("drawn", names, tuple(folder / name for name in names), empty, empty, empty, empty, {})


def _sound(path: Path, seed: int) -> np.ndarray:
    samples = np.random.default_rng(seed).uniform(-0.4, 0.4, 22_050).astype(np.float32)
    soundfile.write(path, samples, 22_050, subtype="FLOAT")
    return samples


def test_tracks_are_heard_once(tmp_path: Path) -> None:
    samples = [_sound(tmp_path / f"{name}.wav", seed) for seed, name in enumerate("ab")]
    (tmp_path / "broken.wav").write_bytes(b"no sound at all")
    dataset = _dataset(tmp_path, "b.wav", "broken.wav", "a.wav", "missing.wav")
    cache, first = tmp_path / "cache", _Telling()
    vectors = content_vectors(dataset, "fma518", folder=cache, workers=1, progress=first)
    assert vectors.available.tolist() == [True, False, True, False]
    assert vectors.matrix.shape == (4, 518) and vectors.matrix.dtype == np.float32
    np.testing.assert_allclose(
        vectors.matrix[2], load_encoder("fma518").encode([samples[0]]), rtol=1e-3, atol=1e-3
    )
    assert sorted(first.problems) == ["broken.wav: not-audio", "missing.wav: missing"]

    again = _Telling()
    os.utime(tmp_path / "a.wav", (1, 1))  # looks changed
    kept = content_vectors(dataset, "fma518", folder=cache, workers=1, progress=again)
    np.testing.assert_array_equal(kept.matrix, vectors.matrix)
    assert again.heard == 2  # this one, and the one that could not be heard

    for file in cache.rglob("*.npz"):
        file.write_bytes(file.read_bytes()[:100])
    damaged = _Telling()
    content_vectors(_dataset(tmp_path, "a.wav"), "fma518", folder=cache, workers=1, progress=damaged)
    assert damaged.heard == 1 and all("is damaged" in note for note in damaged.notes) and damaged.notes


def test_a_way_with_dots_in_it_is_heard(tmp_path: Path) -> None:
    _sound(tmp_path / "a.wav", 0)
    (tmp_path / "deeper").mkdir()
    dataset = _dataset(tmp_path / "deeper" / "..", "a.wav")
    assert content_vectors(dataset, "fma518", folder=tmp_path / "cache", workers=1).available.all()


def test_numbers_alone_and_unknown_encoders_are_refused(tmp_path: Path) -> None:
    numbers = Dataset("numbers", ("a",), (), *([("",)] * 4), {})
    with pytest.raises(UsageError, match="numbers has no audio for fma518"):
        content_vectors(numbers, "fma518", folder=tmp_path)
    with pytest.raises(UsageError, match="no encoder 'fma519'"):
        content_vectors(_dataset(tmp_path, "a.wav"), "fma519", folder=tmp_path)
    with pytest.raises(NothingFound, match="none of the 1 tracks"):
        content_vectors(_dataset(tmp_path, "a.wav"), "fma518", folder=tmp_path / "cache", workers=1)
