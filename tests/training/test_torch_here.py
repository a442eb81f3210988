"""Without PyTorch, training says in one line what to install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from segue.errors import SegueError
from segue.training.torch_here import require_torch


@pytest.mark.parametrize("missing", ["torch", "lightning"])
def test_what_is_missing_is_named_with_the_extra(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(SegueError, match=rf"{missing}.*pip install 'segue\[train\]'"):
        require_torch()


@pytest.mark.parametrize("verb", ["train encoder --output out", "experiment run gao-cnn"])
def test_commands_say_it_in_one_line(verb: str, tmp_path: Path) -> None:
    for number in range(8):
        place = tmp_path / "music" / ("odd" if number % 2 else "even") / f"{number}.wav"
        place.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(place, np.random.default_rng(number).normal(0, 0.1, 8000), 8000)
    words = ["--data", "mine", *verb.split(), "--data", "music"]
    code = f"import sys; sys.modules['torch'] = None; from segue.cli.app import main; main({words!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1 and "pip install 'segue[train]'" in done.stderr
    assert not (tmp_path / "out").exists()
