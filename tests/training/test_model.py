"""The model around a trunk: scale, heads over steps, units, what stays frozen."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from segue.errors import UsageError  # noqa: E402
from segue.training.contract import Heard  # noqa: E402
from segue.training.model import HearingModel, fit_scale, seeded  # noqa: E402

SPECTRA = np.random.default_rng(0).normal(-60, 30, size=(20, 2, 10, 4)).astype(np.float32)


class Plain(nn.Module):
    """Mean over frames; as it is for vectors."""

    def __init__(self, dim: int = 4, **given: bool) -> None:
        super().__init__()
        self.dim = dim
        self.layer = nn.Identity()
        for name, value in given.items():
            setattr(self, name, value)

    def forward(self, inputs: Tensor) -> Tensor:
        if inputs.ndim == 2 or getattr(self, "per_step", False):
            return inputs
        return inputs.mean(dim=1)


class Windows:
    """A source of windows as they are."""

    def __init__(self, windows: np.ndarray) -> None:
        self._windows = windows

    def windows(self, row: int) -> np.ndarray:
        return self._windows[row]


def test_the_scale_is_that_of_the_training_rows() -> None:
    model = HearingModel(Plain(), {}, shape=(10, 4), range_db=40)
    fit_scale(model, Windows(SPECTRA), np.arange(12))  # type: ignore[arg-type]
    heard = SPECTRA[:12].reshape(24, 10, 4)
    raised = np.maximum(heard, heard.max(axis=(1, 2), keepdims=True) - 40)
    np.testing.assert_allclose(model.scale.mean, raised.mean(axis=(0, 1)), rtol=1e-5)
    np.testing.assert_allclose(model.scale.std, raised.std(axis=(0, 1)), rtol=1e-5)
    made = model(torch.from_numpy(heard)).embedding
    assert made.mean(dim=0).abs().max() < 1e-4


def test_a_dimension_that_never_changes_is_only_centred() -> None:
    vectors = np.random.default_rng(0).normal(size=(9, 1, 3)).astype(np.float32)
    vectors[..., 1] = 1e6
    model = HearingModel(Plain(3), {}, shape=(3,))
    fit_scale(model, Windows(vectors), np.arange(9))  # type: ignore[arg-type]
    assert model.scale.std[1] == 1 and model.scale.mean[1] == 1e6


def test_a_trunk_with_its_own_scale_hears_levels_as_they_are() -> None:
    model = HearingModel(Plain(own_scale=True), {}, shape=(10, 4), range_db=10)
    fit_scale(model, Windows(SPECTRA), np.arange(12))  # type: ignore[arg-type]
    inputs = torch.from_numpy(SPECTRA[0])
    torch.testing.assert_close(model(inputs).embedding, inputs.mean(dim=1))


def test_nothing_heard_is_said() -> None:
    model = HearingModel(Plain(), {}, shape=(10, 4))
    with pytest.raises(UsageError, match="no inputs"):
        fit_scale(model, Windows(SPECTRA[:, :0]), np.arange(5))  # type: ignore[arg-type]


def test_heads_average_over_steps() -> None:
    model = HearingModel(
        Plain(per_step=True),
        {"genre": 3, "tags": 2, "mood": 5},
        shape=(10, 4),
        kinds={"tags": "tags", "mood": "values"},
    )
    inputs = torch.from_numpy(SPECTRA[:, 0])
    heard = model(inputs)
    said = model.answers(heard)
    steps = model.scale(inputs)
    genre, tags, mood = (head(steps) for _, head in model.named_heads())
    torch.testing.assert_close(heard.embedding, steps.mean(dim=1))
    torch.testing.assert_close(said["genre"], genre.softmax(dim=2).mean(dim=1))
    torch.testing.assert_close(said["tags"], tags.sigmoid().mean(dim=1), atol=2e-6, rtol=1e-4)
    torch.testing.assert_close(said["mood"], mood.mean(dim=1))


def test_values_are_answered_in_their_units() -> None:
    model = HearingModel(Plain(), {"genre": 3, "mood": 2}, shape=(4,), kinds={"mood": "values"})
    model.set_units("mood", torch.tensor([1.0, 2.0]), torch.tensor([10.0, 20.0]))
    said = model.answers(Heard(torch.zeros(1, 4), {"genre": torch.zeros(1, 3), "mood": torch.ones(1, 2)}))
    assert said["mood"].tolist() == [[11.0, 22.0]]
    assert set(model.state_dict()) >= {"centre_1", "width_1", "heads.1.weight"}


def test_names_of_heads_are_free() -> None:
    heads = {"type": 2, "a.b": 3, "forward": 4, "keys": 5}
    heard = HearingModel(Plain(), heads, shape=(4,))(torch.zeros(1, 4))
    assert {name: made.shape[1] for name, made in heard.outputs.items()} == heads


def test_zero_heads_begin_with_zero() -> None:
    model = HearingModel(Plain(zero_head=True), {"genre": 3}, shape=(4,))
    assert not model(torch.ones(2, 4)).outputs["genre"].any()


def test_frozen_batch_normalisation_does_not_learn() -> None:
    trunk = Plain()
    trunk.layer = nn.Sequential(nn.BatchNorm1d(4), nn.BatchNorm1d(4))
    trunk.layer[0].requires_grad_(False)
    model = HearingModel(trunk, {}, shape=(4,)).train()
    assert [norm.training for norm in trunk.layer] == [False, True]
    model.eval()
    assert not trunk.layer[1].training


def test_seeds_are_for_the_inside_only() -> None:
    torch.manual_seed(1)
    follows = torch.rand(2)
    torch.manual_seed(1)
    with seeded(4, 5):
        first = torch.rand(2)
    assert torch.equal(torch.rand(2), follows)
    with seeded(4, 5):
        assert torch.equal(torch.rand(2), first)
    with seeded(5, 4):
        assert not torch.equal(torch.rand(2), first)
