"""What a worker does for lists, without a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from segue.errors import SegueError, UsageError
from segue.evaluation.list_metrics import top_k
from segue.evaluation.metrics import track_lists
from segue.spark.columns import column_of, matrix_of, track_lists_of
from segue.spark.lists import Block, artist_table, artists_of, block_starts, lists_of_partition, n_tasks


class _Sent:
    """As a broadcast is on a worker."""

    def __init__(self, value: Block) -> None:
        self.value = value


def _batch(names: list[str], factors: np.ndarray, played: list[list[int] | None]) -> pa.RecordBatch:
    columns = [pa.array(names, pa.string()), column_of(factors), pa.array(played, pa.list_(pa.int32()))]
    return pa.RecordBatch.from_arrays(columns, ["listener", "factor", "played"])


def _lists(batches: list[pa.RecordBatch], block: Block, n: int) -> list[dict[str, Any]]:
    found = lists_of_partition(iter(batches), n, 0, _Sent(block))  # type: ignore[arg-type]
    return [row for batch in found for row in batch.to_pylist()]


def test_a_block_knows_its_own_part_of_what_was_played() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.integers(-2, 3, (2, 3)).astype(np.float32), rng.integers(-2, 3, (40, 3)).astype(np.float32)
    labels = pa.array([f"t{row:02}" for row in range(40)])
    played = [[3, 25, 39, 20], None]
    for start, end in ((0, 20), (20, 40), (0, 40)):
        block = Block(start, labels.slice(start, end - start), y[start:end], None)
        rows = _lists([_batch([], np.empty((0, 3), np.float32), []), _batch(["a", "b"], x, played)], block, 5)
        excluded = track_lists([[track - start for track in played[0] or [] if start <= track < end], []])
        wanted = top_k(x @ y[start:end].T, 5, excluded=excluded)
        for name, row in zip("ab", wanted.tolist(), strict=True):
            found = [(one["rank"], one["track"]) for one in rows if one["listener"] == name]
            assert found == [(rank, f"t{track + start:02}") for rank, track in enumerate(row, 1)]


def test_an_empty_partition_gives_no_rows() -> None:
    block = Block(0, pa.array(["t"]), np.ones((1, 2), np.float32), None)
    assert _lists([], block, 3) == []


def test_artists_are_known_by_their_names_however_written(tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text("track,artist_name\n1,Björk\n2,BJORK\n3,\n4,Low\n")
    codes = artists_of(names, pa.array([1, 2, 3, 4, 5]))
    assert codes[0] == codes[1] != codes[3]
    assert codes[2] == codes[4] == -1
    names.write_text("track,singer\n1,x\n")
    with pytest.raises(UsageError, match="needs the columns track and artist, but has track, singer"):
        artist_table(names)


def test_lists_of_several_lengths_are_no_matrix() -> None:
    rows = np.arange(6, dtype=np.float32).reshape(3, 2)
    np.testing.assert_array_equal(matrix_of(column_of(rows).slice(1), "x"), rows[1:])
    with pytest.raises(SegueError, match="vectors differ in length \\(1 to 2\\)"):
        matrix_of(pa.array([[1.0], [1.0, 2.0]], pa.list_(pa.float32())), "vectors")
    with pytest.raises(SegueError, match="differ in length"):
        matrix_of(pa.array([[1.0], None], pa.list_(pa.float32())), "vectors")
    found = track_lists_of(pa.array([[9], [4, 2], None, [], [7]], pa.list_(pa.int32())).slice(1))
    assert found.starts.tolist() == [0, 2, 2, 2, 3]
    assert found.tracks.tolist() == [4, 2, 7]


def test_work_is_cut_so_that_no_task_is_long_and_no_core_idle() -> None:
    assert n_tasks(100_000_000, 64_000_000, 16) * 30 == pytest.approx(1e8 * 64e6 * 4.5e-11, rel=0.01)
    assert n_tasks(0, 64, 4) == 1
    starts = block_starts(50_000_000, 64)
    assert starts[0] == 0 and starts[-1] == 50_000_000
    assert max(np.diff(starts)) <= 1 << 20
    assert block_starts(1 << 26, 1)[1] <= 1 << 24
