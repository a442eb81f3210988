"""Recipes from the data to the page, in seconds; stopped runs go on; wrong data are refused in a line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from segue.errors import NothingFound, UsageError
from segue.experiments.runs import Run, load_run
from segue.experiments.task import Data
from segue.operations.experiments import (
    Changes,
    Options,
    compare_experiments,
    report_experiments,
    run_experiment,
)
from segue.progress import Silent
from segue.settings import DataFolder

_RECIPE = "carranza-genre-cnn"
_SMALL = (
    "input.n_frames=40",
    "input.hop=1024",
    "input.n_mels=32",
    "network.filters=8",
    "split.folds=2",
    "split.apart=artist",
)


class _Stops(Silent):
    """Progress of a person who presses Ctrl-C in the second fold."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def advance(self, steps: int = 1) -> None:
        if list(self._folder.glob("runs/*/fold-2/network/last.ckpt")):
            raise KeyboardInterrupt


class _Notes(Silent):
    """Progress that remembers what it was told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def _run(folder: Path, data: Path, *, epochs: int = 2, options: Options | None = None, **more: object) -> Run:
    changes = Changes(_SMALL, epochs)
    wanted = Data(data, target="genre")
    options = options or Options(workers=1)
    return run_experiment(DataFolder(folder), _RECIPE, wanted, changes=changes, options=options, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def finished(two_genres: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of two folds."""
    pytest.importorskip("torch")
    return _run(tmp_path_factory.mktemp("data"), two_genres)


def test_a_run_leaves_everything_in_its_folder(finished: Run) -> None:
    folder = finished.folder
    for name in (
        "asked.json",
        "run.json",
        "index.html",
        "pictures/curves-network.png",
        "pictures/confusion-dark.png",
    ):
        assert (folder / name).stat().st_size
    for fold in ("fold-1", "fold-2"):
        split = json.loads((folder / fold / "split.json").read_text())
        assert len(split["train"]) + len(split["valid"]) + len(split["test"]) == 24
        assert len((folder / fold / "network/history.jsonl").read_text().splitlines()) == 2
        with np.load(folder / fold / "predictions.npz") as file:
            assert file["outputs"].shape == file["spread"].shape == (12, 2)
    page = (folder / "index.html").read_text()
    assert "100 % of the tracks are shorter" in page
    assert "no artist is known" in page and "prefers-color-scheme: dark" in page


def test_a_run_has_figures_controls_and_its_size(finished: Run) -> None:
    assert {"accuracy", "kappa", "validation loss", "training accuracy"} <= {f.name for f in finished.figures}
    assert {"majority", "random", "shuffled"} <= set(finished.controls)
    assert sum(map(sum, finished.confusion)) == finished.size.test == finished.size.tracks == 24
    assert (finished.apart, finished.epochs, finished.device) == ("track", 2, "cpu")
    assert load_run(finished.folder) == finished


def test_what_was_finished_is_not_run_again(finished: Run, two_genres: Path) -> None:
    before = (finished.folder / "fold-1/predictions.npz").stat().st_mtime_ns
    assert _run(finished.folder.parents[1], two_genres) == finished
    assert (finished.folder / "fold-1/predictions.npz").stat().st_mtime_ns == before


def test_a_stopped_run_goes_on_to_the_same_end(finished: Run, two_genres: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _run(tmp_path, two_genres, progress=_Stops(tmp_path))
    with pytest.raises(UsageError, match="--resume"):
        _run(tmp_path, two_genres)
    resumed = _run(tmp_path, two_genres, options=Options(workers=1, resume=True))
    assert resumed.figures == finished.figures
    for fold in ("fold-1", "fold-2"):
        one, other = (np.load(run.folder / fold / "predictions.npz") for run in (resumed, finished))
        assert all(np.array_equal(one[name], other[name]) for name in one.files)


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_end(two_genres: Path, tmp_path: Path) -> None:
    # The number of threads decides in which order torch adds: it is the same for all three.
    alike = {**os.environ, "OMP_NUM_THREADS": "1"}
    asked = ["experiment", "run", _RECIPE, "--data", str(two_genres), "--target", "genre", "--epochs", "30"]
    asked += ["--workers", "1", "--quiet", *(word for change in _SMALL for word in ("--set", change))]
    command = [sys.executable, "-m", "segue", "--data", str(tmp_path), *asked]
    with subprocess.Popen(command, env=alike) as process:
        while not list(tmp_path.glob("runs/*/fold-2/network/last.ckpt")):
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert not list(tmp_path.glob("runs/*/run.json"))
    subprocess.run([*command, "--resume"], check=True, env=alike)
    killed = load_run(next(tmp_path.glob("runs/*")))
    again = tmp_path / "again"
    subprocess.run([sys.executable, "-m", "segue", "--data", str(again), *asked], check=True, env=alike)
    assert killed.figures == load_run(next(again.glob("runs/*"))).figures


def test_models_are_compared_on_one_split_beside_the_descriptors(
    two_genres: Path, tmp_path: Path, finished: Run
) -> None:
    changes = Changes(
        ("training.epochs=1", "input.n_predict=1", "split.apart=track", "network.activation=relu")
    )
    told = _Notes()
    compared = compare_experiments(
        DataFolder(tmp_path),
        ["gao-cnn", "freitas-cnn-genre"],
        Data(two_genres),
        changes=changes,
        options=Options(workers=1),
        progress=told,
    )
    assert "--set network.activation=relu is for gao-cnn alone" in told.notes
    one, other = compared.runs
    splits = [json.loads((run.folder / "fold-1/split.json").read_text()) for run in (one, other)]
    assert splits[0] == splits[1]
    assert "518 descriptors, logistic" in load_run(one.folder).controls
    page = compared.page.read_text()
    assert "gao-cnn" in page and "freitas-cnn-genre" in page and "518 descriptors, svm" in page
    count = report_experiments(DataFolder(tmp_path), tmp_path / "experiments.md")
    assert count == 2
    assert "Models of one task" in (tmp_path / "experiments.md").read_text()


@pytest.mark.parametrize(
    "name", ["pohl-triplet", "carranza-transfer", "pohl-bag-of-tones", "pohl-triplet-embedding"]
)
def test_every_kind_of_recipe_runs_to_its_end(name: str, two_genres: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    small = {
        "pohl-triplet": ("input.n_frames=16", "input.n_mels=16", "stage2.network.hidden=[8]"),
        "pohl-triplet-embedding": ("input.n_frames=16", "input.n_mels=16"),
        "carranza-transfer": ("input.n_frames=40", "input.n_mels=16", "network.filters=4"),
        "pohl-bag-of-tones": ("bag.n_tones=8", "bag.max_batches=5", "network.width=8"),
    }[name]
    made = ("target.n_factors=3", "target.n_listeners=40", "training.batch_size=8", "split.test=0.5")
    run = run_experiment(
        DataFolder(tmp_path),
        name,
        Data(two_genres),
        changes=Changes((*small, *made), 1),
        options=Options(workers=1),
    )
    assert run.asked.target == "simulated"
    assert any("simulated" in note for note in run.notes)
    assert run.figure("overlap@10 cosine") is not None


def test_a_run_goes_on_from_another_network(finished: Run, two_genres: Path) -> None:
    runs = finished.folder.parent
    options = Options(workers=1, start=finished.folder.name, runs=runs)
    changed = Changes((*_SMALL, "split.folds=1", "split.test=0.3"), 1)
    data, folder = Data(two_genres, target="genre"), DataFolder(runs.parent)
    further = run_experiment(folder, _RECIPE, data, changes=changed, options=options)
    assert further.asked.start == finished.folder.name
    assert further.asked.digest not in finished.folder.name
    other = Changes((*changed.assignments, "network.filters=4"), 1)
    with pytest.raises(UsageError, match="another network"):
        run_experiment(folder, _RECIPE, data, changes=other, options=options)


def test_data_that_do_not_fit_are_refused(two_genres: Path, tmp_path: Path) -> None:
    folder, options = DataFolder(tmp_path), Options(workers=1)
    with pytest.raises(UsageError, match="plays"):
        run_experiment(folder, "pohl-cnn", Data(two_genres, target="factors"), options=options)
    with pytest.raises(UsageError, match="lacks genres of A"):
        run_experiment(folder, _RECIPE, Data(two_genres), options=options)
    with pytest.raises(UsageError, match="no vectors 'attributes'"):
        run_experiment(folder, "freitas-mlp-genre", Data(two_genres), options=options)
    with pytest.raises(UsageError, match="too few for 30 folds"):
        run_experiment(
            folder, "gao-cnn", Data(two_genres), changes=Changes(("split.folds=30",)), options=options
        )
    with pytest.raises(UsageError, match="did you mean 'neurons'"):
        run_experiment(
            folder, "pohl-cnn", Data(two_genres), changes=Changes(("network.neuron=3",)), options=options
        )
    for change, said in (("name=dens", "did you mean 'dense'"), ("hidden=7", "must be sizes")):
        with pytest.raises(UsageError, match=said):
            run_experiment(
                folder,
                "pohl-triplet",
                Data(two_genres),
                changes=Changes((f"stage2.network.{change}",)),
                options=options,
            )
    with pytest.raises(UsageError, match="weights=FILE"):
        run_experiment(folder, "pohl-choi-frozen", Data(two_genres), options=options)
    with pytest.raises(UsageError, match="learns factors or simulated, and the first recipe genre"):
        compare_experiments(folder, ["gao-cnn", "pohl-cnn"], Data(two_genres), options=options)
    with pytest.raises(NothingFound, match="no run 'that'"):
        run_experiment(folder, "gao-cnn", Data(two_genres), options=replace(options, start="that"))
    with pytest.raises(NothingFound, match="segue experiment run"):
        report_experiments(folder, tmp_path / "experiments.md")
