"""Files appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from segue.errors import SegueError
from segue.files import check_folder, whole_file, write_whole


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
