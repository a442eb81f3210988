"""Holding out, judging and tuning."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from segue.errors import UsageError
from segue.factors import (
    FactorScorer,
    WMFSettings,
    fingerprint_of,
    fit_popularity,
    hold_out,
    judge,
    tune,
)


def test_held_out_and_training_plays_are_all_plays(scenes: csr_array) -> None:
    train, held = hold_out(scenes, share=0.3, seed=1)
    np.testing.assert_array_equal((train + held).toarray(), scenes.toarray())
    assert train.multiply(held).nnz == 0
    assert held.nnz / scenes.nnz == pytest.approx(0.3, abs=0.05)
    assert (hold_out(scenes, share=0.3, seed=1)[1] != held).nnz == 0


@pytest.mark.parametrize("share", [0, 1, -0.1, 2])
def test_a_share_lies_between_nothing_and_all(scenes: csr_array, share: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        hold_out(scenes, share=share)


def test_judgement_by_hand() -> None:
    # One listener plays track 0; of the others 1 and 4 are held out, scored 5 and 2 against 3 and 1.
    train = csr_array(np.array([[1, 0, 0, 0, 0]], dtype=np.float32))
    held = csr_array(np.array([[0, 1, 0, 0, 1]], dtype=np.float32))
    scorer = FactorScorer(np.ones((1, 1), np.float32), np.array([[9], [5], [3], [1], [2]], np.float32))
    found = judge(scorer, train, held)
    assert found.auc == pytest.approx(3 / 4)
    assert found.recall == 1.0 and found.n_listeners == 1


def test_equal_scores_are_worth_half() -> None:
    train = csr_array((1, 200), dtype=np.float32)
    held = csr_array(([1.0], ([0], [3])), shape=(1, 200))
    found = judge(FactorScorer(np.zeros((1, 1), np.float32), np.zeros((200, 1), np.float32)), train, held)
    assert found.auc == pytest.approx(0.5)
    assert found.recall == pytest.approx(50 / 200)


def test_area_is_that_of_scikit_learn(scenes: csr_array) -> None:
    from sklearn.metrics import roc_auc_score

    train, held = hold_out(scenes, seed=3)
    scorer = fit_popularity(train)
    areas = []
    for row in np.flatnonzero(np.diff(held.indptr)):
        others = train[[row]].toarray().ravel() == 0
        truth = held[[row]].toarray().ravel()[others] > 0
        areas.append(roc_auc_score(truth, scorer.scores(np.array([row]))[0][others]))
    assert judge(scorer, train, held).auc == pytest.approx(np.mean(areas))


def test_nobody_to_judge_is_chance(scenes: csr_array) -> None:
    nothing = csr_array(scenes.shape, dtype=np.float32)
    assert judge(fit_popularity(scenes), scenes, nothing).n_listeners == 0


def test_tuning_finds_better_settings_and_remembers_all(scenes: csr_array) -> None:
    bad = WMFSettings(n_factors=4, alpha=0.01, regularisation=0.001, n_iterations=6)
    found = tune(scenes, bad, n_factors=[2, 8], n_trials=12, seed=0)
    first = found.trials[0]
    best = next(trial for trial in found.trials if trial.settings == found.settings)
    assert first.settings == bad
    assert best.judgement.figure == max(trial.judgement.figure for trial in found.trials)
    assert best.judgement.figure > first.judgement.figure
    assert len(found.trials) <= 12 and {trial.settings.n_factors for trial in found.trials} == {2, 4, 8}
    again = tune(scenes, bad, n_factors=[2, 8], n_trials=12, seed=0)
    assert again.settings == found.settings


def test_fingerprints_are_of_labels_and_plays(scenes: csr_array) -> None:
    listeners, tracks = np.arange(120), np.arange(80)
    one = fingerprint_of(listeners, tracks, scenes)
    assert one == fingerprint_of(listeners.astype(np.int32), tracks, scenes.astype(np.float64))
    changed = scenes.copy()
    changed.data[3] += 1
    others = [
        fingerprint_of(listeners, tracks, changed),
        fingerprint_of(listeners + 1, tracks, scenes),
        fingerprint_of(listeners, tracks[::-1], scenes),
    ]
    assert len({one, *others}) == 4
