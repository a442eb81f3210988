"""ListenBrainz: the zip, JSON Lines, the old array, feedback as opinions."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from segue.listening import sniff

_MBID = "e97f805a-ab48-4c52-855e-07049142113d"


def _listen(**changes: Any) -> dict[str, Any]:
    return {
        "listened_at": 1_600_000_000,
        "inserted_at": 1_600_000_100,
        "track_metadata": {
            "artist_name": "Björk",
            "track_name": "Jóga",
            "release_name": "Homogenic",
            "additional_info": {
                "recording_mbid": _MBID.upper(),
                "isrc": "GBBKS9700124",
                "duration_ms": 305_000,
                "spotify_id": "https://open.spotify.com/track/5OGdbFf6zH3WkxQtBk3sqh",
                "artist_mbids": [],
                "submission_client": "x",
            },
        },
    } | changes


def _lines(rows: list[Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_a_listen(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "listens.jsonl"
    path.write_text(_lines([_listen()]))
    assert sniff(path) == "listenbrainz"
    (listen,), bad = read(path)
    assert not bad
    assert listen[:4] == ("Björk", "Jóga", "Homogenic", 1_600_000_000.0)
    assert (listen.recording_mbid, listen.isrc, listen.duration_s) == (_MBID, "GBBKS9700124", 305.0)
    assert (listen.uri, listen.count, listen.listener) == ("spotify:track:5OGdbFf6zH3WkxQtBk3sqh", 1, "")


def test_the_mapped_recording_helps_where_the_player_says_none(tmp_path: Path, read: Any) -> None:
    metadata = {"artist_name": "A", "track_name": "B", "mbid_mapping": {"recording_mbid": _MBID}}
    path = tmp_path / "a.jsonl"
    path.write_text(_lines([_listen(track_metadata=metadata), _listen(track_metadata=metadata | {"x": 1})]))
    listens, _ = read(path)
    assert {listen.recording_mbid for listen in listens} == {_MBID}


def test_array_api_page_and_lines_say_the_same(tmp_path: Path, read: Any) -> None:
    rows = [_listen(listened_at=1_600_000_000 + i) for i in range(5)]
    shapes = {
        "array": json.dumps(rows),
        "lines": _lines(rows),
        "page": json.dumps({"payload": {"count": 5, "listens": [*rows, _listen(playing_now=True)]}}),
    }
    for name, text in shapes.items():
        (tmp_path / name).write_text(text)
    first, second, third = (read(tmp_path / name)[0] for name in shapes)
    assert first == second == third
    assert len(first) == 5


def test_the_zip_with_feedback(tmp_path: Path, read: Any) -> None:
    feedback = [
        {"created": 1_600_000_000, "score": 1, "recording_mbid": _MBID, "track_metadata": None},
        {"created": 1_600_000_000, "score": -1, "recording_mbid": None, "recording_msid": "x"},
        {"created": 1_600_000_000, "score": -1, "recording_mbid": _MBID},
        {"created": 1_600_000_000, "score": 0, "recording_mbid": _MBID},
        {"created": 1_600_000_000, "score": 9, "recording_mbid": _MBID},
    ]
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("user.json", '{"user_id": 1, "username": "someone"}')
        archive.writestr("feedback.jsonl", _lines(feedback))
        archive.writestr("pinned_recording.jsonl", _lines([{"track_metadata": {"track_name": "x"}}]))
        archive.writestr("listens/2020/9.jsonl", _lines([_listen()]))
        archive.writestr("listens/2020/10.jsonl", _lines([_listen()]))
        archive.writestr("listens/2021/1.jsonl", "")
    listens, bad = read(path)
    assert [(one.kind, one.opinion, one.count) for one in listens] == [
        ("opinion", 1.0, 0),
        ("opinion", -1.0, 0),
        ("play", None, 1),
        ("play", None, 1),
    ]
    assert [(row.where, row.reason) for row in bad] == [
        ("export.zip/feedback.jsonl:2", "missing-name"),
        ("export.zip/feedback.jsonl:5", "malformed"),
    ]


def test_bad_lines_cost_themselves_only(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        _lines([_listen(), 5, _listen(listened_at=None), _listen(listened_at=-1), _listen(listened_at=9e9)])
        + '{"listened_at": 1600000000, "track_meta\n\n'
        + _lines([_listen(track_metadata=[]), _listen(track_metadata={"artist_name": "A"}), _listen()])
        + '{"listened_at": 16'
    )
    listens, bad = read(path)
    assert len(listens) == 2
    assert [(row.where.split(":")[1], row.reason) for row in bad] == [
        ("2", "malformed"),
        ("3", "missing-time"),
        ("4", "early-time"),
        ("5", "future-time"),
        ("6", "malformed"),
        ("8", "missing-name"),
        ("9", "missing-name"),
        ("11", "malformed"),
    ]
