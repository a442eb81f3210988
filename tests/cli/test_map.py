"""`segue map` as a person types it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def data(demo, tmp_path):
    shutil.copytree(demo.data, tmp_path / "data")
    return tmp_path / "data"


def test_a_page_and_a_picture_are_written(segue, demo, data, tmp_path):
    page, picture = tmp_path / "map.html", tmp_path / "map.png"
    answer = segue("map", "--output", page, "--png", picture, "--data", data)
    assert answer.code == 0
    assert answer.out == ""
    assert f"wrote {page} and {picture}: " in answer.err
    assert demo.pieces[0].title in page.read_text(encoding="utf-8")
    assert picture.read_bytes().startswith(b"\x89PNG")
    again = segue("map", "--output", page, "--data", data, "--colour", "artist")
    assert ", 0 of them new" in again.err


def test_a_picture_alone_will_do(segue, data, tmp_path):
    assert segue("map", "--png", tmp_path / "map.png", "--data", data).code == 0


def test_vectors_need_no_library(segue, tmp_path):
    rows = np.random.default_rng(0).standard_normal((25, 6)).astype(np.float32)
    np.savez(tmp_path / "v.npz", names=np.array([f"{row}.mp3" for row in range(25)]), vectors=rows)
    (tmp_path / "t.csv").write_text("file,genre\n1.mp3,rock\n", encoding="utf-8")
    options = ("--vectors", tmp_path / "v.npz", "--tracks", tmp_path / "t.csv", "--data", tmp_path / "none")
    answer = segue("map", "--output", tmp_path / "map.html", *options)
    assert answer.code == 0
    assert "24 of 25 vectors are not in t.csv" in answer.err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "nothing to write"),
        (["--output", "{tmp}/a.html", "--png", "{tmp}/a.html"], 2, "two names"),
        (["--output", "{tmp}/a.html", "--tracks", "{tmp}/t.csv"], 2, "--vectors"),
        (["--output", "{tmp}/a.html", "--vectors", "{tmp}/v.npz"], 1, "does not exist"),
        (["--output", "{tmp}/a.html", "--vectors", "{tmp}/v.npz", "--refit"], 2, "--refit"),
        (["--output", "{tmp}/a.html", "--colour", "weather"], 2, "'weather'"),
        (["--output", "{tmp}/a.html", "--encoder", "weather"], 2, "weather"),
        (["--output", "{tmp}/file/a.html"], 1, "is a file"),
        (["--output", "{tmp}"], 2, "directory"),
        (["--output", "{tmp}/a.html", "--data", "{tmp}/empty"], 2, "segue scan"),
    ],
)
def test_wrong_use_is_one_line_and_leaves_nothing(segue, data, tmp_path, arguments, code, said):
    (tmp_path / "file").write_text("")
    given = [argument.format(tmp=tmp_path) for argument in arguments]
    answer = segue("map", *([] if "--data" in given else ["--data", data]), *given)
    assert answer.code == code
    assert said in answer.err
    assert sorted(found.name for found in tmp_path.iterdir()) == ["data", "file"]


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="nothing here tells that it is at work")
def test_ctrl_c_leaves_no_half_files(tmp_path):
    rows = np.random.default_rng(0).standard_normal((15_000, 32)).astype(np.float32)
    np.savez(tmp_path / "v.npz", names=np.array([f"{row}.mp3" for row in range(15_000)]), vectors=rows)
    page = tmp_path / "map.html"
    command = [sys.executable, "-m", "segue", "map", "-o", str(page), "--vectors", str(tmp_path / "v.npz")]
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    at_work = Path(f"/proc/{run.pid}/maps")
    while "_tsne" not in at_work.read_text():  # until then it only starts
        assert run.poll() is None
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    assert "segue: stopped" in run.communicate(timeout=60)[1]
    # Python ends itself by the signal if it was at an exec just then; a shell says 130 of both.
    assert run.returncode in (130, -signal.SIGINT)
    assert [found.name for found in tmp_path.iterdir()] == ["v.npz"]
