"""Classifiers under the split of a network."""

from __future__ import annotations

import numpy as np
import pytest

from segue.errors import UsageError
from segue.experiments.classifying import ClassifierChoice, settings_note, tell_classes
from segue.training.contract import Split
from segue.training.datasets.contract import Target

_SPLIT = Split(np.arange(0, 40), np.arange(40, 50), np.arange(50, 60), seed=0, apart="track")
_LOGISTIC = ClassifierChoice("logistic")


def _blobs() -> tuple[np.ndarray, Target]:
    classes = np.arange(60) % 3
    vectors = np.random.default_rng(0).normal(0, 0.5, (60, 5)).astype(np.float32)
    vectors[np.arange(60), classes] += 3
    return vectors * np.float32([1, 100, 1, 1e-3, 1]), Target("class", ("a", "b", "c", "never"), classes)


@pytest.mark.parametrize("name", ["logistic", "rbf-svm", "vote-soft", "vote-hard"])
def test_it_tells_what_can_be_told(name: str) -> None:
    if name.startswith("vote"):
        pytest.importorskip("xgboost")
    vectors, target = _blobs()
    told = tell_classes(ClassifierChoice(name), vectors, target, _SPLIT, seed=0)
    said = told.probabilities
    assert said.shape == (10, 4) and said.dtype == np.float32
    np.testing.assert_allclose(said.sum(axis=1), 1, rtol=1e-5)
    assert np.mean(said.argmax(axis=1) == target.values[50:]) >= 0.9
    assert (told.right is None) == name.startswith("vote")
    assert len(told.settings) == (3 if name.startswith("vote") else 1)


def test_classes_of_test_tracks_are_never_read() -> None:
    vectors, target = _blobs()
    swapped = np.where(np.arange(60) < 50, target.values, (target.values + 1) % 3)
    expected = tell_classes(_LOGISTIC, vectors, target, _SPLIT, seed=0)
    told = tell_classes(
        _LOGISTIC, vectors, Target("class", target.names, swapped.astype(np.int64)), _SPLIT, seed=0
    )
    np.testing.assert_array_equal(told.probabilities, expected.probabilities)


def test_tracks_whose_class_is_not_known_are_not_asked() -> None:
    vectors, target = _blobs()
    classes = np.where(np.isin(np.arange(60), (3, 55)), -1, target.values).astype(np.int64)
    told = tell_classes(_LOGISTIC, vectors, Target("class", target.names, classes), _SPLIT, seed=0)
    assert told.rows.tolist() == [50, 51, 52, 53, 54, 56, 57, 58, 59]


def test_without_validation_tracks_the_usual_setting_is_taken() -> None:
    vectors, target = _blobs()
    split = Split(np.arange(50), np.arange(0), np.arange(50, 60), seed=0, apart="track")
    told = tell_classes(_LOGISTIC, vectors, target, split, seed=0)
    assert told.right is None and told.settings == {"logistic": 0.01}


def test_one_class_and_values_are_refused() -> None:
    vectors, target = _blobs()
    with pytest.raises(UsageError, match="fewer than two classes"):
        one = Target("class", target.names, np.zeros(60, np.int64))
        tell_classes(_LOGISTIC, vectors, one, _SPLIT, seed=0)
    with pytest.raises(UsageError, match="the target is values"):
        values = Target("values", ("x",), np.zeros((60, 1), np.float32))
        tell_classes(_LOGISTIC, vectors, values, _SPLIT, seed=0)


def test_without_choices_nothing_is_noted() -> None:
    assert settings_note([{}, {}]) == ""
