"""An import that is killed at any moment has stored everything or nothing."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

import pytest

from segue.catalogue import HistorySource, check, heard_table, import_listens, listen_table, open_catalogue
from segue.types import Listen

PLAYS = 60_000
IMPORT = f"""
import sys
from pathlib import Path
from segue.catalogue import HistorySource, import_listens, open_catalogue
from segue.settings import DataFolder
from segue.types import Listen
with open_catalogue(DataFolder(Path(sys.argv[1])), write=True, create=True) as cat:
    print("ready", flush=True)
    for round in range(int(sys.argv[2]), 100):
        rows = (Listen("A", f"T{{at}}", time_s=1e9 * round + at) for at in range({PLAYS}))
        import_listens(cat, [(HistorySource("made", str(round)), rows)])
        print(round, flush=True)
"""


@pytest.mark.parametrize("rounds", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_sigkill_at_random_moments(folder, rounds):
    moments = random.Random(rounds)
    done = 0
    for _ in range(rounds):
        process = subprocess.Popen(
            [sys.executable, "-c", IMPORT, str(folder.path), str(done)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = process.stdout.readline()
        assert line == "ready\n", process.stderr.read()
        time.sleep(moments.uniform(0.1, 1.0))
        process.send_signal(signal.SIGKILL)
        said = [int(line) for line in process.communicate()[0].split()]
        assert process.returncode == -signal.SIGKILL
        with open_catalogue(folder, write=True) as cat:
            assert check(cat) == []
            stored = len(listen_table(cat))
            assert stored % PLAYS == 0 and stored // PLAYS >= max([done, *(one + 1 for one in said)])
            done = stored // PLAYS
            assert len(heard_table(cat).ids) == (PLAYS if done else 0)
    with open_catalogue(folder, write=True) as cat:
        assert (
            import_listens(cat, [(HistorySource("made", "x"), [Listen("B", "T", time_s=1)])]).new_plays == 1
        )
