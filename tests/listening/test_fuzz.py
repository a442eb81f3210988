"""Any bytes give listens, bad rows, or one clean error, whatever format they resemble."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.errors import UsageError
from segue.listening import read_events, read_history, read_plays
from segue.types import BadRow, Listen

_SEEDS = {
    "spotify.json": json.dumps(
        [{"endTime": "2022-12-05 16:52", "artistName": "A", "trackName": "B", "msPlayed": 60_000}] * 3
    ),
    "endsong.json": json.dumps(
        [{"ts": "2023-08-07T21:07:25Z", "ms_played": 4, "master_metadata_track_name": "x"}] * 3
    ),
    "listens.jsonl": '{"listened_at": 1600000000, "track_metadata": {"track_name": "B"}}\n' * 3,
    "feedback.jsonl": '{"score": 1, "created": 1600000000, "recording_mbid": null}\n' * 3,
    "lastfm.json": '{"recenttracks": {"track": [{"name": "A", "artist": {"#text": "B"}, "date": 1.6e9}]}}',
    "mpd.json": '{"info": {}, "playlists": [{"pid": 1, "tracks": [{"track_uri": "x", "duration_ms": 5}]}]}',
    "list.m3u8": "#EXTM3U\n#EXTINF:12,A - B\na.mp3\n",
    "list.jspf": '{"playlist": {"track": [{"title": "A", "creator": "B"}]}}',
    "list.xspf": "<playlist><trackList><track><title>A</title></track></trackList></playlist>",
    "itunes.xml": "<plist><dict><key>Tracks</key><dict><key>1</key><dict><key>Name</key><string>A</string>"
    "<key>Play Count</key><integer>3</integer></dict></dict></dict></plist>",
    "rekordbox.xml": '<DJ_PLAYLISTS><TRACK Name="A" Artist="B" PlayCount="2" Rating="255"/></DJ_PLAYLISTS>',
    "table.csv": "listener,track,plays,time,artist,title\nu,t,3,1600000000,A,B\nu,t2,1,2020-01-01,A,C\n",
    "triplets.tsv": "u1\tt1\t3\nu1\tt2\t4\n",
    "lastfm1k.tsv": "u\t2009-05-04T23:08:57Z\tx\tA\t\tB\n" * 3,
    "lastfm.csv": '2021-04-01,10:42:53,A,"B"\n' * 3,
    "lastfm2.csv": 'A,B,C,"02 Jan 2020 12:34"\n' * 3,
}
_NOISE = st.one_of(
    st.binary(max_size=4),
    st.sampled_from(
        [
            b'"',
            b"\n",
            b"\x00",
            b",",
            b"{",
            b"}",
            b"[",
            b"]",
            b"\xff\xfe",
            b"NaN",
            b"-",
            b"9" * 30,
            b"\r",
            b"\t",
        ]
    ),
    st.sampled_from(
        [b"\xed\xa0\x80", b"\\ud800", b"1e999", b"null", b"<", b"&x;", b"</dict>", b"true", b"\xef\xbb\xbf"]
    ),
)


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from(sorted(_SEEDS)),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 8), _NOISE), max_size=4),
    st.sampled_from(["plain", "plain", "gzip", "zip", "cut gzip", "cut zip"]),
)
def test_damaged_histories(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    changes: list[tuple[int, int, bytes]],
    packing: str,
) -> None:
    content = bytearray(_SEEDS[name].encode())
    for start, length, noise in changes:
        content[start : start + length] = noise
    packed = bytes(content)
    if "gzip" in packing:
        packed = gzip.compress(packed)
    elif "zip" in packing:
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w") as archive:
            archive.writestr(name, packed)
        packed = whole.getvalue()
    path = tmp_path_factory.mktemp("fuzz") / name
    path.write_bytes(packed[:-7] if packing.startswith("cut") else packed)
    _read_all(path)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "a"
    path.write_bytes(content)
    _read_all(path)


def _read_all(path: Path) -> None:
    try:
        for row in read_history(path):
            assert isinstance(row, Listen | BadRow)
            text = " ".join(str(field) for field in row)
            text.replace(row.path if isinstance(row, Listen) else "", "").encode()  # every store can hold it
            if isinstance(row, Listen):
                assert row.count >= 0
                assert row.kind in {"play", "count", "playlist", "opinion"}
    except UsageError as error:
        assert "\n" not in str(error)
    for reading in (read_plays, read_events):
        try:
            reading(path)
        except UsageError as error:
            assert "\n" not in str(error)
