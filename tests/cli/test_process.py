"""The program as its own process: Ctrl-C, pipes, terminals, names that are not UTF-8."""

from __future__ import annotations

import contextlib
import os
import pty
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

from segue.catalogue import n_tracks, open_catalogue
from segue.errors import SegueError
from segue.settings import DataFolder

SEGUE = [sys.executable, "-m", "segue"]


def run(*arguments, **options):
    return subprocess.run(
        [*SEGUE, *(a if isinstance(a, bytes) else str(a) for a in arguments)],
        capture_output=True,
        text=True,
        timeout=100,
        **options,
    )


@pytest.fixture
def music(tmp_path):
    """Enough for one worker to be busy for some seconds."""
    folder = tmp_path / "music"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(80):
        samples = rng.normal(0, 0.1, 22_050 * 25).astype(np.float32)
        soundfile.write(folder / f"{number:02}.wav", samples, 22_050)
    return folder


def wait_for_tracks(data):
    """Until the scan at work has stored something; asked in this process, since a scan may soon be over."""
    for _ in range(1000):
        time.sleep(0.02)
        with contextlib.suppress(SegueError), open_catalogue(DataFolder(data)) as catalogue:
            if n_tracks(catalogue):
                return
    raise AssertionError("the scan stores nothing")


def test_ctrl_c_ends_a_scan_with_130_and_the_next_one_goes_on(music, tmp_path):
    command = [
        *SEGUE,
        "scan",
        str(music),
        "--encoder",
        "timbre+musicnn",
        "--workers",
        "1",
        "--data",
        str(tmp_path / "data"),
    ]
    scan = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    wait_for_tracks(tmp_path / "data")
    os.killpg(scan.pid, signal.SIGINT)
    out, err = scan.communicate(timeout=30)
    assert scan.returncode == 130, (out, err)
    assert "Traceback" not in err
    again = run("scan", music, "--data", tmp_path / "data", "--quiet")
    assert again.returncode == 0
    assert '"files": 80' in run("library", "stats", "--json", "--data", tmp_path / "data").stdout


def test_ctrl_c_while_the_program_still_loads():
    code = (
        "import sys\n"
        "class Press:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'click': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Press())\n"
        "from segue.cli import main\n"
        "main(['doctor'])\n"
    )
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (seen.returncode, seen.stderr) == (130, "segue: stopped\n")


def test_a_reader_that_has_seen_enough_is_no_error(demo):
    command = f"{sys.executable} -m segue library search -n 1000 --json --data '{demo.data}' | head -c 10"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.returncode == 0


def test_a_reader_that_is_gone_before_the_first_line_is_no_error():
    command = f"{sys.executable} -m segue --help | bash -c 'exec <&-; sleep 1'"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.returncode == 0


def test_on_a_terminal_it_asks_which_one_is_meant(demo):
    artist = demo.piece("Neon Ledger").artist
    leader, follower = pty.openpty()
    command = [*SEGUE, "similar", artist, "-n", "2", "--data", str(demo.data)]
    asked = subprocess.Popen(command, stdin=follower, stdout=subprocess.PIPE, stderr=follower, text=True)
    os.close(follower)
    os.write(leader, b"1\n")
    out, _ = asked.communicate(timeout=60)
    os.close(leader)
    assert asked.returncode == 0
    assert "match" in out


def test_names_that_are_not_utf8_go_all_the_way(tmp_path, demo):
    music, data = tmp_path / "music", tmp_path / "data"
    music.mkdir()
    pieces = [piece for piece in demo.pieces if piece.kind == "piece"][::5]
    for piece in pieces:
        shutil.copy(piece.path, music)
    first, second = sorted(music.iterdir())[:2]
    strange = os.fsencode(music) + b"/caf\xe9" + os.fsencode(first.suffix)
    shutil.move(first, strange)
    assert run("scan", music, "--encoder", "timbre", "--data", data, "--quiet").returncode == 0
    done = run("similar", strange, "-n", "2", "--json", "--data", data)
    assert done.returncode == 0, done.stderr
    playlist = tmp_path / "list.m3u8"
    done = run("similar", second, "-n", "9", "--m3u8", playlist, "--data", data)
    assert done.returncode == 0, done.stderr
    assert b"/caf\xe9." in playlist.read_bytes()
    assert run("embed", music, "--encoder", "timbre", "-o", tmp_path / "v.npz", "--quiet").returncode == 0


def test_two_scans_at_once(music, tmp_path):
    command = [
        *SEGUE,
        "scan",
        str(music),
        "--encoder",
        "timbre+musicnn",
        "--workers",
        "1",
        "--data",
        str(tmp_path / "data"),
    ]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_tracks(tmp_path / "data")
        second = run(*command[3:])
        assert second.returncode == 1
        assert str(first.pid) in second.stderr
    finally:
        assert first.wait(timeout=100) == 0


def test_the_words_of_decoders_do_not_reach_the_terminal(demo, tmp_path):
    song = next(demo.music.rglob("*.mp3"))
    cut = tmp_path / "cut.mp3"
    cut.write_bytes(song.read_bytes()[: song.stat().st_size * 2 // 3])
    seen = run("similar", cut, "-n", 1, "--json", "--data", demo.data)
    assert (seen.returncode, seen.stderr) == (0, "")


def test_a_name_cannot_draw_on_the_terminal_or_make_lines(tmp_path):
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "two\nlines \x1b[31m.mp3").write_bytes(b"")
    seen = run("scan", tmp_path / "music", "--encoder", "timbre", "--data", tmp_path / "data")
    assert seen.returncode == 0
    assert "\x1b" not in seen.stderr
    assert [line for line in seen.stderr.splitlines() if "empty" in line and "lines" in line]
    seen = run("similar", tmp_path / "music" / "two\nlines \x1b[31m.mp3", "--data", tmp_path / "data")
    assert (seen.returncode, len(seen.stderr.splitlines())) == (2, 1)


@pytest.mark.parametrize("stream", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_closed_streams_are_no_defect(demo, stream):
    seen = subprocess.run(
        f"{sys.executable} -m segue library stats --data '{demo.data}' {stream}", shell=True, timeout=60
    )
    assert seen.returncode == 0


def test_every_command_has_help():
    for command in ([], ["scan"], ["similar"], ["library", "import"], ["evaluate", "similarity"]):
        done = run(*command, "--help")
        assert done.returncode == 0
        assert "Usage: segue" in done.stdout


def test_wrong_use_exits_with_2():
    assert run("similar").returncode == 2
    assert run("nonsense").returncode == 2
