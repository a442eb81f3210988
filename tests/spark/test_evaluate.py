"""Figures that a cluster measures are those of one machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.sparse import csr_array

from segue.evaluation import evaluate_warm
from segue.evaluation.judging import FIGURES, judge, make_exam
from segue.evaluation.metrics import track_lists
from segue.factors import FactorScorer, WMFSettings, fit_popularity, fit_wmf, hold_out
from segue.spark import evaluate
from segue.spark.judging import LINES, Asked, judge_partition

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from conftest import Cluster

SETTINGS = WMFSettings(n_factors=8, n_iterations=4, regularisation=10.0)


def scenes(n_listeners: int = 240, n_tracks: int = 120, seed: int = 0) -> csr_array:
    """Plays of listeners who mostly keep to one of four scenes."""
    rng = np.random.default_rng(seed)
    at_home = np.arange(n_listeners)[:, None] % 4 == np.arange(n_tracks)[None, :] % 4
    chance = np.where(at_home, 0.35, 0.03) * rng.uniform(0.4, 1.4, n_tracks)
    return csr_array((rng.random((n_listeners, n_tracks)) < chance).astype(np.float32))


class _Sent:
    """As a broadcast is on a worker."""

    def __init__(self, value: Asked) -> None:
        self.value = value


def test_a_worker_says_of_a_block_what_one_machine_says_of_all() -> None:
    rng = np.random.default_rng(0)
    training, test = hold_out(scenes(), share=0.2)
    x, y = rng.standard_normal((240, 5), dtype=np.float32), rng.standard_normal((120, 5), dtype=np.float32)
    n_players = np.bincount(training.indices, minlength=120)
    unit = rng.standard_normal((120, 4)).astype(np.float32)
    exam = make_exam(test, played=training, n_players=n_players, likeness=unit, seed=7)
    wanted = judge(FactorScorer(x, y), exam)
    asked = Asked(y, n_players, np.bincount(test.indices, minlength=120), exam.unit, 240, 7)
    batches = []
    for rows in np.array_split(exam.listeners, 3):
        lists = {
            name: [matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]] for row in rows]
            for name, matrix in (("played", training), ("relevant", test))
        }
        columns = {name: pa.array(found, pa.list_(pa.int32())) for name, found in lists.items()}
        factor = pa.array(list(x[rows]), pa.list_(pa.float32()))
        batches.append(pa.record_batch({"listener": pa.array(rows), "factor": factor, **columns}))
    found = pa.Table.from_batches(judge_partition(iter(batches), _Sent(asked)))  # type: ignore[arg-type]
    rows = found.filter(pa.compute.equal(found["model"], -1))
    figures = np.stack(rows["figures"].to_pylist()).reshape(-1, len(LINES), len(FIGURES))
    np.testing.assert_allclose(
        figures[:, 0].T, np.stack([wanted.values[name] for name in FIGURES]), rtol=1e-6
    )
    (held,) = found.filter(pa.compute.equal(found["model"], 0)).to_pylist()
    counts = np.zeros(120, dtype=np.int64)
    counts[held["tracks"]] = held["times"]
    np.testing.assert_array_equal(counts, wanted.counts)
    np.testing.assert_array_equal(rows["known"].to_numpy(), np.diff(training.indptr)[exam.listeners])


def test_an_empty_partition_says_nothing() -> None:
    empty = np.zeros((3, 1), dtype=np.float32)
    asked = Asked(empty, np.zeros(3, np.int64), np.zeros(3, np.int64), empty, 0, 0)
    assert list(judge_partition(iter(()), _Sent(asked))) == []  # type: ignore[arg-type]


def test_figures_have_the_names_of_the_report() -> None:
    matrix = scenes(20, 30)
    training, test = hold_out(matrix, share=0.3)
    n_players = np.bincount(training.indices, minlength=30)
    exam = make_exam(
        test, played=training, n_players=n_players, likeness=np.eye(30, dtype=np.float32), seed=0
    )
    assert tuple(judge(fit_popularity(training), exam).values) == FIGURES
    assert track_lists([]).starts.tolist() == [0]


@pytest.mark.spark
@pytest.mark.timeout(600)
def test_a_cluster_and_one_machine_measure_the_same(idle: Cluster, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from segue.cli.app import cli

    matrix = scenes()
    pairs = matrix.tocoo()
    table = {"listener": pairs.row.astype(np.int64), "track": [f"t{track:03}" for track in pairs.col]}
    pq.write_table(pa.table({**table, "plays": pairs.data}), tmp_path / "plays.parquet")
    training, test = hold_out(matrix, share=0.2, seed=1)
    fits = {
        "als": lambda given, seed: FactorScorer(*fit_wmf(given, SETTINGS, seed=seed)),
        "popularity": lambda given, seed: fit_popularity(given),
    }
    alone, _ = evaluate_warm(training, test, fits)
    arguments = ["spark", "evaluate", str(tmp_path / "plays.parquet"), "--master", idle.master, "--quiet"]
    settings = ["--n-factors", "8", "--iterations", "4", "--regularization", "10", "--json"]
    result = CliRunner().invoke(cli, [*arguments, *settings, "--report", str(tmp_path / "report")])
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report["protocol"] == "warm"
    assert report["facts"]["training plays"] + report["facts"]["test plays"] == matrix.nnz
    assert report["facts"]["test plays"] == pytest.approx(0.2 * matrix.nnz, rel=0.1)
    found = {model["name"]: model for model in report["models"]}
    assert list(found) == ["als", "popularity", "popularity (test)", "random"]
    for model in alone.models:
        for name in ("auc", "recall@10", "recall@50", "ndcg@100", "novelty", "diversity"):
            mine, theirs = found[model.name]["figures"][name], model.figures[name]
            low, high = mine["interval"]
            # Two random splits: their intervals lie in each other's reach. Which tracks a list holds beyond
            # the right ones is less certain than how many are right.
            reach = high - low + theirs.high - theirs.low
            reach += 0.05 * theirs.value if name in ("novelty", "diversity") else 0
            assert mine["value"] == pytest.approx(theirs.value, abs=reach), (model.name, name)
    assert found["als"]["figures"]["auc"]["value"] > found["popularity"]["figures"]["auc"]["value"] + 0.1
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["plays.parquet", "report"]


@pytest.mark.spark
@pytest.mark.timeout(600)
def test_a_sample_of_listeners_is_judged(session: SparkSession, tmp_path: Path) -> None:
    from segue.spark.evaluate import Evaluation

    pairs = scenes(60, 40).tocoo()
    pq.write_table(pa.table({"listener": pairs.row, "track": pairs.col}), tmp_path / "plays.parquet")
    asked = Evaluation(SETTINGS, held_out=0.3, min_plays=1, most_listeners=25)
    report = evaluate.evaluate_warm(session, str(tmp_path / "plays.parquet"), str(tmp_path), asked)
    assert report.facts["listeners judged"] == 25
    assert report.facts["listeners with test plays"] > 25
