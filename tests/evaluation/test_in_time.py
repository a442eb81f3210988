"""Plays in time: what is known, what is hidden, and that nothing hidden is seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from segue.errors import NothingFound
from segue.evaluation.in_time import evaluate_in_time, ranked_lists, sessions_of, split_in_time
from segue.evaluation.metrics import TrackLists, auc, rank_relevant
from segue.factors.next_evidence import DAY_S, play_counts
from segue.factors.repeats import fit_next
from segue.listening import Events, read_events


def _events(seed: int = 0, n_listeners: int = 40, n_tracks: int = 60) -> Events:
    """Four sessions a listener, a day apart, mostly of six favourites; artists of three tracks."""
    rng = np.random.default_rng(seed)
    listener = np.repeat(np.arange(n_listeners), 4 * 4)
    session = np.tile(np.repeat(np.arange(4), 4), n_listeners)
    favourites = np.stack([rng.choice(n_tracks, 6, replace=False) for _ in range(n_listeners)])
    track = favourites[listener, rng.integers(0, 6, len(listener))]
    other = rng.random(len(listener)) < 0.2
    track[other] = rng.integers(0, n_tracks, int(other.sum()))
    time_s = 1e9 + session * DAY_S + 300.0 * np.tile(np.arange(4), 4 * n_listeners) + listener
    return Events(
        np.arange(n_listeners),
        np.arange(n_tracks),
        listener,
        track,
        time_s,
        track // 3,
        np.full(len(track), -1),
    )


def test_sessions_end_with_a_pause() -> None:
    events = replace(
        _events(n_listeners=2),
        listener=np.array([0, 0, 0, 1]),
        time_s=np.array([0.0, 1_800.0, 3_601.0, 10.0]),
        session=np.full(4, -1),
    )
    assert sessions_of(events).tolist() == [0, 0, 2, 1]


def test_sessions_that_are_told_count_by_when_they_began() -> None:
    events = replace(
        _events(n_listeners=2),
        listener=np.array([0, 0, 1, 1]),
        time_s=np.array([5.0, 9.0, 1.0, 7.0]),
        session=np.array([8, 3, 8, 8]),
    )
    assert sessions_of(events).tolist() == [1, 2, 0, 0]


def test_the_last_session_is_what_comes_next() -> None:
    events = _events()
    split = split_in_time(events)
    hidden = events.time_s >= 1e9 + 3 * DAY_S
    assert len(split.past.item) == (~hidden).sum()
    assert split.past.now_s.tolist() == (1e9 + 3 * DAY_S + np.arange(40)).tolist()
    expected = set(zip(events.listener[hidden].tolist(), events.track[hidden].tolist(), strict=True))
    assert set(zip(*(part.tolist() for part in split.after.nonzero()), strict=True)) == expected
    assert split.past.group is not None
    assert split.past.group[7] == 2


def test_a_cut_in_time_hides_everything_after_it() -> None:
    split = split_in_time(_events(), cut="time")
    assert split.past.time_s.max() < split.past.now_s.min()


@pytest.mark.parametrize("items", ["tracks", "artists"])
@pytest.mark.parametrize("cut", ["session", "time"])
def test_what_comes_after_the_split_never_changes_a_score(items: str, cut: str) -> None:
    events = _events()
    split = split_in_time(events, items=items, cut=cut)  # type: ignore[arg-type]
    hidden = events.time_s >= split.past.now_s[events.listener]
    track = events.track.copy()
    track[hidden] = np.random.default_rng(9).permutation(track[hidden])
    changed = replace(events, track=track, artist=track // 3)
    other = split_in_time(changed, items=items, cut=cut)  # type: ignore[arg-type]
    assert split.after.nnz != other.after.nnz or (split.after != other.after).nnz
    scores = [fit_next(part.past, session=part.session).scores(np.arange(40)) for part in (split, other)]
    assert np.array_equal(*scores)


def test_the_report_finds_favourites_above_all_controls() -> None:
    split = split_in_time(_events())
    model = fit_next(split.past, session=split.session)
    likeness = model.items.item_factors
    report = evaluate_in_time(split, model, {}, likeness=likeness, repeats=True)
    figure = {one.name: one.figures["auc"].value for one in report.models}
    assert figure["what comes next"] > figure["popularity"] + 0.2
    assert figure["own most played"] > figure["popularity"] + 0.2
    assert figure["random"] == pytest.approx(0.5, abs=0.1)
    new = evaluate_in_time(split, model, {}, likeness=likeness, repeats=False)
    assert new.facts["items to be found"] < report.facts["items to be found"]
    assert "own most played" not in {one.name for one in new.models}


def test_figures_can_be_computed_from_the_lists() -> None:
    split = split_in_time(_events())
    model = fit_next(split.past, session=split.session)
    report = evaluate_in_time(split, model, {}, likeness=model.items.item_factors, repeats=True)
    asked, lists = ranked_lists(model, split, length=10)
    assert lists.shape == (40, 10)
    truth = split.after.toarray()[asked] > 0
    recall = np.take_along_axis(truth, lists, axis=1).sum(axis=1) / truth.sum(axis=1)
    assert report.models[0].figures["recall@10"].over_all == pytest.approx(recall.mean(), abs=1e-6)


def test_nothing_to_predict_is_said() -> None:
    events = _events()
    once = replace(events, time_s=np.arange(len(events.listener), dtype=np.float64))
    with pytest.raises(NothingFound, match="two sessions"):
        split_in_time(once)
    with pytest.raises(NothingFound, match="have no artist"):
        split_in_time(replace(events, artist=np.full(len(events.artist), -1)), items="artists")


@pytest.mark.slow
def test_real_sessions_are_told_better_than_by_popularity(shared: Path) -> None:
    events, _ = read_events(shared / "data" / "history" / "events.parquet")
    split = split_in_time(events, items="artists")
    asked = np.flatnonzero(np.diff(split.after.indptr))
    assert len(asked) == 2_151
    model = fit_next(split.past, session=split.session)
    rows = asked[:500]
    part = split.after[rows]
    relevant = TrackLists(part.indptr.astype(np.int64), part.indices.astype(np.int64))
    popularity = np.diff(play_counts(split.past).tocsc().indptr).astype(np.float32)
    figures = [
        float(auc(rank_relevant(scores, relevant)).mean())
        for scores in (model.scores(rows), np.tile(popularity, (len(rows), 1)))
    ]
    assert figures[0] > figures[1] + 0.03
