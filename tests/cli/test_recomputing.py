"""Whoever has factors.npz and the plays makes the figures of report.json again, in plain NumPy."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Pairs = set[tuple[str, str]]
N_LISTENERS, N_OLD, N_NEW, N_KINDS = 40, 90, 90, 3


def _write(path: Path, header: str, rows: list[str]) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, Path]:
    """Listeners of three kinds; every third new track is played by nobody, and ranked all the same."""
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, N_KINDS, N_LISTENERS)
    plays: dict[bool, list[str]] = {False: [], True: []}
    tracks: dict[bool, list[str]] = {False: [], True: []}
    tags: dict[bool, list[str]] = {False: [], True: []}
    for track in range(N_OLD + N_NEW):
        new, kind = track >= N_OLD, int(rng.integers(0, N_KINDS))
        values = ",".join(f"{float(kind == k) + rng.normal(0, 0.5):.3f}" for k in range(N_KINDS))
        tracks[new].append(f"{track},artist {track // 3},{values}")
        chance = np.where(kinds == kind, 0.5, 0.05) * (not new or track % 3 > 0)
        for listener in np.flatnonzero(rng.random(N_LISTENERS) < chance):
            plays[new].append(f"{listener},{track},1")
            if rng.random() < 0.3:
                tags[new].append(f"{listener},{track},kind {kind}")
    plays[False].append("900,3,1")
    plays[True].append(f"900,{N_OLD + 1},1")  # a listener with one training track
    parts = ((False, ""), (True, "test_"))
    columns = ("track,artist," + ",".join("abc"), "listener,track,plays", "listener,track,tag")
    return {
        prefix + name: _write(tmp_path / f"{prefix}{name}.csv", header, rows[new])
        for new, prefix in parts
        for name, header, rows in zip(
            ("tracks", "plays", "tags"), columns, (tracks, plays, tags), strict=True
        )
    }


def _pairs(path: Path) -> Pairs:
    with path.open() as file:
        return {(row["listener"], row["track"]) for row in csv.DictReader(file)}


def _figures(factors: Path, later: Pairs, known: Pairs, least: int) -> dict[str, float]:
    """AUC and Recall@50 by their definitions: pair by pair, listener by listener."""
    with np.load(factors, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    tracks = [str(track) for track in arrays["tracks"]]
    areas, recalls = [], []
    for listener, row in zip(map(str, arrays["listeners"]), arrays["listener_factors"], strict=True):
        if sum(who == listener for who, _ in known) < least:
            continue
        scores = arrays["track_factors"] @ row
        right = np.array([(listener, track) in later for track in tracks])
        candidate = np.array([(listener, track) not in known for track in tracks])
        assert not (right & ~candidate).any()
        if not right.any():
            continue
        better = scores[right][:, None] - scores[candidate & ~right][None, :]
        areas.append(np.mean((better > 0) + 0.5 * (better == 0)))
        best = np.argsort(-np.where(candidate, scores, -np.inf), kind="stable")[:50]
        recalls.append(right[best].sum() / right.sum())
    return {"auc": float(np.mean(areas)), "recall@50": float(np.mean(recalls))}


def _assert_same(report: Mapping[str, Any], out: Path, later: Pairs, known: Pairs) -> None:
    said = report["models"][0]["figures"]
    for least, which in ((5, "value"), (0, "over_all")):
        for name, value in _figures(out / "factors.npz", later, known, least).items():
            assert said[name][which] == pytest.approx(value, abs=1e-5), (name, which)
    assert said["auc"]["value"] != said["auc"]["over_all"]
    assert 0.3 < said["recall@50"]["value"] < 0.999


@pytest.mark.parametrize("names", [("tracks", "plays"), ("tracks", "plays", "tags")])
def test_cold_start(segue: Callable, tables: dict[str, Path], tmp_path: Path, names: tuple[str, ...]) -> None:
    given = [
        argument
        for name in names
        for argument in (f"--{name}", tables[name], f"--test-{name}", tables["test_" + name])
    ]
    run = segue("evaluate", "cold-start", *given, "--report", tmp_path / "out", "--json")
    assert run.code == 0, run.err
    assert run.json["facts"]["new tracks"] == N_NEW
    later, known = _pairs(tables["test_plays"]), _pairs(tables["plays"])
    _assert_same(run.json, tmp_path / "out", later, known)


def test_warm(segue: Callable, tables: dict[str, Path], tmp_path: Path) -> None:
    known = _pairs(tables["plays"])
    rng = np.random.default_rng(5)
    drawn = {(str(rng.integers(N_LISTENERS)), str(rng.integers(N_OLD))) for _ in range(300)} - known
    later = drawn | {("900", "5")}
    rows = [f"{listener},{track},1" for listener, track in sorted(later)]
    _write(tables["test_plays"], "listener,track,plays", rows)
    run = segue(
        *("evaluate", "warm", "--plays", tables["plays"], "--test-plays", tables["test_plays"]),
        *("--model", "wmf as van den Oord", "--report", tmp_path / "out", "--json"),
    )
    assert run.code == 0, run.err
    _assert_same(run.json, tmp_path / "out", later, known)


def test_factors_of_another_run_do_not_stay(segue: Callable, tables: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    for model, there in (("wmf linear", True), ("ease", False)):
        run = segue("evaluate", "warm", "--plays", tables["plays"], "--model", model, "--report", out)
        assert run.code == 0
        assert (out / "factors.npz").exists() is there
    assert sorted(file.name for file in out.iterdir()) == ["report.html", "report.json"]
