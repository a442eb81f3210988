"""The parts of content → factors: scales, kernels against scikit-learn, gradients against differences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array
from sklearn.kernel_ridge import KernelRidge as Reference

from segue.errors import UsageError
from segue.factors import WMFSettings, checked, fit_wmf
from segue.factors.content import METHODS, Content, Usage, fit_content
from segue.factors.content.inputs import fit_inputs
from segue.factors.content.kernel import choose_kernel, fit_kernel_ridge
from segue.factors.content.network import NetworkSettings, fit_network
from segue.factors.content.objectives import list_objective, mcos_objective, squares_objective, wpe_objective
from segue.factors.content.tastes import fit_tastes
from segue.factors.wmf import confidences


def _values(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def test_inputs_are_on_one_scale_whatever_the_outliers() -> None:
    rng = np.random.default_rng(0)
    wild = np.exp(4 * rng.standard_normal(1_000))
    rows = fit_inputs(Content(wild[:, None])).of(Content(wild[:, None]))
    assert abs(float(rows.mean())) < 0.05
    assert 0.9 < float(rows.std()) < 1.05
    assert np.all(np.diff(rows[np.argsort(wild), 0]) >= 0)


def test_whole_numbers_with_few_values_are_names() -> None:
    keys = np.random.default_rng(0).integers(0, 12, (600, 1)).astype(np.float64)
    rows = fit_inputs(Content(keys)).of(Content(np.array([[3.0], [4.0], [99.0]])))
    assert rows.shape == (3, 12)
    assert np.array_equal(np.count_nonzero(rows, axis=1), [1, 1, 0])


def test_a_missing_number_is_the_middle_and_is_said() -> None:
    values = np.linspace(0, 1, 101)[:, None].copy()
    values[7] = np.nan
    rows = fit_inputs(Content(values)).of(Content(np.array([[np.nan], [0.5]])))
    assert rows[0].tolist() == [0.0, 1.0]
    assert abs(rows[1, 0]) < 0.1
    assert rows[1, 1] == 0


@given(arrays(np.float64, (20, 3), elements=st.floats(-1e12, 1e12)))
@settings(max_examples=50, deadline=None)
def test_inputs_are_finite(values: np.ndarray) -> None:
    rows = fit_inputs(Content(values)).of(Content(values))
    assert np.isfinite(rows).all()


def test_no_content_at_all_is_refused() -> None:
    with pytest.raises(UsageError, match="no training track has content"):
        fit_inputs(Content(np.full((5, 2), np.nan)))


def test_kernel_ridge_is_that_of_scikit_learn() -> None:
    inputs, targets, asked = _values(0, 80, 4), _values(1, 80, 3), _values(2, 10, 4)
    kernel = choose_kernel(inputs, width=1.0, seed=0)
    (mine,) = fit_kernel_ridge(kernel, inputs, targets, (0.7,))
    theirs = Reference(alpha=0.7, kernel="rbf", gamma=kernel.gamma).fit(inputs, targets)
    np.testing.assert_allclose(mine.predict(asked), theirs.predict(asked), atol=2e-3)


def test_spread_grows_with_the_distance_from_all_that_is_known() -> None:
    inputs = _values(0, 100, 2)
    (model,) = fit_kernel_ridge(choose_kernel(inputs, width=1.0, seed=0), inputs, _values(1, 100, 1), (0.1,))
    spread = model.spread(np.array([[0, 0], [3, 3], [30, 30]], np.float32))
    assert spread[0] < 0.3
    assert spread[0] < spread[1] < spread[2] == 1


def _difference(loss, outputs: np.ndarray, at: tuple[int, int]) -> float:
    step = np.zeros_like(outputs)
    step[at] = 1e-3
    return (loss(outputs + step) - loss(outputs - step)) / 2e-3


def test_the_gradient_of_mcos_is_right() -> None:
    targets, outputs = _values(0, 6, 4), _values(1, 6, 4).astype(np.float64)

    def loss(values: np.ndarray) -> float:
        t = targets / np.linalg.norm(targets, axis=1, keepdims=True)
        p = values / np.linalg.norm(values, axis=1, keepdims=True)
        cosines = t @ p.T
        return -float((np.diag(cosines) / (cosines + 1).sum(axis=0)).sum())

    gradient = mcos_objective(targets)(np.arange(6), outputs.astype(np.float32))
    for at in ((0, 0), (3, 2), (5, 3)):
        assert gradient[at] == pytest.approx(_difference(loss, outputs, at), abs=1e-4)


def test_the_gradient_of_weighted_errors_is_right() -> None:
    rng = np.random.default_rng(0)
    added = np.where(rng.random((6, 5)) < 0.5, rng.uniform(1, 9, (6, 5)), 0).astype(np.float32)
    listeners, centre, scale = _values(2, 5, 4), _values(3, 4), np.array([0.5, 1, 2, 3], np.float32)
    outputs = _values(1, 6, 4).astype(np.float64)

    def loss(values: np.ndarray) -> float:
        given = (values * scale + centre) @ listeners.T
        return float(((1 + added) * ((added > 0) - given) ** 2).sum())

    size = np.trace(listeners.T @ listeners) / 4 * 6
    objective = wpe_objective(csr_array(added), listeners, centre, scale)
    gradient = objective(np.arange(6), outputs.astype(np.float32)) * size
    for at in ((0, 0), (3, 2), (5, 1)):
        assert gradient[at] == pytest.approx(_difference(loss, outputs, at), rel=2e-3)


@pytest.mark.parametrize("shared", [False, True])
def test_the_gradient_of_the_list_objective_is_right(shared: bool) -> None:
    plays = csr_array((np.random.default_rng(0).random((6, 3)) < 0.5).astype(np.float32))
    listeners = _values(2, 3, 4) if shared else None
    outputs = _values(1, 6, 4 if shared else 3).astype(np.float64)

    def loss(values: np.ndarray) -> float:
        scores = values if listeners is None else values @ listeners.T
        share = np.exp(scores) / np.exp(scores).sum(axis=0)
        return -float((plays.toarray() * np.log(share)).sum()) / 6

    gradient = list_objective(plays, listeners)(np.arange(6), outputs.astype(np.float32))
    for at in ((0, 0), (3, 2), (5, 1)):
        assert gradient[at] == pytest.approx(_difference(loss, outputs, at), abs=1e-3)


def test_a_network_learns_a_bent_line() -> None:
    inputs = _values(0, 2_000, 1)
    targets = np.abs(inputs)
    settings_ = NetworkSettings(hidden=(32,), n_epochs=30, dropout=0.0, rate=1e-2)
    network = fit_network(inputs, 1, squares_objective(targets), settings_, seed=0)
    assert float(np.abs(network.outputs(inputs) - targets).mean()) < 0.05


def test_tastes_share_plays_among_those_who_listen_alike() -> None:
    played = np.zeros((6, 8), np.float32)
    played[:3, :4] = played[3:, 4:] = 1
    played[0, 0] = 0  # the one who has not heard the first track yet
    tastes = fit_tastes(csr_array(played))
    shared = tastes.targets(csr_array(played), sharing=1.0) @ tastes.listeners.T
    assert shared[0, 0] > 0.1 > abs(shared[0, 4])
    alone = tastes.targets(csr_array(played), sharing=0.0) @ tastes.listeners.T
    assert abs(alone[0, 0]) < 1e-4


@pytest.mark.parametrize("method", [*(method for method in METHODS if method != "wpe"), "auto"])
def test_content_predicts_given_factors(method: str) -> None:
    content = _values(0, 400, 3).astype(np.float64)
    factors = np.column_stack([content[:, 0] * 5 + 40, content[:, 1] * 0.01, content[:, 2]])
    model = fit_content(Content(content[:300]), factors[:300].astype(np.float32), method=method, seed=1)
    predicted, spread = model.predict(Content(content[300:]))
    for column in range(3):
        assert np.corrcoef(predicted[:, column], factors[300:, column])[0, 1] > 0.7
    assert spread.shape == (100,)
    assert set(model.choices) == ({*METHODS} - {"wpe"} if method == "auto" else {method})


def test_weighted_errors_learn_who_plays_what() -> None:
    numeric = np.random.default_rng(0).uniform(-1, 1, (300, 2))
    likes = np.where(np.arange(40)[:, None] % 2 == 0, -numeric[:, 0], numeric[:, 0])
    matrix = csr_array((np.random.default_rng(1).random((40, 300)) < np.where(likes > 0.2, 0.4, 0.01)) * 1.0)
    settings_ = WMFSettings(n_factors=4)
    listeners, tracks = fit_wmf(matrix, settings_)
    added = confidences(checked(matrix), settings_)
    added.data -= 1
    usage = Usage(added.T.tocsr(), listeners)
    model = fit_content(Content(numeric), tracks, usage=usage, method="wpe")
    low, high = (listeners @ model.predict(Content(np.array([[at, 0.0]])))[0][0] for at in (-0.8, 0.8))
    assert np.mean(low[::2] > high[::2]) > 0.9
    assert np.mean(high[1::2] > low[1::2]) > 0.9


def test_weighted_errors_need_plays() -> None:
    with pytest.raises(UsageError, match="wpe learns from plays"):
        fit_content(Content(np.zeros((20, 2))), _values(0, 20, 2), method="wpe")


def test_without_content_a_track_is_the_mean_and_nothing_is_certain() -> None:
    content = _values(0, 100, 3).astype(np.float64)
    model = fit_content(Content(content), _values(1, 100, 2), method="ridge")
    predicted, spread = model.predict(Content(np.full((1, 3), np.nan)))
    np.testing.assert_allclose(predicted[0], model.centre, atol=1e-6)
    assert spread[0] == 1
