"""Who has which batch, how fast to learn, what validation hears."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from segue.training.datasets.contract import Target  # noqa: E402
from segue.training.fitting import TrainingSettings  # noqa: E402
from segue.training.objectives import make_objective  # noqa: E402
from segue.training.steps import dealt, learning_rate, validation_batches, whole_groups  # noqa: E402


class _Windows:
    """Track r has r % 6 windows, each of one number: r + w / 10."""

    shape = (1,)

    def windows(self, row: int) -> np.ndarray:
        return (row + np.arange(row % 6, dtype=np.float32) / 10)[:, None]


@given(st.integers(2, 200), st.integers(1, 9), st.integers(1, 3), st.integers(1, 5))
def test_every_process_has_as_many_batches(n: int, n_groups: int, group: int, n_ranks: int) -> None:
    order, size = np.arange(n * group), n_groups * group
    parts = [dealt(order, size, rank, n_ranks) for rank in range(n_ranks)]
    assert len({-(-len(part) // size) for part in parts}) == 1
    seen = np.concatenate(parts)
    left = set(order.tolist()) - set(seen.tolist())
    assert len(left) <= 1 and (not left or size > 1)
    for part in parts:
        assert len(part) % group == 0
        assert (part.reshape(-1, group)[:, 0] % group == 0).all()


def test_one_process_keeps_the_order() -> None:
    order = np.random.default_rng(0).permutation(30)
    assert dealt(order, 8, 0, 1).tolist() == order.tolist()


def test_batches_are_of_whole_groups() -> None:
    assert [whole_groups(size, 3) for size in (1, 3, 32, 33)] == [3, 3, 30, 33]


def test_the_rate_of_each_schedule() -> None:
    def rates(**given: object) -> list[float]:
        settings = TrainingSettings(learning_rate=0.1, **given)  # type: ignore[arg-type]
        return [learning_rate(settings, step, 100) for step in range(101)]

    assert set(rates()) == {0.1}
    assert rates(rate_decay=0.5)[4] == pytest.approx(0.1 / 3)
    cosine = rates(schedule="cosine")
    assert cosine[0] == 0.1 and cosine[50] == pytest.approx(0.05) and cosine[100] == pytest.approx(0)
    cycle = rates(schedule="one-cycle")
    assert cycle[0] == pytest.approx(0.004) and max(cycle) == cycle[30] == pytest.approx(0.1)
    assert cycle[100] < 1e-4 and (np.diff(cycle[30:]) < 0).all()


@pytest.mark.parametrize("n_ranks", [1, 2, 3])
def test_validation_hears_up_to_three_windows(n_ranks: int) -> None:
    objective = make_objective("cross-entropy", {"it": Target("class", ("a",), np.zeros(20, dtype=np.int64))})
    rows, heard = np.array([1, 2, 3, 5, 11]), set[tuple[int, float]]()
    for rank in range(n_ranks):
        for batch in validation_batches(_Windows(), objective, rows, 4, rank, n_ranks):  # type: ignore[arg-type]
            assert len(batch.rows) <= 4
            heard |= {(int(row), round(float(x), 1)) for row, x in zip(batch.rows, batch.inputs, strict=True)}
    expected = {1: [0], 2: [0, 1], 3: [0, 1, 2], 5: [0, 2, 4], 11: [0, 2, 4]}
    assert heard == {(row, round(row + at / 10, 1)) for row, places in expected.items() for at in places}


def test_validation_of_two_crops_hears_two_windows() -> None:
    objective = make_objective("self-supervised", {})
    batches = [
        list(validation_batches(_Windows(), objective, np.array([5, 11, 1]), 4, 0, 1))  # type: ignore[arg-type]
        for _ in range(2)
    ]
    for one, other in zip(*batches, strict=True):
        assert torch.equal(one.inputs, other.inputs)
        for first, second in zip(one.inputs[::2], one.inputs[1::2], strict=True):
            assert (first == second).item() == (int(first) == 1)


def test_names_and_settings_come_without_torch() -> None:
    code = (
        "import sys, segue.training.fitting, segue.training.objectives, segue.training.history;"
        "print({'torch', 'lightning'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
