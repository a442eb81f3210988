"""From the two files to a report: joining, missing columns, wrong files."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from segue.errors import SegueError, UsageError, VectorsError
from segue.operations.evaluate_similarity import evaluate_similarity, read_vectors


def _vectors(path: Path, names: list[str], *, dim: int = 4) -> Path:
    vectors = np.random.default_rng(0).standard_normal((len(names), dim)).astype(np.float32)
    np.savez(path, names=np.array(names), vectors=vectors, encoder=np.array("toy-1"))
    return path


def _table(path: Path, rows: list[dict[str, object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def _rows(n: int) -> list[dict[str, object]]:
    return [
        {
            "file": f"{i}.mp3",
            "artist": f"artist {i // 2}",
            "genre": ("rock", "jazz")[i // 2 % 2],
            "tension": i % 7,
            "year": 1999,
        }
        for i in range(n)
    ]


def test_files_are_joined_by_name(tmp_path: Path) -> None:
    vectors = _vectors(tmp_path / "v.npz", [f"/music/{i}.mp3" for i in range(2, 32)])
    report = evaluate_similarity(vectors, _table(tmp_path / "t.csv", _rows(30)))
    assert report.encoder == "toy-1"
    assert report.n_tracks == 28
    assert report.n_artists == 14
    assert report.unmatched_vectors == ("/music/30.mp3", "/music/31.mp3")
    assert report.unmatched_tracks == ("0.mp3", "1.mp3")
    assert report.moods == ("tension",)
    assert not report.left_out


def test_folders_tell_equal_names_apart(tmp_path: Path) -> None:
    names = [f"/m/{album}/0{i}.mp3" for album in "abc" for i in range(4)]
    rows: list[dict[str, object]] = [
        {"file": f"{album}/0{i}.mp3", "artist": album} for album in "cba" for i in range(4)
    ]
    report = evaluate_similarity(_vectors(tmp_path / "v.npz", names), _table(tmp_path / "t.csv", rows))
    assert report.n_tracks == 12
    # Without folders in the table nothing tells them apart, and a guess would be wrong two times in three.
    rows = [{"file": f"0{i}.mp3", "artist": "x"} for i in range(4)]
    again = evaluate_similarity(_vectors(tmp_path / "v.npz", names), _table(tmp_path / "t.csv", rows))
    assert len(again.unmatched_vectors) == 8


def test_columns_that_are_not_there_leave_measures_out(tmp_path: Path) -> None:
    rows = [{"file": row["file"], "artist": row["artist"], "liked": 0.5} for row in _rows(20)]
    vectors = _vectors(tmp_path / "v.npz", [f"{i}.mp3" for i in range(20)])
    report = evaluate_similarity(vectors, _table(tmp_path / "t.csv", rows))
    assert set(report.left_out) == {"genre_precision_at_10", "mood_correlation", "genre_accuracy"}


def test_empty_cells_are_unknown(tmp_path: Path) -> None:
    rows = _rows(24)
    for row in rows[:4]:
        row |= {"artist": "", "genre": " ", "tension": "?"}
    vectors = _vectors(tmp_path / "v.npz", [f"{i}.mp3" for i in range(24)])
    report = evaluate_similarity(vectors, _table(tmp_path / "t.csv", rows))
    assert report.n_artists == 14
    asked = {measure.name: measure.n_tracks for measure in report.measures}
    assert asked["genre_accuracy"] == asked["mood_correlation"] == asked["artist_hit_at_10"] == 20


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"artist,title\nx,y\n", "no column 'file'"),
        (b"file,title\nx,y\n", "no column 'artist'"),
        (b"", "no column 'file', but nothing"),
        (b"file,artist\n\xff\xfe,y\n", "UTF-8"),
        (b'file,artist\n"' + b"x" * 200_000, "CSV"),
    ],
)
def test_a_wrong_table_is_one_line(tmp_path: Path, content: bytes, word: str) -> None:
    vectors = _vectors(tmp_path / "v.npz", ["a.mp3"])
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(UsageError, match=word) as caught:
        evaluate_similarity(vectors, tmp_path / "t.csv")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 broken", b"\x93NUMPY\x01\x00"])
def test_a_wrong_vectors_file_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "v.npz").write_bytes(content)
    with pytest.raises(VectorsError, match="segue embed") as caught:
        read_vectors(tmp_path / "v.npz")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "arrays",
    [
        {"vectors": np.zeros((2, 2), dtype=np.float32)},
        {"names": np.array(["a"]), "vectors": np.zeros((2, 2), dtype=np.float32)},
        {"names": np.array(["a", "b"]), "vectors": np.zeros((2, 2), dtype=np.int32)},
        {"names": np.array(["a", "b"], dtype=object), "vectors": np.zeros((2, 2), dtype=np.float32)},
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    np.savez(tmp_path / "v.npz", **arrays)
    with pytest.raises(VectorsError):
        read_vectors(tmp_path / "v.npz")


def test_an_npy_file_is_not_a_crash(tmp_path: Path) -> None:
    np.save(tmp_path / "v.npy", np.zeros(3))
    with pytest.raises(VectorsError, match="segue embed"):
        read_vectors(tmp_path / "v.npy")


def test_missing_files_and_strangers_are_named(tmp_path: Path) -> None:
    vectors = _vectors(tmp_path / "v.npz", ["a.mp3", "b.mp3"])
    table = _table(tmp_path / "t.csv", _rows(4))
    with pytest.raises(SegueError, match="does not exist"):
        evaluate_similarity(tmp_path / "none.npz", table)
    with pytest.raises(SegueError, match="does not exist"):
        evaluate_similarity(vectors, tmp_path / "none.csv")
    with pytest.raises(VectorsError, match="no file of"):
        evaluate_similarity(vectors, table)
    with pytest.raises(VectorsError, match="at least 3"):
        evaluate_similarity(_vectors(tmp_path / "w.npz", ["0.mp3", "1.mp3"]), table)
