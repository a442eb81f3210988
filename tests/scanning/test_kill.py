"""SIGKILL at any moment, to any process of a scan: the next one goes on, and the end is the same."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from segue.settings import DataFolder

BOTH = "timbre-1 musicnn-msd-1"
SCRIPT = """
import sys
from pathlib import Path
from segue.progress import Silent
from segue.scanning import ScanSettings, scan
from segue.settings import DataFolder
target, encoders, data, music = sys.argv[1:]
if target:
    sys.modules[scan.__module__].TARGET = target
settings = ScanSettings(encoders=tuple(encoders.split()), workers=2, nice=0)
report = scan(DataFolder(Path(data)), [Path(music)], settings, progress=Silent())
assert report.problem_count == 0, report.problems
print(report.analysed, report.unchanged)
"""


def start(target: str, encoders: str, data: Path, music: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, target, encoders, str(data), str(music)],
        stdout=subprocess.PIPE,
        text=True,
    )


def workers_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it may have been faster
        os.kill(pid, signal.SIGKILL)


def scan_while_killing(
    target: str, encoders: str, data: Path, music: Path, *, kills: int, patience_s: float, seed: int
) -> int:
    """Scan again and again until one scan ends by itself; how many processes were killed."""
    chance = random.Random(seed)
    killed = 0
    for _ in range(40):
        scan = start(target, encoders, data, music)
        while scan.poll() is None:
            time.sleep(chance.uniform(0.0, patience_s))
            if killed < kills:
                killed += 1
                kill(chance.choice([scan.pid, *workers_of(scan.pid)]))
        assert scan.stdout is not None
        with scan.stdout:
            scan.stdout.read()
        if scan.returncode == 0:
            return killed
        assert scan.returncode == -signal.SIGKILL
    raise AssertionError("no scan came to its end")


@pytest.fixture
def pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
    monkeypatch.setenv("HEARING_S", "0.08")
    music = tmp_path / "music"
    for number in range(40):
        (music / f"{number % 4}").mkdir(parents=True, exist_ok=True)
        (music / f"{number % 4}" / f"{number}.mp3").write_text(f"Title {number % 37}\nsound {number % 37}")
    return music


def test_pretended_music(pretended: Path, tmp_path: Path, library_contents) -> None:
    with start("targets:hear", "timbre-1", tmp_path / "calm", pretended) as calm:
        calm.wait()
    assert calm.returncode == 0
    killed = scan_while_killing(
        "targets:hear", "timbre-1", tmp_path / "stormy", pretended, kills=8, patience_s=0.8, seed=5
    )
    assert killed > 3, "the scan was too fast to be disturbed"
    calm_contents = library_contents(DataFolder(tmp_path / "calm"), pretended)
    assert len(calm_contents["files"]) == 40
    assert library_contents(DataFolder(tmp_path / "stormy"), pretended) == calm_contents


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_real_sounds(tmp_path: Path, library_contents, seed: int) -> None:
    import soundfile

    rng = np.random.default_rng(seed)
    (tmp_path / "music").mkdir()
    for number in range(40):
        time_s = np.arange(15 * 16000) / 16000
        tone = 0.3 * np.sin(2 * np.pi * (110 + 20 * number) * time_s) + rng.normal(0, 0.05, time_s.size)
        soundfile.write(tmp_path / "music" / f"{number}.wav", tone, 16000)
    with start("", BOTH, tmp_path / "calm", tmp_path / "music") as calm:
        calm.wait()
    assert calm.returncode == 0
    killed = scan_while_killing(
        "", BOTH, tmp_path / "stormy", tmp_path / "music", kills=15, patience_s=0.4, seed=seed
    )
    assert killed > 5, "the scan was too fast to be disturbed"
    calm_contents = library_contents(DataFolder(tmp_path / "calm"), tmp_path / "music")
    assert len(calm_contents["files"]) == 40
    assert library_contents(DataFolder(tmp_path / "stormy"), tmp_path / "music") == calm_contents
