"""Rows that the workers refuse are those that one machine refuses."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest

from segue.errors import UsageError
from segue.listening import read_plays
from segue.spark.plays import judged_rows

CELLS = (
    ("ann", "x", "3"),
    ("ann", "x", "2.5"),
    ("", "x", "1"),
    ("bob", " ", "1"),
    ("bob", "y" * 201, "1"),
    ("bob", "y", ""),
    ("bob", "y", "many"),
    ("bob", "y", "-3"),
    ("bob", "y", "0"),
    ("bob", "y", "inf"),
    ("bob", "y", "1e10"),
    (" cat ", 'ý, "z" 🎵 \'', "1"),
)


def judged(columns: dict[str, pa.Array]) -> pa.Table:
    batches = [pa.RecordBatch.from_pydict(columns)]
    return pa.Table.from_batches(list(judged_rows(iter(batches))))


def test_reasons_are_those_of_one_machine(tmp_path: Path) -> None:
    listener, track, plays = (list(column) for column in zip(*CELLS, strict=True))
    table = pa.table({"listener": listener, "track": track, "plays": plays})
    pyarrow.csv.write_csv(table, tmp_path / "plays.csv")
    usage, report = read_plays(tmp_path / "plays.csv")
    found = judged({name: pa.array(table[name].to_pylist()) for name in table.column_names})
    assert Counter(filter(None, found["reason"].to_pylist())) == dict(report.reasons)
    good = found.filter(pa.compute.is_null(found["reason"]))
    assert set(good["listener"].to_pylist()) == set(usage.listeners.tolist())
    assert set(good["track"].to_pylist()) == set(usage.tracks.tolist())
    assert sum(good["plays"].to_pylist()) == usage.matrix.sum()


def test_bad_rows_are_shown_and_good_ones_are_not() -> None:
    found = judged(
        {"listener": pa.array(["a", None]), "track": pa.array([1, 2]), "plays": pa.array([1.0, 2.0])}
    )
    assert found["reason"].to_pylist() == [None, "missing-listener"]
    assert found["shown"].to_pylist() == [None, "listener 'None', track '2', plays '2.0'"]


def test_a_row_with_another_number_of_columns_is_malformed_whatever_else() -> None:
    malformed = pa.array([None, "a,b,c,d"], pa.string())
    found = judged({"listener": pa.array(["a", None]), "track": pa.array(["b", "c"]), "malformed": malformed})
    assert found["reason"].to_pylist() == [None, "malformed"]
    assert found["shown"].to_pylist() == [None, "a,b,c,d"]


def test_skipped_rows_are_neither_plays_nor_wrong() -> None:
    skipped = pa.array(["true", "false", None])
    found = judged({"listener": pa.array([1, 1, 1]), "track": pa.array([1, 2, 3]), "skipped": skipped})
    assert found["reason"].to_pylist() == ["", None, None]
    assert found["plays"].to_pylist() == [0, 1, 1]


def test_one_machine_still_says_why_nothing_is_usable(tmp_path: Path) -> None:
    (tmp_path / "plays.csv").write_text("listener,track,plays\na,b,0\n")
    with pytest.raises(UsageError, match="holds no usable plays of listeners: 1 zero-count"):
        read_plays(tmp_path / "plays.csv")
