"""Objectives of embeddings: what is drawn, and the losses against plain NumPy loops."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from segue.errors import UsageError  # noqa: E402
from segue.training.contract import Batch, Heard  # noqa: E402
from segue.training.datasets.contract import Target  # noqa: E402
from segue.training.objectives import make_objective  # noqa: E402
from segue.training.objectives.drawing import (  # noqa: E402
    Nearness,
    class_partners,
    class_strangers,
    tag_partners,
)

N = 60
_RNG = np.random.default_rng(0)
FACTORS = Target("values", tuple("uvwxyz"), _RNG.normal(size=(N, 6)).astype(np.float32))
GENRES = Target("class", ("a", "b", "c"), np.arange(N) % 3)
TAGS = Target("tags", tuple("pqrst"), (_RNG.random((N, 5)) < 0.3).astype(np.float32))


def _made(n: int, dim: int = 4, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32)


def _loss(objective: torch.nn.Module, made: np.ndarray, rows: np.ndarray) -> float:
    batch = Batch(torch.zeros(len(rows), 1), torch.from_numpy(rows))
    return float(objective(Heard(torch.from_numpy(made), {}), batch))


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@given(st.lists(st.integers(0, 4), min_size=2, max_size=40), st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_partners_are_of_the_class_and_strangers_are_not(labels: list[int], seed: int) -> None:
    classes, rng = np.array(labels), np.random.default_rng(seed)
    partners = class_partners(classes, rng)
    assert (classes[partners] == classes).all()
    alone = np.bincount(classes)[classes] == 1
    assert ((partners == np.arange(len(classes))) == alone).all()
    if len(set(labels)) == 1:
        with pytest.raises(UsageError, match="one class only"):
            class_strangers(classes, rng)
    else:
        assert (classes[class_strangers(classes, rng)] != classes).all()


def test_partners_by_tags_share_one() -> None:
    partners = tag_partners(np.asarray(TAGS.values), np.random.default_rng(0))
    shared = (TAGS.values * TAGS.values[partners]).sum(axis=1)
    for at, partner in enumerate(partners):
        assert shared[at] > 0 or partner == at


def test_near_and_far_are_by_the_cosine() -> None:
    values = np.asarray(FACTORS.values)
    found = Nearness(values, nearest=4, farthest=10)
    likeness = _unit(values) @ _unit(values).T
    for at in range(N):
        order = [int(other) for other in np.argsort(-likeness[at]) if other != at]
        assert set(found.near[at]) == set(order[:4])
        assert set(found.far[at]) == set(order[-10:])
        assert found.near_at[at] == pytest.approx(likeness[at, order[3]], abs=1e-6)


def test_small_sets_have_fewer_neighbours() -> None:
    found = Nearness(np.asarray(FACTORS.values), nearest=20, farthest=500)
    assert found.near.shape == (N, 5) and found.far.shape == (N, 29)


@pytest.mark.parametrize("target", [FACTORS, GENRES], ids=["factors", "genres"])
def test_offline_triplets_are_anchor_near_far(target: Target) -> None:
    objective = make_objective("triplet-offline", {"it": target}, settings={"nearest": 3, "farthest": 10})
    rows = np.arange(5, 55)
    order = objective.order(rows, np.random.default_rng(0)).reshape(-1, 3)
    assert sorted(order[:, 0]) == rows.tolist()
    assert set(order.ravel()) <= set(rows.tolist())
    anchor, positive, negative = (np.asarray(target.values)[part] for part in order.T)
    if target.kind == "class":
        assert (anchor == positive).all() and (anchor != negative).all()
    else:
        near, far = ((_unit(anchor) * _unit(other)).sum(axis=1) for other in (positive, negative))
        assert (near > far).all()


def test_offline_triplet_loss() -> None:
    objective = make_objective("triplet-offline", {"it": FACTORS}, settings={"margin": 0.3})
    made = _made(12)
    a, p, n = _unit(made).reshape(-1, 3, 4).transpose(1, 0, 2)
    apart = np.linalg.norm(a - p, axis=1) - np.linalg.norm(a - n, axis=1)
    right = np.maximum(apart + 0.3, 0).mean()
    assert _loss(objective, made, np.arange(12)) == pytest.approx(right, rel=1e-4)


def test_semi_hard_negatives() -> None:
    objective = make_objective("triplet-online", {"it": GENRES}, settings={"margin": 0.2})
    rows, made = np.arange(16), _made(16)
    classes, unit = np.asarray(GENRES.values)[rows], _unit(made)
    distance = np.linalg.norm(unit[:, None] - unit[None], axis=2)
    each = []
    for a, p in product(range(16), range(16)):
        if a != p and classes[a] == classes[p]:
            others = distance[a][classes != classes[a]]
            farther = others[others > distance[a, p]]
            negative = farther.min() if len(farther) else others.max()
            each.append(max(distance[a, p] - negative + 0.2, 0))
    assert _loss(objective, made, rows) == pytest.approx(np.mean(each), rel=1e-4)


def test_online_triplets_by_values_come_in_near_pairs() -> None:
    objective = make_objective("triplet-online", {"it": FACTORS})
    order = objective.order(np.arange(N), np.random.default_rng(0))
    assert order.shape == (2 * N,)
    assert np.isfinite(_loss(objective, _made(2 * N), order))


def _contrast(made: np.ndarray, alike: np.ndarray, t: float) -> float:
    scores = _unit(made) @ _unit(made).T / t
    each = []
    for i in range(len(made)):
        others = [j for j in range(len(made)) if j != i]
        whole = np.log(sum(np.exp(scores[i, j]) for j in others))
        strength = sum(alike[i, j] for j in others)
        if strength:
            each.append(-sum(alike[i, j] * (scores[i, j] - whole) for j in others) / strength)
    return float(np.mean(each))


def test_supervised_contrast_by_several_kinds_of_label() -> None:
    objective = make_objective(
        "supervised-contrastive",
        {"genre": GENRES, "tags": TAGS},
        weights={"tags": 3},
        settings={"temperature": 0.2},
    )
    rows, made = np.arange(20), _made(20)
    genre, tags = np.asarray(GENRES.values)[rows], np.asarray(TAGS.values)[rows]
    both = tags @ tags.T
    either = tags.sum(axis=1)[:, None] + tags.sum(axis=1)[None] - both
    by_genre = _contrast(made, (genre[:, None] == genre[None]).astype(float), 0.2)
    by_tags = _contrast(made, both / np.maximum(either, 1), 0.2)
    assert _loss(objective, made, rows) == pytest.approx((by_genre + 3 * by_tags) / 4, rel=1e-4)


def test_contrast_without_labels_leaves_those_inputs_out() -> None:
    labels = np.asarray(GENRES.values).copy()
    labels[10:] = -1
    some = make_objective("supervised-contrastive", {"it": Target("class", GENRES.names, labels)})
    every = make_objective("supervised-contrastive", {"it": GENRES})
    made = _made(20)
    short = _loss(every, made[:10], np.arange(10))
    assert _loss(some, made, np.arange(20)) == pytest.approx(short, rel=1e-5)
    assert _loss(some, made[10:], np.arange(10, 20)) == 0
    order = some.order(np.arange(N), np.random.default_rng(0)).reshape(-1, 2)
    unknown = order[labels[order[:, 0]] < 0]
    assert (unknown[:, 0] == unknown[:, 1]).all()


def test_two_crops_of_a_track_are_alike() -> None:
    objective = make_objective("self-supervised", {}, settings={"temperature": 0.5})
    order = objective.order(np.arange(8), np.random.default_rng(0))
    assert (order[::2] == order[1::2]).all()
    made = _made(16)
    right = _contrast(made, (order[:, None] == order[None]).astype(float), 0.5)
    assert _loss(objective, made, order) == pytest.approx(right, rel=1e-4)


@pytest.mark.parametrize("name", ["triplet-offline", "triplet-online", "supervised-contrastive"])
def test_lengths_of_embeddings_do_not_matter(name: str) -> None:
    objective = make_objective(name, {"it": GENRES})
    made, rows = _made(24), objective.order(np.arange(N), np.random.default_rng(0))[:24]
    longer = made * np.random.default_rng(2).uniform(1, 5, size=(24, 1)).astype(np.float32)
    assert _loss(objective, longer, rows) == pytest.approx(_loss(objective, made, rows), rel=1e-4)


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("triplet-offline", FACTORS),
        ("triplet-online", FACTORS),
        ("triplet-online", GENRES),
        ("supervised-contrastive", FACTORS),
        ("supervised-contrastive", TAGS),
    ],
)
def test_orders_follow_from_the_generator(name: str, target: Target) -> None:
    orders = [
        make_objective(name, {"it": target}).order(np.arange(N), np.random.default_rng(5)) for _ in range(2)
    ]
    np.testing.assert_array_equal(*orders)


def test_equal_embeddings_have_finite_gradients() -> None:
    for name in ("triplet-offline", "triplet-online", "supervised-contrastive"):
        made = torch.zeros(12, 4, requires_grad=True)
        objective = make_objective(name, {"it": GENRES})
        objective(Heard(made, {}), Batch(torch.zeros(12, 1), torch.arange(12))).backward()
        assert made.grad is not None and torch.isfinite(made.grad).all()


def test_triplets_take_one_target() -> None:
    with pytest.raises(UsageError, match="one target"):
        make_objective("triplet-offline", {"a": GENRES, "b": FACTORS})
