"""Every kind of broken file in one folder: each gets its reason, and the good ones beside it are heard."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import soundfile

from segue.catalogue import open_catalogue, problems, stats, track_by_path
from segue.progress import Silent
from segue.scanning import ScanSettings, scan
from segue.settings import DataFolder
from segue.types import EncoderId

RATE = 16000


def music(seed: int, seconds: float = 5.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    time_s = np.arange(int(seconds * RATE)) / RATE
    return 0.3 * np.sin(2 * np.pi * (200 + 50 * seed) * time_s) + rng.normal(0, 0.02, time_s.size)


def with_huge_tag(path: Path, seed: int) -> None:
    """An MP3 behind 50 MB of title."""
    soundfile.write(path, music(seed), RATE)
    text = b"\x00" + b"A" * (50 << 20)
    frame = b"TIT2" + struct.pack(">I", len(text)) + b"\x00\x00" + text
    size = bytes((len(frame) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    path.write_bytes(b"ID3\x03\x00\x00" + size + frame + path.read_bytes())


def test_all_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "music"
    (folder / "x.mp3").mkdir(parents=True)
    good = [folder / "good.wav", folder / "x.mp3" / "inside.flac", folder / os.fsdecode(b"caf\xe9.ogg")]
    for seed, path in enumerate(good):
        soundfile.write(tmp_path / f"plain{path.suffix}", music(seed), RATE)
        (tmp_path / f"plain{path.suffix}").rename(path)
    with_huge_tag(folder / "huge tag.mp3", 7)
    (folder / "empty.mp3").touch()
    (folder / "text.mp3").write_text("these are words\n" * 500)
    soundfile.write(folder / "short.wav", music(8, 0.4), RATE)
    soundfile.write(folder / "silent.wav", np.zeros(5 * RATE), RATE)
    (folder / "random.flac").write_bytes(np.random.default_rng(9).bytes(20_000))
    whole = good[0].read_bytes()
    (folder / "head only.wav").write_bytes(whole[:44])
    (folder / "dangling.mp3").symlink_to("nowhere.mp3")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    os.mkfifo(folder / "pipe.mp3")

    settings = ScanSettings(encoders=(EncoderId("timbre-1"),), workers=1, nice=0)
    data = DataFolder(tmp_path / "data")
    report = scan(data, [folder], settings, progress=Silent())

    with open_catalogue(data) as cat:
        reasons = {problem.path.name: problem.reason for problem in problems(cat)}
        assert all(track_by_path(cat, path) is not None for path in good)
        huge = track_by_path(cat, folder / "huge tag.mp3")
        assert huge is not None and huge.tags.title is not None and len(huge.tags.title) <= 1000
        assert stats(cat).tracks == report.analysed == 4
    assert reasons.pop("empty.mp3") == "empty"
    assert reasons.pop("text.mp3") == "not-audio"
    assert reasons.pop("short.wav") == "too-short"
    assert reasons.pop("silent.wav") == "silent"
    assert reasons.pop("dangling.mp3") == "missing"
    assert reasons.pop("pipe.mp3") == "not-a-file"
    assert set(reasons) == {"random.flac", "head only.wav"}
    assert not set(reasons.values()) & {"crashed", "timed-out", "out-of-memory", "unexpected"}
    assert scan(data, [folder], settings, progress=Silent()).unchanged == 4
