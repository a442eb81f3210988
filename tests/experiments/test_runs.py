"""Stored runs come back as they were, and what is wrong with one is said in a line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from segue.errors import NothingFound, SegueError
from segue.experiments.runs import (
    Run,
    StoredFigure,
    find_run,
    fingerprint,
    keep_question,
    keep_run,
    load_run,
    named_figures,
    stored_runs,
)
from segue.training.datasets.contract import Dataset, Target


def test_a_run_comes_back_as_it_was(genre_run: Run) -> None:
    keep_run(genre_run)
    assert load_run(genre_run.folder) == genre_run
    assert stored_runs(genre_run.folder.parent) == (genre_run,)


def test_an_unfinished_run_is_no_run(genre_run: Run, tmp_path: Path) -> None:
    keep_question(genre_run.folder, genre_run.asked)
    with pytest.raises(NothingFound, match="no finished run"):
        load_run(genre_run.folder)
    assert stored_runs(genre_run.folder.parent) == stored_runs(tmp_path / "nowhere") == ()


@pytest.mark.parametrize(
    ("text", "words"), [("{", "damaged"), ('{"format": 99}', "later version"), ("[]", "damaged")]
)
def test_a_damaged_run_says_so(genre_run: Run, text: str, words: str) -> None:
    keep_run(genre_run)
    (genre_run.folder / "run.json").write_text(text)
    with pytest.raises(SegueError, match=words):
        load_run(genre_run.folder)


def test_a_run_whose_settings_are_no_longer_known_is_named(genre_run: Run) -> None:
    keep_run(genre_run)
    path = genre_run.folder / "run.json"
    path.write_text(path.read_text().replace('"n_predict"', '"n_foretell"'))
    with pytest.raises(SegueError, match=r"run\.json does not fit this version: .*n_foretell.*delete"):
        load_run(genre_run.folder)


def test_a_run_is_found_by_path_or_name(genre_run: Run) -> None:
    keep_run(genre_run)
    runs, name = genre_run.folder.parent, genre_run.folder.name
    with pytest.raises(NothingFound, match=r"no best\.ckpt"):
        find_run(name, runs)
    (genre_run.folder / "best.ckpt").touch()
    assert find_run(name, runs) == find_run(str(genre_run.folder), runs) == genre_run.folder
    with pytest.raises(NothingFound, match=f"did you mean '{name}'"):
        find_run(name[:-1], runs)


def _data(values: list[int], artist: str = "a") -> Dataset:
    texts = ("one", "two")
    return Dataset(
        "toy", texts, (), ("", ""), (artist, "b"), ("", ""), ("", ""),
        {"genre": Target("class", ("x", "y"), np.array(values, dtype=np.int64))},
    )  # fmt: skip


def test_the_fingerprint_tells_data_apart() -> None:
    def fingerprint_of(data: Dataset) -> str:
        return fingerprint(data, targets=["genre"])

    assert fingerprint_of(_data([0, 1])) == fingerprint_of(_data([0, 1]))
    others = (_data([0, 1]), _data([1, 1]), _data([0, 1], "c"))
    assert len({fingerprint_of(data) for data in others}) == 3
    assert fingerprint(others[0], targets=[]) == fingerprint(others[1], targets=[])


def test_figures_that_are_no_numbers_are_not_stored() -> None:
    given = [
        SimpleNamespace(name="R2", value=float("nan"), low=None, high=None, chance=0.0),
        SimpleNamespace(name="AUC", value=0.5, low=float("nan"), high=1.0, chance=0.5),
    ]
    assert named_figures(given) == (StoredFigure("AUC", 0.5, None, 1.0, 0.5),)


def test_a_recipe_that_is_gone_leaves_its_runs(genre_run: Run) -> None:
    asked = replace(genre_run.asked, recipe=replace(genre_run.asked.recipe, name="gone"))
    keep_run(replace(genre_run, asked=asked))
    assert load_run(genre_run.folder).asked.recipe.title == "gone"
