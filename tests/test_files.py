"""Files appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from segue.errors import SegueError
from segue.files import changed_copy, check_folder, whole_file, write_whole


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError, OSError])
def test_what_stops_half_way_leaves_the_old_file_and_no_draft(
    tmp_path: Path, stop: type[BaseException]
) -> None:
    write_whole(tmp_path / "a.txt", "old")
    with pytest.raises((stop, SegueError)), whole_file(tmp_path / "a.txt") as out:
        out.write(b"ne")
        raise stop
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_a_name_that_is_a_folder_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(SegueError, match=r"/a\.txt cannot be written"):
        write_whole(tmp_path / "a.txt", "new")
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_is_looked_at_but_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_folder(tmp_path / "a" / "b")
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(SegueError, match="is a file"):
        check_folder(tmp_path / "file" / "b")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(SegueError, match="no permission"):
        check_folder(tmp_path / "a")


def test_a_changed_copy_takes_the_place_of_a_file_and_keeps_its_permissions(tmp_path: Path) -> None:
    file, draft = tmp_path / "a", tmp_path / ".draft"
    file.write_text("old")
    file.chmod(0o640)
    with changed_copy(file, draft):
        assert draft.read_text() == "old"
        draft.write_text("new")
        assert file.read_text() == "old"
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o640)
    assert not draft.exists()


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError, OSError])
def test_what_stops_a_change_leaves_the_file(tmp_path: Path, stop: type[BaseException]) -> None:
    file, draft = tmp_path / "a", tmp_path / ".draft"
    file.write_text("old")
    with pytest.raises((stop, SegueError)), changed_copy(file, draft):
        draft.write_text("new")
        raise stop
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "old")]


def test_a_file_that_another_program_changed_meanwhile_is_left(tmp_path: Path) -> None:
    file, draft = tmp_path / "a", tmp_path / ".draft"
    file.write_text("old")
    with pytest.raises(SegueError, match="another program"), changed_copy(file, draft):
        file.write_text("theirs")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "theirs")]


def test_an_owner_that_cannot_be_kept_is_not_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, draft = tmp_path / "a", tmp_path / ".draft"
    file.write_text("old")
    real = os.stat_result(file.stat())

    def copied(source: Path, target: Path) -> None:
        target.write_text(source.read_text())
        monkeypatch.setattr(Path, "stat", lambda path: real if path == file else other)

    other = os.stat_result((*real[:4], real.st_uid + 1, *real[5:]))

    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("shutil.copyfile", copied)
    monkeypatch.setattr("os.chown", refused)
    with pytest.raises(SegueError, match="owner or group"), changed_copy(file, draft):
        pytest.fail("nothing is to be changed")
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
