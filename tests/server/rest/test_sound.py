"""One track closely: its sound in ranges and formats, waveform, cover, lyrics, genres."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from segue.audio import probe
from segue.catalogue import open_catalogue, roots, track


@pytest.fixture(scope="module")
def song(shown: Any) -> str:
    return f"/api/tracks/{shown.track('Lamp Left On')}"


@pytest.fixture(scope="module")
def content(shown: Any, demo: Any) -> bytes:
    with open_catalogue(shown.data) as catalogue:
        found = track(catalogue, shown.track("Lamp Left On"))
    return next(path for path in found.paths if path.exists()).read_bytes()


def test_a_file_comes_whole(shown: Any, song: str, content: bytes) -> None:
    answer = shown.ana.ask("GET", f"{song}/audio")
    assert answer.status_code == 200 and answer.content == content
    assert answer.headers["content-type"].startswith("audio/")
    assert answer.headers["accept-ranges"] == "bytes"
    assert "content-encoding" not in answer.headers
    head = shown.ana.ask("HEAD", f"{song}/audio")
    assert head.content == b"" and head.headers["content-length"] == str(len(content))


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=100-199", 100, 199), ("bytes=1000-", 1000, None), ("bytes=-10", -10, None)],
)
def test_a_range_is_that_part_of_it(
    shown: Any, song: str, content: bytes, asked: str, first: int, last: int | None
) -> None:
    answer = shown.ana.ask("GET", f"{song}/audio", headers={"Range": asked})
    assert answer.status_code == 206
    expected = content[first:] if last is None else content[first : last + 1]
    assert answer.content == expected
    begin = first % len(content)
    assert answer.headers["content-range"] == f"bytes {begin}-{begin + len(expected) - 1}/{len(content)}"


def test_ranges_that_cannot_be(shown: Any, song: str, content: bytes) -> None:
    behind = shown.ana.ask("GET", f"{song}/audio", headers={"Range": f"bytes={len(content)}-"})
    assert behind.status_code == 416
    assert behind.headers["content-range"] == f"bytes */{len(content)}"
    for odd in ("bytes=0-1,5-6", "bytes=5-2", "apples=1-2", "bytes=", "bytes=a-b", "bytes=-"):
        answer = shown.ana.ask("GET", f"{song}/audio", headers={"Range": odd})
        assert answer.status_code == 200 and answer.content == content, odd


def test_a_part_of_another_state_is_not_sent(shown: Any, song: str, content: bytes) -> None:
    tag = shown.ana.ask("HEAD", f"{song}/audio").headers["etag"]
    for said, status in ((tag, 206), ('"another"', 200)):
        answer = shown.ana.ask("GET", f"{song}/audio", headers={"Range": "bytes=0-9", "If-Range": said})
        assert answer.status_code == status
    assert shown.ana.ask("GET", f"{song}/audio", headers={"If-None-Match": tag}).status_code == 304


def test_a_download_has_the_name_of_its_file(shown: Any, song: str, content: bytes) -> None:
    answer = shown.ana.ask("GET", f"{song}/download")
    assert answer.content == content
    assert answer.headers["content-disposition"].startswith(
        "attachment; filename*=UTF-8''01%20Lamp%20Left%20On."
    )


@pytest.mark.parametrize("format", ["opus", "mp3"])
def test_it_is_made_for_browsers_from_any_moment_on(
    shown: Any, song: str, tmp_path: Path, format: str
) -> None:
    lengths = []
    for start_s in (0, 3):
        answer = shown.ana.ask(
            "GET", f"{song}/audio", params={"format": format, "start_s": start_s, "bitrate_kbps": 64}
        )
        assert answer.status_code == 200 and answer.headers["accept-ranges"] == "none"
        file = tmp_path / f"made.{'ogg' if format == 'opus' else format}"
        file.write_bytes(answer.content)
        lengths.append(probe(file).duration_s)
    assert lengths[0] - lengths[1] == pytest.approx(3, abs=0.3)
    assert shown.ana.ask("HEAD", f"{song}/audio", params={"format": format}).content == b""


@pytest.mark.parametrize(
    "query",
    ["format=wav", "bitrate_kbps=1", "start_s=-1", "start_s=nan", "start_s=inf", "format=opus&start_s=x"],
)
def test_formats_that_are_not_made(shown: Any, song: str, query: str) -> None:
    assert shown.ana.ask("GET", f"{song}/audio?{query}").status_code == 422


def test_the_waveform(shown: Any, song: str) -> None:
    peaks = shown.ana.get(f"{song}/peaks", n=100)
    assert len(peaks["peaks"]) == 100
    assert max(peaks["peaks"]) > 100 and min(peaks["peaks"]) >= 0 and max(peaks["peaks"]) <= 255
    assert peaks["duration_s"] > 5
    shown.ana.get(f"{song}/peaks", n=0, expect=422)
    shown.ana.get(f"{song}/peaks", n=10**9, expect=422)


def test_a_cover_is_never_missing_and_never_larger(shown: Any, song: str) -> None:
    answer = shown.ana.ask("GET", f"{song}/cover", params={"size": 64})
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("image/")
    if "svg" not in answer.headers["content-type"]:
        with Image.open(io.BytesIO(answer.content)) as picture:
            assert max(picture.size) <= 64
    else:
        assert b"<script" not in answer.content
    shown.ana.get(f"{song}/cover", size=10**6, expect=422)


def test_lyrics_of_a_track_without(shown: Any, song: str) -> None:
    assert shown.ana.get(f"{song}/lyrics") == {"items": []}


def test_the_spectrogram_has_the_shape_that_its_head_says(shown: Any, song: str) -> None:
    answer = shown.ana.ask("GET", f"{song}/spectrogram", params={"length_s": 4, "columns": 50, "bins": 24})
    columns, bins = int(answer.headers["x-columns"]), int(answer.headers["x-bins"])
    assert len(answer.content) == columns * bins and bins == 24 and 0 < columns <= 50
    assert "content-encoding" not in answer.headers
    for query in ("length_s=nan", "length_s=0", "start_s=nan", "start_s=inf", "columns=0", "bins=97"):
        assert shown.ana.ask("GET", f"{song}/spectrogram?{query}").status_code == 422, query
    behind = shown.ana.ask("GET", f"{song}/spectrogram", params={"start_s": 10**6})
    assert behind.status_code in (200, 404, 422)


def test_genres_by_ear_add_up(shown: Any, song: str) -> None:
    said = shown.ana.get(f"{song}/genres")
    shares = [one["probability"] for one in said["items"]]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1, abs=0.02)


def test_the_timeline_moves_through_the_track(shown: Any, song: str) -> None:
    answer = shown.ana.ask("GET", f"{song}/timeline")
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [part.split("\n") for part in answer.text.split("\n\n") if part]
    names = [lines[0].removeprefix("event: ") for lines in events]
    assert names[0] == "classes" and names[-1] == "end" and set(names[1:-1]) == {"moment"}
    classes = json.loads(events[0][1].removeprefix("data: "))
    moments = [json.loads(lines[1].removeprefix("data: ")) for lines in events[1:-1]]
    assert [one["start_s"] for one in moments] == sorted(one["start_s"] for one in moments)
    assert all(len(one["probabilities"]) == len(classes) for one in moments)


def test_a_file_that_is_gone_says_so(new_home: Callable[..., Any], demo: Any, tmp_path: Path) -> None:
    """The disk is not connected: the library stays as it is, its sound is not there."""
    home = new_home()
    _move(home, demo.music, tmp_path / "unplugged")
    song = f"/api/tracks/{home.track('Stairwell')}"
    for part in ("audio", "download", "lyrics", "timeline"):
        problem = home.ana.get(f"{song}/{part}", expect=404)
        assert "disk" in problem["detail"] and str(tmp_path) not in problem["detail"]
    for part in ("peaks", "spectrogram"):
        problem = home.ana.get(f"{song}/{part}", expect=404)
        assert str(tmp_path) not in problem["detail"]
    assert home.ana.get(song)["title"] == "Stairwell"
    assert home.ana.ask("GET", f"{song}/cover").status_code == 200
    assert home.ana.get("/api/similar", seed=song.rpartition("/")[2])["items"]


def test_a_file_that_was_broken_since_is_a_problem_not_a_defect(
    new_home: Callable[..., Any], demo: Any, tmp_path: Path
) -> None:
    home = new_home()
    music = tmp_path / "music"
    shutil.copytree(demo.music, music)
    _move(home, demo.music, music)
    [file] = music.rglob("02 Stairwell.mp3")
    file.write_bytes(b"no sound at all" * 100)
    song = f"/api/tracks/{home.track('Stairwell')}"
    for query in ("peaks", "audio?format=opus", "spectrogram"):
        answer = home.ana.ask("GET", f"{song}/{query}")
        assert answer.status_code == 422, (query, answer.status_code)
        assert str(tmp_path) not in answer.text and "\\n" not in answer.text
    answer = home.ana.ask("GET", f"{song}/timeline")
    assert str(tmp_path) not in answer.text
    assert home.ana.ask("GET", f"{song}/audio").content == file.read_bytes()


def test_nothing_outside_the_folders_of_music_is_sent(
    new_home: Callable[..., Any], demo: Any, tmp_path: Path
) -> None:
    home = new_home()
    music, outside = tmp_path / "music", tmp_path / "secret.mp3"
    shutil.copytree(demo.music, music)
    _move(home, demo.music, music)
    outside.write_bytes(b"secret" * 100)
    [file] = music.rglob("02 Stairwell.mp3")
    file.unlink()
    file.symlink_to(outside)
    song = f"/api/tracks/{home.track('Stairwell')}"
    for query in (
        "audio",
        "download",
        "audio?format=mp3",
        "lyrics",
        "timeline",
        "peaks",
        "spectrogram",
        "cover",
    ):
        answer = home.ana.ask("GET", f"{song}/{query}")
        assert b"secret" not in answer.content, query
        assert answer.status_code == 404 or query == "cover", (query, answer.status_code)
    assert "a link leads" in home.ana.get(f"{song}/audio", expect=404)["detail"]
    file.unlink()
    for other in ("/dev/zero", "/proc/self/environ", str(music)):
        file.symlink_to(other)
        assert home.ana.ask("GET", f"{song}/audio").status_code == 404
        file.unlink()
    with open_catalogue(home.data) as catalogue:
        assert roots(catalogue) == (music,)


def _move(home: Any, old: Path, new: Path) -> None:
    """Let the library's paths be elsewhere."""
    with sqlite3.connect(home.data.catalogue) as connection:
        for table in ("roots", "folders"):
            for number, path in connection.execute(f"SELECT id, path FROM {table}").fetchall():
                moved = path.replace(str(old).encode(), str(new).encode(), 1)
                connection.execute(f"UPDATE {table} SET path = ? WHERE id = ?", (moved, number))
    connection.close()
