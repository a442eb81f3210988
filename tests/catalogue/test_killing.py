"""A writer that is killed at any moment leaves whole tracks behind, and the next one goes on."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from segue.catalogue import check, load_vectors, open_catalogue, scan_lock, stats
from segue.errors import CatalogueBusy

WRITER = """
import importlib.util, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("made_up", sys.argv[1])
made_up = importlib.util.module_from_spec(spec); spec.loader.exec_module(made_up)
from segue.catalogue import *
from segue.settings import DataFolder
folder = DataFolder(Path(sys.argv[2]))
with scan_lock(folder), open_catalogue(folder, write=True, create=True) as cat:
    print("ready", flush=True)
    n = stats(cat).tracks
    while True:
        n += 1
        path, vectors = f"/m/{n % 50}/{n}.mp3", {"toy-1": [float(n)] * 200}
        record_analysis(cat, made_up._analysis(path, n, vectors=vectors))
        if n % 5 == 0:
            record_analysis(cat, made_up._analysis(f"/copy/{n}.mp3", n, vectors={}))
        if n % 7 == 0:
            record_problem(cat, FileStat(Path(f"/m/{n % 50}/bad{n}.mp3"), 1, 1), "empty", "")
        if n % 11 == 0:
            forget_paths(cat, [Path(f"/m/{(n - 1) % 50}/{n - 1}.mp3")])
        print(n, flush=True)
"""


@pytest.fixture
def writer(folder):
    """Starts the writer, whose lines say what it has stored."""
    made_up = Path(__file__).with_name("conftest.py")
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        program = [sys.executable, "-c", WRITER, str(made_up), str(folder.path)]
        started.append(subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("rounds", [3, pytest.param(40, marks=pytest.mark.slow)])
def test_sigkill_at_random_moments(folder, writer, rounds):
    moments = random.Random(rounds)
    before = 0
    for _ in range(rounds):
        process = writer()
        line = process.stdout.readline()
        assert line == "ready\n", process.stderr.read()
        time.sleep(moments.uniform(0.0, 0.4))
        process.send_signal(signal.SIGKILL)
        said = [int(line) for line in process.communicate()[0].split()]
        assert process.returncode == -signal.SIGKILL
        with scan_lock(folder), open_catalogue(folder, write=True) as cat:
            assert check(cat) == []
            figures = stats(cat)
            present, matrix = load_vectors(cat, "toy-1")
            assert len(present) == figures.tracks == figures.encoders.get("toy-1", 0)
            assert (matrix == matrix[:, :1]).all()
            stored = figures.tracks + figures.absent
            assert stored >= max(before, max(said, default=0))
            files = cat.connection.execute(
                "SELECT count(*) FROM files WHERE track_id NOT IN (SELECT id FROM tracks)"
            )
            assert files.fetchone() == (0,)
        before = stored
    assert before > 0


def test_nothing_reported_as_stored_is_lost(folder, writer):
    process = writer()
    said = [process.stdout.readline() for _ in range(60)]
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with open_catalogue(folder) as cat:
        assert stats(cat).tracks + stats(cat).absent >= int(said[-1])


def test_readers_beside_a_writer_never_see_half_a_step(folder, writer):
    process = writer()
    process.stdout.readline()
    counts = []
    with open_catalogue(folder) as cat:
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            figures = stats(cat)
            counts.append(figures.tracks + figures.absent)
            assert figures.encoders.get("toy-1", 0) == figures.tracks
    process.kill()
    assert counts == sorted(counts) and counts[-1] > counts[0]


def test_a_second_scan_is_refused_by_name_until_the_first_dies(folder, writer):
    process = writer()
    assert process.stdout.readline() == "ready\n"
    with pytest.raises(CatalogueBusy, match=f"process {process.pid} is already scanning"), scan_lock(folder):
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    with scan_lock(folder):
        with pytest.raises(CatalogueBusy, match="already scanning"), scan_lock(folder):
            pass
        second = writer()  # the refusal above has not dropped the lock
        assert "CatalogueBusy" in second.communicate()[1]
    with scan_lock(folder):
        pass


def test_workers_that_outlive_a_scan_do_not_keep_its_lock(folder):
    program = (
        "import os, sys, time; from pathlib import Path; from segue.catalogue import scan_lock; "
        "from segue.settings import DataFolder\n"
        "with scan_lock(DataFolder(Path(sys.argv[1]))):\n"
        "    if os.fork() == 0:\n        os.close(1); time.sleep(20); os._exit(0)\n"
        "    print('ready', flush=True); time.sleep(20)\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", program, str(folder.path)], stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        assert run.stdout is not None and run.stdout.readline() == b"ready\n"
        run.kill()
        run.wait()
        with scan_lock(folder):
            pass
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.stdout.close()
