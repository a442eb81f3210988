"""Judging predictions: right and empty answers, intervals over artists, controls."""

from __future__ import annotations

import numpy as np
import pytest

from segue.errors import NothingFound, SegueError
from segue.evaluation.overlap import overlap_by_cosine, overlap_by_dot
from segue.experiments.judging import Figure, Figures, artist_numbers, control_predictions, judge_predictions
from segue.training.datasets.contract import Dataset, Target

N = 60
ROWS = np.arange(20, N)


def _dataset(n_artists: int = 20) -> Dataset:
    empty = ("",) * N
    artists = tuple(f"artist {row % n_artists}" for row in range(N))
    return Dataset("drawn", tuple(f"{row}.wav" for row in range(N)), (), empty, artists, empty, empty, {})


def _classes() -> Target:
    return Target("class", ("a", "b", "c"), np.arange(N) % 3)


def _values(seed: int = 0) -> Target:
    values = np.random.default_rng(seed).normal(3, [1, 10, 0.1], (N, 3)).astype(np.float32)
    return Target("values", ("x", "y", "z"), values)


def _tags() -> Target:
    values = (np.random.default_rng(0).random((N, 3)) < 0.4).astype(np.float32)
    values[:, 2] = 0  # on nobody
    values[25, 1] = np.nan
    values[30] = np.nan
    return Target("tags", ("slow", "loud", "odd"), values)


def _by_name(figures: Figures) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures.figures}


def test_classes_that_are_all_right_are_perfect() -> None:
    target = _classes()
    judged = judge_predictions(
        target, np.eye(3, dtype=np.float32)[target.values[ROWS]], ROWS, _dataset(), seed=0
    )
    assert [figure.name for figure in judged.figures] == ["accuracy", "kappa", "macro F1"]
    assert all(figure[1:4] == (1, 1, 1) for figure in judged.figures)
    assert judged.n_tracks == 40 and judged.n_artists == 20
    assert np.array(judged.confusion).tolist() == np.diag([13, 13, 14]).tolist()
    assert judged.classes[2].n_tracks == 14 and judged.classes[2].figures["recall"] == 1


def test_classes_that_are_half_right_have_an_interval_over_artists() -> None:
    target = _classes()
    said = np.where(ROWS % 2 == 0, target.values[ROWS], (target.values[ROWS] + 1) % 3)
    judged = judge_predictions(target, np.eye(3, dtype=np.float32)[said], ROWS, _dataset(), seed=0)
    accuracy = judged.figures[0]
    assert accuracy.value == 0.5 and accuracy.chance == 14 / 40
    assert accuracy.low is not None and accuracy.high is not None
    assert 0.1 < accuracy.low < 0.5 < accuracy.high < 0.9
    assert judged.figures[1].chance == 0
    assert sum(map(sum, judged.confusion)) == 40


def test_of_few_artists_there_is_no_interval() -> None:
    said = np.eye(3, dtype=np.float32)[np.zeros(40, int)]
    accuracy = judge_predictions(_classes(), said, ROWS, _dataset(n_artists=3), seed=0).figures[0]
    assert (accuracy.low, accuracy.high) == (None, None)


def test_tracks_without_a_known_target_are_left_out() -> None:
    target = _classes()
    target.values[20:30] = -1
    said = np.full((40, 3), 1 / 3, np.float32)
    assert judge_predictions(target, said, ROWS, _dataset(), seed=0).n_tracks == 30
    target.values[:] = -1
    with pytest.raises(NothingFound, match="none of 40 test tracks"):
        judge_predictions(target, said, ROWS, _dataset(), seed=0)


def test_a_prediction_that_is_no_number_is_named() -> None:
    said = np.zeros((40, 3), np.float32)
    said[7, 1] = np.nan
    with pytest.raises(SegueError, match=r"1 predictions are not finite; the first is of 27\.wav"):
        judge_predictions(_classes(), said, ROWS, _dataset(), seed=0)


def test_values_that_are_all_right_are_perfect() -> None:
    target = _values()
    listeners = np.random.default_rng(1).normal(size=(30, 3)).astype(np.float32)
    found = _by_name(
        judge_predictions(target, target.values[ROWS], ROWS, _dataset(), seed=0, listeners=listeners)
    )
    assert found["test loss"].value == 0 and found["test loss"].chance == pytest.approx(1, abs=0.4)
    assert found["R2"].value == found["correlation"].value == pytest.approx(1)
    for name in ("overlap@10 cosine", "overlap@10 dot"):
        assert found[name].value == 1
    assert found["overlap@10 cosine"].chance == pytest.approx(10 / 39)
    assert found["overlap@10 dot"].chance == pytest.approx(10 / 40)
    assert "overlap@50 cosine" not in found  # longer than all there is


def test_the_mean_of_values_explains_nothing() -> None:
    target = _values()
    mean = np.tile(target.values.mean(axis=0), (40, 1))
    found = _by_name(judge_predictions(target, mean, ROWS, _dataset(), seed=0))
    assert found["test loss"].value == pytest.approx(found["test loss"].chance, rel=1e-4)
    assert found["R2"].value == pytest.approx(0, abs=0.1)
    assert found["correlation"].value == 0


def test_values_of_another_scale_weigh_alike() -> None:
    target = _values()
    guess = target.values[ROWS].copy()
    guess[:, 2] = target.values[:, 2].mean()
    found = _by_name(judge_predictions(target, guess, ROWS, _dataset(), seed=0))
    assert found["R2"].value == pytest.approx(2 / 3, abs=0.05)
    assert found["test loss"].value == pytest.approx(1 / 3, abs=0.15)


def test_overlaps_are_those_of_the_evaluation_room() -> None:
    target, guess = _values(), _values(seed=5).values[ROWS]
    listeners = np.random.default_rng(1).normal(size=(30, 3)).astype(np.float32)
    listeners[3] = 0  # plays nothing, asks nothing
    found = _by_name(judge_predictions(target, guess, ROWS, _dataset(), seed=0, listeners=listeners))
    (cosine,) = overlap_by_cosine(target.values[ROWS], guess, ks=[10])
    playing = np.delete(listeners, 3, axis=0)
    (dot,) = overlap_by_dot((playing, target.values[ROWS]), (playing, guess), ks=[10])
    assert found["overlap@10 cosine"].value == pytest.approx(cosine.value)
    assert found["overlap@10 dot"].value == pytest.approx(dot.value)


def test_tags_are_judged_where_they_are_known() -> None:
    target = _tags()
    judged = judge_predictions(target, np.nan_to_num(target.values[ROWS]), ROWS, _dataset(), seed=0)
    assert judged.n_tracks == 39
    assert [figure.name for figure in judged.figures] == ["AUC", "average precision"]
    np.testing.assert_allclose([figure[1:4] for figure in judged.figures], 1)
    assert [one.name for one in judged.classes] == ["slow", "loud"]
    guess = np.random.default_rng(3).random((40, 3)).astype(np.float32)
    auc, precision = judge_predictions(target, guess, ROWS, _dataset(), seed=0).figures
    assert auc.low is not None and auc.high is not None and auc.low < auc.value < auc.high
    assert auc.chance == 0.5 and 0.2 < precision.chance < 0.5


def test_the_same_seed_gives_the_same_intervals() -> None:
    said = np.random.default_rng(0).random((40, 3)).astype(np.float32)
    first, again, other = (judge_predictions(_classes(), said, ROWS, _dataset(), seed=s) for s in (1, 1, 2))
    assert first == again
    assert first.figures[0].value == other.figures[0].value and first != other


def test_an_unknown_artist_is_like_no_other() -> None:
    dataset = _dataset()
    empty = Dataset("x", dataset.tracks, (), *([("",) * N] * 4), {})
    assert len(set(artist_numbers(empty, ROWS).tolist())) == 40
    assert len(set(artist_numbers(dataset, ROWS).tolist())) == 20


def test_controls_know_the_training_tracks_and_nothing_of_the_sound() -> None:
    target, said = _classes(), np.random.default_rng(0).random((40, 3)).astype(np.float32)
    train = np.array([0, 3, 6, 1])  # three of class a, one of b
    controls = control_predictions(target, said, train, ROWS, seed=0)
    np.testing.assert_allclose(controls["majority"], np.tile([0.75, 0.25, 0], (40, 1)))
    assert set(controls["random"].argmax(axis=1).tolist()) == {0, 1}
    assert not np.array_equal(controls["shuffled"], said)
    np.testing.assert_array_equal(np.sort(controls["shuffled"], axis=0), np.sort(said, axis=0))
    values = control_predictions(_values(), said, train, ROWS, seed=0)
    np.testing.assert_allclose(values["majority"][0], _values().values[train].mean(axis=0), rtol=1e-5)
    tags = control_predictions(_tags(), said, np.arange(20, 40), ROWS, seed=0)
    assert all(np.isfinite(control).all() for control in tags.values())


@pytest.mark.parametrize("seed", range(4))
def test_the_interval_of_few_artists_is_around_its_figure(seed: int) -> None:
    rng, dataset = np.random.default_rng(seed), _dataset(n_artists=6)
    of_artists = rng.normal(size=(6, 20))[artist_numbers(dataset, np.arange(N))]
    values = (of_artists + 0.5 * rng.normal(size=(N, 20))).astype(np.float32)
    said = (0.3 * values + rng.normal(size=(N, 20)))[ROWS].astype(np.float32)
    target = Target("values", tuple(map(str, range(20))), values)
    figure = _by_name(judge_predictions(target, said, ROWS, dataset, seed=0))["R2"]
    assert figure.low is not None and figure.high is not None
    assert figure.low < figure.value < figure.high
