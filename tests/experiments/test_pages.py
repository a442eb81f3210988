"""Pictures, pages and the report: what is in them, and that nothing breaks out of the HTML."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from segue.experiments.comparing import compared
from segue.experiments.page import comparison_page, run_page
from segue.experiments.pictures import (
    Picture,
    activations,
    confusion,
    curves,
    factor_map,
    filters,
    plane_of,
)
from segue.experiments.recipe import load_recipe
from segue.experiments.report import changes, report_as_markdown, tasks_of
from segue.experiments.runs import Run
from segue.experiments.side_by_side import Neighbour, QueryLists

_HISTORY = [{"epoch": at, "train_loss": 1.0 / (at + 1), "valid_loss": None} for at in range(3)]


class _Checked(HTMLParser):
    """Counts elements and remembers what is open."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: dict[str, int] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1
        if tag not in {"meta", "img", "source", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _pictures() -> list[Picture]:
    pytest.importorskip("matplotlib")
    return [confusion(np.array([[3, 1], [0, 4]]), ("a", "<b>")), curves([_HISTORY])]


def test_curves_show_what_is_known() -> None:
    pytest.importorskip("matplotlib")
    told = [{**row, "train_accuracy": 0.5, "valid_accuracy": 0.25} for row in _HISTORY]
    assert curves([_HISTORY]).words == "after 3 epochs train_loss 0.333"
    both = curves([told, _HISTORY])
    assert both.title == "Loss and accuracy over the epochs"
    assert "train_accuracy 0.500, valid_accuracy 0.250" in both.words


def test_a_page_is_whole_and_has_everything_inside(genre_run: Run) -> None:
    near = Neighbour("two.mp3", "Two <i>", "B", "rock", 0.9, True)
    lists = [QueryLists("one.mp3", "", "", "rock", {"truth": (near,), "model": (near,)})]
    page = run_page(genre_run, _pictures(), lists)
    checked = _Checked(page)
    assert not checked.open
    assert checked.seen["picture"] == 2
    assert "<i>" not in page and "rock <&>" not in page
    assert (
        "61.2 %<br><small>55.0 – 67.0</small>" in page and "61.38 %" in page and "one file is missing" in page
    )
    assert "http" not in page


def test_models_stand_side_by_side_with_what_they_must_beat(genre_run: Run) -> None:
    better = replace(
        genre_run,
        asked=replace(genre_run.asked, seed=4),
        figures=tuple(figure._replace(value=0.8) for figure in genre_run.figures),
    )
    table = compared([genre_run, better])
    assert table.figures == ("accuracy", "kappa")
    names = [name for name, _, _ in table.rows]
    assert names[0] == f"rubio-cnn-lstm ({better.asked.digest})"
    assert names[2:] == ["majority", "518 descriptors, svm", "chance"]
    assert not _Checked(comparison_page([genre_run, better])).open


def test_the_report_has_reported_figures_beside_ours(genre_run: Run) -> None:
    page = report_as_markdown([genre_run])
    row = next(line for line in page.splitlines() if line.startswith("| `rubio-cnn-lstm` "))
    for words in (
        "accuracy 61.38 %",
        "104,343 tracks",
        "accuracy 61.2 % (55.0 – 67.0), chance 25.0 %",
        "seed 3",
    ):
        assert words in row
    for words in ("423,888", "1.4 min", "223 tracks, 72 artists", "training.epochs=7"):
        assert words in row
    assert "| `pohl-cnn` " in page and "not run" in page
    widths = {line.count(" | ") for line in page.splitlines() if line.startswith("| `")}
    assert len(widths) == 1


def test_only_runs_of_the_same_tracks_and_split_are_compared(genre_run: Run) -> None:
    other = replace(genre_run, asked=replace(genre_run.asked, fingerprint="other"))
    assert [len(group) for group in tasks_of([genre_run, other, genre_run])] == [2, 1]
    assert "Models of one task" in report_as_markdown([genre_run, genre_run])


def test_accuracy_by_split_is_of_models_judged_under_both(genre_run: Run) -> None:
    usual = replace(genre_run, apart="track")
    page = report_as_markdown([genre_run, usual])
    assert "Genre on emotify: accuracy by split" in page
    other = replace(usual, asked=replace(usual.asked, recipe=load_recipe("rubio-ensemble")))
    assert "accuracy by split" not in report_as_markdown([genre_run, other])


def test_folds_are_compared_whatever_share_a_single_split_would_judge(genre_run: Run) -> None:
    def judged(folds: int, test: float) -> Run:
        split = replace(genre_run.asked.recipe.split, folds=folds, test=test)
        recipe = replace(genre_run.asked.recipe, split=split)
        return replace(genre_run, asked=replace(genre_run.asked, recipe=recipe))

    assert len(tasks_of([judged(5, 0.1), judged(5, 0.2)])) == 1
    assert len(tasks_of([judged(1, 0.1), judged(1, 0.2)])) == 2


def test_what_was_changed_is_said(genre_run: Run) -> None:
    run = replace(genre_run, asked=replace(genre_run.asked, tracks=48, start="that-run"))
    assert changes(run) == ["training.epochs=7", "at most 48 tracks", "went on from that-run"]
    asked_for = replace(genre_run, notes=("one file is missing", "left out on request: 3 tracks"))
    assert changes(asked_for) == ["training.epochs=7", "left out on request: 3 tracks"]


def test_the_same_figures_give_the_same_picture() -> None:
    pytest.importorskip("matplotlib")
    weights = np.random.default_rng(0).standard_normal((3, 8, 3)).astype(np.float32)
    one, other = filters(weights), filters(weights)
    assert one == other
    assert one.light.startswith(b"\x89PNG") and one.light != one.dark


def test_activations_of_any_number_of_channels_are_drawn() -> None:
    pytest.importorskip("matplotlib")
    layers = {"convolution 1": np.zeros((3, 1, 20), dtype=np.float32)}
    drawn = activations(np.zeros((30, 16), dtype=np.float32), layers, title="a song")
    assert "3 maps of 1 x 20" in drawn.words


def test_a_plane_of_few_tracks_is_the_same_every_time() -> None:
    vectors = np.random.default_rng(0).standard_normal((12, 4)).astype(np.float32)
    rows, plane = plane_of(vectors, seed=1, most=10)
    assert len(rows) == 10 and plane.shape == (10, 2)
    assert np.array_equal(plane, plane_of(vectors, seed=1, most=10)[1])


def test_names_of_any_letters_are_drawn() -> None:
    pytest.importorskip("matplotlib")
    names = ("caf\udce9", "$ki$$", "曲\n<b>", "_^\\")
    drawn = confusion(np.eye(4, dtype=np.int64), names)
    points, labels = np.zeros((4, 2), dtype=np.float32), np.arange(4)
    mapped = factor_map(points, labels, names, what="factors")
    heard = activations(np.zeros((4, 3), np.float32), {}, title=names[0] + names[1])
    assert all(picture.light.startswith(b"\x89PNG") for picture in (drawn, mapped, heard))
