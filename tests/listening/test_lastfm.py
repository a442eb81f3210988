"""Last.fm: every CSV shape of the exporters, the API's JSON, the research data set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from segue.listening import sniff

_TIME_S = 1_577_968_440.0  # 2020-01-02 12:34 UTC
_SHAPES = {
    "day-time-artist-title": ("lastfm-csv", '2020-01-02,12:34:00,Nina,"Good, Feeling"\n'),
    "artist-album-title-time": ("lastfm-csv", 'Nina,Spell,"Good, Feeling","02 Jan 2020 12:34"\n'),
    "artist-album-title-time-comma": ("lastfm-csv", 'Nina,,"Good, Feeling","02 Jan 2020, 12:34"\n'),
    "header-track-album-artist-time": (
        "table",
        'track,album,artist,time,track id,album id,artist id\n"Good, Feeling",Spell,Nina,1577968440,,,\n',
    ),
    "header-title-artist-album-date": (
        "table",
        'title,artist,album,date\n"Good, Feeling",Nina,Spell,1577968440\n',
    ),
    "header-uts": (
        "table",
        '"uts","utc_time","artist","artist_mbid","album","album_mbid","track","track_mbid"\n'
        '"1577968440","02 Jan 2020, 12:34","Nina","","Spell","","Good, Feeling",""\n',
    ),
    "header-lastfmstats": (
        "table",
        'Artist;Album;AlbumId;Track;Date#someone\n"Nina";"Spell";"x";"Good, Feeling";"1577968440000"\n',
    ),
}


@pytest.mark.parametrize("shape", _SHAPES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_csv(tmp_path: Path, read: Any, shape: str, encoding: str, ends: str) -> None:
    name, text = _SHAPES[shape]
    path = tmp_path / "scrobbles.csv"
    path.write_bytes(text.replace("\n", ends).encode(encoding))
    assert sniff(path) == name
    (listen,), bad = read(path)
    assert not bad
    assert (listen.artist, listen.title, listen.time_s) == ("Nina", "Good, Feeling", _TIME_S)
    assert listen.album in ("Spell", "")
    assert (listen.kind, listen.count) == ("play", 1)


def test_the_track_mbid_is_kept(tmp_path: Path, read: Any) -> None:
    mbid = "e97f805a-ab48-4c52-855e-07049142113d"
    path = tmp_path / "a.csv"
    path.write_text(f"uts,artist,track,track_mbid\n1577968440,Nina,Good,{mbid}\n")
    assert read(path)[0][0].recording_mbid == mbid


def test_a_quote_that_is_not_closed_costs_its_line(tmp_path: Path, read: Any) -> None:
    rows = ['Nina,Spell,7" mix,1577968440', 'Nina,"Spell,Good,1577968440', "Nina,Spell,Good,1577968440"]
    path = tmp_path / "a.csv"
    path.write_text("artist,album,title,date\n" + "\n".join(rows * 2) + "\n")
    listens, bad = read(path)
    assert [listen.title for listen in listens] == ['7" mix', "Good"] * 2
    assert [row.where for row in bad] == ["a.csv:3", "a.csv:6"]


def test_a_field_in_quotes_may_hold_a_line_end(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "a.csv"
    path.write_text('artist,title,date\nNina,"Two\nlines, ""quoted""",1577968440\nNina,Good,1577968440\n')
    listens, bad = read(path)
    assert [listen.title for listen in listens] == ['Two lines, "quoted"', "Good"]
    assert not bad


def _track(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Good",
        "artist": {"#text": "Nina", "mbid": ""},
        "album": {"#text": "Spell"},
        "mbid": "",
        "date": {"uts": "1577968440", "#text": "02 Jan 2020, 12:34"},
    } | changes


_PLAYING = {key: value for key, value in _track().items() if key != "date"} | {
    "@attr": {"nowplaying": "true"}
}
_PAGE = {"recenttracks": {"@attr": {"page": "1"}, "track": [_PLAYING, _track(), _track(name="Bad")]}}


@pytest.mark.parametrize(
    "document",
    [
        _PAGE,
        [_PAGE],
        [_PAGE["recenttracks"]],
        _PAGE["recenttracks"]["track"],
        [_PAGE["recenttracks"]["track"][:2], _PAGE["recenttracks"]["track"][2:]],
        {
            "username": "someone",
            "scrobbles": [
                {"artist": "Nina", "album": "Spell", "track": title, "date": 1_577_968_440_000}
                for title in ("Good", "Bad")
            ],
        },
        [_track(artist={"name": "Nina"}), _track(artist="Nina", name="Bad", album="Spell")],
    ],
    ids=["page", "pages", "bare-pages", "tracks", "lists", "lastfmstats", "extended"],
)
def test_json(tmp_path: Path, read: Any, document: Any) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(document))
    assert sniff(path) == "lastfm-json"
    listens, bad = read(path)
    assert not bad
    assert [one[:4] for one in listens] == [
        ("Nina", "Good", "Spell", _TIME_S),
        ("Nina", "Bad", "Spell", _TIME_S),
    ]


def test_loved_tracks_are_opinions(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"lovedtracks": {"track": [_track()]}}))
    (listen,), _ = read(path)
    assert (listen.kind, listen.opinion, listen.count) == ("opinion", 1.0, 0)


def test_bad_tracks_of_json(tmp_path: Path, read: Any) -> None:
    tracks = [_track(date={"uts": "0"}), _track(date=None), _track(name=""), 5, None, _track()]
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"recenttracks": {"track": tracks}}))
    listens, bad = read(path)
    assert len(listens) == 1
    assert [row.reason for row in bad] == [
        "early-time",
        "missing-time",
        "missing-name",
        "malformed",
        "malformed",
    ]


def test_the_research_data_set(tmp_path: Path, read: Any) -> None:
    mbid = "6790b616-7925-4741-b030-01958cf4e51d"
    rows = [
        f'user_1\t2009-05-04T23:08:57Z\t\tNina\t{mbid}\t"Good" (7" mix)',
        "user_2\t2009-05-04T13:54:10Z\t\t坂本龍一\t\tHibari",
        "user_2\t2009-13-04T13:54:10Z\t\tNina\t\tGood",
        "user_2\t2009-05-04T13:54:10Z\t\tNina",
        "\t2009-05-04T13:54:10Z\t\tNina\t\tGood",
        "user_2\t2009-05-04T13:54:10Z\t\tNina\t\t",
        "user_2\t2009-05-04T13:54:10Z\t\tNina\t\tGood",
    ]
    path = tmp_path / "a.tsv"
    path.write_text("\n".join(rows))
    assert sniff(path) == "lastfm-1k"
    listens, bad = read(path)
    assert [(one.listener, one.title) for one in listens] == [
        ("user_1", '"Good" (7" mix)'),
        ("user_2", "Hibari"),
        ("user_2", "Good"),
    ]
    assert listens[0].recording_mbid == mbid
    assert listens[0].time_s == 1_241_478_537.0
    assert [(row.where, row.reason) for row in bad] == [
        ("a.tsv:3", "not-a-time"),
        ("a.tsv:4", "malformed"),
        ("a.tsv:5", "missing-listener"),
        ("a.tsv:6", "missing-name"),
    ]


def test_a_page_with_one_track_has_no_array(tmp_path, read):
    track = {
        "artist": {"mbid": "", "#text": "Art"},
        "name": "Song",
        "album": {"#text": "Alb"},
        "date": {"uts": "1600000000"},
    }
    file = tmp_path / "page.json"
    file.write_text(json.dumps({"recenttracks": {"track": track, "@attr": {"page": "1"}}}))
    (listen,), bad = read(file)
    assert (listen.artist, listen.title, listen.time_s, bad) == ("Art", "Song", 1_600_000_000, [])
    file.write_text(json.dumps({"recenttracks": {"@attr": {"page": "1"}, "track": []}}) + "\n")
    assert read(file) == ([], [])


def test_a_track_on_each_line(tmp_path, read):
    track = {"artist": {"#text": "Art"}, "name": "Song", "date": {"uts": "1600000000"}}
    later = track | {"date": {"uts": "1600000300"}}
    file = tmp_path / "scrobbles.jsonl"
    file.write_text("\n".join(map(json.dumps, [track, later])) + "\n{broken\n")
    listens, bad = read(file)
    assert [one.time_s for one in listens] == [1_600_000_000, 1_600_000_300]
    assert [row.where for row in bad] == ["scrobbles.jsonl:3"]
