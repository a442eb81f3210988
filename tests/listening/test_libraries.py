"""Playlists, libraries of players, and tags of audio files as evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.id3 import ID3, PCNT, POPM, TIT2, TPE1, TXXX

from segue.errors import UsageError
from segue.listening import read_history, sniff
from segue.playlists import Entry, write_playlist
from segue.types import Listen

_MBID = "e97f805a-ab48-4c52-855e-07049142113d"
_PLIST = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
  <key>Major Version</key><integer>1</integer>
  <key>Features</key><dict><key>a</key><dict><key>Name</key><string>no track</string></dict></dict>
  <key>Tracks</key><dict>%s</dict>
  <key>Playlists</key><array><dict><key>Playlist Items</key><array>
    <dict><key>Track ID</key><integer>1</integer></dict></array></dict></array>
</dict></plist>"""


def _track(**fields: str | int | bool) -> str:
    parts = ["<key>1</key><dict><key>Artist</key><string>Nina &amp; Co</string>"]
    parts.append("<key>Name</key><string>Good</string><key>Total Time</key><integer>61000</integer>")
    for name, value in fields.items():
        kind = "date" if "date" in name else "integer" if isinstance(value, int) else "string"
        element = f"<{str(value).lower()}/>" if isinstance(value, bool) else f"<{kind}>{value}</{kind}>"
        parts.append(f"<key>{name.replace('_', ' ').title().replace('Utc', 'UTC')}</key>{element}")
    return "".join(parts) + "</dict>"


def _library(path: Path, *tracks: str) -> Path:
    path.write_text(_PLIST % "".join(tracks))
    return path


def test_itunes(tmp_path: Path, read: Any) -> None:
    path = _library(
        tmp_path / "Library.xml",
        _track(
            play_count=7,
            play_date_utc="2020-01-02T12:34:00Z",
            skip_count=3,
            skip_date="2020-01-03T00:00:00Z",
            rating=80,
            location="file://localhost/Users/x/Good%20one.mp3",
        ),
        _track(rating=100, rating_computed=True),
        _track(loved=True, rating=20),
        _track(disliked=True),
        _track(play_count=0),
    )
    assert sniff(path) == "itunes"
    listens, bad = read(path)
    assert not bad
    assert listens[0] == Listen(
        "Nina & Co",
        "Good",
        time_s=1_577_968_440.0,
        count=7,
        kind="count",
        path="/Users/x/Good one.mp3",
        duration_s=61.0,
    )
    assert (listens[1].count, listens[1].skipped, listens[1].time_s) == (0, True, 1_578_009_600.0)
    assert [(one.kind, one.opinion, one.count) for one in listens[2:]] == [
        ("opinion", 0.5, 0),
        ("opinion", 1.0, 0),
        ("opinion", -1.0, 0),
    ]


def test_itunes_bad_tracks(tmp_path: Path, read: Any) -> None:
    path = _library(
        tmp_path / "Library.xml",
        _track(play_count=-7),
        _track(play_count=7, play_date_utc="2999-01-02T12:34:00Z"),
        _track(play_count=7, podcast=True),
        "<key>9</key><dict><key>Play Count</key><integer>3</integer></dict>",
        _track(play_count=1),
    )
    listens, bad = read(path)
    assert len(listens) == 1
    assert [row.reason for row in bad] == ["negative-count", "future-time", "not-music", "missing-name"]
    assert bad[1].where == "Library.xml:2"


def test_rekordbox(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "rekordbox.xml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><DJ_PLAYLISTS Version="1.0.0"><COLLECTION Entries="3">'
        '<TRACK TrackID="1" Name="Good" Artist="Nina" Album="Spell" TotalTime="61" PlayCount="4" Rating="204"'
        ' Location="file://localhost/C:/Music/Good%20one.mp3"><TEMPO Bpm="120"/></TRACK>'
        '<TRACK TrackID="2" Name="Bad" Artist="Nina" PlayCount="0" Rating="51"/>'
        '<TRACK TrackID="3" Name="Bad" Artist="Nina" PlayCount="-2" Rating="0"/></COLLECTION>'
        '<PLAYLISTS><NODE><TRACK Key="1"/></NODE></PLAYLISTS></DJ_PLAYLISTS>'
    )
    assert sniff(path) == "rekordbox"
    listens, bad = read(path)
    assert listens[0] == Listen(
        "Nina", "Good", "Spell", count=4, kind="count", path="C:/Music/Good one.mp3", duration_s=61.0
    )
    assert [(one.title, one.opinion) for one in listens[1:]] == [("Good", 0.5), ("Bad", -1.0)]
    assert [row.reason for row in bad] == ["negative-count"]


@pytest.mark.parametrize("head", ["<plist><dict><key>Tracks</key>", "<DJ_PLAYLISTS>"])
@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("<dict>", "cut off"),
        ("<dict", "cut off"),
        ("</wrong>", "not XML"),
        ("&bomb;", "not XML"),
    ],
)
def test_broken_xml_is_said_so(tmp_path: Path, head: str, rest: str, words: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(head + rest)
    with pytest.raises(UsageError, match=words):
        list(read_history(path))


def test_entities_are_refused(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "ha"}">' for i in range(10))
    path = tmp_path / "a.xml"
    path.write_text(f"<!DOCTYPE plist [{laughs}]><plist><dict><key>Tracks</key>&e9;</dict></plist>")
    with pytest.raises(UsageError, match="entity"):
        list(read_history(path))


@pytest.mark.parametrize("suffix", [".m3u8", ".xspf", ".jspf"])
def test_playlists(tmp_path: Path, read: Any, suffix: str) -> None:
    path = tmp_path / f"list{suffix}"
    entries = [
        Entry(path=tmp_path / "a.mp3", artist="Nina", title="Good", duration_s=61.0),
        Entry(location="https://example.org/b.mp3", title="Bad", musicbrainz_recording_id=_MBID),
    ]
    write_playlist(path, entries)
    content = path.read_bytes()
    assert sniff(path) == "playlist"
    path.rename(tmp_path / "unnamed")
    listens, bad = read(tmp_path / "unnamed")
    assert not bad
    assert content
    assert listens[0] == Listen(
        "Nina", "Good", kind="playlist", path=str(tmp_path / "a.mp3"), duration_s=61.0
    )
    assert listens[1].uri == "https://example.org/b.mp3"
    assert listens[1].recording_mbid == ("" if suffix == ".m3u8" else _MBID)


def test_a_plain_m3u_is_known_by_its_name(tmp_path: Path, read: Any) -> None:
    (tmp_path / "list.m3u").write_bytes(b"Caf\xe9/01.mp3\r\n")
    ((listen,), _) = read(tmp_path / "list.m3u")
    assert listen.path == str(tmp_path / "Café" / "01.mp3")


def _flac(path: Path, **tags: str) -> Path:
    soundfile.write(path, np.zeros(2000), 8000)
    file = mutagen.File(path)
    for name, value in tags.items():
        file[name] = value
    file.save()
    return path


def _wav(path: Path, *frames: Any) -> Path:
    soundfile.write(path, np.zeros(2000), 8000)
    file = mutagen.File(path)
    file.add_tags()
    assert isinstance(file.tags, ID3)
    for frame in (TIT2(encoding=3, text="Good"), TPE1(encoding=3, text="Nina"), *frames):
        file.tags.add(frame)
    file.save()
    return path


def test_counts_and_ratings_in_tags(tmp_path: Path, read: Any) -> None:
    _flac(tmp_path / "1.flac", title="Good", artist="Nina", playcount="5", rating="80")
    _flac(tmp_path / "2.flac", title="Good", artist="Nina", fmps_playcount="2.0", fmps_rating="1.0")
    _flac(tmp_path / "3.flac", title="Good", artist="Nina", rating="1")
    _flac(tmp_path / "4.flac", title="Good", artist="Nina", rating="0", playcount="0")
    _flac(tmp_path / "5.flac", title="Good", artist="Nina", playcount="-3", rating="lots")
    _wav(tmp_path / "6.wav", POPM(email="x", rating=196, count=9))
    _wav(tmp_path / "7.wav", PCNT(count=4), TXXX(encoding=3, desc="FMPS_Rating", text="0.2"))
    (tmp_path / "8.flac").write_bytes(b"no audio")
    listens, bad = read(tmp_path)
    said = {}
    for one in listens:
        said.setdefault(Path(one.path).name, []).append((one.kind, one.count, one.opinion))
        assert (one.artist, one.title) == ("Nina", "Good")
    assert said == {
        "1.flac": [("count", 5, None), ("opinion", 0, 0.5)],
        "2.flac": [("count", 2, None), ("opinion", 0, 1.0)],
        "3.flac": [("opinion", 0, -1.0)],
        "6.wav": [("count", 9, None), ("opinion", 0, 0.5)],
        "7.wav": [("count", 4, None), ("opinion", 0, -1.0)],
    }
    assert [(row.where, row.reason) for row in bad] == [("5.flac", "negative-count")]
