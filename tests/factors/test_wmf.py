"""WMF against the readable reference, and what else is promised of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.sparse import csc_array, csr_array

from segue.errors import UsageError
from segue.factors import FactorScorer, WMFSettings, fit_wmf, hold_out, judge, objective, settled
from segue.factors.reference import confidence_and_preference, factorise, loss
from segue.factors.wmf import confidences, first_factors

PLAIN = WMFSettings(
    n_factors=3, alpha=2.0, regularisation=1.0, n_iterations=8, popularity_power=0.0, listener_power=0.0
)


def _first(matrix: csr_array, settings: WMFSettings, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return tuple(
        first_factors(n, settings.n_factors, rng).astype(np.float64)  # type: ignore[return-value]
        for n in matrix.shape
    )


@pytest.mark.parametrize(
    "settings",
    [
        PLAIN,
        replace(PLAIN, confidence="linear", alpha=5.0),
        replace(PLAIN, popularity_power=0.4, listener_power=0.6, n_factors=2),
    ],
    ids=["log", "linear", "evened"],
)
def test_factors_are_those_of_the_reference(scenes: csr_array, settings: WMFSettings) -> None:
    # implicit takes three conjugate gradient steps, which are exact for up to three factors.
    x, y = fit_wmf(scenes, settings, seed=3)
    x0, y0 = factorise(scenes.toarray().astype(np.float64), *_first(scenes, settings, 3), settings)
    np.testing.assert_allclose(x @ y.T, x0 @ y0.T, atol=2e-3)
    np.testing.assert_allclose(x, x0, atol=3e-3)
    np.testing.assert_allclose(y, y0, atol=3e-3)


def test_confidence_is_the_formula(scenes: csr_array) -> None:
    settings = replace(PLAIN, popularity_power=0.3, listener_power=0.2)
    wanted, preference = confidence_and_preference(scenes.toarray().astype(np.float64), settings)
    given = confidences(scenes, settings).toarray()
    np.testing.assert_allclose(given[preference > 0], wanted[preference > 0], rtol=1e-5)
    assert (wanted[preference == 0] == 1).all()


def test_objective_sums_over_all_pairs(scenes: csr_array) -> None:
    x, y = fit_wmf(scenes, PLAIN)
    dense = scenes.toarray().astype(np.float64)
    assert objective(scenes, x, y, PLAIN) == pytest.approx(
        loss(dense, x.astype(np.float64), y.astype(np.float64), PLAIN), rel=1e-5
    )


def test_more_iterations_never_make_the_objective_worse(scenes: csr_array) -> None:
    settings = replace(PLAIN, n_factors=10)
    lost = [
        objective(scenes, *fit_wmf(scenes, replace(settings, n_iterations=n)), settings)
        for n in (1, 2, 4, 8, 16)
    ]
    assert all(later <= earlier * 1.0001 for earlier, later in pairwise(lost))


def test_the_checkerboard_is_completed(checkerboard: csr_array) -> None:
    x, y = fit_wmf(checkerboard, WMFSettings(n_factors=4, n_iterations=10))
    scores = x @ y.T
    for row in range(len(scores)):
        scores[row][checkerboard[[row]].toarray().ravel() > 0] = -np.inf
        assert np.argmax(scores[row]) == row


def test_the_same_seed_gives_the_same_bytes(scenes: csr_array) -> None:
    settings = WMFSettings(n_factors=16, n_iterations=3)
    one, same, other = (fit_wmf(scenes, settings, seed=seed) for seed in (1, 1, 2))
    assert one[0].tobytes() == same[0].tobytes() and one[1].tobytes() == same[1].tobytes()
    assert one[0].tobytes() != other[0].tobytes()
    assert one[0].dtype == np.float32 and one[0].shape == (120, 16)


def test_validation_stops_early_and_keeps_the_best(scenes: csr_array) -> None:
    train, held = hold_out(scenes, seed=1)
    settings = WMFSettings(n_factors=24, regularisation=0.01, n_iterations=60)
    seen: list[int] = []

    class Counting:
        def start(self, label: str, total: int | None) -> None: ...
        def grow(self, total: int) -> None: ...
        def advance(self, steps: int = 1) -> None:
            seen.append(steps)

        def problem(self, path: object, reason: str, detail: str) -> None: ...
        def note(self, message: str) -> None: ...
        def finish(self) -> None: ...

    best = judge(FactorScorer(*fit_wmf(train, settings, validation=held, progress=Counting())), train, held)
    last = judge(FactorScorer(*fit_wmf(train, settings)), train, held)
    assert best.figure >= last.figure
    assert len(seen) < 60


def test_small_data_do_not_collapse_to_zero() -> None:
    tiny = csr_array(np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1]], dtype=np.float32))
    x, y = fit_wmf(tiny, WMFSettings(n_factors=2))
    scores = x @ y.T
    assert scores[0, 1] > 0.5 > abs(scores[0, 2])
    assert settled(tiny, WMFSettings()).regularisation < 150


def test_popularity_power_lifts_rare_tracks(scenes: csr_array) -> None:
    listeners = (scenes > 0).sum(axis=0)

    def mean_popularity(power: float) -> float:
        settings = WMFSettings(n_factors=8, regularisation=20, popularity_power=power, alpha=1)
        x, y = fit_wmf(scenes, settings)
        scores = np.where(scenes.toarray() > 0, -np.inf, x @ y.T)
        return float(np.mean(listeners[np.argsort(-scores, axis=1)[:, :5]]))

    assert mean_popularity(1.0) < mean_popularity(0.0)


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (csr_array((3, 4), dtype=np.float32), "there are no plays"),
        (csr_array(np.array([[1.0, 2.0], [0.0, 0.0]])), "only one listener"),
        (csr_array(np.array([[1.0, -2.0], [1.0, 0.0]])), "must not be negative"),
        (csr_array(np.array([[1.0, np.nan], [1.0, 0.0]])), "no numbers"),
        (csc_array(np.eye(3)), "CSR matrix of listeners × tracks, not csc"),
        (np.eye(3), "not ndarray"),
    ],
    ids=["empty", "one", "negative", "nan", "transposed", "dense"],
)
def test_bad_plays_are_refused_in_words(matrix: object, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        fit_wmf(matrix)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"alpha": 0}, {"eps": -1}, {"n_factors": 0}, {"regularisation": np.nan}])
def test_bad_settings_are_refused(checkerboard: csr_array, wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        fit_wmf(checkerboard, replace(WMFSettings(), **wrong))


def test_what_is_given_is_not_changed(scenes: csr_array) -> None:
    before = scenes.data.copy(), scenes.indices.copy()
    fit_wmf(scenes, PLAIN)
    np.testing.assert_array_equal(scenes.data, before[0])
    np.testing.assert_array_equal(scenes.indices, before[1])


@pytest.mark.parametrize("alpha", [1e-9, 1e10])
def test_lambda_follows_alpha_however_small_or_large(scenes: csr_array, alpha: float) -> None:
    usual = settled(scenes, WMFSettings(alpha=1.0)).regularisation
    found = settled(scenes, WMFSettings(alpha=alpha)).regularisation
    assert usual is not None
    assert found == pytest.approx(alpha * usual, rel=1e-4)


@pytest.mark.parametrize(
    "settings", [WMFSettings(alpha=1e30), WMFSettings(alpha=1e10, confidence="linear")], ids=["log", "linear"]
)
def test_numbers_beyond_float32_are_an_error_and_no_warning(settings: WMFSettings) -> None:
    plays = csr_array(np.array([[1e30, 2], [1, 1]], dtype=np.float32))
    with pytest.raises(UsageError, match=r"alpha"):
        fit_wmf(plays, settings)
