"""Labels, selection, calibration, votes, cross-validation: on toy data with an obvious answer."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.errors import UsageError
from segue.genres import (
    GenreTask,
    Plan,
    classifier_kind,
    classifier_names,
    cross_validated,
    family_importance,
    fit_temperature,
    fit_trial,
    folded,
    genre_labels,
    learning_curve,
    permutation_importance,
    thresholds_of,
    try_classifier,
    uncorrelated_columns,
    voted,
)
from segue.genres.calibration import probabilities
from segue.genres.selection import check_selection


def clouds(n: int = 120, n_classes: int = 3, dim: int = 8, *, apart: float = 3.0, seed: int = 0) -> Any:
    """Vectors around a corner for each class; the last columns are noise."""
    chance = np.random.default_rng(seed)
    classes = np.arange(n) % n_classes
    vectors = chance.normal(size=(n, dim)) + apart * np.eye(n_classes, dim)[classes]
    return vectors.astype(np.float32), classes.astype(np.int64)


def folds(n: int, n_folds: int = 4, seed: int = 0) -> list[Any]:
    part = np.random.default_rng(seed).permutation(n) % n_folds
    made = []
    for one in range(n_folds):
        rest = np.flatnonzero(part != one)
        made.append(SimpleNamespace(train=rest[::2], valid=rest[1::2], test=np.flatnonzero(part == one)))
    return made


def test_words_that_differ_by_spelling_are_one_class() -> None:
    labels = genre_labels(["Hip-Hop", "hip hop", "HIP HOP", "Música", "musica", None, "", "lonely"])
    assert labels.names == ("HIP HOP", "Música") or set(map(folded, labels.names)) == {"hip hop", "musica"}
    assert labels.classes.tolist() == [0, 0, 0, 1, 1, -1, -1, -1]
    assert any("2 of 8 tracks have no genre" in note for note in labels.notes)
    assert any("too rare" in note and "lonely" in note for note in labels.notes)
    assert any("put together" in note for note in labels.notes)


@pytest.mark.parametrize("words", [[], [None, ""], ["rock"] * 9, ["rock", "rock", "jazz"]])
def test_one_class_is_none(words: list[str | None]) -> None:
    with pytest.raises(UsageError, match="two genres"):
        genre_labels(words)


@given(st.text(max_size=40))
def test_folding_is_done_once(word: str) -> None:
    assert folded(folded(word)) == folded(word)


def test_a_wrong_name_is_said_with_a_guess() -> None:
    with pytest.raises(UsageError, match="did you mean logistic"):
        classifier_kind("logistics")
    with pytest.raises(UsageError, match="there are all, pca"):
        check_selection("best")


@pytest.mark.parametrize("name", classifier_names())
def test_every_classifier_tells_the_clouds(name: str) -> None:
    if name == "xgboost":
        pytest.importorskip("xgboost")
    vectors, classes = clouds()
    held = cross_validated(Plan(name), vectors, classes, n_classes=3, folds=folds(len(classes)))
    assert held.rows.tolist() == list(range(len(classes)))
    np.testing.assert_allclose(held.probabilities.sum(axis=1), 1, atol=1e-9)
    assert np.mean(held.probabilities.argmax(axis=1) == classes) > 0.85


def test_what_is_not_known_is_neither_learned_nor_judged() -> None:
    vectors, classes = clouds()
    classes[::5] = -1
    held = cross_validated(Plan("logistic"), vectors, classes, n_classes=3, folds=folds(len(classes)))
    assert held.rows.tolist() == np.flatnonzero(classes >= 0).tolist()


def test_shuffled_labels_are_not_told() -> None:
    """The control that must fail: a test track that leaked into learning would show here."""
    vectors, classes = clouds(300)
    wrong = np.random.default_rng(1).permutation(classes)
    held = cross_validated(Plan("knn"), vectors, wrong, n_classes=3, folds=folds(len(classes)))
    assert np.mean(held.probabilities.argmax(axis=1) == wrong) < 0.45


def test_balance_helps_the_rare_class() -> None:
    vectors, classes = clouds(400, 2, 4, apart=1.2)
    keep = (classes == 0) | (np.random.default_rng(0).random(len(classes)) < 0.1)
    vectors, classes = vectors[keep], classes[keep]
    recalls = [
        np.mean(
            cross_validated(
                Plan("logistic", balanced=balanced), vectors, classes, n_classes=2, folds=folds(len(classes))
            ).scores.argmax(axis=1)[classes == 1]
        )
        for balanced in (False, True)
    ]
    assert recalls[1] > recalls[0] + 0.2


def test_permutation_finds_the_columns_that_matter() -> None:
    vectors, _ = clouds(300)
    truth = np.argmax(vectors[:, :3], axis=1)
    groups = [np.array([0, 1, 2]), np.array([3, 4]), np.array([5, 6, 7])]
    lost = permutation_importance(lambda rows: np.argmax(rows[:, :3], axis=1), vectors, truth, groups, seed=0)
    assert lost[0] > 0.4 and np.allclose(lost[1:], 0)


def test_columns_by_importance_are_kept() -> None:
    vectors, classes = clouds(300, dim=30)
    held = cross_validated(Plan("logistic", "mda"), vectors, classes, n_classes=3, folds=folds(300))
    assert held.importance is not None
    assert set(np.argsort(-held.importance)[:3]) == {0, 1, 2}


def test_repeated_and_constant_columns_go() -> None:
    chance = np.random.default_rng(0)
    one, two = chance.normal(size=(2, 50))
    table = np.column_stack([one, -2 * one, np.full(50, 7.0), two]).astype(np.float32)
    assert uncorrelated_columns(table).tolist() == [0, 3]


def test_temperature_makes_sureness_mean_what_it_says() -> None:
    chance = np.random.default_rng(0)
    scores = chance.normal(size=(4_000, 3)) * 2
    classes = np.array([chance.choice(3, p=row) for row in probabilities(scores)])
    assert fit_temperature(scores * 5, classes) == pytest.approx(5, rel=0.15)
    assert fit_temperature(np.zeros((0, 3)), np.zeros(0, np.int64)) == 1


@given(st.integers(1, 5), st.integers(2, 4), st.integers(0, 10**6))
def test_votes_are_probabilities(n_voters: int, n_classes: int, seed: int) -> None:
    said = list(np.random.default_rng(seed).dirichlet(np.ones(n_classes), size=(n_voters, 6)))
    for vote in ("soft", "hard"):
        together = voted(said, vote)  # type: ignore[arg-type]
        np.testing.assert_allclose(together.sum(axis=1), 1)
    votes = sum(np.eye(n_classes)[one.argmax(axis=1)] for one in said)
    best = together.argmax(axis=1)
    assert (votes[np.arange(6), best] == votes.max(axis=1)).all()


def test_a_trial_is_read_again(tmp_path: Path) -> None:
    vectors, classes = clouds()
    task = GenreTask(vectors, ("a", "b", "c"), classes, folds(len(classes)))
    first = try_classifier("logistic", task, kept=tmp_path)
    (stored,) = tmp_path.iterdir()
    stamp = stored.stat().st_mtime_ns
    again = try_classifier("logistic", task, kept=tmp_path)
    assert stored.stat().st_mtime_ns == stamp
    np.testing.assert_array_equal(first.probabilities, again.probabilities)
    assert (first.settings, first.temperatures) == (again.settings, again.temperatures)
    stored.write_bytes(b"damaged")
    mended = try_classifier("logistic", task, kept=tmp_path)
    np.testing.assert_array_equal(first.probabilities, mended.probabilities)
    other = GenreTask(vectors, ("a", "b", "c"), classes, folds(len(classes), seed=1))
    try_classifier("logistic", other, kept=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_more_tracks_teach_more() -> None:
    vectors, classes = clouds(400, dim=60, apart=1.5)
    task = GenreTask(vectors, ("a", "b", "c"), classes, folds(len(classes)))
    trial = try_classifier("logistic", task)
    curve = learning_curve(trial, task, selection="all", balanced=False, shares=(0.05, 1.0))
    assert [n for _, n, _ in curve] == [15, 300]
    assert curve[1][2] > curve[0][2] + 0.1


def test_the_family_that_matters_is_found() -> None:
    vectors, classes = clouds(300)
    task = GenreTask(vectors, ("a", "b", "c"), classes, folds(len(classes)))
    trial = try_classifier("logistic", task)
    families = ["noise" if column > 2 else "corner" for column in range(8)]
    (first, second) = family_importance(trial, task, families, balanced=False)
    assert (first[:2], second[:2]) == (("corner", 3), ("noise", 5))
    assert first[2] > 0.4 and abs(second[2]) < 0.05


def test_several_genres_a_track() -> None:
    vectors, classes = clouds(240)
    there = np.eye(3, dtype=bool)[classes]
    there[:, 0] |= there[:, 1]
    task = GenreTask(vectors, ("rock", "punk", "jazz"), there, folds(240), {"punk": "rock"})
    trial = try_classifier("logistic", task)
    assert (trial.probabilities[:, 0] >= trial.probabilities[:, 1]).all()
    assert trial.told is not None and np.mean(trial.told == there) > 0.9
    least = thresholds_of(trial, task)
    assert least is not None and ((least > 0) & (least < 1)).all()
    (fitted,) = fit_trial(trial, task, selection="all", balanced=False)
    assert fitted.shown.tolist() == [0, 1, 2]
    with pytest.raises(UsageError, match="several are told by"):
        try_classifier("knn", task)
