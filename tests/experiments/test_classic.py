"""Classic classifiers under the split of a network."""

from __future__ import annotations

import numpy as np
import pytest

from segue.errors import UsageError
from segue.experiments.classic import CLASSIFIERS, Classifier, classic_predictions
from segue.training.contract import Split
from segue.training.datasets.contract import Target

_SPLIT = Split(np.arange(0, 40), np.arange(40, 50), np.arange(50, 60), seed=0, apart="track")


def _blobs() -> tuple[np.ndarray, Target]:
    classes = np.arange(60) % 3
    vectors = np.random.default_rng(0).normal(0, 0.5, (60, 5)).astype(np.float32)
    vectors[np.arange(60), classes] += 3
    return vectors * np.float32([1, 100, 1, 1e-3, 1]), Target("class", ("a", "b", "c", "never"), classes)


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_it_tells_what_can_be_told(classifier: Classifier) -> None:
    vectors, target = _blobs()
    said = classic_predictions(vectors, target, _SPLIT, classifier=classifier)
    assert said.shape == (10, 4) and said.dtype == np.float32
    np.testing.assert_allclose(said.sum(axis=1), 1, rtol=1e-5)
    assert np.mean(said.argmax(axis=1) == target.values[50:]) >= 0.9


def test_classes_of_test_tracks_are_never_read() -> None:
    vectors, target = _blobs()
    unknown = Target("class", target.names, np.where(np.arange(60) < 50, target.values, -1))
    expected = classic_predictions(vectors, target, _SPLIT, classifier="logistic")
    said = classic_predictions(vectors, unknown, _SPLIT, classifier="logistic")
    np.testing.assert_array_equal(said, expected)


def test_without_validation_tracks_the_usual_penalty_is_taken() -> None:
    vectors, target = _blobs()
    split = Split(np.arange(50), np.arange(0), np.arange(50, 60), seed=0, apart="track")
    assert classic_predictions(vectors, target, split, classifier="svm").sum() == 10


def test_one_class_and_values_are_refused() -> None:
    vectors, target = _blobs()
    with pytest.raises(UsageError, match="fewer than two classes"):
        one = Target("class", target.names, np.zeros(60, np.int64))
        classic_predictions(vectors, one, _SPLIT, classifier="svm")
    with pytest.raises(UsageError, match="the target is values"):
        values = Target("values", ("x",), np.zeros((60, 1), np.float32))
        classic_predictions(vectors, values, _SPLIT, classifier="svm")
