"""The folder of parts: what it refuses, which rows count, and how a run leaves it."""

from __future__ import annotations

import errno
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.errors import DiskFull, SegueError, UsageError
from segue.spark import parts, places, settling
from segue.spark.parts import (
    HEADER,
    PROBLEMS,
    newest_rows,
    open_folder,
    part_name,
    read_header,
    read_rows,
    vectors_schema,
    write_part,
)
from segue.spark.places import Place, names_in, place_of
from segue.spark.settling import remove_drafts, settle

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def folder(tmp_path: Path) -> Place:
    place = place_of(str(tmp_path / "vectors.parquet"))
    open_folder(place, encoder="e-1", windows="balanced")
    return place


def rows(**values: float) -> pa.Table:
    """Vectors of files, each of one number."""
    count = len(values)
    columns: dict[str, Any] = {
        "name": list(values),
        "encoder": ["e-1"] * count,
        "vector": [[value] for value in values.values()],
        "digest": ["0" * 64] * count,
        "size": [1] * count,
        "modified_ns": [1] * count,
    }
    return pa.table(columns, vectors_schema())


def problems(*names: str) -> pa.Table:
    count = len(names)
    return pa.table(
        {
            "name": list(names),
            "reason": ["silent"] * count,
            "detail": ["is silent"] * count,
            "size": [1] * count,
            "modified_ns": [1] * count,
        },
        parts.problems_schema(),
    )


def put(folder: Place, part: int, table: pa.Table, run: int, *within: str) -> None:
    name = "/".join((*within, f"part-{part:016x}.parquet"))
    write_part(folder, name, table, run=run, encoder=None if within else "e-1")


def stored(folder: Place) -> dict[str, float]:
    """What a reader of the whole folder finds; a name that is there twice is a fault."""
    table = ds.dataset(folder.path, schema=vectors_schema()).to_table()
    names = table["name"].to_pylist()
    assert len(set(names)) == len(names)
    return dict(zip(names, (vector[0] for vector in table["vector"].to_pylist()), strict=True))


def failed(folder: Place) -> list[str]:
    return sorted(read_rows(folder, PROBLEMS).table["name"].to_pylist())


def test_the_later_run_counts(folder: Place) -> None:
    put(folder, 1, rows(a=1, b=1), 1)
    put(folder, 2, rows(b=2), 2)
    assert settle(folder, encoder="e-1") == 2
    assert stored(folder) == {"a": 1, "b": 2}


@settings(max_examples=30)
@given(st.lists(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9)), max_size=6))
def test_settling_is_as_if_runs_had_written_over_each_other(
    tmp_path_factory: pytest.TempPathFactory, runs: list[dict[str, int]]
) -> None:
    folder = place_of(str(tmp_path_factory.mktemp("runs") / "v"))
    open_folder(folder, encoder="e-1", windows="balanced")
    expected: dict[str, float] = {}
    for number, run in enumerate(runs):
        put(folder, 9 - number, rows(**run), number + 1)
        expected |= run
    assert settle(folder, encoder="e-1") == len(expected)
    assert stored(folder) == expected
    before = names_in(folder)
    settle(folder, encoder="e-1")
    assert names_in(folder) == before


def test_small_parts_are_joined_and_large_ones_left(folder: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, 1, rows(**{f"large{n}": n for n in range(500)}), 1)
    for number in range(4):
        put(folder, 2 + number, rows(**{f"small{number}": number}), 1)
    large = Path(folder.path, "part-0000000000000001.parquet").stat().st_size
    monkeypatch.setattr(settling, "_SMALL_BYTES", large)
    assert settle(folder, encoder="e-1") == 504
    names = [name for name in names_in(folder) if name.startswith("part-")]
    assert len(names) == 2
    assert "part-0000000000000001.parquet" in names
    assert len(stored(folder)) == 504


def test_a_row_replaced_in_a_large_part_leaves_it(folder: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "_SMALL_BYTES", 0)
    put(folder, 1, rows(a=1, b=1), 1)
    put(folder, 2, rows(b=2), 2)
    settle(folder, encoder="e-1")
    assert stored(folder) == {"a": 1, "b": 2}


def test_a_part_without_rows_goes(folder: Place) -> None:
    put(folder, 1, rows(), 1)
    settle(folder, encoder="e-1")
    assert names_in(folder) == [PROBLEMS, HEADER]


def test_a_file_that_was_heard_at_last_is_no_problem(folder: Place) -> None:
    put(folder, 1, problems("a", "b"), 1, PROBLEMS)
    put(folder, 2, rows(a=1), 2)
    settle(folder, encoder="e-1")
    assert failed(folder) == ["b"]


def test_a_task_that_heard_a_file_when_tried_again_leaves_no_problem(folder: Place) -> None:
    put(folder, 1, problems("a"), 1, PROBLEMS)
    put(folder, 1, rows(a=1), 1)
    settle(folder, encoder="e-1")
    assert (failed(folder), stored(folder)) == ([], {"a": 1})


def test_a_file_that_broke_has_no_vector_any_more(folder: Place) -> None:
    put(folder, 1, rows(a=1, b=1), 1)
    put(folder, 2, problems("a"), 2, PROBLEMS)
    settle(folder, encoder="e-1")
    assert (failed(folder), stored(folder)) == (["a"], {"b": 1})


def test_stopped_while_settling_no_row_is_lost(folder: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        put(folder, number, rows(**{f"n{number}": number}), 1)

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(settling, "remove", stopped)
    with pytest.raises(KeyboardInterrupt):
        settle(folder, encoder="e-1")
    assert {*ds.dataset(folder.path).to_table()["name"].to_pylist()} == {"n0", "n1", "n2"}
    monkeypatch.undo()
    assert settle(folder, encoder="e-1") == 3
    assert stored(folder) == {"n0": 0, "n1": 1, "n2": 2}


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 3)), max_size=20))
def test_the_newest_row_of_a_name_counts(pairs: list[tuple[str, int]]) -> None:
    table = pa.table(
        {
            "name": pa.array([name for name, _ in pairs], pa.string()),
            "run": pa.array([run for _, run in pairs], pa.int64()),
        }
    )
    found = [pairs[row] for row in newest_rows(table)]
    assert sorted(found) == sorted({name: max(r for n, r in pairs if n == name) for name, _ in pairs}.items())


def test_a_part_is_called_after_its_files() -> None:
    one = pa.table({"name": ["a", "b"], "size": [1, 2], "modified_ns": [3, 4]})
    name = part_name(one, encoder="e-1", windows="balanced")
    assert part_name(one.take([1, 0]), encoder="e-1", windows="balanced") == name
    for other in (
        part_name(one.slice(1), encoder="e-1", windows="balanced"),
        part_name(one, encoder="e-2", windows="balanced"),
        part_name(one, encoder="e-1", windows="fast"),
        part_name(one.set_column(2, "modified_ns", [[3, 5]]), encoder="e-1", windows="balanced"),
    ):
        assert other != name


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds something else"):
        read_header(place_of(str(tmp_path)))
    with pytest.raises(UsageError, match="is a file"):
        read_header(place_of(str(tmp_path / "notes.txt")))
    (tmp_path / HEADER).write_text('{"format": "another"}')
    with pytest.raises(UsageError, match="holds another"):
        read_header(place_of(str(tmp_path)))


@pytest.mark.parametrize("said", ["", "[]", '{"format": "segue vectors"}'])
def test_a_damaged_header_is_an_error(tmp_path: Path, said: str) -> None:
    (tmp_path / HEADER).write_text(said)
    with pytest.raises(SegueError, match="is damaged"):
        read_header(place_of(str(tmp_path)))


def test_a_later_format_is_an_error(folder: Place) -> None:
    path = Path(folder.path, HEADER)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 2}))
    with pytest.raises(SegueError, match="later Segue"):
        read_header(folder)


@pytest.mark.parametrize(("encoder", "windows"), [("e-2", "balanced"), ("e-1", "fast")])
def test_a_folder_is_of_one_encoder_and_one_plan(folder: Place, encoder: str, windows: str) -> None:
    with pytest.raises(UsageError, match="holds vectors of e-1 with balanced windows"):
        open_folder(folder, encoder=encoder, windows=windows)


def test_a_damaged_part_is_named(folder: Place) -> None:
    Path(folder.path, "part-0000000000000001.parquet").write_bytes(b"PAR1 and nothing")
    with pytest.raises(SegueError, match=r"part-0000000000000001\.parquet is no part"):
        read_rows(folder)


def test_drafts_are_read_by_nobody_and_go_at_last(folder: Place) -> None:
    draft = Path(folder.path, places.draft_of("part-0000000000000001.parquet"))
    draft.write_bytes(b"half")
    put(folder, 2, rows(a=1), 1)
    assert stored(folder) == {"a": 1}
    remove_drafts(folder)
    assert draft.exists()  # another run may be at it
    os.utime(draft, (0, time.time() - 7200))
    remove_drafts(folder)
    assert not draft.exists()


def test_a_full_disk_leaves_what_was_there(folder: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, 1, rows(a=1), 1)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        put(folder, 1, rows(a=2), 2)
    assert stored(folder) == {"a": 1}
    assert not [name for name in names_in(folder) if name.endswith(".partial")]


def test_the_stored_format_is_read(tmp_path: Path) -> None:
    place = place_of(str(GOLDEN / "vectors-1"))
    header = read_header(place)
    assert header is not None
    assert (header.encoder, header.windows) == ("e-1", "balanced")
    found = read_rows(place)
    assert found.table.select(["name", "size", "modified_ns", "run"]).to_pylist() == [
        {"name": "a", "size": 1, "modified_ns": 1, "run": 3}
    ]
    assert np.array_equal(ds.dataset(place.path).to_table()["vector"].to_pylist(), [[0.5]])
    assert failed(place) == ["b"]
