"""`segue spark factors` as a person types it, and what one machine does with the folder it makes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from segue.catalogue import match_table, open_catalogue
from segue.settings import DataFolder

if TYPE_CHECKING:
    from .conftest import Cluster

pytestmark = [pytest.mark.spark, pytest.mark.timeout(900)]


def segue(*arguments: object) -> tuple[int, str]:
    command = [sys.executable, "-m", "segue", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr and "defect" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def names_of_library(data: Path) -> list[tuple[str, str]]:
    with open_catalogue(DataFolder(data)) as catalogue:
        table = match_table(catalogue)
        pairs = list(zip(table.artist, table.title, strict=True))
    return [pair for pair in pairs if all(pair) and pairs.count(pair) == 1][:6]


def test_a_library_gets_the_factors_that_a_cluster_made(idle: Cluster, demo: Any, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    names = names_of_library(demo.data)
    rows = [
        f"{listener},{track},{rng.integers(1, 5)}"
        for listener in range(30)
        for track in range(8)
        if rng.random() < 0.6
    ]
    (tmp_path / "plays.csv").write_text(
        "\n".join(["listener,track,plays", *rows, "x,,1", "1,2,-1", "1,2", ""])
    )
    table = [
        "track,artist,title",
        *(f'{at},"{artist}","{title}"' for at, (artist, title) in enumerate(names)),
    ]
    (tmp_path / "names.csv").write_text("\n".join(table))
    place = tmp_path / "factors"
    code, said = segue(
        *("spark", "factors", tmp_path / "plays.csv", "--output", place, "--n-factors", 4, "--alpha", 2),
        *("--regularization", 0.1, "--confidence", "linear", "--iterations", 3, "--seed", 2),
        *("--tracks", tmp_path / "names.csv", "--master", idle.master),
    )
    assert code == 0, said
    assert "incubator" not in said and "log level" not in said
    assert "left out 1 rows: missing-track" in said and "left out 1 rows: negative-count" in said
    assert "left out 1 rows: malformed" in said and "plays '-1'" in said
    assert f"30 listeners and 8 tracks ({len(names)} with names), 4 factors" in said
    artist, title = names[0]
    code, said = segue("factors", "similar", place, f"{artist} - {title}")
    assert code == 0 and names[1][1] in said
    code, said = segue("factors", "import", place, "--data", demo.data)
    assert code == 0 and f"{len(names)} of" in said, said


def test_ctrl_c_leaves_nothing_half_written(idle: Cluster, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = {f"{a},{b}" for a, b in zip(rng.integers(0, 999, 9_999), rng.integers(0, 500, 9_999), strict=True)}
    (tmp_path / "plays.csv").write_text("\n".join(["user,song", *sorted(rows)]))
    place = tmp_path / "factors"
    command = ["spark", "factors", tmp_path / "plays.csv", "-o", place, "--iterations", "500"]
    running = subprocess.Popen(
        [sys.executable, "-m", "segue", *map(str, command), "--master", idle.master],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )
    until = time.monotonic() + 300
    while not list(place.glob("_working-*/checkpoints/*/*")) and time.monotonic() < until:
        time.sleep(0.2)
    os.kill(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=120)
    assert running.returncode == 130 and "segue: stopped" in said, said
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--n-factors", "0"), "n-factors"),
        (("--regularization", "0"), "regulari"),
        (("--confidence", "some"), "confidence"),
        (("--tracks", "nowhere.csv"), "nowhere.csv"),
        (("--master", "http://host"), "is no master"),
    ],
)
def test_wrong_options_are_refused_before_a_cluster_is_asked(
    options: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    code, said = segue("spark", "factors", tmp_path / "plays.csv", "-o", tmp_path / "out", *options)
    assert code == 2 and words in said
    assert not (tmp_path / "out").exists()
