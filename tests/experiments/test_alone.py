"""A folder is held by one process, and let go of when that ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from segue.errors import SegueError
from segue.experiments.alone import alone_in

_HOLDING = """
import sys
from pathlib import Path
from segue.experiments.alone import alone_in
with alone_in(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_held_until_its_process_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "one"
    command = [sys.executable, "-c", _HOLDING, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        with pytest.raises(SegueError, match="by another process: wait"), alone_in(folder):
            pass
        other.kill()
        other.wait()
        with alone_in(folder):
            pass


def test_other_folders_are_free(tmp_path: Path) -> None:
    with alone_in(tmp_path / "one"), alone_in(tmp_path / "two"):
        pass
