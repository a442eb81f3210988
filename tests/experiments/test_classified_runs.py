"""Recipes with classifiers and K-means, from a table of attributes to the page; they need no PyTorch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from segue.encoders.fma518 import FMA518_COLUMNS
from segue.errors import UsageError
from segue.experiments.report import report_as_markdown
from segue.experiments.runs import Run, load_run
from segue.experiments.task import Data
from segue.operations.experiments import Changes, Options, compare_experiments, run_experiment
from segue.progress import Silent
from segue.settings import DataFolder

_RECIPE = "segue-genre-attributes"
_FOLDS = Changes(("split.folds=3",))
_WITHOUT = """
import sys
from importlib.machinery import PathFinder

def find(cls, name, path=None, target=None):
    return None if name.partition(".")[0] in ("torch", "matplotlib") else found(name, path, target)

found, PathFinder.find_spec = PathFinder.find_spec, classmethod(find)
from segue.cli import main
main()
"""


class _Stops(Silent):
    """Progress of a person who presses Ctrl-C when the first fold is done."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def advance(self, steps: int = 1) -> None:
        if list(self._folder.glob("runs/*/fold-1/predictions.npz")):
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def attributes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of 30 clips of three genres, and who plays them."""
    folder = tmp_path_factory.mktemp("attributes") / "gtzan-attributes"
    folder.mkdir()
    rng = np.random.default_rng(0)
    table, index = ["filename,length,one,two,spectral_bandwidth_mean,label"], ["clip,artist,recording_key"]
    for number in range(30):
        genre = number % 3
        values = rng.normal(0, 0.6, 3) + 4 * np.eye(3)[genre]
        clip = f"{'abc'[genre]}.{number // 3:05}"
        table.append(f"{clip}.au,1,{','.join(f'{value:.4f}' for value in values)},{'abc'[genre]}")
        index.append(f"{clip},artist {number // 2},")
    (folder / "features_30_sec.csv").write_text("\n".join(table) + "\n")
    (folder / "index.csv").write_text("\n".join(index) + "\n")
    return folder


@pytest.fixture(scope="module")
def finished(attributes: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of three folds."""
    folder = DataFolder(tmp_path_factory.mktemp("data"))
    return run_experiment(folder, _RECIPE, Data(attributes), changes=_FOLDS)


def test_a_run_of_a_classifier_is_judged_as_others_are(finished: Run) -> None:
    figures = {figure.name: figure for figure in finished.figures}
    assert {"accuracy", "kappa", "macro F1", "validation accuracy"} <= set(figures)
    assert figures["accuracy"].value > 0.9 and figures["accuracy"].low is not None
    assert {"majority", "random"} <= set(finished.controls)
    assert sum(map(sum, finished.confusion)) == 30
    assert any(note.startswith("settings chosen") and "rbf-svm" in note for note in finished.notes)
    assert load_run(finished.folder) == finished
    page = (finished.folder / "index.html").read_text()
    assert "rbf-svm" in page and "all of attributes" in page
    row = next(line for line in report_as_markdown([finished]).splitlines() if f"`{_RECIPE}` " in line)
    assert "accuracy" in row and "kappa" in row and "epochs" not in row


def test_a_stopped_run_goes_on_to_the_same_end(finished: Run, attributes: Path, tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run_experiment(folder, _RECIPE, Data(attributes), changes=_FOLDS, progress=_Stops(tmp_path))
    (first,) = tmp_path.glob("runs/*/fold-*/predictions.npz")
    before = first.stat().st_mtime_ns
    with pytest.raises(UsageError, match="--resume"):
        run_experiment(folder, _RECIPE, Data(attributes), changes=_FOLDS)
    resumed = run_experiment(folder, _RECIPE, Data(attributes), changes=_FOLDS, options=Options(resume=True))
    assert first.stat().st_mtime_ns == before
    assert resumed.figures == finished.figures


def test_neither_pytorch_nor_matplotlib_is_needed(attributes: Path, tmp_path: Path) -> None:
    words = ["experiment", "run", _RECIPE, "freitas-kmeans", "--data", str(attributes), "--quiet"]
    words += ["--set", "split.folds=2"]
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT, "--data", str(tmp_path), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "accuracy" in done.stdout and "adjusted Rand@3" in done.stdout
    pages = list(tmp_path.glob("runs/*/index.html"))
    assert len(pages) == 2 and not list(tmp_path.glob("runs/*/pictures"))


def test_the_grid_runs_on_what_fma_publishes(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    tracks = [",album,artist,track,track,track", ",title,name,genre_top,genres_all,title", "track_id,,,,,"]
    features = [
        ",".join([word, *row]) for word, row in zip("fsn", zip(*FMA518_COLUMNS, strict=True), strict=True)
    ]
    features.append("track_id" + "," * 518)
    for number in range(60):
        tracks.append(f"{number},,artist {number // 3},{('Folk', 'Rock', '')[number % 3]},[],")
        values = rng.normal(number % 3, 1.0, 518)
        features.append(",".join([str(number), *(f"{value:.3f}" for value in values)]))
    folder = tmp_path / "FMA/fma_metadata"
    folder.mkdir(parents=True)
    (folder / "tracks.csv").write_text("\n".join(tracks) + "\n")
    (folder / "features.csv").write_text("\n".join(features) + "\n")
    run = run_experiment(DataFolder(tmp_path), "rubio-mfcc", Data(tmp_path / "FMA"))
    accuracy = run.figure("accuracy")
    assert accuracy is not None and accuracy.value > 0.9
    assert run.names == ("Folk", "Rock") and sum(map(sum, run.confusion)) == 6
    assert any("genre is not known of 20 of 60 tracks" in note for note in run.notes)


def test_clusters_are_told_with_their_curve_and_their_elbow(attributes: Path, tmp_path: Path) -> None:
    run = run_experiment(DataFolder(tmp_path), "freitas-kmeans", Data(attributes))
    elbow, rand = run.figure("elbow"), run.figure("adjusted Rand@3")
    assert elbow is not None and elbow.value == 3
    assert rand is not None and rand.value > 0.9 and rand.low is not None
    row = next(line for line in report_as_markdown([run]).splitlines() if "`freitas-kmeans` " in line)
    assert "elbow k = 3" in row and "inertia at k = 1 … 12: 1.00 " in row
    assert "all 30 tracks, none held out" in row
    page = (run.folder / "index.html").read_text()
    assert "K-means of attributes" in page and "k = 3" in page


def test_classifiers_are_compared_on_one_split(attributes: Path, tmp_path: Path) -> None:
    asked = Changes(("classifier.selection=pca", "split.folds=2"))
    names, data = [_RECIPE, "segue-kinds-attributes"], Data(attributes, target="genre")
    compared = compare_experiments(DataFolder(tmp_path), names, data, changes=asked)
    for run in compared.runs:
        assert run.asked.recipe.classifier is not None
        assert run.asked.recipe.classifier.selection == "pca"
    assert _RECIPE in compared.page.read_text()


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        (_RECIPE, ("classifier.name=knnn",), "did you mean knn"),
        (_RECIPE, ("classifier.name=knn", "classifier.balanced=true"), "knn cannot weigh classes"),
        (_RECIPE, ('input.families=["mfcc"]',), "attributes has none"),
        ("rubio-mfcc", (), "no vectors 'fma518'"),
        ("rubio-mfcc", ('input.families=["mfc"]',), "did you mean 'mfcc'"),
        ("rubio-mfcc", ("input.families=[]",), "names none"),
        ("segue-genre-vectors", (), "no vectors 'musicnn[+]timbre'"),
    ],
)
def test_what_cannot_be_learned_is_refused(
    name: str, changes: tuple[str, ...], said: str, attributes: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=said):
        run_experiment(DataFolder(tmp_path), name, Data(attributes), changes=Changes(changes))
    assert not list(tmp_path.glob("runs/*"))


def test_clusters_are_not_compared(attributes: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no tracks out"):
        compare_experiments(DataFolder(tmp_path), ["freitas-kmeans"], Data(attributes))


def test_no_classifier_goes_on_from_a_network(finished: Run, attributes: Path, tmp_path: Path) -> None:
    (tmp_path / "runs/that/fold-1").mkdir(parents=True)
    (tmp_path / "runs/that/fold-1/best.ckpt").touch()
    with pytest.raises(UsageError, match="goes on from nothing"):
        run_experiment(DataFolder(tmp_path), _RECIPE, Data(attributes), options=Options(start="that"))
