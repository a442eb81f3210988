"""The file of a map.

``golden/map-1.npz`` is what `write_map` of version 1 wrote of `golden()`; it is never made again.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segue.atlas import StoredMap, read_map, write_map
from segue.errors import VectorsError

GOLDEN = Path(__file__).parent / "golden" / "map-1.npz"


def golden() -> StoredMap:
    positions = np.array([[-1.5, 2.0], [0.0, 0.25], [3.0, -4.0]], np.float32)
    return StoredMap("timbre-1", ("aaa", "bbb", "ccc"), positions, np.array([False, False, True]), 7)


def assert_same(one: StoredMap | None, other: StoredMap) -> None:
    assert one is not None
    assert (one.encoder, one.tracks, one.seed) == (other.encoder, other.tracks, other.seed)
    np.testing.assert_array_equal(one.positions, other.positions)
    np.testing.assert_array_equal(one.placed, other.placed)


def test_the_golden_file_is_read() -> None:
    assert_same(read_map(GOLDEN), golden())


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "new" / "map.npz"
    assert read_map(file) is None
    write_map(file, golden())
    assert_same(read_map(file), golden())
    assert [found.name for found in file.parent.iterdir()] == ["map.npz"]


@pytest.mark.parametrize("cut", [0, 1, 30, 500])
def test_a_damaged_file_is_one_clear_line(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "map.npz"
    file.write_bytes(GOLDEN.read_bytes()[:cut])
    with pytest.raises(VectorsError, match=r"map\.npz is damaged.*--refit"):
        read_map(file)


@pytest.mark.parametrize(
    "wrong",
    [
        {"tracks": np.array(["aaa", "aaa", "ccc"])},
        {"positions": np.zeros((2, 2), np.float32)},
        {"positions": np.full((3, 2), np.nan, np.float32)},
        {"placed": np.zeros(2, np.bool_)},
        {"seed": np.array("x")},
    ],
)
def test_parts_that_do_not_fit_are_refused(tmp_path: Path, wrong: dict[str, np.ndarray]) -> None:
    file = tmp_path / "map.npz"
    with np.load(GOLDEN) as content:
        np.savez(file, **{**content, **wrong})
    with pytest.raises(VectorsError, match="--refit"):
        read_map(file)


def test_a_later_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "map.npz"
    with np.load(GOLDEN) as content:
        np.savez(file, **{**content, "version": np.array(2)})
    with pytest.raises(VectorsError, match="later Segue"):
        read_map(file)
