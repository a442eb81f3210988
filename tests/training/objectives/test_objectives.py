"""Objectives against plain NumPy, and what must hold for any targets and outputs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from segue.errors import UsageError  # noqa: E402
from segue.training.contract import Batch, Heard  # noqa: E402
from segue.training.datasets.contract import Target  # noqa: E402
from segue.training.objectives import (  # noqa: E402
    make_objective,
    objective_names,
    registry,
)

N = 40
ALL = np.arange(N)
_RNG = np.random.default_rng(0)
VALUES = Target(
    "values",
    ("x", "y", "z"),
    _RNG.normal((5, 0, -2), (1, 10, 0.1), size=(N, 3)).astype(np.float32),
    weights=_RNG.exponential(size=N).astype(np.float32),
)
CLASSES = Target("class", ("a", "b", "c", "d"), np.repeat(np.arange(4), (20, 12, 6, 2)))
_tags = (_RNG.random((N, 5)) < 0.4).astype(np.float32)
_tags[::7, 1] = np.nan
TAGS = Target("tags", tuple("pqrst"), _tags)
TARGETS = {"values": VALUES, "class": CLASSES, "tags": TAGS}


def _said(n_names: int, n: int = N, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, n_names)).astype(np.float32)


def _loss(
    name: str, target: Target, outputs: np.ndarray, rows: np.ndarray = ALL, **settings: object
) -> float:
    objective = make_objective(name, {"it": target}, settings=settings)
    objective.learn(ALL)
    heard = Heard(torch.zeros(len(rows), 2), {"it": torch.from_numpy(outputs)})
    return float(objective(heard, Batch(torch.zeros(len(rows), 1), torch.from_numpy(rows))))


def _log_softmax(outputs: np.ndarray) -> np.ndarray:
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (one, other)]
    return unit[0] @ unit[1].T


def test_mse_is_of_values_in_units_of_the_training_rows() -> None:
    outputs, rows = _said(3), np.arange(10, 25)
    objective = make_objective("mse", {"it": VALUES})
    objective.learn(rows)
    heard = Heard(torch.zeros(N, 2), {"it": torch.from_numpy(outputs)})
    there = VALUES.values
    scaled = (there - there[rows].mean(axis=0)) / there[rows].std(axis=0)
    loss = objective(heard, Batch(torch.zeros(N, 1), torch.arange(N)))
    assert float(loss) == pytest.approx(((outputs - scaled) ** 2).mean(), rel=1e-4)
    centre, width = objective.units["it"]
    np.testing.assert_allclose(centre, there[rows].mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(width, there[rows].std(axis=0), rtol=1e-4)


def test_learning_again_from_other_rows_starts_from_the_values_themselves() -> None:
    objective = make_objective("mse", {"it": VALUES})
    objective.learn(np.arange(5))
    objective.learn(ALL)
    assert float(objective.units["it"][0][0]) == pytest.approx(VALUES.values[:, 0].mean(), rel=1e-5)


def test_weighted_mse_counts_each_track_by_its_weight() -> None:
    outputs, weights = _said(3), VALUES.weights
    assert weights is not None
    scaled = (VALUES.values - VALUES.values.mean(axis=0)) / VALUES.values.std(axis=0)
    right = (((outputs - scaled) ** 2).mean(axis=1) * weights / weights.mean()).mean()
    assert _loss("weighted-mse", VALUES, outputs) == pytest.approx(right, rel=1e-4)


def test_cosine() -> None:
    outputs = _said(3)
    right = (1 - np.diag(_cosines(VALUES.values, outputs))).mean()
    assert _loss("cosine", VALUES, outputs) == pytest.approx(right, rel=1e-4)


def test_mcos() -> None:
    outputs = _said(3)
    likeness = _cosines(VALUES.values, outputs)  # right i, predicted j
    scores = [likeness[k, k] / sum(likeness[i, k] + 1 for i in range(N)) for k in range(N)]
    assert _loss("mcos", VALUES, outputs) == pytest.approx(-np.mean(scores), rel=1e-4)


def test_mcos_is_not_won_by_one_point_for_all() -> None:
    same = np.tile(VALUES.values.mean(axis=0), (N, 1)).astype(np.float32)
    assert _loss("mcos", VALUES, VALUES.values.astype(np.float32)) < _loss("mcos", VALUES, same)


def test_cross_entropy() -> None:
    outputs = _said(4)
    right = -_log_softmax(outputs)[ALL, CLASSES.values].mean()
    assert _loss("cross-entropy", CLASSES, outputs) == pytest.approx(right, rel=1e-5)


def test_weighted_cross_entropy_is_the_mean_over_classes_of_their_means() -> None:
    outputs = _said(4)
    each = -_log_softmax(outputs)[ALL, CLASSES.values]
    right = np.mean([each[CLASSES.values == label].mean() for label in range(4)])
    assert _loss("weighted-cross-entropy", CLASSES, outputs) == pytest.approx(right, rel=1e-4)


def test_balanced_sampling_draws_every_class_equally_often() -> None:
    objective = make_objective("balanced-cross-entropy", {"it": CLASSES})
    rng = np.random.default_rng(0)
    drawn = np.concatenate([objective.order(ALL, rng) for _ in range(200)])
    share = np.bincount(CLASSES.values[drawn]) / len(drawn)
    np.testing.assert_allclose(share, 0.25, atol=0.02)


def test_binary_cross_entropy_is_over_the_known_tags() -> None:
    outputs = _said(5)
    chance = 1 / (1 + np.exp(-outputs))
    each = -np.where(TAGS.values == 1, np.log(chance), np.log(1 - chance))
    each[np.isnan(TAGS.values)] = np.nan
    right = np.nanmean(each, axis=1).mean()
    assert _loss("binary-cross-entropy", TAGS, outputs) == pytest.approx(right, rel=1e-4)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("mse", "values"),
        ("cosine", "values"),
        ("mcos", "values"),
        ("cross-entropy", "class"),
        ("weighted-cross-entropy", "class"),
        ("binary-cross-entropy", "tags"),
    ],
)
def test_what_is_not_known_has_no_part(name: str, kind: str) -> None:
    target = TARGETS[kind]
    values = target.values.copy()
    values[::2] = -1 if kind == "class" else np.nan
    some = Target(target.kind, target.names, values)
    outputs = _said(len(target.names))
    objective = make_objective(name, {"it": some})
    objective.learn(objective.known(ALL))
    assert objective.known(ALL).tolist() == list(range(1, N, 2))
    rows = torch.arange(N)

    def loss(made: np.ndarray, of: torch.Tensor) -> torch.Tensor:
        heard = Heard(torch.zeros(len(of), 2), {"it": torch.from_numpy(made).requires_grad_()})
        return objective(heard, Batch(torch.zeros(len(of), 1), of))

    known = loss(outputs[1::2], rows[1::2]).item()
    assert loss(outputs, rows).item() == pytest.approx(known, rel=1e-5)
    nothing = loss(outputs[::2], rows[::2])
    nothing.backward()
    assert nothing.item() == 0


@given(st.integers(0, 2**31), st.sampled_from(["mse", "mcos", "cross-entropy", "binary-cross-entropy"]))
@settings(max_examples=25, deadline=None)
def test_mixing_is_between_the_two_tracks(seed: int, name: str) -> None:
    kind = {"mse": "values", "mcos": "values", "cross-entropy": "class"}.get(name, "tags")
    objective = make_objective(name, {"it": TARGETS[kind]})
    objective.learn(ALL)
    rng = np.random.default_rng(seed)
    partner = torch.from_numpy(rng.permutation(N))
    rows, share = torch.arange(N), torch.from_numpy(rng.random(N).astype(np.float32))
    heard = Heard(torch.zeros(N, 2), {"it": torch.from_numpy(_said(len(TARGETS[kind].names), seed=seed))})
    inputs = torch.zeros(N, 1)
    plain = float(objective(heard, Batch(inputs, rows)))
    other = float(objective(heard, Batch(inputs, rows[partner])))
    half = float(objective(heard, Batch(inputs, rows, partner, torch.full((N,), 0.5))))
    assert half == pytest.approx((plain + other) / 2, rel=1e-4, abs=1e-5)
    assert float(objective(heard, Batch(inputs, rows, partner, torch.ones(N)))) == pytest.approx(
        plain, rel=1e-5
    )
    mixed = objective(heard, Batch(inputs, rows, partner, share))
    assert torch.isfinite(mixed)


def test_mixing_squares_errors_to_the_mixed_target_up_to_a_constant() -> None:
    """The slope of the loss is that of the squared error to the mixed values."""
    objective = make_objective("mse", {"it": VALUES})
    objective.learn(ALL)
    centre, width = (part.numpy() for part in objective.units["it"])
    scaled = (VALUES.values - centre) / width
    partner, share = np.roll(ALL, 1), np.linspace(0, 1, N, dtype=np.float32)
    outputs = torch.from_numpy(_said(3)).requires_grad_()
    batch = Batch(torch.zeros(N, 1), torch.arange(N), torch.from_numpy(partner), torch.from_numpy(share))
    objective(Heard(torch.zeros(N, 2), {"it": outputs}), batch).backward()
    mixed = share[:, None] * scaled + (1 - share[:, None]) * scaled[partner]
    right = 2 * (outputs.detach().numpy() - mixed) / mixed.size
    np.testing.assert_allclose(outputs.grad, right, atol=1e-6)


def test_several_heads_are_summed_by_their_weights() -> None:
    objective = make_objective("cross-entropy", TARGETS, weights={"values": 0.5, "tags": 3})
    objective.learn(ALL)
    assert objective.heads == {"values": 3, "class": 4, "tags": 5}
    assert objective.kinds == {"values": "values", "class": "class", "tags": "tags"}
    outputs = {name: _said(len(target.names)) for name, target in TARGETS.items()}
    heard = Heard(torch.zeros(N, 2), {name: torch.from_numpy(made) for name, made in outputs.items()})
    whole = float(objective(heard, Batch(torch.zeros(N, 1), torch.arange(N))))
    parts = {"values": "mse", "class": "cross-entropy", "tags": "binary-cross-entropy"}
    each = {kind: _loss(name, TARGETS[kind], outputs[kind]) for kind, name in parts.items()}
    assert whole == pytest.approx(0.5 * each["values"] + each["class"] + 3 * each["tags"], rel=1e-5)


def test_outputs_of_zero_have_a_direction() -> None:
    objective = make_objective("mcos", {"it": VALUES})
    objective.learn(ALL)
    outputs = torch.zeros(N, 3, requires_grad=True)
    heard = Heard(torch.zeros(N, 2), {"it": outputs})
    objective(heard, Batch(torch.zeros(N, 1), torch.arange(N))).backward()
    assert outputs.grad is not None and torch.isfinite(outputs.grad).all() and outputs.grad.any()


def test_every_name_makes_an_objective() -> None:
    assert set(registry._makers()) == set(objective_names())
    for name, wants in registry._WANTS.items():
        targets = {"it": TARGETS[sorted(wants)[0]]} if wants else {}
        assert make_objective(name, targets).group in {1, 2, 3}


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("mco", {}, "did you mean 'mcos'?"),
        ("mcos", {"settings": {"margin": 1.0}}, "it has none"),
        ("triplet-offline", {"settings": {"marign": 1.0}}, "did you mean 'margin'?"),
        ("triplet-offline", {"settings": {"margin": "wide"}}, "a number above 0"),
        ("triplet-offline", {"settings": {"nearest": 1.5}}, "a whole number above 0"),
        ("mcos", {"weights": {"that": 1.0}}, "which is no target"),
        ("cross-entropy", {}, "learns class, but the targets are: it (values)"),
    ],
)
def test_wrong_names_and_settings_are_refused(name: str, options: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_objective(name, {"it": VALUES}, **options)  # type: ignore[arg-type]
    assert words in str(caught.value)


def test_classes_told_rightly_count_by_share_where_inputs_are_mixed() -> None:
    some = Target("class", ("a", "b"), np.array([0, 1, -1, 1]))
    objective = make_objective("cross-entropy", {"it": some, "more": VALUES.take(np.arange(4))})
    outputs = {
        "it": torch.tensor([[2.0, 1.0], [2.0, 1.0], [2.0, 1.0], [1.0, 2.0]]),
        "more": torch.zeros(4, 3),
    }
    heard, rows = Heard(torch.zeros(4, 2), outputs), torch.arange(4)
    assert objective.told_rightly(heard, Batch(torch.zeros(4, 1), rows)).tolist() == [2, 3]
    mixed = Batch(torch.zeros(4, 1), rows, torch.tensor([1, 0, 3, 2]), torch.full((4,), 0.75))
    assert objective.told_rightly(heard, mixed).tolist() == [1.75, 3]
    contrast = make_objective("self-supervised", {})
    assert contrast.told_rightly(heard, mixed).tolist() == [0, 0]
