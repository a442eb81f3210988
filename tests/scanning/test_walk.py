"""The walk meets every music folder once, whatever lies in its way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from segue.scanning.walk import SeenFolder, walk, walk_parts


def touch(path: Path, data: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def names(seen: list[SeenFolder]) -> list[str]:
    return [os.path.join(folder.path, name) for folder in seen for name in folder.files]  # noqa: PTH118


def found(root: Path) -> list[str]:
    return [name.removeprefix(f"{root}/") for name in names(list(walk([root])))]


def test_sorted_and_only_music(tmp_path: Path) -> None:
    for name in ("b/2.flac", "b/1.MP3", "a/x.wav", "top.ogg", "b/cover.jpg", "b/notes.txt"):
        touch(tmp_path / name)
    assert found(tmp_path) == ["top.ogg", "a/x.wav", "b/1.MP3", "b/2.flac"]


def test_what_systems_hide_is_left_out_but_not_music_with_dots(tmp_path: Path) -> None:
    for name in ("._a.mp3", ".Trash/a.mp3", "@eaDir/a.mp3", "$RECYCLE.BIN/a.mp3", "x/.hidden/deep/a.mp3"):
        touch(tmp_path / name)
    for name in ("...And Oceans/a.mp3", ".38 Special/b.mp3"):
        touch(tmp_path / name)
    assert found(tmp_path) == ["...And Oceans/a.mp3", ".38 Special/b.mp3"]


def test_a_folder_named_like_a_file_is_a_folder(tmp_path: Path) -> None:
    touch(tmp_path / "x.mp3" / "inside.mp3")
    seen = list(walk([tmp_path]))
    assert names(seen) == [f"{tmp_path}/x.mp3/inside.mp3"]
    assert not any(folder.refused for folder in seen)


def test_linked_folders_are_met_once_under_their_real_name(tmp_path: Path) -> None:
    touch(tmp_path / "real" / "a.mp3")
    touch(tmp_path / "elsewhere" / "b.mp3")
    root = tmp_path / "root"
    touch(root / "z" / "c.mp3")
    (root / "a-link").symlink_to(root / "z", target_is_directory=True)
    (root / "to-real").symlink_to(tmp_path / "real", target_is_directory=True)
    assert found(root) == ["z/c.mp3", "to-real/a.mp3"]


def test_a_link_loop_ends(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "song.mp3")
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "self.mp3").symlink_to(tmp_path / "self.mp3")
    seen = list(walk([tmp_path]))
    assert names(seen) == [f"{tmp_path}/a/song.mp3"]
    assert seen[0].refused["self.mp3"].reason == "missing"


def test_links_to_files(tmp_path: Path) -> None:
    touch(tmp_path / "a.mp3")
    (tmp_path / "b.mp3").symlink_to("a.mp3")
    (tmp_path / "gone.mp3").symlink_to("nowhere.mp3")
    (tmp_path / "gone.txt").symlink_to("nowhere.txt")
    (seen,) = walk([tmp_path])
    assert sorted(seen.files) == ["a.mp3", "b.mp3"]
    assert list(seen.refused) == ["gone.mp3"]
    assert seen.refused["gone.mp3"].reason == "missing"
    assert "nowhere.mp3" in seen.refused["gone.mp3"].detail


def test_pipes_are_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp3")
    os.mkfifo(tmp_path / "pipe.txt")
    (seen,) = walk([tmp_path])
    assert {name: refused.reason for name, refused in seen.refused.items()} == {"pipe.mp3": "not-a-file"}


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(folder)  # noqa: PTH102
    with open(folder + b"/\xff.mp3", "wb") as file:  # noqa: PTH123
        file.write(b"x")
    seen = list(walk([tmp_path]))
    assert [os.fsencode(name) for name in names(seen)] == [folder + b"/\xff.mp3"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder_is_blocked(tmp_path: Path) -> None:
    touch(tmp_path / "shut" / "a.mp3")
    (tmp_path / "shut").chmod(0)
    try:
        (_, shut) = walk([tmp_path])
    finally:
        (tmp_path / "shut").chmod(0o700)
    assert shut.blocked is not None
    assert shut.blocked.reason == "no-permission"


def test_a_folder_that_cannot_be_listed_is_blocked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "bad" / "a.mp3")
    touch(tmp_path / "good" / "b.mp3")
    real = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("bad"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    _, bad, good = walk([tmp_path])
    assert bad.blocked is not None and bad.blocked.reason == "no-permission" and not bad.complete
    assert list(good.files) == ["b.mp3"]


def test_overlapping_roots_are_met_once(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "x.mp3")
    seen = list(walk([tmp_path / "a", tmp_path, tmp_path / "a" / ".." / "a"]))
    assert names(seen) == [f"{tmp_path}/a/x.mp3"]


def test_a_single_file_is_a_root(tmp_path: Path) -> None:
    song = touch(tmp_path / "a.mp3", b"12345")
    touch(tmp_path / "b.mp3")
    (seen,) = walk([song])
    assert (seen.path, list(seen.files), seen.complete) == (str(tmp_path), ["a.mp3"], False)
    assert seen.files["a.mp3"] == (5, song.stat().st_mtime_ns)


def test_ignore_files_nest(tmp_path: Path) -> None:
    for name in (
        "demo/a.mp3",
        "demo/keep.mp3",
        "x/a.wav",
        "x/b.mp3",
        "y/a.wav",
        "sub/demo/z.mp3",
        "sub/only.mp3",
    ):
        touch(tmp_path / name)
    touch(tmp_path / ".segueignore", b"*.wav\n/demo/*\n!/demo/keep.mp3\n# a comment\n")
    touch(tmp_path / "y" / ".segueignore", b"!a.wav\n")
    touch(tmp_path / "sub" / ".segueignore", b"demo/\n")
    assert found(tmp_path) == ["demo/keep.mp3", "sub/only.mp3", "x/b.mp3", "y/a.wav"]


def test_an_ignore_rule_does_not_reach_above_its_folder(tmp_path: Path) -> None:
    touch(tmp_path / "a" / ".segueignore", b"*.mp3\n")
    touch(tmp_path / "a" / "deep" / "x.mp3")
    touch(tmp_path / "b" / "x.mp3")
    assert found(tmp_path) == ["b/x.mp3"]


def test_a_pattern_that_is_none_is_remarked_and_the_rest_followed(tmp_path: Path) -> None:
    touch(tmp_path / ".segueignore", b"\xef\xbb\xbf!\n*.wav\r\n")
    touch(tmp_path / "a.wav")
    touch(tmp_path / "a.mp3")
    (seen,) = walk([tmp_path])
    assert list(seen.files) == ["a.mp3"]
    assert len(seen.remarks) == 1 and "line 1" in seen.remarks[0]


def test_notmusic_excludes_all_beneath(tmp_path: Path) -> None:
    touch(tmp_path / "talk" / ".notmusic", b"")
    touch(tmp_path / "talk" / "deep" / "x.mp3")
    touch(tmp_path / "song.mp3")
    assert found(tmp_path) == ["song.mp3"]


def test_parts_obey_the_rules_above_them(tmp_path: Path) -> None:
    for name in ("a/deep/x.mp3", "a/deep/x.wav", "talk/deep/y.mp3", "out/z.mp3", "a/top.mp3"):
        touch(tmp_path / name)
    touch(tmp_path / ".segueignore", b"*.wav\nout/\n")
    touch(tmp_path / "talk" / ".notmusic", b"")
    parts = {tmp_path / name: True for name in ("a/deep", "talk/deep", "out")} | {tmp_path.parent: True}
    assert names(list(walk_parts([tmp_path], parts))) == [f"{tmp_path}/a/deep/x.mp3"]
    assert names(list(walk_parts([tmp_path], {tmp_path / "a": False}))) == [f"{tmp_path}/a/top.mp3"]
