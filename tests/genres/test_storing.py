"""What is stored answers as what was fitted; what was changed is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segue.encoders import DEFAULT_ENCODER, load_encoder
from segue.errors import SegueError, UsageError
from segue.genres import (
    Draft,
    GenreModel,
    Plan,
    classifier_names,
    fit_plan,
    fit_several,
    load_model,
    save_model,
)
from segue.genres.calibration import probabilities
from segue.genres.several import scores_of_several
from segue.operations.genre_model import SHIPPED

pytest.importorskip("skl2onnx")


def toy(n_classes: int, *, n: int = 90, dim: int = 6, seed: int = 0) -> tuple[Any, Any]:
    """Clouds around a corner each, far enough apart to be told."""
    chance = np.random.default_rng(seed)
    classes = np.arange(n) % n_classes
    vectors = chance.normal(size=(n, dim)) + 3 * np.eye(n_classes, dim)[classes]
    return vectors.astype(np.float32), classes


def stored(folder: Path, members: Any, classes: tuple[str, ...], **more: Any) -> GenreModel:
    values: dict[str, Any] = {
        "name": "toy",
        "encoder": "toy-1",
        "dim": 6,
        "classes": classes,
        "members": members,
        "vote": "soft",
        "several": False,
        "thresholds": None,
        "parents": {},
        "card": {"target": "genre"},
    }
    id_ = save_model(folder, Draft(**{**values, **more}), "# {id}\n")
    assert (folder / "README.md").read_text() == f"# {id_}\n"
    return load_model(folder)


@pytest.mark.parametrize("name", classifier_names())
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_stored_classifier_answers_as_the_fitted_one(name: str, n_classes: int, tmp_path: Path) -> None:
    if name == "xgboost":
        pytest.importorskip("xgboost")
    vectors, classes = toy(n_classes)
    fitted = fit_plan(Plan(name), vectors, classes, setting=3.0, seed=0)
    names = tuple("abc"[:n_classes])
    model = stored(tmp_path, [(name, fitted, 1.5)], names)
    new, truth = toy(n_classes, seed=1)
    expected = probabilities(fitted.scores(new, n_classes), 1.5)
    said = model.predict_proba(new)
    np.testing.assert_allclose(said, expected, atol=2e-4)
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-5)
    assert np.mean(said.argmax(axis=1) == truth) > 0.8


@pytest.mark.parametrize("selection", ["pca", "uncorrelated"])
def test_selected_columns_are_stored(selection: Any, tmp_path: Path) -> None:
    vectors, classes = toy(3)
    vectors[:, 5] = vectors[:, 0]
    fitted = fit_plan(Plan("logistic", selection), vectors, classes, setting=1.0, seed=0)
    model = stored(tmp_path, [("logistic", fitted, 1.0)], ("a", "b", "c"))
    np.testing.assert_allclose(
        model.predict_proba(vectors), probabilities(fitted.scores(vectors, 3)), atol=1e-4
    )


def test_classes_that_were_not_shown_are_never_told(tmp_path: Path) -> None:
    vectors, classes = toy(2)
    fitted = fit_plan(Plan("logistic"), vectors, classes * 2, setting=1.0, seed=0)
    model = stored(tmp_path, [("logistic", fitted, 1.0)], ("a", "b", "c"))
    said = model.predict_proba(vectors)
    assert said[:, 1].max() < 1e-6 and set(said.argmax(axis=1)) == {0, 2}


def test_several_genres_a_track_with_thresholds_and_a_tree(tmp_path: Path) -> None:
    vectors, classes = toy(3)
    there = np.eye(3, dtype=bool)[classes]
    there[:, 0] |= there[:, 1]
    fitted = fit_several(Plan("logistic"), vectors, there, setting=1.0, seed=0)
    least = np.array([0.5, 0.5, 0.5], np.float32)
    model = stored(
        tmp_path,
        [("logistic", fitted, 1.0)],
        ("rock", "punk", "jazz"),
        several=True,
        thresholds=least,
        parents={"punk": "rock"},
    )
    said = model.predict_proba(vectors)
    np.testing.assert_allclose(
        said[:, 1:], 1 / (1 + np.exp(-scores_of_several(fitted, vectors, 3)[:, 1:])), atol=1e-4
    )
    assert (said[:, 0] >= said[:, 1] - 1e-6).all()
    told = [set(row) for row in model.told(said)]
    expected = [{"rock"}, {"rock", "punk"}, {"jazz"}]
    assert np.mean([told[row] == expected[classes[row]] for row in range(len(told))]) > 0.9


def test_a_model_that_was_changed_is_refused(tmp_path: Path) -> None:
    vectors, classes = toy(2)
    fitted = fit_plan(Plan("logistic"), vectors, classes, setting=1.0, seed=0)
    stored(tmp_path, [("logistic", fitted, 1.0)], ("a", "b"))
    header = json.loads((tmp_path / "genres.json").read_text())
    graph = (tmp_path / "classifier-1.onnx").read_bytes()
    (tmp_path / "classifier-1.onnx").write_bytes(graph[:-1] + b"?")
    with pytest.raises(SegueError, match="damaged or was changed"):
        load_model(tmp_path).predict_proba(vectors)
    (tmp_path / "genres.json").write_text(json.dumps(header | {"classes": ["b", "a"]}))
    with pytest.raises(SegueError, match="was changed"):
        load_model(tmp_path)
    (tmp_path / "genres.json").write_text(json.dumps(header | {"format": 2}))
    with pytest.raises(SegueError, match="update Segue"):
        load_model(tmp_path)
    (tmp_path / "genres.json").write_text("{")
    with pytest.raises(SegueError, match="not the header"):
        load_model(tmp_path)
    with pytest.raises(UsageError, match="not a genre model"):
        load_model(tmp_path / "nowhere")


def test_a_missing_graph_is_said(tmp_path: Path) -> None:
    vectors, classes = toy(2)
    fitted = fit_plan(Plan("logistic"), vectors, classes, setting=1.0, seed=0)
    model = stored(tmp_path, [("logistic", fitted, 1.0)], ("a", "b"))
    (tmp_path / "classifier-1.onnx").unlink()
    with pytest.raises(SegueError, match="cannot be read"):
        model.predict_proba(vectors)


def test_a_model_of_the_first_format_stays_loadable() -> None:
    model = load_model(Path(__file__).with_name("golden"))
    assert (model.id, model.classes) == ("golden-2f974b8f", ("blues", "folk", "soul"))
    said = model.predict_proba(np.eye(3, 4, dtype=np.float32) * 2)
    expected = [[0.8603, 0.0390, 0.1007], [0.0518, 0.8301, 0.1181], [0.0890, 0.0324, 0.8786]]
    np.testing.assert_allclose(said, expected, atol=1e-3)


def test_the_model_that_ships_is_whole() -> None:
    model = load_model(SHIPPED)
    assert model.classes == ("classical", "electronic", "pop", "rock")
    assert model.encoder == load_encoder(DEFAULT_ENCODER).id
    assert model.card["licence"] == "MIT" and "Emotify" in model.card["licence_notes"]
    noise = np.random.default_rng(0).normal(size=(5, 200)).astype(np.float32)
    np.testing.assert_allclose(model.predict_proba(noise).sum(axis=1), 1, atol=1e-5)
