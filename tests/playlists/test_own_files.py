"""Playlists among other people's files, and names for every file system."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.errors import SegueError
from segue.playlists import Entry, OwnPlaylist, read_playlist, safe_file_name, write_own_playlists
from segue.playlists.own_files import MANIFEST

ENTRIES = (Entry(path=Path("/music/a.mp3"), title="A"),)


def write(
    folder: Path, titles: dict[str, str], *, suffix: str = ".m3u8", group: str = "x/"
) -> dict[str, str]:
    playlists = [OwnPlaylist(of, title, ENTRIES) for of, title in titles.items()]
    files = write_own_playlists(folder, playlists, group=group, suffix=suffix)
    return {of: file.name for of, file in files.items()}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {MANIFEST}


def test_files_are_named_after_their_titles_and_written_again(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    for _ in range(3):
        assert write(folder, {"x/1": "Slow", "x/2": "Slow", "x/3": "AC/DC"}) == {
            "x/1": "Slow.m3u8", "x/2": "Slow 2.m3u8", "x/3": "AC-DC.m3u8",
        }  # fmt: skip
        assert names(folder) == {"Slow.m3u8", "Slow 2.m3u8", "AC-DC.m3u8"}
    assert read_playlist(folder / "AC-DC.m3u8").title == "AC/DC"


def test_files_of_others_are_never_touched(tmp_path: Path) -> None:
    (tmp_path / "slow.m3u8").write_text("mine")
    (tmp_path / "Loud.m3u8").mkdir()
    for _ in range(2):
        assert set(write(tmp_path, {"x/1": "Slow", "x/2": "Loud"}).values()) == {"Slow 2.m3u8", "Loud 2.m3u8"}
    assert (tmp_path / "slow.m3u8").read_text() == "mine"
    assert names(tmp_path) == {"slow.m3u8", "Loud.m3u8", "Slow 2.m3u8", "Loud 2.m3u8"}


def test_a_file_that_somebody_changed_is_theirs(tmp_path: Path) -> None:
    write(tmp_path, {"x/1": "Slow"})
    with (tmp_path / "Slow.m3u8").open("a") as file:
        file.write("/music/mine.mp3\n")
    assert write(tmp_path, {"x/1": "Slow"}) == {"x/1": "Slow 2.m3u8"}
    assert write(tmp_path, {"x/1": "Evening"}) == {"x/1": "Evening.m3u8"}
    assert names(tmp_path) == {"Slow.m3u8", "Evening.m3u8"}
    assert "mine.mp3" in (tmp_path / "Slow.m3u8").read_text()


def test_renamed_and_dropped_playlists_leave_nothing_behind(tmp_path: Path) -> None:
    write(tmp_path, {"x/1": "Slow", "x/2": "Fast"})
    write(tmp_path, {"y/1": "Other"}, group="y/")
    write(tmp_path, {"x/1": "Slow"}, suffix=".xspf")
    assert write(tmp_path, {"x/1": "slow"}) == {"x/1": "slow.m3u8"}
    assert names(tmp_path) == {"slow.m3u8", "Other.m3u8", "Slow.xspf"}


@pytest.mark.parametrize(
    "manifest", ["", "[]", "{", '{"version": 9, "files": {}}', '{"version": 1, "files": {"../a.m3u8": {}}}']
)
def test_without_a_sound_list_nothing_is_owned(tmp_path: Path, manifest: str) -> None:
    write(tmp_path, {"x/1": "Slow"})
    (tmp_path / MANIFEST).write_text(manifest)
    assert write(tmp_path, {"x/1": "Slow"}) == {"x/1": "Slow 2.m3u8"}


def test_a_list_names_only_files_of_its_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside.m3u8"
    outside.write_text("mine")
    folder = tmp_path / "folder"
    write(folder, {"x/1": "Slow"})
    fields = json.loads((folder / MANIFEST).read_text())
    fields["files"]["../outside.m3u8"] = {"of": "x/2", "sha256": "0"}
    (folder / MANIFEST).write_text(json.dumps(fields))
    write(folder, {"x/1": "Slow"})
    assert outside.read_text() == "mine"


def test_a_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SegueError, match="cannot be written"):
        write(tmp_path / "file", {"x/1": "Slow"})


@given(st.text())
def test_names_are_taken_everywhere(name: str) -> None:
    safe = safe_file_name(name)
    assert safe and len(safe.encode()) <= 201
    assert not set(safe) & set('<>:"/\\|?*\0\n')
    assert safe[0] not in " ." and safe[-1] not in " ."
    assert safe_file_name(safe) == safe
    assert safe.split(".")[0].casefold() not in {"con", "nul", "com1", "lpt9"}
