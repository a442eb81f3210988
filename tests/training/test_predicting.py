"""Predictions over windows, stages on top of each other, and going on from an earlier training."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from segue.errors import SegueError, UsageError  # noqa: E402
from segue.training.contract import Batch, Split  # noqa: E402
from segue.training.datasets.contract import Target  # noqa: E402
from segue.training.fitting import TrainingSettings, fit  # noqa: E402
from segue.training.model import HearingModel, fit_scale, seeded  # noqa: E402
from segue.training.objectives import make_objective  # noqa: E402
from segue.training.predicting import predict  # noqa: E402
from segue.training.stages import EmbeddingSource, hand_on  # noqa: E402
from segue.training.warm_start import load_trunk  # noqa: E402

N = 40
_RNG = np.random.default_rng(0)
CLASSES = Target("class", ("a", "b"), np.arange(N) % 2)
VALUES = Target("values", ("x", "y", "z"), _RNG.normal(3, 2, size=(N, 3)).astype(np.float32))
SPLIT = Split(np.arange(30), np.arange(30, 35), np.arange(35, 40), seed=0, apart="track")


class Windows:
    """One to four windows a track."""

    shape = (5,)

    def windows(self, row: int) -> np.ndarray:
        rng = np.random.default_rng(row)
        return (rng.normal(size=(1 + row % 4, 5)) + 2 * (row % 2)).astype(np.float32)

    def batches(self, rows: np.ndarray, *, batch_size: int, seed: int, epoch: int) -> Iterator[Batch]:
        for start in range(0, len(rows), batch_size):
            chosen = rows[start : start + batch_size]
            inputs = np.stack([self.windows(row)[0] for row in chosen])
            yield Batch(torch.from_numpy(inputs), torch.from_numpy(chosen))


class Dense(nn.Module):
    def __init__(self, size: int = 5, dim: int = 6) -> None:
        super().__init__()
        self.dim = dim
        self.layer = nn.Linear(size, dim)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.layer(inputs).relu()


def _model(heads: dict[str, int], size: int = 5, dim: int = 6, seed: int = 0) -> HearingModel:
    with seeded(seed):
        return HearingModel(Dense(size, dim), heads, shape=(size,))


def _fitted(folder: Path, name: str = "cross-entropy", target: Target = CLASSES) -> HearingModel:
    objective = make_objective(name, {"it": target})
    model = _model(objective.heads)
    fit_scale(model, Windows(), SPLIT.train)
    fit(model, objective, Windows(), SPLIT, TrainingSettings(epochs=2), folder=folder)
    return model


@pytest.mark.parametrize("batch_size", [1, 7, 500])
def test_windows_are_averaged(batch_size: int) -> None:
    model, source, rows = _model({"genre": 2, "mood": 3}), Windows(), np.array([8, 3, 11, 3])
    model.kinds["mood"] = "values"
    model.set_units("mood", torch.arange(3.0), torch.tensor([1.0, 5.0, 9.0]))
    found = predict(model, source, rows, batch_size=batch_size)
    for at, row in enumerate(rows):
        with torch.no_grad():
            heard = model(torch.from_numpy(source.windows(row)))
            said = model.answers(heard)
        np.testing.assert_allclose(found.embedding[at], heard.embedding.mean(dim=0), atol=1e-6)
        for name, values in said.items():
            np.testing.assert_allclose(found.outputs[name][at], values.mean(dim=0), atol=1e-5)
            np.testing.assert_allclose(found.spread[name][at], values.numpy().std(axis=0), atol=1e-5)
    assert found.embedding.dtype == found.outputs["mood"].dtype == np.float32
    np.testing.assert_allclose(found.outputs["genre"].sum(axis=1), 1, atol=1e-6)


def test_one_window_has_no_spread_and_training_goes_on_afterwards() -> None:
    model = _model({"genre": 2}).train()
    assert not predict(model, Windows(), np.array([4, 8])).spread["genre"].any()
    assert model.training


def test_no_rows_give_no_predictions() -> None:
    assert predict(_model({"genre": 2}), Windows(), np.array([], dtype=np.int64)).embedding.shape == (0, 6)


def test_a_second_stage_learns_from_embeddings(tmp_path: Path) -> None:
    first = _fitted(tmp_path / "1", "triplet-offline")
    rows = np.arange(35)
    source = EmbeddingSource(first, Windows(), rows, batch_size=8)
    objective = make_objective("mse", {"factors": VALUES})
    second = _model(objective.heads, size=first.dim, dim=9, seed=1)
    fit_scale(second, source, SPLIT.train)
    fit(second, objective, source, SPLIT, TrainingSettings(epochs=2), folder=tmp_path / "2")
    assert source.shape == (6,)
    np.testing.assert_allclose(np.linalg.norm(source.windows(3), axis=1), 1, atol=1e-4)
    assert predict(second, source, rows).outputs["factors"].shape == (35, 3)


def test_inputs_of_the_second_stage_follow_from_the_seed(tmp_path: Path) -> None:
    source = EmbeddingSource(_model({}), Windows(), np.arange(N), batch_size=8)
    same = [next(source.batches(np.arange(N), batch_size=N, seed=1, epoch=2)).inputs for _ in range(2)]
    other = next(source.batches(np.arange(N), batch_size=N, seed=1, epoch=3)).inputs
    assert torch.equal(*same) and not torch.equal(same[0], other)


def test_a_trunk_is_handed_on_to_another_task(tmp_path: Path) -> None:
    taught, model = _fitted(tmp_path), _model({"factors": 3}, seed=9)
    hand_on(taught, model)
    inputs = torch.from_numpy(Windows().windows(7))
    torch.testing.assert_close(model(inputs).embedding, taught(inputs).embedding)


def test_going_on_from_a_run_takes_all_but_the_heads(tmp_path: Path) -> None:
    taught = _fitted(tmp_path / "run" / "fold-0" / "network")
    model = _model({"factors": 3}, seed=9)
    head = model.heads[0].weight.clone()
    load_trunk(model, tmp_path / "run")
    inputs = torch.from_numpy(Windows().windows(7))
    torch.testing.assert_close(model(inputs).embedding, taught(inputs).embedding)
    assert torch.equal(model.heads[0].weight, head)


def test_the_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    _fitted(tmp_path)
    wide = _model({"it": 2}, dim=12)
    with pytest.raises(UsageError, match=r"trunk\.layer\.weight is of shape \(6, 5\), not \(12, 5\)"):
        load_trunk(wide, tmp_path)
    deeper = _model({"it": 2})
    deeper.trunk.more = nn.Linear(6, 6)
    with pytest.raises(UsageError, match=r"of another network: it has no trunk\.more\.weight"):
        load_trunk(deeper, tmp_path)
    shallow = _model({"it": 2})
    del shallow.trunk.layer
    with pytest.raises(UsageError, match=r"it also has trunk\.layer\.weight"):
        load_trunk(shallow, tmp_path)


def test_a_folder_without_a_network_or_with_a_damaged_one_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no trained network"):
        load_trunk(_model({}), tmp_path)
    (tmp_path / "best.ckpt").write_bytes(b"no")
    with pytest.raises(SegueError, match="is damaged"):
        load_trunk(_model({}), tmp_path)
