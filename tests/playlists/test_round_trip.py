"""What is written is read again: properties over paths and texts, in every format."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.playlists import Entry, read_playlist, write_playlist
from segue.playlists.entries import clean_text

_NAME = (
    st.binary(min_size=1, max_size=12).map(lambda raw: raw.replace(b"\0", b"x").replace(b"/", b"\\"))
    | st.text(min_size=1, max_size=12, alphabet="aé中😀 #:%\\-.\n\r\t'\"&<>;").map(lambda text: text.encode())
).filter(lambda raw: raw not in (b".", b".."))
_PATH = st.lists(_NAME, min_size=1, max_size=3).map(
    lambda parts: Path(os.fsdecode(b"/m/" + b"/".join(parts)))
)
_TEXT = st.none() | st.text(max_size=20).map(clean_text)
_ID = st.none() | st.uuids().map(str)
_ENTRY = st.builds(
    Entry,
    path=_PATH,
    title=_TEXT,
    artist=_TEXT,
    album=_TEXT,
    duration_s=st.none() | st.integers(0, 10_000_000).map(lambda ms: ms / 1_000),
    musicbrainz_recording_id=_ID,
)


def _again(
    suffix: str, entries: list[Entry], *, title: str | None, relative: bool
) -> tuple[str | None, list[Entry]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list{suffix}"
        write_playlist(path, entries, title=title, relative=relative)
        playlist = read_playlist(path)
        return playlist.title, list(playlist.entries)


@pytest.mark.parametrize("suffix", [".xspf", ".jspf"])
@given(entries=st.lists(_ENTRY, max_size=4), title=_TEXT, relative=st.booleans())
def test_everything_comes_back(suffix: str, entries: list[Entry], title: str | None, relative: bool) -> None:
    assert _again(suffix, entries, title=title, relative=relative) == (title, entries)


@given(entries=st.lists(_ENTRY, max_size=4), title=_TEXT, relative=st.booleans())
def test_paths_and_names_come_back_from_m3u8(entries: list[Entry], title: str | None, relative: bool) -> None:
    again_title, again = _again(".m3u8", entries, title=title, relative=relative)
    assert again_title == title
    assert [entry.path for entry in again] == [entry.path for entry in entries]
    for before, after in zip(entries, again, strict=True):
        assert after.duration_s == (None if before.duration_s is None else round(before.duration_s))
        assert [text for text in (after.artist, after.title) if text] == _as_line(before)


def _as_line(entry: Entry) -> list[str]:
    """The names as one line splits them: at the first " - "."""
    line = " - ".join(text for text in (entry.artist, entry.title) if text)
    return [text for text in map(clean_text, line.split(" - ", 1)) if text]


@pytest.mark.parametrize("suffix", [".m3u8", ".m3u", ".xspf", ".jspf", ".json"])
def test_urls_come_back(suffix: str) -> None:
    entries = [Entry(location="https://example.org/a%20b.mp3?x=1", title="A", artist="B", duration_s=3.0)]
    assert _again(suffix, entries, title="Radio", relative=False) == ("Radio", entries)


@pytest.mark.parametrize("suffix", [".m3u8", ".xspf", ".jspf"])
def test_relative_paths_survive_a_link_among_the_folders(suffix: str, tmp_path: Path) -> None:
    (tmp_path / "real" / "deep" / "lists").mkdir(parents=True)
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "a.mp3").touch()
    (tmp_path / "lists").symlink_to(tmp_path / "real" / "deep" / "lists")
    file = tmp_path / "lists" / f"x{suffix}"
    write_playlist(file, [Entry(path=tmp_path / "music" / "a.mp3")], relative=True)
    (entry,) = read_playlist(file).entries
    assert entry.path is not None
    assert entry.path.samefile(tmp_path / "music" / "a.mp3")
    # Followed as a player follows it, from where the file really lies.
    line = file.read_text().splitlines()[-1] if suffix == ".m3u8" else None
    assert line in (None, "../../../music/a.mp3")
