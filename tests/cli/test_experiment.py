"""`segue experiment` as a person types it: the list, a run from CSV labels, a comparison, and wrong words."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

_SMALL = (
    "--set",
    "input.n_frames=40",
    "--set",
    "input.n_mels=16",
    "--set",
    "network.filters=4",
    "--epochs",
    "1",
)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Sixteen clips of two sounds, and a table of their genre and artist."""
    folder = tmp_path_factory.mktemp("labelled") / "clips"
    folder.mkdir()
    rng = np.random.default_rng(0)
    rows = []
    for number in range(16):
        noise = rng.standard_normal(22_050) * 0.1
        sound = noise if number % 2 else np.cumsum(noise) / 50
        soundfile.write(folder / f"{number:02}.wav", np.clip(sound, -1, 1), 22_050)
        rows.append((f"{number:02}.wav", "hiss" if number % 2 else "rumble", f"maker {number // 2}"))
    labels = folder.parent / "labels.csv"
    with labels.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", "genre", "artist"), *rows])
    return folder, labels


def test_a_run_is_shown_as_a_table_and_as_json(
    segue: Callable[..., Any], labelled: tuple[Path, Path], tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    audio, labels = labelled
    words = (
        "--data",
        tmp_path,
        "experiment",
        "run",
        "carranza-genre-cnn",
        "--data",
        audio,
        "--labels",
        labels,
    )
    words = (*words, "--target", "genre", "--set", "split.apart=artist", "--workers", "1", *_SMALL)
    done = segue(*words)
    assert done.code == 0
    assert "accuracy" in done.out and "majority" in done.out and "index.html" in done.out
    again = segue(*words, "--json")
    (run,) = again.json
    assert (run["apart"], run["tracks"], run["epochs"]) == ("artist", 16, 1)
    assert "was finished before" in again.err
    report = segue("--data", tmp_path, "experiment", "report", "--output", tmp_path / "page.md")
    assert (report.code, "1 runs" in report.err) == (0, True)
    assert "`carranza-genre-cnn`" in (tmp_path / "page.md").read_text()


def test_the_list_is_one_line_a_recipe(segue: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)  # not needed for it
    done = segue("experiment", "list")
    assert done.code == 0
    (line,) = [line for line in done.out.splitlines() if line.startswith("gao-cnn ")]
    assert "70 %" in line and "489,680" in line


def test_the_list_tells_programs_the_sizes(segue: Callable[..., Any]) -> None:
    pytest.importorskip("torch")
    recipes = {recipe["name"]: recipe for recipe in segue("experiment", "list", "--json").json}
    assert recipes["gao-cnn"]["parameters"] == 489_680
    assert recipes["pohl-cnn"]["wants"] == ["factors", "simulated"]
    assert recipes["pohl-cnn"]["reported"][0]["figures"]["test loss"] == 0.9998


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "pohl-cn", "--data", "DATA"), "did you mean 'pohl-cnn'"),
        (("run", "pohl-cnn", "--data", "DATA", "--set", "training.epoch=1"), "did you mean 'epochs'"),
        (("run", "pohl-cnn", "--data", "DATA", "--set", "epochs"), "part.name=value"),
        (("run", "pohl-cnn", "--data", "NOWHERE"), "NOWHERE is not a folder"),
        (("run", "pohl-cnn", "--data", "DATA", "--target", "genre"), "mse learns values"),
        (("run", "gao-cnn", "--data", "DATA", "--target", "gener"), "did you mean 'genre'"),
        (("run", "freitas-mlp-genre", "--data", "DATA"), "no vectors 'attributes'"),
        (("run", "gao-cnn", "--data", "DATA", "--from", "that"), "no run 'that'"),
        (("run", "gao-cnn", "--data", "DATA", "--from", "."), "no trained network"),
        (("run", "gao-cnn", "--data", "DATA", "--set", "input.n_mels=0"), "n_mels = 0 makes no spectrum"),
        (("run", "gao-cnn", "--data", "DATA", "--set", "input.n_predict=0"), "hear nothing"),
        (("run", "gao-cnn", "--data", "DATA", "--set", "augment.mixup_alpha=-1"), "mixup_alpha = -1"),
        (("run", "pohl-cnn", "--data", "DATA", "--set", "target.n_listeners=1"), "1 listeners"),
        (("run", "gao-cnn", "gao-cn", "--data", "DATA"), "did you mean 'gao-cnn'"),
        (("compare", "gao-cnn", "freitas-mlp-genre", "--data", "DATA"), "no vectors 'attributes'"),
        (("compare", "gao-cnn", "gao-crnn", "--data", "DATA", "--set", "network.x=1"), "no setting 'x'"),
        (("compare", "gao-cnn", "gao-crnn", "--data", "DATA", "--set", "trainig.x=1"), "'training'"),
        (("report", "--runs", "NOWHERE"), "segue experiment run"),
    ],
)
def test_wrong_words_are_answered_in_a_line(
    words: tuple[str, ...],
    said: str,
    segue: Callable[..., Any],
    labelled: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    audio, labels = labelled
    given = [str(audio) if word == "DATA" else word for word in words]
    if "DATA" in words:
        given += ["--labels", str(labels)]
    done = segue("--data", tmp_path, "experiment", *given)
    assert done.code == 2
    assert said in done.err
    assert done.err.count("\n") == 1
