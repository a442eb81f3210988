"""Zips, gzip, folders and encodings; what is damaged or swells is refused in one line."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from segue.errors import UsageError
from segue.listening import read_history, read_plays, sniff
from segue.progress import Silent

_TEXT = "artist,title,date\n" + "".join(f"Nina,Good {i},{1_577_968_440 + i}\n" for i in range(500))


class _Steps(Silent):
    def __init__(self) -> None:
        self.total: int | None = 0
        self.done = 0

    def start(self, label: str, total: int | None) -> None:
        self.total = total

    def advance(self, steps: int = 1) -> None:
        self.done += steps


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_gzip_is_read_anywhere(tmp_path: Path, read: Any) -> None:
    packed = gzip.compress(_TEXT.encode())
    (tmp_path / "a.csv").write_bytes(packed)
    _zip(tmp_path / "b.zip", {"c.gz": packed})
    assert len(read(tmp_path / "a.csv")[0]) == len(read(tmp_path / "b.zip")[0]) == 500
    assert sniff(tmp_path) == "table"


@pytest.mark.parametrize("kind", ["plain", "gz", "zip", "folder"])
def test_progress_is_told_in_bytes_on_disk(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a"
    if kind == "folder":
        path.mkdir()
        (path / "1.csv").write_text(_TEXT)
        (path / "2.bin").write_bytes(b"\x00" * 1000)
    elif kind == "zip":
        _zip(path, {"1.csv": _TEXT.encode(), "other": b"x" * 50})
    else:
        path.write_bytes(gzip.compress(_TEXT.encode()) if kind == "gz" else _TEXT.encode())
    steps = _Steps()
    list(read_history(path, progress=steps))
    assert steps.total is not None
    assert 0.8 * steps.total - 300 < steps.done <= steps.total


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.999])
def test_a_truncated_zip_is_an_error_before_anything_is_said(tmp_path: Path, keep: float) -> None:
    path = _zip(tmp_path / "a.zip", {"a.csv": _TEXT.encode()})
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content))])
    with pytest.raises(UsageError, match=r"a\.zip is damaged"):
        next(read_history(path))


def test_a_damaged_member_is_an_error(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.csv": _TEXT.encode()})
    content = bytearray(path.read_bytes())
    content[200:220] = b"\xff" * 20
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"a\.zip"):
        list(read_history(path))


def test_a_truncated_gzip_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(_TEXT.encode())[:-20])
    for reading in (lambda: list(read_history(path)), lambda: read_plays(path)):
        with pytest.raises(UsageError, match="cut off"):
            reading()


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("Streaming_History_Audio_0.json", "w") as member,
    ):
        member.write(b"[")
        for _ in range(110):
            member.write(b" " * 1_000_000)
        member.write(b"]")
    with pytest.raises(UsageError, match="zip bomb"):
        next(read_history(path))


def test_a_zip_with_a_password_is_said_so(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.csv": _TEXT.encode()})
    content = bytearray(path.read_bytes())
    content[6] |= 1  # the flag in the member's head, and in the list at the end
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(UsageError, match="password"):
        list(read_history(path))


def test_nothing_is_unpacked_from_zips_in_zips(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", _TEXT)
    with pytest.raises(UsageError, match="not a history"):
        list(read_history(_zip(tmp_path / "a.zip", {"b.zip": inner.getvalue()})))


def test_what_is_not_there_or_empty(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    for name, words in (("none", "No such file"), ("empty.csv", "is empty"), ("folder", "not a history")):
        with pytest.raises(UsageError, match=words):
            list(read_history(tmp_path / name))


def test_utf_16_without_a_mark(tmp_path: Path, read: Any) -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        (tmp_path / "a.csv").write_bytes(_TEXT.encode(encoding))
        assert len(read(tmp_path / "a.csv")[0]) == 500


def test_hidden_files_are_left_out(tmp_path: Path, read: Any) -> None:
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "a.csv").write_text(_TEXT)
    (tmp_path / "._a.csv").write_text(_TEXT)
    (tmp_path / "a.csv").write_text(_TEXT)
    assert len(read(tmp_path)[0]) == 500


def test_several_formats_in_one_folder(tmp_path: Path, read: Any) -> None:
    (tmp_path / "a.csv").write_text(_TEXT)
    row = {"endTime": "2022-12-05 16:52", "artistName": "A", "trackName": "B", "msPlayed": 60_000}
    (tmp_path / "b.json").write_text(json.dumps([row]))
    assert sniff(tmp_path) == "spotify and table"
    assert len(read(tmp_path)[0]) == 501
