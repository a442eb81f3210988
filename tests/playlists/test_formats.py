"""Golden files of each format, and what other programs' files look like."""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from segue.errors import UsageError
from segue.playlists import PLAYLIST_SUFFIXES, Entry, read_playlist, write_playlist

_GOLDEN = Path(__file__).parent / "golden"
_ENTRIES = (
    Entry(
        path=Path("/music/Ilse Maren/Letters Unsent/01 Snow & Été #1.flac"),
        title="Snow\non the\r\nSill",
        artist="Ilse Maren",
        album="Letters <Unsent>",
        duration_s=183.4567,
        musicbrainz_recording_id="e97f805a-ab48-4c52-855e-07049142113d",
    ),
    Entry(path=Path("/music/100%.mp3"), title="日本語 \x07", duration_s=None),
    Entry(location="https://example.org/stream.mp3", artist="Radio – Nord"),
)


@pytest.mark.parametrize(
    "name", ["absolute.m3u8", "absolute.xspf", "absolute.jspf", "relative.m3u8", "relative.xspf"]
)
def test_written_files_are_the_golden_ones(name: str, tmp_path: Path) -> None:
    entries = _ENTRIES
    if name.startswith("relative"):
        entries = tuple(
            Entry(path=tmp_path / "sub" / e.path.name, title=e.title, artist=e.artist)
            for e in _ENTRIES
            if e.path
        )
    write_playlist(tmp_path / name, entries, title="Late & quiet", relative=name.startswith("relative"))
    assert (tmp_path / name).read_bytes() == (_GOLDEN / name).read_bytes()


@pytest.mark.parametrize("suffix", [".xspf", ".jspf"])
def test_golden_files_are_read(suffix: str) -> None:
    playlist = read_playlist(_GOLDEN / f"absolute{suffix}")
    assert playlist.title == "Late & quiet"
    first, second, third = playlist.entries
    assert first == Entry(
        path=_ENTRIES[0].path,
        title="Snow on the Sill",
        artist="Ilse Maren",
        album="Letters <Unsent>",
        duration_s=183.457,
        musicbrainz_recording_id="e97f805a-ab48-4c52-855e-07049142113d",
    )
    assert second == Entry(path=Path("/music/100%.mp3"), title="日本語")
    assert third == Entry(location="https://example.org/stream.mp3", artist="Radio – Nord")


def test_xspf_is_valid_by_its_specification(tmp_path: Path) -> None:
    write_playlist(tmp_path / "x.xspf", _ENTRIES, title="T")
    root = ElementTree.parse(tmp_path / "x.xspf").getroot()
    space = "{http://xspf.org/ns/0/}"
    assert (root.tag, root.get("version")) == (f"{space}playlist", "1")
    tracks = root.findall(f"{space}trackList/{space}track")
    assert len(tracks) == 3
    assert tracks[0].findtext(f"{space}duration") == "183457"
    assert tracks[0].findtext(f"{space}identifier") == (
        "https://musicbrainz.org/recording/e97f805a-ab48-4c52-855e-07049142113d"
    )
    for track in tracks:
        location = track.findtext(f"{space}location")
        assert location is not None
        assert location.isascii()
        assert " " not in location


def test_jspf_is_as_listenbrainz_has_it(tmp_path: Path) -> None:
    write_playlist(tmp_path / "x.jspf", _ENTRIES, title="T")
    playlist = json.loads((tmp_path / "x.jspf").read_text(encoding="utf-8"))["playlist"]
    assert playlist["title"] == "T"
    first = playlist["track"][0]
    assert first["identifier"] == ["https://musicbrainz.org/recording/e97f805a-ab48-4c52-855e-07049142113d"]
    assert first["duration"] == 183457
    assert first["location"] == [
        "file:///music/Ilse%20Maren/Letters%20Unsent/01%20Snow%20&%20%C3%89t%C3%A9%20%231.flac"
    ]


def test_m3u_of_other_programs(tmp_path: Path) -> None:
    (tmp_path / "x.m3u8").write_bytes(
        b'\xef\xbb\xbf#EXTM3U\r\n# a comment\r\n#EXTINF:12.5 tvg-id="7",One - Two - Three\r\n\r\n'
        b"Album\\01.mp3\r\n"
        b"#EXTINF:-1,Only a title\r\nC:\\Music\\02.mp3\r\n03.mp3\r\r\n#EXTVLCOPT:x\r\n"
        b"file:///D:/a%20b.mp3\r\n\\\\server\\share\\c.mp3\r\nhttp://example.org/live\r\n../up.mp3\r\n"
    )
    entries = read_playlist(tmp_path / "x.m3u8").entries
    assert entries == (
        Entry(path=tmp_path / "Album/01.mp3", artist="One", title="Two - Three", duration_s=12.5),
        Entry(path=Path("C:/Music/02.mp3"), title="Only a title"),
        Entry(path=tmp_path / "03.mp3"),
        Entry(path=Path("D:/a b.mp3")),
        Entry(path=Path("//server/share/c.mp3")),
        Entry(location="http://example.org/live"),
        Entry(path=Path(os.path.realpath(tmp_path)).parent / "up.mp3"),
    )


def test_old_m3u_is_latin_1_unless_the_bytes_are_a_file(tmp_path: Path) -> None:
    content = b"#EXTINF:1,Bj\xf6rk - J\xf3ga\nJ\xf3ga.mp3\n"
    (tmp_path / "x.m3u").write_bytes(content)
    (entry,) = read_playlist(tmp_path / "x.m3u").entries
    assert entry == Entry(path=tmp_path / "Jóga.mp3", artist="Björk", title="Jóga", duration_s=1.0)
    raw = os.fsencode(tmp_path) + b"/J\xf3ga.mp3"
    Path(os.fsdecode(raw)).touch()
    (entry,) = read_playlist(tmp_path / "x.m3u").entries
    assert os.fsencode(entry.path or "") == raw
    # M3U8 is UTF-8 by definition: what is not must be the file's own bytes.
    (tmp_path / "x.m3u8").write_bytes(content.replace(b"J\xf3ga.mp3", b"other\xf3.mp3"))
    (entry,) = read_playlist(tmp_path / "x.m3u8").entries
    assert os.fsencode(entry.path or "").endswith(b"/other\xf3.mp3")


def test_utf_16_of_old_windows_programs(tmp_path: Path) -> None:
    (tmp_path / "x.m3u").write_bytes("\ufeff#EXTINF:5,Ä - Ö\r\nä.mp3\r\n".encode("utf-16-le"))
    assert read_playlist(tmp_path / "x.m3u").entries == (
        Entry(path=tmp_path / "ä.mp3", artist="Ä", title="Ö", duration_s=5.0),
    )


def test_xspf_of_other_programs(tmp_path: Path) -> None:
    (tmp_path / "x.xspf").write_text(
        """<?xml version="1.0"?><playlist version="1"><title>No namespace</title><trackList>
        <track><location>file://localhost/m/a.mp3</location><location>http://example.org/a.mp3</location>
          <title>One<extension><title>inner</title></extension></title></track>
        <track><location>sub/with space.mp3</location><duration>soon</duration><creator/></track>
        <track><identifier>urn:x</identifier>
          <identifier>http://musicbrainz.org/recording/E97F805A-AB48-4C52-855E-07049142113D</identifier></track>
        </trackList></playlist>"""
    )
    playlist = read_playlist(tmp_path / "x.xspf")
    assert playlist.title == "No namespace"
    assert [entry.path for entry in playlist.entries] == [
        Path("/m/a.mp3"),
        tmp_path / "sub/with space.mp3",
        None,
    ]
    assert playlist.entries[1].duration_s is None
    assert playlist.entries[2].musicbrainz_recording_id == "e97f805a-ab48-4c52-855e-07049142113d"


def test_jspf_of_listenbrainz(tmp_path: Path) -> None:
    track = {
        "identifier": "https://musicbrainz.org/recording/e97f805a-ab48-4c52-855e-07049142113d",
        "title": "T",
        "creator": "C",
        "album": "A",
        "duration": 1234,
        "extension": {"https://musicbrainz.org/doc/jspf#track": {"added_by": "x"}},
    }
    (tmp_path / "x.json").write_text(
        json.dumps({"playlist": {"title": "L", "track": [track, 7, {"title": [None]}]}})
    )
    playlist = read_playlist(tmp_path / "x.json")
    assert playlist.entries == (
        Entry(
            title="T",
            artist="C",
            album="A",
            duration_s=1.234,
            musicbrainz_recording_id="e97f805a-ab48-4c52-855e-07049142113d",
        ),
        Entry(),
    )


def test_an_unknown_suffix_names_the_choices(tmp_path: Path) -> None:
    for work in (read_playlist, lambda path: write_playlist(path, [])):
        with pytest.raises(UsageError, match="must end in one of") as caught:
            work(tmp_path / "x.pls")
        assert all(suffix in str(caught.value) for suffix in PLAYLIST_SUFFIXES)


def test_upper_case_suffixes_are_known(tmp_path: Path) -> None:
    write_playlist(tmp_path / "X.M3U8", [Entry(path=tmp_path / "a.mp3")])
    assert read_playlist(tmp_path / "X.M3U8").entries == (Entry(path=tmp_path / "a.mp3"),)
