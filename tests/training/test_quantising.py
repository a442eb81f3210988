"""An 8-bit variant is kept where it is smaller and nearly as good, and else it is said why not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from segue.encoders import Scaling, load_encoder, registry  # noqa: E402
from segue.errors import SegueError  # noqa: E402
from segue.training.contract import LogMelSettings  # noqa: E402
from segue.training.export import About, export_encoder  # noqa: E402
from segue.training.model import HearingModel  # noqa: E402
from segue.training.quantising import add_int8, quantise  # noqa: E402

SETTINGS = LogMelSettings(sample_rate=8000, n_fft=256, hop=256, n_mels=8)


class Wide(torch.nn.Module):  # type: ignore[misc, name-defined]
    """Enough weights that eight bits are worth it."""

    dim = 64

    def __init__(self) -> None:
        super().__init__()
        self.one = torch.nn.Conv1d(8, 96, 3)
        self.two = torch.nn.Conv1d(96, 64, 3)

    def forward(self, x):
        return torch.relu(self.two(torch.relu(self.one(x.transpose(1, 2))))).mean(2)


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_OWN", {})


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wide")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = HearingModel(Wide(), {}, shape=(20, 8)).eval()
    model.scale.mean.fill_(10.0)
    model.scale.std.fill_(10.0)
    about = About(name="wide", description="Wide.", source="Segue", network={"name": "wide"})
    scaling = Scaling(np.zeros(64, np.float32), np.ones(64, np.float32))
    export_encoder(folder, model, SETTINGS, labels={}, scaling=scaling, about=about)
    return folder


@pytest.fixture
def folder(exported: Path, tmp_path: Path) -> Path:
    for file in exported.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def _patches() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.exponential(64, size=(1, 20, 129)).astype(np.float32) for _ in range(8)]


def _vector(folder: Path) -> np.ndarray:
    song = np.random.default_rng(1).standard_normal(8000).astype(np.float32)
    return load_encoder(str(folder)).encode([song])


def test_a_good_variant_is_an_encoder_of_its_own(folder: Path) -> None:
    whole = _vector(folder)

    def judge(place: Path) -> float:
        vector = _vector(place)
        return float(vector @ whole / np.linalg.norm(vector) / np.linalg.norm(whole))

    made = add_int8(folder, _patches(), judge=judge)
    assert made.folder == folder / "int8"
    assert made.bytes_int8 < made.bytes_ / 2
    assert 0.99 < made.quality_int8 < made.quality == pytest.approx(1)
    assert load_encoder(str(made.folder)).id.startswith("wide-int8-")
    assert not np.array_equal(_vector(made.folder), whole)
    assert "8-bit" in (made.folder / "README.md").read_text()


def test_a_poor_variant_is_not_kept_and_it_is_said_why(folder: Path) -> None:
    add_int8(folder, _patches(), judge=lambda place: 1.0)
    made = add_int8(folder, _patches(), judge=lambda place: 0.9 if place == folder else 0.88)
    assert made.folder is None and not (folder / "int8").exists()
    assert "it would lose 2.2% of the quality" in made.why


def test_where_nothing_is_told_rightly_nothing_can_be_lost(folder: Path) -> None:
    made = add_int8(folder, _patches(), judge=lambda place: 0.0)
    assert made.folder is None and made.why.endswith(
        "the encoder tells nothing rightly that it could be judged by"
    )


def test_what_cannot_be_quantised_is_said_in_one_line() -> None:
    with pytest.raises(SegueError, match="no 8-bit variant"):
        quantise(b"no graph", "power", _patches())
