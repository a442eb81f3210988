"""`segue train encoder`, then `embed`, `scan` and `similar` with what it made."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytest.importorskip("torch")

from segue.encoders import registry


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_OWN", {})


@pytest.fixture
def genres(tmp_path: Path) -> Path:
    """A folder of low notes and one of high ones."""
    time_s = np.arange(3 * 22050) / 22050
    for number in range(16):
        file = tmp_path / "genres" / ("high" if number % 2 else "low") / f"{number}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        pitch = (2000 if number % 2 else 150) * 1.05**number
        soundfile.write(file, 0.4 * np.sin(2 * np.pi * pitch * time_s) * (time_s % 0.5 < 0.3), 22050)
    return tmp_path / "genres"


def test_from_music_to_an_encoder_to_neighbours(segue, genres, tmp_path):
    place, own = tmp_path / "place", tmp_path / "own"
    options = ("--network", "carranza-factor-cnn", "--epochs", "1", "--workers", "1", "--json")
    made = segue("--data", place, "train", "encoder", "--data", genres, "--output", own, *options)
    assert made.code == 0, made.err
    assert made.json["target"] == "genre" and made.json["encoder"].startswith("own-")
    assert sum(made.json["tracks"].values()) == 16

    vectors = tmp_path / "v.npz"
    assert segue("embed", genres / "low", "--encoder", own, "-o", vectors, "--workers", "1").code == 0
    with np.load(vectors, allow_pickle=False) as stored:
        assert str(stored["encoder"]) == made.json["encoder"]

    music = genres / "high"
    assert segue("scan", music, "--encoder", own, "--data", place, "--quiet", "--workers", "1").code == 0
    shutil.rmtree(own)
    answer = segue("similar", min(music.iterdir()), "-n", "3", "--json", "--data", place)
    assert answer.code == 0 and answer.json


def test_wrong_use_is_one_line(segue, tmp_path):
    wrong = segue("train", "encoder", "--data", tmp_path, "--output", tmp_path / "out")
    assert wrong.code == 2
    assert wrong.err.count("\n") == 1
