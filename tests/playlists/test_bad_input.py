"""Any bytes give entries or one clean error; a failed write leaves the old file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.errors import UsageError
from segue.playlists import PLAYLIST_SUFFIXES, Entry, read_playlist, write_playlist

_TOKENS = st.sampled_from(
    [
        *(
            b"#EXTM3U\n",
            b"#EXTINF:",
            b"#EXTINF:1e999,",
            b"\n",
            b"\r\n",
            b"file:///",
            b"file:",
            b"http://",
            b"C:\\",
        ),
        *(b"%00", b"%zz", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\0", b"..", b"/", b"\\", b"a.mp3", b" - "),
        *(
            b"<playlist>",
            b"</playlist>",
            b"<trackList>",
            b"</trackList>",
            b"<track>",
            b"</track>",
            b"<location>",
        ),
        *(
            b"</location>",
            b"<duration>9</duration>",
            b"<?xml version='1.0' encoding='utf-7'?>",
            b"<!DOCTYPE x>",
        ),
        *(b"&#0;", b"&amp;", b"&x;", b"<![CDATA[", b"]]>", b'{"playlist":', b'{"track":[', b'{"location":'),
        *(
            b'"a"',
            b"]",
            b"}",
            b"[",
            b"{",
            b'"title":',
            b"null",
            b"1e999",
            b",",
            b'"\\ud800"',
            b"NaN",
            b"\x85",
        ),
    ]
)
_CONTENT = st.binary(max_size=200) | st.lists(_TOKENS, max_size=30).map(b"".join)


@pytest.mark.parametrize("suffix", sorted(PLAYLIST_SUFFIXES))
@given(content=_CONTENT)
def test_any_bytes_give_entries_or_one_error(suffix: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x{suffix}"
        path.write_bytes(content)
        try:
            playlist = read_playlist(path)
        except UsageError as error:
            assert "\n" not in str(error)
            assert str(path) in str(error)
            return
        for entry in playlist.entries:
            for text in (entry.title, entry.artist, entry.album, entry.location):
                assert text is None or (text and "\n" not in text and text.encode())
            if entry.path is not None:
                assert b"\0" not in os.fsencode(entry.path)
            assert entry.duration_s is None or entry.duration_s >= 0
        # What was read can be written, in every format.
        for other in sorted(PLAYLIST_SUFFIXES):
            write_playlist(Path(folder) / f"y{other}", playlist.entries, title=playlist.title, relative=True)


@pytest.mark.parametrize("suffix", sorted(PLAYLIST_SUFFIXES))
def test_an_empty_file_is_an_empty_list_or_an_error(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"x{suffix}"
    path.touch()
    if suffix.startswith(".m3u"):
        assert read_playlist(path).entries == ()
    else:
        with pytest.raises(UsageError, match="is not a"):
            read_playlist(path)


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE p SYSTEM "http://example.org/x.dtd">',
    ],
)
def test_declared_entities_are_refused(declaration: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xspf"
    path.write_text(f'<?xml version="1.0"?>{declaration}<playlist><title>&b;</title></playlist>')
    with pytest.raises(UsageError, match="DTD"):
        read_playlist(path)


def test_deep_nesting_is_no_crash(tmp_path: Path) -> None:
    (tmp_path / "x.jspf").write_text("[" * 200_000)
    with pytest.raises(UsageError, match="not a JSPF"):
        read_playlist(tmp_path / "x.jspf")
    (tmp_path / "x.xspf").write_text("<playlist>" * 50_000)
    with pytest.raises(UsageError, match="not an XSPF"):
        read_playlist(tmp_path / "x.xspf")


def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.m3u8")
    (tmp_path / "folder.m3u8").mkdir()
    (tmp_path / "dangling.m3u8").symlink_to(tmp_path / "nowhere")
    for name, word in (("pipe", "not a file"), ("folder", "not a file"), ("dangling", "No such file")):
        with pytest.raises(UsageError, match=word):
            read_playlist(tmp_path / f"{name}.m3u8")


def test_a_giant_file_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "x.m3u8").open("wb") as file:
        file.truncate(50_000_001)
    with pytest.raises(UsageError, match="larger than any playlist"):
        read_playlist(tmp_path / "x.m3u8")


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.m3u8"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left"):
        write_playlist(path, [Entry(path=tmp_path / "a.mp3")])
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_writing_nowhere_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written: No such file"):
        write_playlist(tmp_path / "none" / "x.m3u8", [])
    (tmp_path / "x.m3u8").mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        write_playlist(tmp_path / "x.m3u8", [])
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.m3u8"]


def test_writing_follows_a_link_and_respects_the_mask(tmp_path: Path) -> None:
    target = tmp_path / "target.m3u8"
    target.touch()
    (tmp_path / "link.m3u8").symlink_to(target)
    write_playlist(tmp_path / "link.m3u8", [Entry(path=tmp_path / "a.mp3")])
    assert (tmp_path / "link.m3u8").is_symlink()
    assert "a.mp3" in target.read_text()
    (tmp_path / "plain").touch()
    assert target.stat().st_mode == (tmp_path / "plain").stat().st_mode
