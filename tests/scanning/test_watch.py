"""Watching keeps up with changes, and Ctrl-C ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from segue.errors import SegueError
from segue.scanning.watch import Unsettled, affected_folder
from segue.settings import DataFolder

SCRIPT = """
import sys
from pathlib import Path
from segue.progress import Silent
from segue.scanning import ScanSettings, scan, watch
from segue.settings import DataFolder
sys.modules[scan.__module__].TARGET = "targets:hear"
module = sys.modules[watch.__module__]
module._QUIET_S, module._WITHOUT_EVENTS_S, module._LOOK_MS = 0.3, 0.5, 100
if sys.argv[3] == "no events":
    import watchfiles
    def refuse(*places, **options):
        raise OSError(28, "inotify watch limit reached")
    watchfiles.watch = refuse
class Told(Silent):
    def note(self, message):
        print(message, flush=True)
settings = ScanSettings(encoders=("timbre-1",), workers=1, nice=0)
watch(DataFolder(Path(sys.argv[1])), [Path(sys.argv[2])], settings, progress=Told())
print("left in peace")
"""


def until(check: Callable[[], bool], *, seconds: float = 15) -> None:
    patience = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < patience, "nothing happened"
        time.sleep(0.1)


@pytest.mark.parametrize("events", ["events", "no events"])
def test_changes_are_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library_contents, events: str
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
    music, data = tmp_path / "music", DataFolder(tmp_path / "data")
    (music / "a").mkdir(parents=True)
    (music / "a" / "1.mp3").write_text("One\none")

    def files() -> list[str]:
        try:
            return sorted(library_contents(data, music)["files"])
        except SegueError:
            return []

    watching = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(data.path), str(music), events], stdout=subprocess.PIPE, text=True
    )
    assert watching.stdout is not None
    try:
        until(lambda: files() == ["a/1.mp3"])
        assert "Watching" in watching.stdout.readline()
        time.sleep(0.3)
        (music / "b" / "deep").mkdir(parents=True)
        (music / "b" / "deep" / "2.mp3").write_text("Two\ntwo")
        until(lambda: files() == ["a/1.mp3", "b/deep/2.mp3"])
        (music / "a" / "1.mp3").unlink()
        (music / "b").rename(music / "c")
        until(lambda: files() == ["c/deep/2.mp3"])
        (music / "c" / ".notmusic").touch()
        (music / "3.mp3").write_text("Three\nthree")
        until(lambda: files() == ["3.mp3"])
        watching.send_signal(signal.SIGINT)
        out = watching.stdout.read()
        watching.wait(10)
    finally:
        watching.kill()
        watching.stdout.close()
    assert watching.returncode == 0
    assert "left in peace" in out
    assert ("does not tell of changes" in out) == (events == "no events")


def test_a_folder_must_come_to_rest(tmp_path: Path) -> None:
    unsettled = Unsettled()
    song = str(tmp_path / "song.mp3")
    for now in (0.0, 1.0, 2.0, 3.0):
        unsettled.add({song: True}, now)
        assert unsettled.take(now) == {}
    assert unsettled.take(5.0) == {tmp_path: False}
    assert unsettled.take(9.0) == {}


def test_a_folder_that_never_rests_is_scanned_now_and_then(tmp_path: Path) -> None:
    unsettled = Unsettled()
    taken = []
    for now in range(100):
        unsettled.add({str(tmp_path / "song.mp3"): False}, float(now))
        taken += [now] if unsettled.take(float(now)) else []
    assert taken == [60]


def test_what_happened_to_what(tmp_path: Path) -> None:
    (tmp_path / "album").mkdir()
    (tmp_path / "cover.jpg").touch()
    (tmp_path / "song.mp3").touch()
    expected = {
        "album": (tmp_path / "album", True),
        "cover.jpg": None,
        "song.mp3": (tmp_path, False),
        "gone.mp3": (tmp_path, False),
        "gone folder": (tmp_path, False),
        ".hidden": None,
        "._song.mp3": None,
        ".segueignore": (tmp_path, True),
        ".notmusic": (tmp_path, True),
    }
    assert {name: affected_folder(tmp_path / name, is_new=True) for name in expected} == expected
    assert affected_folder(tmp_path / "album", is_new=False) == (tmp_path / "album", False)
