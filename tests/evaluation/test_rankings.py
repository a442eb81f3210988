"""Whole protocols on toy plays whose right answer is known, and the reports they give."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy.sparse import csr_array

from segue.errors import NothingFound
from segue.evaluation import (
    ColdTask,
    RankingReport,
    SameForAll,
    evaluate_cold,
    evaluate_warm,
    intervals_of_means,
    judge,
    make_exam,
    ranking_as_json,
    ranking_as_page,
    ranking_as_table,
    split_by_artist,
)
from segue.evaluation.judging import LIST_LENGTH
from segue.factors import FactorScorer, fit_popularity
from segue.factors.cold_start import Content

N_KINDS = 4


@dataclass(frozen=True)
class _Known:
    """A model that knows the kind of each listener and reads the kind of a track from its content."""

    listener_factors: np.ndarray
    method: str = "knows"
    settings: Mapping[str, object] = ()  # type: ignore[assignment]
    choices: Mapping[str, float] = ()  # type: ignore[assignment]

    def predict(self, content: Content) -> np.ndarray:
        return np.eye(N_KINDS, dtype=np.float32)[content.numeric[:, 0].astype(int)]


def _fit(matrix, content, *, groups, seed, progress):  # type: ignore[no-untyped-def]
    kinds = np.eye(N_KINDS)[content.numeric[:, 0].astype(int)]
    factors = (matrix @ kinds).astype(np.float32)
    return _Known(factors, settings={"alpha": np.float32(2)}, choices={"knows": 0.9, "guesses": 0.5})


def _plays(rng: np.random.Generator, kinds: np.ndarray, tracks: np.ndarray, rate: float) -> csr_array:
    return csr_array(
        (rng.random((len(kinds), len(tracks))) < rate * (kinds[:, None] == tracks)).astype(np.float32)
    )


@pytest.fixture(scope="module")
def task() -> ColdTask:
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, N_KINDS, 60)
    old, new = rng.integers(0, N_KINDS, 120), rng.integers(0, N_KINDS, 40)
    numeric = [np.column_stack([tracks, rng.random(len(tracks))]).astype(float) for tracks in (old, new)]
    return ColdTask(
        _plays(rng, kinds, old, 0.4),
        Content(numeric[0]),
        np.arange(120) // 3,
        _plays(rng, kinds, new, 0.5),
        Content(numeric[1]),
    )


def _warm_fit(matrix: csr_array, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    u, s, vt = np.linalg.svd(matrix.toarray(), full_matrices=False)
    return (u[:, :8] * s[:8]).astype(np.float32), vt[:8].T.astype(np.float32)


@pytest.fixture(scope="module")
def cold(task: ColdTask) -> RankingReport:
    return evaluate_cold(task, fit=_fit, warm_fit=_warm_fit, min_plays=3).report


def _auc(report: RankingReport) -> dict[str, float]:
    return {model.name: model.figures["auc"].value for model in report.models}


def test_cold_start_tells_knowing_from_not_knowing(cold: RankingReport) -> None:
    reached = _auc(cold)
    assert reached["knows"] > 0.85
    assert reached["item mean removed"] > 0.85
    assert reached["popularity (training)"] == 0.5
    assert reached["content shuffled"] == pytest.approx(0.5, abs=0.06)
    assert reached["random"] == pytest.approx(0.5, abs=0.06)
    assert reached["popularity (test)"] > 0.55
    assert reached["warm (saw test plays)"] > 0.9
    assert {way: one[0].chance for way, one in cold.overlap.items()} == {
        "cosine": 10 / (cold.facts["new tracks"] - 1),
        "dot product": 10 / cold.facts["new tracks"],
    }
    assert all(one[0].value > 2 * one[0].chance for one in cold.overlap.values())
    for model in cold.models:
        assert model.auc_histogram.sum() == cold.facts["listeners count"]
        for figure in model.figures.values():
            assert not figure.low > figure.value + 1e-9
            assert not figure.high < figure.value - 1e-9


def test_the_factors_make_the_figures_again(task: ColdTask) -> None:
    from sklearn.metrics import roc_auc_score

    result = evaluate_cold(task, fit=_fit, min_plays=3)
    scores = result.listener_factors @ result.track_factors.T
    truth = task.test.toarray() > 0
    known = np.diff(task.training.indptr) >= 3
    asked = np.flatnonzero(known & truth.any(axis=1) & ~truth.all(axis=1))
    expected = np.mean([roc_auc_score(truth[row], scores[row]) for row in asked])
    assert _auc(result.report)["knows"] == pytest.approx(expected)


def test_listeners_with_few_plays_count_only_over_all(task: ColdTask) -> None:
    counts = np.diff(task.training.indptr)
    report = evaluate_cold(task, fit=_fit, min_plays=int(np.median(counts)) + 1).report
    assert 0 < report.facts["listeners count"] < report.facts["listeners with test plays"]
    everybody = evaluate_cold(task, fit=_fit, min_plays=0).report
    mine, theirs = (one.models[0].figures["auc"] for one in (report, everybody))
    assert mine.over_all == pytest.approx(theirs.value)
    assert mine.value != theirs.value
    with pytest.raises(NothingFound, match="--min-plays"):
        evaluate_cold(task, fit=_fit, min_plays=1_000)


def test_the_seed_decides(task: ColdTask) -> None:
    texts = [ranking_as_json(evaluate_cold(task, fit=_fit, seed=seed).report) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_whole_artists_are_held_out() -> None:
    artists = np.random.default_rng(0).integers(0, 50, 400)
    out = split_by_artist(artists, 0.2, seed=0)
    assert not set(artists[out]) & set(artists[~out])
    assert out.mean() == pytest.approx(0.2, abs=0.05)
    assert not np.array_equal(out, split_by_artist(artists, 0.2, seed=1))


def test_warm_finds_what_was_held_out() -> None:
    rng = np.random.default_rng(1)
    kinds, tracks = rng.integers(0, N_KINDS, 80), rng.integers(0, N_KINDS, 60)
    both = _plays(rng, kinds, tracks, 0.6).tocoo()
    test = rng.random(both.nnz) < 0.2
    parts = [
        csr_array((both.data[chosen], (both.row[chosen], both.col[chosen])), shape=both.shape)
        for chosen in (~test, test)
    ]
    fits = {
        "factors": lambda matrix, seed: FactorScorer(*_warm_fit(matrix, seed=seed)),
        "popularity": lambda matrix, seed: fit_popularity(matrix),
    }
    report, scorer = evaluate_warm(*parts, fits, min_plays=2)
    assert isinstance(scorer, FactorScorer)
    reached = _auc(report)
    assert reached["factors"] > 0.9 > reached["popularity (test)"] > reached["popularity"]
    assert {model.name: model.kind for model in report.models} == {
        "factors": "model",
        "popularity": "control",
        "popularity (test)": "bound",
        "random": "control",
    }


def test_blocks_change_nothing(task: ColdTask, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    likeness = rng.random((task.test.shape[1], 3), dtype=np.float32)
    n_players = np.bincount(task.test.indices, minlength=task.test.shape[1])
    exam = make_exam(task.test, n_players=n_players, likeness=likeness, seed=0)
    scorer = SameForAll(rng.integers(0, 5, task.test.shape[1]).astype(np.float32))
    whole = judge(scorer, exam)
    monkeypatch.setattr("segue.evaluation.judging._BLOCK", 100)
    parts = judge(scorer, exam)
    np.testing.assert_array_equal(whole.counts, parts.counts)
    for name, values in whole.values.items():
        np.testing.assert_array_equal(values, parts.values[name])
    assert whole.counts.sum() == len(exam.listeners) * min(LIST_LENGTH, task.test.shape[1])


def test_intervals_hold_the_mean_and_leave_out_who_cannot_be_asked() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(400, 2))
    values[:200, 1] = np.nan
    low, high = intervals_of_means(np.column_stack([values, np.full(400, np.nan)]), seed=0)
    expected = 1.96 / np.sqrt([400, 200])
    np.testing.assert_allclose((high - low)[:2] / 2, expected, rtol=0.15)
    assert np.isnan(low[2])
    assert np.isnan(high[2])


def test_the_table_and_the_json_name_every_model(cold: RankingReport) -> None:
    text, content = ranking_as_table(cold), json.loads(ranking_as_json(cold))
    for model in cold.models:
        assert model.name in text
    assert content["format"] == "segue-ranking-1"
    assert [model["name"] for model in content["models"]] == [model.name for model in cold.models]
    first = content["models"][0]["figures"]
    assert {"auc", "recall@50", "precision@10", "map@10", "map@500", "ndcg@10", "novelty"} <= set(first)
    low, high = first["auc"]["interval"]
    assert low <= first["auc"]["value"] <= high
    assert content["settings"] == {"alpha": 2.0}
    assert content["choices"] == {"knows": 0.9, "guesses": 0.5}
    assert "chance" in text


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_says_what_its_plots_show(cold: RankingReport) -> None:
    page = ranking_as_page(cold)
    parser = _Tags()
    parser.feed(page)
    assert not parser.open
    assert not [tag for tag, _ in parser.seen if tag in ("link", "img", "iframe")]
    assert not [attrs for _, attrs in parser.seen if attrs.get("src") or attrs.get("href")]
    plots = [attrs for tag, attrs in parser.seen if tag == "svg"]
    assert len(plots) == 5
    assert all(attrs["role"] == "img" and "knows" in str(attrs["aria-label"]) for attrs in plots)
    for start in page.split("<svg")[1:]:
        ElementTree.fromstring("<svg" + start.split("</svg>")[0] + "</svg>")
    assert "prefers-color-scheme: dark" in page


def test_names_cannot_break_the_page(cold: RankingReport) -> None:
    from dataclasses import replace

    evil = '</script><b>"&'
    models = (replace(cold.models[0], name=evil), *cold.models[1:])
    page = ranking_as_page(replace(cold, models=models, notes=(evil,), chosen=evil))
    assert "</script><b>" not in page
    parser = _Tags()
    parser.feed(page)
    assert not [tag for tag, _ in parser.seen if tag == "b"]


@pytest.mark.parametrize("share", [0.1, 0.2, 0.4, 0.7, 0.99])
def test_the_share_held_out_is_the_one_asked_for(share: float) -> None:
    artists = np.repeat(np.arange(200), 3)
    out = split_by_artist(artists, share, seed=1)
    assert out.mean() == pytest.approx(share, abs=0.05)
    assert len(set(artists[out]) & set(artists[~out])) == 0
    few = split_by_artist(artists[:6], share, seed=1)
    assert few.any() and not few.all()


def test_long_names_fit_beside_their_bars(cold: RankingReport) -> None:
    from dataclasses import replace

    name = "listener neighbours, adjusted cosine"
    page = ranking_as_page(replace(cold, models=(*cold.models[:-1], replace(cold.models[-1], name=name))))
    bars = page.split("<svg")[1].split("</svg>")[0]
    end = bars.split(f">{name}<")[0].rsplit('<text x="', 1)[1].split('"')[0]
    assert float(end) > 6.5 * len(name)
