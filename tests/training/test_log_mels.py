"""The cache of spectra: right, whole whatever happens, made once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from segue.errors import SegueError, UsageError
from segue.features import decibels, mel_power, power_spectrum
from segue.progress import Silent
from segue.training.contract import LogMelSettings
from segue.training.datasets import Dataset
from segue.training.datasets.assembling import Entry, Listing, assemble
from segue.training.log_mels import LogMels, prepare_log_mels

_RATE = 8000
_SETTINGS = LogMelSettings(sample_rate=_RATE, n_fft=512, hop=256, n_mels=32)


class _Told(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.problems: dict[str, str] = {}
        self.steps = 0

    def note(self, message: str) -> None:
        self.notes.append(message)

    def problem(self, path: Path | str, reason: str, detail: str) -> None:
        self.problems[Path(path).name] = reason

    def advance(self, steps: int = 1) -> None:
        self.steps += steps


def _sound(seed: int, length_s: float = 2.0) -> np.ndarray:
    noise = np.random.default_rng(seed).uniform(-0.4, 0.4, int(length_s * _RATE))
    return np.asarray(noise, np.float32)


@pytest.fixture
def clips(tmp_path: Path) -> Dataset:
    music = tmp_path / "music"
    music.mkdir()
    for number in range(3):
        soundfile.write(music / f"{number}.wav", _sound(number), _RATE, subtype="FLOAT")
    return _dataset(music, "0.wav", "1.wav", "2.wav")


def _dataset(folder: Path, *names: str) -> Dataset:
    return assemble(Listing("clips", tuple(Entry(name, folder / name) for name in names)))


def _prepare(dataset: Dataset, folder: Path, settings: LogMelSettings = _SETTINGS) -> tuple[LogMels, _Told]:
    told = _Told()
    return prepare_log_mels(dataset, settings, folder=folder, workers=1, progress=told), told


def _stored(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.logmel"))


def test_spectra_are_those_of_features(clips: Dataset, tmp_path: Path) -> None:
    log_mels, told = _prepare(clips, tmp_path / "cache")
    bands = mel_power(power_spectrum(_sound(1), 512, 256), _RATE, n_mels=32)
    wanted = decibels(bands, range_db=None)
    assert np.abs(log_mels.db(1, 0, 1000) - wanted).max() < 0.006
    assert log_mels.frames(1).dtype == np.int16 and not log_mels.frames(1).flags.writeable
    assert log_mels.n_frames.tolist() == [63, 63, 63] and log_mels.available.all()
    assert log_mels.frames_per_s == _RATE / 256
    assert told.steps == 3 and not told.problems and not told.notes


def test_spectra_are_made_once(clips: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    first, _ = _prepare(clips, cache)
    written = {place: place.stat().st_mtime_ns for place in _stored(cache)}
    monkeypatch.setattr("segue.training.log_mels.Pool", None)  # nothing is to be heard
    again, told = _prepare(clips, cache)
    assert {place: place.stat().st_mtime_ns for place in _stored(cache)} == written
    assert again.places == first.places and told.steps == 3


def test_settings_and_content_are_the_key(clips: Dataset, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first, _ = _prepare(clips, cache)
    other, _ = _prepare(clips, cache, LogMelSettings(sample_rate=_RATE, n_fft=512, hop=256, n_mels=16))
    assert not set(first.places) & set(other.places) and len(_stored(cache)) == 6
    moved = tmp_path / "moved"
    clips.audio[0].parent.rename(moved)
    soundfile.write(moved / "0.wav", _sound(7), _RATE, subtype="FLOAT")
    changed, _ = _prepare(_dataset(moved, "0.wav", "1.wav"), cache)
    assert changed.places[1] == first.places[1] and changed.places[0] != first.places[0]
    assert len(_stored(cache)) == 7


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "header", "other"])
def test_a_damaged_spectrum_is_made_again_and_said(clips: Dataset, tmp_path: Path, damage: str) -> None:
    cache = tmp_path / "cache"
    first, _ = _prepare(clips, cache)
    place = first.places[2]
    assert place is not None
    content = place.read_bytes()
    wrong = {
        "flip": content[:-9] + bytes([content[-9] ^ 1]) + content[-8:],
        "cut": content[:-64],
        "empty": b"",
        "header": content[:12] + b"\xff" * 9 + content[21:],
        "other": first.places[0].read_bytes() if first.places[0] else b"",
    }
    place.write_bytes(wrong[damage])
    log_mels, told = _prepare(clips, cache)
    assert "2.wav is damaged" in told.notes[0] and "made again" in told.notes[0]
    assert place.read_bytes() == content and log_mels.available.all()
    assert len(log_mels.frames(2)) == 63


def test_files_that_cannot_be_heard_have_no_frames(clips: Dataset, tmp_path: Path) -> None:
    music = clips.audio[0].parent
    (music / "text.mp3").write_text("no music")
    soundfile.write(music / "silent.wav", np.zeros(3 * _RATE), _RATE)
    soundfile.write(music / "short.wav", _sound(5, 0.3), _RATE)
    dataset = _dataset(music, "text.mp3", "0.wav", "silent.wav", "short.wav", "gone.wav")
    (music / "late.wav").touch()
    dataset = _dataset(music, "text.mp3", "0.wav", "silent.wav", "short.wav", "late.wav")
    (music / "late.wav").unlink()
    log_mels, told = _prepare(dataset, tmp_path / "cache")
    assert log_mels.available.tolist() == [False, True, False, False, False]
    assert log_mels.frames(0).shape == (0, 32)
    assert told.problems == {
        "text.mp3": "not-audio",
        "silent.wav": "silent",
        "short.wav": "too-short",
        "late.wav": "missing",
    }
    with pytest.raises(UsageError, match="none of its 1 audio files can be heard"):
        _prepare(_dataset(music, "text.mp3"), tmp_path / "cache")


def test_what_makes_no_spectra_is_refused(clips: Dataset, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no audio"):
        _prepare(assemble(Listing("numbers", (Entry("a"),))), tmp_path)
    with pytest.raises(UsageError, match="hop = 0 makes no spectrum"):
        _prepare(clips, tmp_path, LogMelSettings(hop=0))
    with pytest.raises(UsageError, match=r"bands from 0\.0 to 9000\.0 Hz are none"):
        _prepare(clips, tmp_path, LogMelSettings(sample_rate=16000, f_max=9000.0))
    (tmp_path / "file").touch()
    with pytest.raises(SegueError, match="is a file"):
        _prepare(clips, tmp_path / "file" / "cache")


def test_a_cache_that_cannot_be_written_is_said(clips: Dataset, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    for number in range(256):
        (cache / f"{number:02x}").touch()  # where folders should be
    with pytest.raises(SegueError, match="cannot be written"):
        _prepare(clips, cache)


def test_a_cache_that_is_deleted_meanwhile_is_said(clips: Dataset, tmp_path: Path) -> None:
    log_mels, _ = _prepare(clips, tmp_path / "cache")
    for place in _stored(tmp_path / "cache"):
        place.unlink()
    with pytest.raises(SegueError, match=r"gone or damaged: start again"):
        log_mels.frames(0)


def test_damaged_memory_of_payloads_costs_only_time(clips: Dataset, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first, _ = _prepare(clips, cache)
    for text in ("[]", '{"format": 1, "files": {"x": 3}}'):
        (cache / "payloads.json").write_text(text)
        again, told = _prepare(clips, cache)
        assert again.places == first.places and not told.notes


_SCRIPT = """
import sys
from pathlib import Path
from segue.progress import Silent
from segue.training.contract import LogMelSettings
from segue.training.datasets.assembling import Entry, Listing, assemble
from segue.training.log_mels import prepare_log_mels

class Loud(Silent):
    def advance(self, steps=1):
        print("step", flush=True)

files = sorted(Path(sys.argv[1]).iterdir())
dataset = assemble(Listing("clips", tuple(Entry(file.name, file) for file in files)))
settings = LogMelSettings(sample_rate=8000, n_fft=512, hop=256, n_mels=32)
prepare_log_mels(dataset, settings, folder=Path(sys.argv[2]), workers=1, progress=Loud())
"""


def _start(music: Path, cache: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _SCRIPT, str(music), str(cache)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_what_was_made_before_a_kill_is_whole(clips: Dataset, tmp_path: Path) -> None:
    music, cache = clips.audio[0].parent, tmp_path / "cache"
    process = _start(music, cache)
    assert process.stdout is not None and process.stdout.readline() == "step\n"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + 10
    while (n_stored := len(_stored(cache))) == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert n_stored >= 1
    log_mels, told = _prepare(clips, cache)
    assert log_mels.available.all() and not told.notes
    reference, _ = _prepare(clips, tmp_path / "other")
    for row in range(3):
        assert np.array_equal(log_mels.frames(row), reference.frames(row))


def test_two_at_once_do_not_disturb_each_other(clips: Dataset, tmp_path: Path) -> None:
    music, cache = clips.audio[0].parent, tmp_path / "cache"
    processes = [_start(music, cache) for _ in range(2)]
    assert [process.communicate()[0].count("step") for process in processes] == [3, 3]
    assert [process.returncode for process in processes] == [0, 0]
    log_mels, told = _prepare(clips, cache)
    assert log_mels.available.all() and not told.notes and len(_stored(cache)) == 3
