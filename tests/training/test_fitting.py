"""Training: same seed, same bytes, also after a break; what is kept; what is refused."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from segue.errors import SegueError, UsageError  # noqa: E402
from segue.progress import Silent  # noqa: E402
from segue.training import launching  # noqa: E402
from segue.training.fitting import TrainingSettings, fit  # noqa: E402
from segue.training.history import read_epochs  # noqa: E402
from segue.training.model import HearingModel  # noqa: E402
from segue.training.objectives import make_objective  # noqa: E402

_PROGRAM = Path(__file__).with_name("small_training.py")


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("small_training", _PROGRAM)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["small_training"] = module
    spec.loader.exec_module(module)
    return module


small = _load()


def _same(one: HearingModel, other: HearingModel) -> bool:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return all(torch.equal(here, there) for here, there in pairs)


def _losses(history: Any) -> list[tuple[float | None, ...]]:
    told = ("train_loss", "valid_loss", "train_accuracy", "valid_accuracy")
    return [tuple(getattr(epoch, name) for name in told) for epoch in history.epochs]


def test_it_learns_and_says_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    here = set(Path.cwd().iterdir())
    model, history = small.train(tmp_path, epochs=12)
    outputs = model(torch.from_numpy(small.INPUTS[100:])).outputs["it"].argmax(dim=1)
    assert (outputs.numpy() == small.LABELS[100:]).mean() > 0.8
    assert history.epochs[-1].train_loss < history.epochs[0].train_loss
    assert read_epochs(tmp_path / "history.jsonl") == history.epochs
    assert all(epoch.seconds >= epoch.loading_seconds > 0 for epoch in history.epochs)
    assert not model.training
    out, err = capfd.readouterr()
    assert out == err == ""
    assert set(Path.cwd().iterdir()) == here


def test_the_same_seed_gives_the_same_bytes_and_leaves_randomness_alone(tmp_path: Path) -> None:
    torch.manual_seed(8)
    follows = torch.rand(1)
    torch.manual_seed(8)
    first, history = small.train(tmp_path / "a")
    assert torch.equal(torch.rand(1), follows)
    torch.rand(100)
    second, again = small.train(tmp_path / "b")
    third, _ = small.train(tmp_path / "c", seed=1)
    assert _same(first, second) and _losses(history) == _losses(again)
    assert not _same(first, third)


def test_a_break_between_epochs_changes_nothing(tmp_path: Path) -> None:
    whole, history = small.train(tmp_path / "a")
    small.train(tmp_path / "b", epochs=2)
    source = small.Vectors()
    broken, again = small.train(tmp_path / "b", resume=True, source=source)
    assert _same(whole, broken) and _losses(history) == _losses(again)
    assert source.asked == [(0, 2), (0, 3)]
    once_more, _ = small.train(tmp_path / "b", resume=True, source=source)
    assert _same(whole, once_more) and len(source.asked) == 2


@pytest.mark.slow
def test_a_killed_training_ends_as_one_that_was_not(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, _PROGRAM, str(tmp_path / "b")], capture_output=True)
    assert killed.returncode == -9
    assert len(read_epochs(tmp_path / "b" / "history.jsonl")) == 2
    broken, again = small.train(tmp_path / "b", resume=True)
    whole, history = small.train(tmp_path / "a")
    assert _same(whole, broken) and _losses(history) == _losses(again)
    assert not list((tmp_path / "b").glob("*partial"))


def test_an_interrupted_training_goes_on(tmp_path: Path) -> None:
    class Stopping(small.Vectors):  # type: ignore[misc, name-defined]
        def windows(self, row: int) -> np.ndarray:
            if self.asked and self.asked[-1][1] == 2:
                raise KeyboardInterrupt
            return np.asarray(super().windows(row))

    with pytest.raises(KeyboardInterrupt):
        small.train(tmp_path / "b", source=Stopping())
    broken, again = small.train(tmp_path / "b", resume=True)
    whole, history = small.train(tmp_path / "a")
    assert _same(whole, broken) and _losses(history) == _losses(again)


def test_without_resume_it_begins_anew(tmp_path: Path) -> None:
    small.train(tmp_path, epochs=2)
    _, history = small.train(tmp_path, epochs=1)
    assert len(history.epochs) == 1


def test_the_best_epoch_is_kept_and_patience_stops(tmp_path: Path) -> None:
    model, history = small.train(tmp_path, epochs=100, patience=2, learning_rate=0.2)
    losses = [epoch.valid_loss for epoch in history.epochs]
    assert history.stopped == "patience"
    assert history.best == int(np.argmin(losses)) == len(losses) - 3
    objective = make_objective("cross-entropy", {"it": small.GENRE})
    rows = np.repeat(small.SPLIT.valid, 3)
    inputs = np.concatenate([small.Vectors().windows(row) for row in small.SPLIT.valid])
    with torch.no_grad():
        heard = model(torch.from_numpy(inputs))
    batch = small.Batch(torch.from_numpy(inputs), torch.from_numpy(rows))
    assert float(objective(heard, batch)) == pytest.approx(losses[history.best], rel=1e-5)


def test_classes_told_rightly_are_counted(tmp_path: Path) -> None:
    model, history = small.train(tmp_path / "a", epochs=3)
    (last,) = history.epochs[history.best :]
    right = [
        small.LABELS[row] == int(said)
        for row in small.SPLIT.valid
        for said in model(torch.from_numpy(small.Vectors().windows(row))).outputs["it"].argmax(dim=1)
    ]
    assert last.valid_accuracy == pytest.approx(np.mean(right))
    shares = [epoch.train_accuracy for epoch in history.epochs]
    assert all(share is not None and 0 < share <= 1 for share in shares)
    _, history = small.train(tmp_path / "b", epochs=1, objective="mse", target=small.FACTORS)
    assert history.epochs[0].train_accuracy is history.epochs[0].valid_accuracy is None


def test_resuming_another_training_is_refused(tmp_path: Path) -> None:
    small.train(tmp_path, epochs=1)
    with pytest.raises(UsageError, match=r"began with learning_rate 0\.01, not 0\.1"):
        small.train(tmp_path, resume=True, learning_rate=0.1)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"trunk": small.Dense(0.1)}, "network"),
        ({"trunk": small.Dense().requires_grad_(False)}, "network"),
        ({"objective": "weighted-cross-entropy"}, "objective"),
        ({"target": replace(small.GENRE, values=small.LABELS[::-1].copy())}, "objective"),
        ({"split": replace(small.SPLIT, train=np.arange(79))}, "training part"),
        ({"split": replace(small.SPLIT, valid=np.arange(80, 99))}, "validation part"),
    ],
)
def test_resuming_with_other_parts_is_refused(tmp_path: Path, changes: dict[str, Any], part: str) -> None:
    small.train(tmp_path, epochs=1)
    with pytest.raises(UsageError, match=f"began with another {part}: go on with the same"):
        small.train(tmp_path, resume=True, **changes)


def test_a_damaged_checkpoint_is_said(tmp_path: Path) -> None:
    small.train(tmp_path, epochs=1)
    content = (tmp_path / "last.ckpt").read_bytes()
    (tmp_path / "last.ckpt").write_bytes(content[: len(content) // 2])
    with pytest.raises(SegueError, match=r"last\.ckpt is damaged: remove it"):
        small.train(tmp_path, resume=True)


def test_a_loss_that_is_not_finite_says_when_and_where(tmp_path: Path) -> None:
    inputs = small.INPUTS.copy()
    inputs[17, 2] = np.inf
    source = small.Vectors(inputs)
    with pytest.raises(SegueError, match=r"the loss is nan in epoch 0, batch \d, with 17\.wav: the input"):
        small.train(tmp_path, source=source)


def test_values_are_learned_in_units_and_told_in_their_own(tmp_path: Path) -> None:
    model, history = small.train(tmp_path, objective="mse", target=small.FACTORS, epochs=25, batch_size=8)
    assert history.epochs[0].train_loss < 3
    with torch.no_grad():
        said = model.answers(model(torch.from_numpy(small.INPUTS)))["it"].numpy()
    off = np.abs(said - small.FACTORS.values).mean(axis=0)
    assert (off < 0.7 * small.FACTORS.values.std(axis=0)).all()


@pytest.mark.parametrize("name", ["triplet-offline", "triplet-online", "supervised-contrastive"])
def test_embeddings_come_to_be_apart_by_class(tmp_path: Path, name: str) -> None:
    model, history = small.train(tmp_path, objective=name, epochs=8)
    valid = [epoch.valid_loss for epoch in history.epochs]
    assert valid[history.best] < valid[0]
    with torch.no_grad():
        made = model(torch.from_numpy(small.INPUTS)).embedding.numpy()
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    likeness = made @ made.T
    same = small.LABELS[:, None] == small.LABELS[None]
    assert likeness[same].mean() > likeness[~same].mean() + 0.2


def test_self_supervised_needs_no_labels(tmp_path: Path) -> None:
    _, history = small.train(tmp_path, objective="self-supervised", target=None, epochs=3)
    assert history.epochs[-1].train_loss < history.epochs[0].train_loss


@pytest.mark.parametrize("optimiser", ["adam", "adamw", "sgd"])
@pytest.mark.parametrize("schedule", ["none", "cosine", "one-cycle"])
def test_optimisers_and_schedules(tmp_path: Path, optimiser: str, schedule: str) -> None:
    _, history = small.train(tmp_path, optimiser=optimiser, schedule=schedule, epochs=2, clip=1.0)
    rates = [epoch.learning_rate for epoch in history.epochs]
    assert (rates[0] > rates[1]) == (schedule != "none")


def test_progress_is_told_of_every_step(tmp_path: Path) -> None:
    class Told(Silent):
        total, done = 0, 0

        def start(self, label: str, total: int | None) -> None:
            self.total = total or 0

        def advance(self, steps: int = 1) -> None:
            self.done += steps

    told = Told()
    objective = make_objective("cross-entropy", {"it": small.GENRE})
    model = HearingModel(small.Dense(), objective.heads, shape=(small.DIM,))
    settings = TrainingSettings(epochs=3, batch_size=32)
    split = replace(small.SPLIT, valid=np.array([], dtype=np.int64))
    history = fit(model, objective, small.Vectors(), split, settings, folder=tmp_path, progress=told)
    assert told.total == told.done == 9
    assert history.best == 2 and history.epochs[0].valid_loss is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"epochs": 0}, "epochs is 0"),
        ({"learning_rate": 0.0}, "must be above 0"),
        ({"schedule": "steps"}, "choose of none, cosine, one-cycle"),
        ({"patience": 0}, "at least 1"),
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        TrainingSettings(**wrong)


def test_a_model_with_other_heads_is_refused(tmp_path: Path) -> None:
    objective = make_objective("cross-entropy", {"it": small.GENRE})
    model = HearingModel(small.Dense(), {"it": 5}, shape=(small.DIM,))
    with pytest.raises(UsageError, match="needs the heads"):
        fit(model, objective, small.Vectors(), small.SPLIT, TrainingSettings(), folder=tmp_path)


def test_a_network_that_cannot_learn_is_refused(tmp_path: Path) -> None:
    trunk = small.Dense().requires_grad_(False)
    with pytest.raises(UsageError, match="frozen"):
        small.train(tmp_path, objective="triplet-offline", trunk=trunk)


def test_a_frozen_trunk_stays_as_it_is(tmp_path: Path) -> None:
    trunk = small.Dense().requires_grad_(False)
    before = {name: values.clone() for name, values in trunk.state_dict().items()}
    model, _ = small.train(tmp_path, trunk=trunk, epochs=2)
    after = model.trunk.state_dict()
    assert all(torch.equal(values, after[name]) for name, values in before.items())


def test_nothing_known_is_refused(tmp_path: Path) -> None:
    unknown = small.Target("class", ("a", "b", "c"), np.full(small.N, -1))
    with pytest.raises(UsageError, match="0 tracks of the training part have a label"):
        small.train(tmp_path, target=unknown)


_IN_TWO = """
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, sys.argv[1])
import small_training as small
from segue.training import log_mel_files
from segue.training.contract import LogMelSettings
from segue.training.log_mels import LogMels
from segue.training.sources import LogMelSource
from segue.training.windows import WindowSettings


class Flat(small.Dense):
    def forward(self, inputs):
        return super().forward(inputs[:, 0, :])


def spectra(folder):
    settings, places = LogMelSettings(n_mels=small.DIM), [folder / str(row) for row in range(small.N)]
    for row, place in enumerate(places):
        frames = np.tile(np.rint(100 * small.INPUTS[row]).astype(np.int16), (4, 1))
        log_mel_files.store(place, frames, str(row), settings)
    return LogMelSource(LogMels(settings, tuple(places), np.full(small.N, 4)), WindowSettings(1))


if __name__ == "__main__":
    folder, source, trunk = Path(sys.argv[2]), small.Vectors(), small.Dense()
    if sys.argv[3] == "spectra":
        source, trunk = spectra(folder), Flat()
    model, history = small.train(folder / "run", epochs=12, devices=2, source=source, trunk=trunk)
    inputs = np.stack([source.windows(row)[1] for row in range(100, 120)])
    said = model(torch.from_numpy(inputs)).outputs["it"].argmax(dim=1).numpy()
    print((said == small.LABELS[100:]).mean(), len(history.epochs))
"""


@pytest.mark.slow
@pytest.mark.parametrize("source", ["vectors", "spectra"])
def test_two_processes_train_one_model(tmp_path: Path, source: str) -> None:
    program = tmp_path / "program.py"
    program.write_text(_IN_TWO)
    words = (sys.executable, program, _PROGRAM.parent, tmp_path, source)
    done = subprocess.run(words, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    right, n_epochs = done.stdout.split()
    assert float(right) > 0.6 and n_epochs == "12"


def test_processes_meet_where_nobody_else_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MASTER_PORT", raising=False)
    with launching._port_of_our_own():
        assert 15000 <= int(os.environ["MASTER_PORT"]) < 32000
    assert "MASTER_PORT" not in os.environ
    monkeypatch.setenv("MASTER_PORT", "1234")
    with launching._port_of_our_own():
        assert os.environ["MASTER_PORT"] == "1234"
