"""What counts as music at some places."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from segue.errors import NothingFound, SegueError, UsageError
from segue.spark.listing import Listing, list_music
from segue.spark.places import Place, place_of


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * len(name))


def listed(*words: str) -> Listing:
    return list_music(words, [place_of(word) for word in words])


def as_store(folder: Path) -> Place:
    """A folder that is listed as a store of objects is."""
    local = place_of(str(folder))
    return Place("s3://music", "s3", local.files, local.path, "s3:/")


LAID_OUT = (
    *("a.mp3", "b/c.flac", "b/cover.jpg", ".hidden/d.mp3", "b/._c.mp3", "b/.38 Special.mp3"),
    *("speech/.notmusic", "speech/e.mp3", "speech/deep/f.mp3", "b/live/g.mp3", "b/live/h.ogg"),
)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    put(folder, *LAID_OUT)
    (folder / "b" / ".segueignore").write_text("live/*.mp3\n")
    return folder


def test_music_is_what_a_scan_takes(music: Path) -> None:
    found = listed(str(music)).files
    taken = ["a.mp3", "b/.38 Special.mp3", "b/c.flac", "b/live/h.ogg"]
    assert found["name"].to_pylist() == [str(music / name) for name in taken]
    assert found["size"].to_pylist() == [(music / name).stat().st_size for name in taken]
    assert found["modified_ns"].to_pylist() == [(music / name).stat().st_mtime_ns for name in taken]


def test_a_store_is_listed_by_the_same_rules(music: Path) -> None:
    place = as_store(music)
    found = list_music(["s3://music"], [place]).files
    assert [Path(name.removeprefix("s3:/")) for name in found["name"].to_pylist()] == [
        Path(name) for name in listed(str(music)).files["name"].to_pylist()
    ]


def test_names_begin_as_they_were_given(music: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(music.parent)
    found = listed("music/b", "music/a.mp3").files
    assert found["name"].to_pylist()[0] == "music/a.mp3"
    assert found["path"].to_pylist()[0] == os.fsencode(music / "a.mp3")
    assert found["place"].to_pylist() == [1, 0, 0, 0]


def test_a_file_of_two_places_is_listed_once(music: Path) -> None:
    assert listed(str(music), str(music / "b")).files.num_rows == 4


def test_one_file_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    put(tmp_path, "sound.dat")
    assert listed(str(tmp_path / "sound.dat")).files["name"].to_pylist() == [str(tmp_path / "sound.dat")]
    store = as_store(tmp_path / "sound.dat")
    assert list_music(["s3://music"], [store]).files.num_rows == 1


def test_a_name_that_is_no_text_is_escaped(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.mp3")).write_bytes(b"x")
    found = listed(str(tmp_path)).files
    assert found["name"].to_pylist() == [f"{tmp_path}/caf\\udce9.mp3"]
    assert found["path"].to_pylist()[0].endswith(b"caf\xe9.mp3")


def test_what_cannot_be_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gone.mp3").symlink_to("nowhere")
    (refused,) = listed(str(tmp_path)).refused
    assert (refused.name, refused.reason) == (str(tmp_path / "gone.mp3"), "missing")


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    for words, places in (
        ([str(tmp_path / "no")], [place_of(str(tmp_path / "no"))]),
        (["s3://music"], [as_store(tmp_path / "no")]),
    ):
        with pytest.raises(NothingFound, match="does not exist"):
            list_music(words, places)


@pytest.mark.parametrize("word", ["ftp://host/music", "s3:///music", "S3X://a"])
def test_an_address_of_no_kind_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match=word):
        place_of(word)


def test_a_local_address_is_a_path(tmp_path: Path) -> None:
    assert place_of(f"file://{tmp_path}/a/../b").path == str(tmp_path / "b")


def test_hadoop_that_is_not_there_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARROW_LIBHDFS_DIR", "/nowhere")
    with pytest.raises(SegueError, match=r"hdfs://127\.0\.0\.1:1/music cannot be opened"):
        place_of("hdfs://127.0.0.1:1/music")


def test_keys_in_an_address_are_in_no_name() -> None:
    place = place_of("s3a://key:secret@music/a//b/?region=eu-central-1")
    assert str(place) == "s3://music/a/b"
