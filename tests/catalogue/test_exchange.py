"""The library into a file, and vectors from a file, without loss."""

from __future__ import annotations

import csv
import errno
import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segue.catalogue import (
    exporting,
    forget_paths,
    import_vectors,
    load_vectors,
    open_catalogue,
    record_analysis,
    replacements,
    revision,
    stats,
    track_ids,
    tracks,
    write_export,
)
from segue.errors import DiskFull, UsageError, VectorsError
from segue.settings import DataFolder

RAW = Path(os.fsdecode(b"/m/\xff.mp3"))


@pytest.fixture
def names(cat, heard):
    found = [
        record_analysis(
            cat,
            heard("/m/1.mp3", 1, genres=("Pop", "Art Pop"), year=1997, album='A, "quoted"\nname', bpm=1.5),
        ),
        record_analysis(
            cat, heard("/m/2.mp3", 2, title="千本桜", vectors={"toy-1": [2.0, 1.0], "x-1": [9.0]})
        ),
        record_analysis(cat, heard(RAW, 3, title=None, has_cover=True)),
        record_analysis(cat, heard("/m/gone.mp3", 4)),
    ]
    record_analysis(
        cat,
        heard("/n/1 copy.mp3", 1, genres=("Pop", "Art Pop"), year=1997, album='A, "quoted"\nname', bpm=1.5),
    )
    forget_paths(cat, [Path("/m/gone.mp3")])
    return found[:3]


def test_json_and_json_lines(cat, names, tmp_path):
    assert write_export(cat, tmp_path / "all.json") == write_export(cat, tmp_path / "all.JSONL") == 3
    rows = json.loads((tmp_path / "all.json").read_text())
    assert rows == [json.loads(line) for line in (tmp_path / "all.JSONL").read_text().splitlines()]
    assert [row["id"] for row in rows] == names
    assert rows[0]["genres"] == ["Pop", "Art Pop"] and rows[0]["paths"] == ["/m/1.mp3", "/n/1 copy.mp3"]
    assert rows[1]["title"] == "千本桜" and rows[1]["year"] is None
    assert rows[2]["paths"] == [os.fspath(RAW)] and rows[2]["has_cover"] is True
    assert tuple(rows[0]) == exporting.COLUMNS
    assert list(tmp_path.glob(".*")) == []


def test_csv(cat, names, tmp_path):
    assert write_export(cat, tmp_path / "all.csv") == 3
    with (tmp_path / "all.csv").open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == names
    assert rows[0]["album"] == 'A, "quoted"\nname' and rows[0]["genres"] == "Pop\nArt Pop"
    assert rows[2]["paths"] == os.fspath(RAW) and rows[2]["title"] == ""


def test_parquet_with_vectors_and_back_into_another_catalogue(cat, names, heard, tmp_path):
    target = tmp_path / "all.parquet"
    assert write_export(cat, target, vectors=["toy-1", "x-1", "never-1"]) == 3
    table = pq.read_table(target)
    assert table["id"].to_pylist() == names
    assert table["genres"].to_pylist()[0] == ["Pop", "Art Pop"]
    assert table["vector:toy-1"].to_pylist() == [[1.0, 1.0], [2.0, 1.0], [3.0, 1.0]]
    assert table["vector:x-1"].to_pylist() == [None, [9.0], None]
    with open_catalogue(DataFolder(tmp_path / "other"), write=True, create=True) as other:
        # Elsewhere on this disk, and one name that is not UTF-8: the payload says which track is meant.
        for place, payload in (("/z/1.mp3", 1), ("/z/3.mp3", 3), ("/z/9.mp3", 9)):
            record_analysis(other, heard(place, payload, vectors={}))
        with pytest.raises(
            VectorsError, match="several encoders: choose with --encoder one of toy-1, x-1, never-1"
        ):
            import_vectors(other, target)
        report = import_vectors(other, target, encoder="toy-1")
        assert (report.encoder, report.dim) == ("toy-1", 2)
        assert (report.matched, report.unmatched, report.refused) == (2, 1, 0)
        keys, matrix = load_vectors(other, "toy-1")
        assert track_ids(other, keys) == [names[0], names[2]]
        np.testing.assert_array_equal(matrix, [[1.0, 1.0], [3.0, 1.0]])
        report = import_vectors(other, target, encoder="x-1")
        assert (report.matched, report.unmatched, report.refused) == (
            0,
            1,
            2,
        )  # rows of known tracks without one


def test_an_empty_library(cat, tmp_path):
    for suffix in (".json", ".jsonl", ".csv", ".parquet"):
        assert write_export(cat, tmp_path / f"all{suffix}") == 0
    assert json.loads((tmp_path / "all.json").read_text()) == []
    assert pq.read_table(tmp_path / "all.parquet").num_rows == 0


def test_an_export_that_cannot_be(cat, names, tmp_path, monkeypatch):
    with pytest.raises(UsageError, match=r"one of \.parquet, \.csv, \.json, \.jsonl"):
        write_export(cat, tmp_path / "all.xlsx")
    with pytest.raises(UsageError, match=r"vectors go into \.parquet only"):
        write_export(cat, tmp_path / "all.csv", vectors=["toy-1"])
    with pytest.raises(UsageError, match="cannot be written"):
        write_export(cat, tmp_path / "no folder" / "all.csv")
    old = tmp_path / "all.csv"
    old.write_text("kept")

    def full(*_: object) -> int:
        old.with_name(".all.csv.part").write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(exporting._WRITERS, ".csv", full)
    with pytest.raises(DiskFull, match="no space left"):
        write_export(cat, old)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["all.csv"]
    assert old.read_text() == "kept"


def test_npz_by_path_and_payload(cat, names, tmp_path, monkeypatch):
    digest = tracks(cat, names)[1].digest
    rows = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [1, 1, 1], [1, np.nan, 1], [0, 0, 0]]
    where = ["/n/1 copy.mp3", digest.upper(), os.fspath(RAW), "/m/unknown.mp3", "/m/1.mp3", "../m/2.mp3"]
    np.savez(tmp_path / "v.npz", names=np.array(where), vectors=np.array(rows, np.float64), encoder="new-1")
    monkeypatch.chdir("/tmp")
    before = revision(cat)
    report = import_vectors(cat, tmp_path / "v.npz")
    assert (report.encoder, report.dim, report.matched, report.unmatched, report.refused) == (
        "new-1",
        3,
        3,
        1,
        2,
    )
    np.testing.assert_array_equal(load_vectors(cat, "new-1")[1], rows[:3])
    assert revision(cat) == before + 1
    assert import_vectors(cat, tmp_path / "v.npz", encoder="other-1").matched == 3
    assert import_vectors(cat, tmp_path / "v.npz").matched == 3
    assert replacements(cat, "new-1") == 0
    assert stats(cat).encoders == {"new-1": 3, "other-1": 3, "toy-1": 3, "x-1": 1}


def test_names_relative_to_the_working_folder_or_to_the_file(cat, heard, tmp_path, monkeypatch):
    (tmp_path / "music").mkdir()
    record_analysis(cat, heard(tmp_path / "music" / "1.mp3", 1))
    np.savez(
        tmp_path / "music" / "v.npz", names=np.array(["1.mp3"]), vectors=np.ones((1, 2)), encoder="new-1"
    )
    np.savez(tmp_path / "w.npz", names=np.array(["./x/../1.mp3"]), vectors=np.ones((1, 2)), encoder="new-2")
    assert import_vectors(cat, tmp_path / "music" / "v.npz").matched == 1
    monkeypatch.chdir(tmp_path / "music")
    assert import_vectors(cat, tmp_path / "w.npz").matched == 1


@pytest.mark.parametrize("kind", ["path", "paths", "name", "digest"])
@pytest.mark.parametrize("said", ["metadata", "column", "option"])
def test_parquet_made_elsewhere(cat, names, tmp_path, kind, said):
    first, second = tracks(cat, names[:2])
    cells = {
        "paths": [[str(first.paths[0])], ["/x", str(second.paths[0])]],
        "digest": [first.digest, second.digest],
    }
    table = pa.table({kind: cells.get(kind, ["/m/1.mp3", "/m/2.mp3"]), "vector": [[1.0, 2.0], [3.0, 4.0]]})
    if said == "metadata":
        table = table.replace_schema_metadata({"encoder": "new-1"})
    if said == "column":
        table = table.append_column("encoder", pa.array(["new-1"] * 2))
    pq.write_table(table, tmp_path / "v.parquet")
    report = import_vectors(cat, tmp_path / "v.parquet", encoder="new-1" if said == "option" else None)
    assert (report.encoder, report.matched, report.unmatched, report.refused) == ("new-1", 2, 0, 0)
    np.testing.assert_array_equal(load_vectors(cat, "new-1")[1], [[1.0, 2.0], [3.0, 4.0]])


def savez(path: Path, **arrays: object) -> None:
    good = {
        "names": np.array(["/m/1.mp3"]),
        "vectors": np.ones((1, 2), np.float32),
        "encoder": np.array("toy-1"),
    }
    np.savez(path, **{name: value for name, value in (good | arrays).items() if value is not None})


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"encoder": None}, "which encoder"),
        ({"encoder": "no such id; DROP TABLE"}, "not the id of an encoder"),
        ({"names": None}, "no array called names"),
        ({"names": None, "vectors": None}, "names or vectors"),
        ({"names": np.array(["/m/1.mp3"], object)}, "allow_pickle|pickle"),
        ({"names": np.array([1])}, "text is wanted"),
        ({"vectors": np.ones((2, 2))}, "do not fit"),
        ({"vectors": np.ones(2)}, "do not fit"),
        ({"vectors": np.array([["a", "b"]])}, "do not fit"),
        ({"vectors": np.ones((1, 3))}, "have 3 values, those of toy-1 here have 2"),
    ],
)
def test_a_bad_npz_is_named_in_one_line(cat, names, tmp_path, arrays, said):
    savez(tmp_path / "v.npz", **arrays)
    with pytest.raises(VectorsError, match=said) as caught:
        import_vectors(cat, tmp_path / "v.npz")
    assert "\n" not in str(caught.value) and "v.npz" in str(caught.value)
    assert stats(cat).encoders == {"toy-1": 3, "x-1": 1}


@pytest.mark.parametrize("suffix", [".npz", ".parquet", ".txt"])
@pytest.mark.parametrize(
    "content", [None, b"", b"PK\x03\x04 not a zip", b"PAR1 not parquet PAR1", b"\x80\x04]q\x00."]
)
def test_a_file_of_something_else(cat, tmp_path, suffix, content):
    path = tmp_path / f"v{suffix}"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(VectorsError) as caught:
        import_vectors(cat, path, encoder="toy-1")
    assert "\n" not in str(caught.value) and path.name in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"vector": [[1.0]]}, "no column digest, path, paths or name"),
        ({"path": ["/m/1.mp3"]}, "no column vector"),
        ({"path": ["/m/1.mp3"], "vector": ["text"]}, "lists of numbers are wanted"),
        ({"path": ["/m/1.mp3"], "vector": [["a", "b"]]}, "lists of numbers are wanted"),
        ({"path": ["/m/1.mp3"], "vector": [1.0]}, "lists of numbers are wanted"),
    ],
)
def test_a_bad_parquet_is_named_in_one_line(cat, names, tmp_path, columns, said):
    pq.write_table(pa.table(columns), tmp_path / "v.parquet")
    with pytest.raises(VectorsError, match=said):
        import_vectors(cat, tmp_path / "v.parquet", encoder="toy-1")


def test_truncated_files_are_refused_whole(cat, names, tmp_path):
    rng = np.random.default_rng(0)
    np.savez(
        tmp_path / "v.npz",
        names=np.array(["/m/1.mp3"] * 500),
        vectors=rng.standard_normal((500, 8)),
        encoder="new-1",
    )
    whole = (tmp_path / "v.npz").read_bytes()
    for length in rng.integers(0, len(whole), 20):
        (tmp_path / "t.npz").write_bytes(whole[:length])
        with pytest.raises(VectorsError):
            import_vectors(cat, tmp_path / "t.npz")
    assert "new-1" not in stats(cat).encoders


def _part(folder, number, rows, *, run, encoder="new-1"):
    table = pa.table(
        {
            "name": [name for name, _, _ in rows],
            "encoder": [encoder] * len(rows),
            "vector": [vector for _, _, vector in rows],
            "digest": [digest for _, digest, _ in rows],
        }
    )
    folder.mkdir(exist_ok=True)
    said = {b"segue.run": str(run).encode()}
    pq.write_table(table.replace_schema_metadata(said), folder / f"part-{number:016x}.parquet")


def test_a_folder_of_parts_is_matched_by_digest_first_and_the_last_run_counts(cat, names, tmp_path):
    digests = [track.digest for track in tracks(cat, names)]
    folder = tmp_path / "vectors.parquet"
    _part(folder, 9, [("s3://b/1.mp3", digests[0], [1.0, 1.0]), ("/m/2.mp3", "0" * 64, [2.0, 2.0])], run=1)
    _part(
        folder, 1, [("s3://b/1.mp3", digests[0], [3.0, 1.0]), ("s3://b/x.mp3", "1" * 64, [4.0, 4.0])], run=2
    )
    _part(folder, 5, [], run=3)
    (folder / "_problems").mkdir()
    (folder / "_vectors.json").write_text("{}")
    (folder / ".part-0000000000000003.parquet.0.partial").write_bytes(b"half")
    (folder / "_SUCCESS").write_bytes(b"")
    report = import_vectors(cat, folder)
    assert (report.encoder, report.matched, report.unmatched, report.refused) == ("new-1", 3, 1, 0)
    keys, vectors = load_vectors(cat, "new-1")
    assert dict(zip(track_ids(cat, keys), vectors.tolist(), strict=True)) == {
        names[0]: [3.0, 1.0],
        names[1]: [2.0, 2.0],
    }


def test_a_folder_without_parts_or_of_two_encoders_is_refused(cat, names, tmp_path):
    folder = tmp_path / "vectors.parquet"
    folder.mkdir()
    with pytest.raises(VectorsError, match="no vectors are in it"):
        import_vectors(cat, folder)
    _part(folder, 1, [("/m/1.mp3", "0" * 64, [1.0])], run=1)
    _part(folder, 2, [("/m/2.mp3", "0" * 64, [1.0])], run=1, encoder="other-1")
    with pytest.raises(VectorsError, match=r"several encoders \(new-1, other-1\)"):
        import_vectors(cat, folder)
