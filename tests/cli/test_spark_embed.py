"""`segue spark embed` as far as it goes without a cluster: what is wrong is said before one is started."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from segue.spark.embed import embed_places
from segue.spark.hearing import problems_table
from segue.spark.listing import Problem
from segue.spark.parts import PROBLEMS, open_folder, vectors_schema, write_part
from segue.spark.places import place_of


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    (folder / "a.mp3").write_bytes(b"x")
    (folder / "b.mp3").write_bytes(b"x")
    return folder


@pytest.fixture
def done(tmp_path: Path, music: Path) -> Path:
    """The vectors of a run that heard one of the files, and failed with the other."""
    output = place_of(str(tmp_path / "vectors.parquet"))
    open_folder(output, encoder="musicnn-msd-1", windows="balanced")
    stats = {name: (music / name).stat() for name in ("a.mp3", "b.mp3")}
    row = {
        "name": str(music / "a.mp3"),
        "encoder": "musicnn-msd-1",
        "vector": [1.0] * 200,
        "digest": "0" * 64,
        "size": stats["a.mp3"].st_size,
        "modified_ns": stats["a.mp3"].st_mtime_ns,
    }
    rows = pa.Table.from_pylist([row], vectors_schema())
    write_part(output, "part-0000000000000001.parquet", rows, run=1, encoder="musicnn-msd-1")
    state = stats["b.mp3"]
    failed = problems_table(
        [Problem(str(music / "b.mp3"), "not-audio", "no", state.st_size, state.st_mtime_ns)]
    )
    write_part(output, f"{PROBLEMS}/part-0000000000000001.parquet", failed, run=1)
    return tmp_path / "vectors.parquet"


def test_nothing_new_needs_no_cluster(segue, music: Path, done: Path) -> None:
    said = segue("spark", "embed", music, "-o", done, "--master", "spark://127.0.0.1:1")
    assert (said.code, said.out) == (0, "")
    assert f"wrote {done}: 0 vectors of 200 numbers by musicnn-msd-1, 1 in all" in said.err
    assert "1 files could not be heard (1 known from before: --retry)" in said.err
    assert segue("spark", "embed", music, "-o", done, "--strict", "--quiet").code == 1


def test_what_is_gone_is_said_and_stays(segue, music: Path, done: Path) -> None:
    (music / "a.mp3").rename(music / "a.txt")
    said = segue("spark", "embed", music, "-o", done)
    assert said.code == 0
    assert "1 files are gone; their vectors stay" in said.err


def test_new_files_need_a_cluster_that_is_there(segue, music: Path, tmp_path: Path) -> None:
    said = segue("spark", "embed", music, "-o", tmp_path / "v", "--master", "spark://127.0.0.1:1")
    assert said.code == 1
    assert "no Spark master answers at 127.0.0.1:1" in said.err
    assert segue("spark", "embed", music, "-o", tmp_path / "v", "--master", "http://a").code == 2


def test_wrong_use_is_said_before_anything_is_written(segue, music: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    output = tmp_path / "v"
    for words, message in (
        ((tmp_path / "no",), f"{tmp_path / 'no'} does not exist"),
        ((tmp_path / "empty",), "no audio files there"),
        (("ftp://host/music",), "ftp:// is not known"),
        ((music, "--encoder", "nobody"), "there is no encoder 'nobody'"),
    ):
        said = segue("spark", "embed", *words, "-o", output)
        assert said.code == 2, said.err
        assert message in said.err
    assert not output.exists()
    said = segue("spark", "embed", music, "-o", music)
    assert (said.code, "holds something else" in said.err) == (2, True)


def test_another_encoder_needs_another_folder(segue, music: Path, done: Path) -> None:
    said = segue("spark", "embed", music, "-o", done, "--encoder", "timbre")
    assert said.code == 2
    assert "holds vectors of musicnn-msd-1 with balanced windows, not of timbre-1" in said.err


def test_a_dangling_link_is_a_problem_that_is_kept(music: Path, done: Path) -> None:
    (music / "c.mp3").symlink_to("nowhere")
    report = embed_places([str(music)], str(done), master=None)
    assert (report.found, report.problems, report.known_problems) == (3, 1, 1)
    again = embed_places([str(music)], str(done), master=None)
    assert (again.problems, again.known_problems) == (0, 2)


def test_a_problem_that_may_have_passed_is_tried_again(segue, music: Path, done: Path) -> None:
    state = (music / "b.mp3").stat()
    row = Problem(str(music / "b.mp3"), "missing", "is not there", state.st_size, state.st_mtime_ns)
    write_part(place_of(str(done)), f"{PROBLEMS}/part-0000000000000001.parquet", problems_table([row]), run=2)
    said = segue("spark", "embed", music, "-o", done, "--master", "spark://127.0.0.1:1")
    assert "no Spark master answers" in said.err


def test_names_beneath_the_working_folder_are_known_again(
    segue, music: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    output = place_of("v")
    open_folder(output, encoder="musicnn-msd-1", windows="balanced")
    rows = pa.Table.from_pylist(
        [
            {"name": name, "encoder": "musicnn-msd-1", "vector": [1.0], "digest": "0" * 64}
            | {"size": state.st_size, "modified_ns": state.st_mtime_ns}
            for name, state in (
                ("music/a.mp3", (music / "a.mp3").stat()),
                ("music/b.mp3", (music / "b.mp3").stat()),
                ("music/gone.mp3", (music / "b.mp3").stat()),
            )
        ],
        vectors_schema(),
    )
    write_part(output, "part-0000000000000001.parquet", rows, run=1, encoder="musicnn-msd-1")
    for word in ("music", ".", "./music/"):
        said = segue("spark", "embed", word, "-o", "v")
        assert said.code == 0
        assert "1 files are gone" in said.err
