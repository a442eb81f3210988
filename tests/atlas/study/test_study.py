"""A whole study: what is left out, what is found, and a page that a person can read."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from segue.atlas.study import (
    Portrait,
    Study,
    TrialFigure,
    portrait_of,
    study_as_json,
    study_page,
    study_table,
    study_tables,
    table_as_csv,
)
from segue.atlas.study.heatmap import families_of
from segue.atlas.study.portraits import spectrum_png
from segue.errors import UsageError
from segue.features.table import DescriptorTable, chosen_columns

_RATE = 22050


def _table(n_tracks: int = 90, n_columns: int = 6, n_classes: int = 3) -> DescriptorTable:
    """The first column tells the classes, the second repeats it, the others are noise."""
    rng = np.random.default_rng(0)
    labels = np.arange(n_tracks) % max(n_classes, 1)
    values = rng.normal(size=(n_tracks, n_columns))
    values[:, 0] = labels + 0.1 * rng.normal(size=n_tracks)
    values[:, 1] = 100 * values[:, 0] + rng.normal(size=n_tracks)
    return DescriptorTable(
        name="made.csv",
        tracks=tuple(f"track {row}" for row in range(n_tracks)),
        columns=tuple(f"family{at % 2}_{at:02d}" for at in range(n_columns)),
        families=tuple(f"family{at % 2}" for at in range(n_columns)),
        values=values,
        classes=tuple(f"class {label}" for label in labels) if n_classes else (),
        target="genre" if n_classes else "",
    )


def _trials(study: Study) -> list[TrialFigure]:
    assert study.cost is not None
    return [
        TrialFigure(one.name, one.n_columns, 0.9, 0.8, 1.0, 0.8, 0.0, -0.1, 0.1) for one in study.cost.trials
    ]


def _tone(name: str) -> Portrait:
    return portrait_of(name, "class 0", np.sin(np.arange(_RATE, dtype=np.float32) / 5), _RATE)


def _drawings(page: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(text) for text in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]


def test_the_telling_column_is_found_and_its_copy_goes() -> None:
    study = study_table(_table())
    assert study.separation is not None and set(study.separation.ranking()[:2].tolist()) == {0, 1}
    assert study.correlations.groups == ((0, 1),)
    assert {drop.column for drop in study.drops} & {0, 1}
    assert study.counts == (30, 30, 30) and len(study.typical) == 3
    assert [study.labels[row] for row in study.typical] == [0, 1, 2]
    assert study_as_json(study, []) == study_as_json(study_table(_table()), [])


def test_what_says_nothing_is_left_out_and_counted() -> None:
    table = _table(n_columns=8)
    values = table.values.copy()
    values[:, 5] = 7.0
    values[10:, 6] = np.nan
    values[:, 7] = np.nan
    values[4] = np.nan
    values[8, 2] = 1e200
    classes = (*table.classes[:-2], "alone", "")
    study = study_table(replace(table, values=values, classes=classes))
    assert study.table.columns == table.columns[:5] and len(study.table) == 89
    assert study.missing.tolist() == [0, 0, 1, 0, 0]
    said = " ".join(study.notes)
    for words in (
        "1 values are larger than 1e+100",
        "1 tracks have no value",
        "2 columns are the same for all tracks and left out: family1_05, family1_07",
        "1 column is unknown for most tracks and left out: family0_06",
        "1 class has one track only and not compared with others: alone",
    ):
        assert words in said
    assert "alone" not in study.names and (study.labels[-2:] == -1).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"values": np.full((90, 6), np.nan)}, "0 tracks with values"),
        ({"values": np.ones((90, 6))}, "no column that differs"),
    ],
)
def test_too_little_is_one_clear_error(change: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        study_table(replace(_table(), **change))


def test_a_study_without_classes() -> None:
    study = study_table(_table(n_classes=0))
    assert study.separation is None and study.cost is None and len(study.typical) == 1
    assert {one.column for one in study.distributions} >= {0, 1}
    page = study_page(study, [], [])
    assert "What tells the classes apart?" not in page and "cross" not in re.sub(
        r"<style>.*?</style>", "", page, flags=re.S
    )
    one = study_table(replace(_table(), classes=("a",) * 90))
    assert one.separation is None and "fewer than two classes" in one.notes[-1]


def test_one_column_is_enough() -> None:
    study = study_table(_table().with_columns([0]))
    assert study.correlations.groups == () and study.drops == ()
    assert "Which attributes say the same?" not in study_page(study, _trials(study), [])


def test_columns_are_chosen_by_name_and_family() -> None:
    table = _table()
    assert chosen_columns(table, columns=["*_01", "family0_00"]).columns == ("family0_00", "family1_01")
    assert chosen_columns(table, families=["family1"]).values.shape == (90, 3)
    assert chosen_columns(table) is table
    with pytest.raises(UsageError, match=r"no family 'mfcc': it has family0, family1"):
        chosen_columns(table, families=["mfcc"])


@pytest.mark.parametrize("n_columns", [6, 100])
def test_the_page_is_whole_and_says_what_it_draws(n_columns: int) -> None:
    study = study_table(_table(n_columns=n_columns))
    page = study_page(study, _trials(study), [_tone("a.wav")])
    assert not re.search(r"(src|href)=['\"](?!data:)", page) and "<script" not in page
    drawings = _drawings(page)
    assert len(drawings) >= len(study.distributions) + 5
    for drawing in drawings:
        assert drawing.get("role") == "img" and len(drawing.get("aria-label", "")) > 10
    text = re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    for title in (
        "What tells",
        "How are",
        "Two attributes",
        "say the same",
        "may go",
        "cost",
        "unusual",
        "Notes",
    ):
        assert title in text or title == "Notes"
    assert all(column in text for column in study.table.columns[:2])
    assert ("By family" in text) and ("Artists are not known" in text)
    assert len(page) < 2_000_000


def test_names_cannot_break_the_page() -> None:
    evil = "<img src=x onerror=alert(1)>\"'&"
    table = _table()
    study = study_table(
        replace(
            table,
            name=evil,
            tracks=(evil, *table.tracks[1:]),
            columns=(evil, *table.columns[1:]),
            families=(evil,) * 6,
            classes=tuple(evil if name == "class 0" else name for name in table.classes),
            target=evil,
        )
    )
    page = study_page(study, _trials(study), [replace(_tone("x"), name=evil, label=evil)])
    assert "<img src=x" not in page
    assert len(_drawings(page)) > 5


def test_json_and_tables_hold_the_same() -> None:
    study = study_table(_table())
    facts = json.loads(json.dumps(study_as_json(study, _trials(study)), allow_nan=False))
    assert facts["format"] == 1 and facts["classes"] == {"class 0": 30, "class 1": 30, "class 2": 30}
    tables = {name: list(csv.DictReader(io.StringIO(text))) for name, text in study_tables(study).items()}
    attributes = tables["attributes.csv"]
    assert [row["column"] for row in attributes] == list(study.table.columns)
    assert float(attributes[0]["epsilon_squared"]) == facts["attributes"][0]["epsilon_squared"]
    assert [row["column"] for row in attributes if row["drop"] == "True"] == [
        d["column"] for d in facts["drop"]
    ]
    assert len(tables["correlated-pairs.csv"]) == len(study.correlations.pairs()) == 1
    rows = list(csv.DictReader(io.StringIO("".join(table_as_csv(study)))))
    assert rows[3]["genre"] == study.table.classes[3]
    assert float(rows[3]["family0_00"]) == pytest.approx(study.table.values[3, 0])


def test_families_are_compared_without_the_diagonal() -> None:
    study = study_table(_table())
    found = families_of(study.correlations, study.table.families)
    pearson = np.abs(study.correlations.pearson)
    assert found.strength[0, 1] == pytest.approx(pearson[np.ix_([0, 2, 4], [1, 3, 5])].mean())
    assert found.strength[0, 0] == pytest.approx((pearson[0, 2] + pearson[0, 4] + pearson[2, 4]) / 3)


def test_a_portrait_shows_where_the_sound_is() -> None:
    from PIL import Image

    quiet = np.zeros(_RATE, np.float32)
    quiet[_RATE // 2 :] = np.sin(2 * np.pi * 1_000 / _RATE * np.arange(_RATE - _RATE // 2))
    portrait = portrait_of("a", "", quiet, _RATE)
    assert portrait.duration_s == 1.0 and np.abs(portrait.envelope[:200]).max() == 0
    half = portrait.level_db.shape[1] // 2
    assert portrait.level_db[:, : half - 3].max() == -80 and portrait.level_db.max() == 0
    picture = np.asarray(Image.open(io.BytesIO(spectrum_png(portrait))).convert("L"), float)
    loudest = int(picture[:, -5].argmax())
    assert 128 - 1 - loudest == int(portrait.level_db[:, -5].argmax())
    assert picture[:, -5].max() > 150 > picture[:, 2].max()
