"""Figures of predicted classes and tags, compared with scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from segue.evaluation.class_metrics import (
    accuracies,
    class_counts,
    class_scores,
    confusion_matrix,
    kappas,
    macro_f1s,
)
from segue.evaluation.tag_metrics import roc_and_precision


def test_class_figures_are_those_of_scikit_learn_also_with_weights() -> None:
    rng = np.random.default_rng(0)
    truth, guess = rng.integers(0, 4, 60), rng.integers(0, 4, 60)
    weights = rng.integers(1, 4, (3, 60)).astype(np.float64)
    counts = class_counts(truth, guess, 4, weights)
    np.testing.assert_array_equal(confusion_matrix(truth, guess, 4), sk.confusion_matrix(truth, guess))
    for draw, weight in enumerate(weights):
        counted = {"sample_weight": weight}
        assert accuracies(counts)[draw] == pytest.approx(sk.accuracy_score(truth, guess, **counted))
        assert kappas(counts)[draw] == pytest.approx(sk.cohen_kappa_score(truth, guess, **counted))
        assert macro_f1s(counts)[draw] == pytest.approx(sk.f1_score(truth, guess, average="macro", **counted))
        expected = sk.precision_recall_fscore_support(truth, guess, **counted)
        for ours, theirs in zip(class_scores(counts), expected[:3], strict=True):
            np.testing.assert_allclose(ours[draw], theirs)


def test_a_class_that_nobody_has_or_says_does_not_count() -> None:
    counts = class_counts(np.array([0, 0, 1]), np.array([0, 0, 0]), 3)
    precision, recall, f1 = class_scores(counts)
    np.testing.assert_allclose(precision, [[2 / 3, np.nan, np.nan]])
    np.testing.assert_allclose(recall, [[1, 0, np.nan]])
    assert macro_f1s(counts)[0] == pytest.approx((0.8 + 0) / 2)
    assert np.isnan(f1[0, 2])


def test_kappa_of_one_class_alone_is_nothing() -> None:
    assert kappas(class_counts(np.zeros(4, int), np.zeros(4, int), 2))[0] == 0


def test_tag_figures_are_those_of_scikit_learn_with_ties_and_weights() -> None:
    rng = np.random.default_rng(1)
    truth, scores = rng.random(80) < 0.3, rng.integers(0, 9, 80) / 9
    weights = rng.integers(0, 3, (4, 80)).astype(np.float64)
    auc, precision = roc_and_precision(truth, scores, weights)
    for draw, weight in enumerate(weights):
        assert auc[draw] == pytest.approx(sk.roc_auc_score(truth, scores, sample_weight=weight))
        expected = sk.average_precision_score(truth, scores, sample_weight=weight)
        assert precision[draw] == pytest.approx(expected)


def test_a_tag_of_all_tracks_has_no_figures() -> None:
    auc, precision = roc_and_precision(np.ones(3, bool), np.arange(3.0))
    assert np.isnan(auc).all() and np.isnan(precision).all()
