"""The owner's past: a listener who behaves in a known way is foreseen by the right rows of the table."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest

from segue.errors import NothingFound
from segue.evaluation.own_past import evaluate_own_past
from segue.evaluation.past_report import past_as_json, past_as_table, past_lines
from segue.factors import Solver, WMFSettings
from segue.neighbours import fit_neighbourhood
from segue.ranking import HYBRIDS, Listens, Space, Usage, make_space

DAY = 86_400.0
N = 300


@dataclass(frozen=True)
class Columns:
    keys: np.ndarray
    artist_code: np.ndarray
    album_code: np.ndarray
    year: np.ndarray
    duration_s: np.ndarray
    titles: list[str]
    genres: list[tuple[str, ...]]


@pytest.fixture(scope="module")
def space() -> Space:
    """Three kinds of music, a hundred tracks each."""
    rng = np.random.default_rng(0)
    rows = np.repeat(np.eye(12)[:3], N // 3, axis=0) + 0.15 * rng.standard_normal((N, 12))
    unit = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    keys, blank = np.arange(1, N + 1), np.full(N, -1)
    columns = Columns(keys, blank, blank, blank + 1, 100.0 + 3 * keys, [""] * N, [()] * N)
    return make_space(fit_neighbourhood(keys, unit, scaling=None), columns)


def played(tracks: list[int], days: list[float]) -> Listens:
    n = len(tracks)
    return Listens(
        heard=np.array(tracks),
        track=np.array(tracks),
        time_s=np.array(days) * DAY,
        skipped=np.zeros(n, dtype=np.int8),
        count=np.ones(n, dtype=np.int64),
    )


def explorer() -> Listens:
    """Every day a new track of the first two kinds, and an old favourite again."""
    rng = np.random.default_rng(1)
    order = rng.permutation(200) + 1
    tracks, days = [], []
    for day in range(150):
        tracks += [int(order[day]), int(order[day % 7])]
        days += [float(day), day + 0.1]
    return played(tracks, days)


def test_an_explorer_of_two_kinds_is_foreseen(space: Space) -> None:
    past = evaluate_own_past(space, explorer(), n_cuts=12)
    auc = {(line.row.part, line.row.name): line.figures["auc"][0] for line in past_lines(past)}
    assert auc["new", "several tastes"] > 0.7
    assert auc["new", "several tastes"] > auc["new", "random"] + 0.1
    assert auc["repeats", "habit"] > 0.9 > auc["repeats", "random"]
    assert past.n_new >= 12
    assert len(past.cuts_s) == 12


def test_the_report_says_what_was_asked_and_what_earns_its_place(space: Space) -> None:
    past = evaluate_own_past(space, explorer(), n_cuts=5)
    table = past_as_table(past)
    assert "300 plays of 150 of the library's 300 tracks" in table
    assert "one taste" in table
    report = json.loads(past_as_json(past))
    assert report["format"] == "segue-own-past-1"
    kinds = {row["name"]: row["kind"] for row in report["rows"]}
    assert (kinds["random"], kinds["habit"], kinds["time of day"]) == ("control", "default", "option")
    assert {row["verdict"] for row in report["rows"]} <= {None, "better", "worse", "no difference"}
    assert past_as_json(evaluate_own_past(space, explorer(), n_cuts=5)) == past_as_json(past)


def test_what_comes_after_a_cut_is_not_known_at_it(space: Space) -> None:
    history = explorer()
    late = np.flatnonzero(history.time_s >= 149 * DAY)
    swapped = played(history.track.tolist(), (history.time_s / DAY).tolist())
    swapped.track[late] = swapped.heard[late] = 300
    first = evaluate_own_past(space, history, n_cuts=4)
    other = evaluate_own_past(space, swapped, n_cuts=4)
    for a, b in zip(first.rows, other.rows, strict=True):
        assert a.values["auc"][:3] == pytest.approx(b.values["auc"][:3], nan_ok=True)


def test_hybrids_are_judged_where_there_are_factors(space: Space) -> None:
    factors = np.repeat(np.eye(3, dtype=np.float32), N // 3, axis=0)
    nothing = np.empty(0, dtype=np.int64)
    usage = Usage(
        track_factors=factors,
        of_library=np.arange(N),
        learned=np.ones(N, dtype=np.bool_),
        heard=nothing,
        of_heard=nothing,
        fold_in=Solver(factors, WMFSettings(n_factors=3, regularisation=1.0)),
    )
    past = evaluate_own_past(space, explorer(), usage=usage, n_cuts=4)
    without = evaluate_own_past(space, explorer(), n_cuts=1)
    names = {row.name for row in past.rows if row.part == "new"}
    assert {"usage alone", *(f"hybrid: {kind}" for kind in HYBRIDS)} <= names
    auc = {line.row.name: line.figures["auc"][0] for line in past_lines(past) if line.row.part == "new"}
    assert auc["usage alone"] > 0.6
    assert auc["hybrid: weighted"] > 0.6
    # With factors `recommend` is another one than without.
    kinds = {row.name: row.kind for row in past.rows if row.part == "new"}
    assert (kinds["several tastes and usage"], kinds["several tastes"]) == ("default", "option")
    assert "several tastes and usage" not in {row.name for row in without.rows}


def test_times_before_which_nothing_was_known_are_left_out(space: Space) -> None:
    order = np.random.default_rng(2).permutation(200) + 1
    at_once = played([*map(int, order[:150])], [1.0] * 150)
    with pytest.raises(NothingFound, match="one moment"):
        evaluate_own_past(space, at_once)
    then = played(
        [*map(int, order[:150]), *map(int, order[150:])], [1.0] * 150 + [9.0 + i for i in range(50)]
    )
    past = evaluate_own_past(space, then, n_cuts=10)
    assert (past.cuts_s > DAY).all()
    assert past.n_new > 0


def test_too_little_history_is_said(space: Space) -> None:
    with pytest.raises(NothingFound, match="at least 100 of 20"):
        evaluate_own_past(space, played([1, 2, 3], [1.0, 2.0, np.nan]))
