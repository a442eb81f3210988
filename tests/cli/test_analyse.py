"""`segue analyse` as a person types it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest


def _written(place: Path, rows: list[list[object]]) -> Path:
    with place.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return place


def test_the_command(tmp_path: Path, segue: Callable[..., Any]) -> None:
    rng = np.random.default_rng(0)
    rows = [["file", "genre", "good", "copy", "noise"]]
    for at in range(40):
        good = at % 2 + 0.1 * rng.normal()
        rows.append([f"\x1b[31m{at}", ("rock", "jazz")[at % 2], good, 2 * good, rng.normal()])
    path = _written(tmp_path / "t.csv", rows)
    plain = segue("analyse", path, "--output", tmp_path / "out")
    assert plain.code == 0 and "good" in plain.out and "attributes that may go: 2 of 3" in plain.out
    assert "wrote" in plain.err and "\x1b" not in plain.err + plain.out
    told = segue("analyse", path, "--output", tmp_path / "out", "--json", "--columns", "good", "--quiet")
    assert told.json == json.loads((tmp_path / "out" / "study.json").read_text())
    assert told.json["columns"] == 1 and told.json["classifier"][0]["accuracy"] > 0.9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.csv"], "nothing.csv does not exist: give a table, a folder of audio, or the word library"),
        (["library"], "there is no library"),
        (["t.csv", "--target", "mood"], "no column 'mood'"),
        (["t.csv", "--families", "mfcc"], "no family 'mfcc'"),
        (["t.csv", "--tracks-shown", "a"], "a cannot be shown"),
        (["t.csv", "--encoder", "timbre"], "none of its 4 audio files is there"),
    ],
)
def test_wrong_use_is_one_line(
    tmp_path: Path,
    segue: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    _written(
        tmp_path / "t.csv", [["file", "genre", "x"], *([name, "g", at] for at, name in enumerate("abcd"))]
    )
    outcome = segue("analyse", *arguments, "--output", tmp_path / "out", "--data", tmp_path / "data")
    assert outcome.code == 2 and message in outcome.err
    assert not (tmp_path / "out").exists()
