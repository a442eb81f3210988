"""Spotify's exports of every age, single, in folders and zipped; what is private stays out."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from segue.errors import UsageError
from segue.listening import read_history, sniff
from segue.types import Listen


def _row(**changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "ts": "2023-08-07T21:07:25Z",
        "username": "private-name",
        "platform": "private-device",
        "ms_played": 201_000,
        "conn_country": "private-land",
        "ip_addr": "private-address",
        "ip_addr_decrypted": "private-address",
        "user_agent_decrypted": "private-agent",
        "master_metadata_track_name": "Feeling Good",
        "master_metadata_album_artist_name": "Nina Simone",
        "master_metadata_album_album_name": "I Put a Spell on You",
        "spotify_track_uri": "spotify:track:6Rqn2GFlmvmV4w9Ala0I1e",
        "episode_name": None,
        "episode_show_name": None,
        "spotify_episode_uri": None,
        "reason_start": "fwdbtn",
        "reason_end": "trackdone",
        "shuffle": False,
        "skipped": False,
        "offline": False,
        "offline_timestamp": 1_691_442_338,
        "incognito_mode": False,
    }
    return row | changes


def _write(path: Path, rows: list[Any]) -> Path:
    path.write_text(json.dumps(rows, indent=2))
    return path


def test_a_play_of_the_extended_history(tmp_path: Path, read: Any) -> None:
    listens, bad = read(_write(tmp_path / "Streaming_History_Audio_2023_0.json", [_row()]))
    assert not bad
    assert listens == [
        Listen(
            "Nina Simone",
            "Feeling Good",
            "I Put a Spell on You",
            time_s=1_691_442_445.0,
            played_s=201.0,
            skipped=False,
            uri="spotify:track:6Rqn2GFlmvmV4w9Ala0I1e",
        )
    ]


@pytest.mark.parametrize("name", ["endsong_0.json", "anything.txt"])
def test_names_do_not_matter(tmp_path: Path, name: str) -> None:
    path = _write(tmp_path / name, [_row(ts="2020-01-02 13:30:30")])
    assert sniff(path) == "spotify"


def test_private_fields_are_dropped_also_from_bad_rows(tmp_path: Path) -> None:
    rows = [
        _row(),
        _row(ts="private-name"),
        _row(ms_played="private-name"),
        _row(master_metadata_track_name=None),
    ]
    said = " ".join(str(row) for row in read_history(_write(tmp_path / "a.json", rows)))
    assert "private" not in said


@pytest.mark.parametrize(
    ("changes", "count", "skipped"),
    [
        ({"ms_played": 30_000, "skipped": None}, 1, None),
        ({"ms_played": 90_000, "skipped": True, "reason_end": "fwdbtn"}, 1, True),
        ({"ms_played": 29_999, "reason_end": "fwdbtn"}, 0, True),
        ({"ms_played": 0, "skipped": None, "reason_end": "endplay"}, 0, True),
        ({"ms_played": 12_000, "reason_end": "trackdone"}, 0, False),
    ],
)
def test_a_play_counts_from_30_seconds_and_skips_are_kept(
    tmp_path: Path, read: Any, changes: dict[str, Any], count: int, skipped: bool | None
) -> None:
    (listen,), bad = read(_write(tmp_path / "a.json", [_row(**changes)]))
    assert not bad
    assert (listen.count, listen.skipped, listen.kind) == (count, skipped, "play")


def test_account_data_of_twelve_months(tmp_path: Path, read: Any) -> None:
    rows = [
        {"endTime": "2022-12-05 16:52", "artistName": "坂本龍一", "trackName": "Hibari", "msPlayed": 60_000},
        {
            "endTime": "2022-12-05 17:00",
            "podcastName": "Talk",
            "episodeName": "Of the town",
            "msPlayed": 60_000,
        },
    ]
    (listen,), bad = read(_write(tmp_path / "StreamingHistory_music_0.json", rows))
    assert (listen.artist, listen.title, listen.time_s) == ("坂本龍一", "Hibari", 1_670_259_120.0)
    assert [(row.where, row.reason) for row in bad] == [("StreamingHistory_music_0.json:2", "not-music")]


def test_podcasts_audiobooks_and_videos_are_left_out_and_counted(tmp_path: Path, read: Any) -> None:
    nameless = {"master_metadata_track_name": None, "spotify_track_uri": None}
    rows = [_row(**nameless, episode_name="Talk"), _row(**nameless, audiobook_title="Book")]
    _write(tmp_path / "Streaming_History_Audio_2020_1.json", rows)
    _write(tmp_path / "Streaming_History_Video_2020.json", [_row(), _row()])
    listens, bad = read(tmp_path)
    assert not listens
    assert [row.reason for row in bad] == ["not-music"] * 4


def test_a_folder_and_a_zip_of_it_say_the_same(tmp_path: Path, read: Any) -> None:
    folder = tmp_path / "Spotify Extended Streaming History"
    folder.mkdir()
    for year in (2021, 2022):
        _write(folder / f"Streaming_History_Audio_{year}.json", [_row(ts=f"{year}-05-01T00:00:00Z")])
    (folder / "ReadMeFirst.pdf").write_bytes(b"%PDF-1.7 \x00\xff")
    packed = tmp_path / "my_spotify_data.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"{folder.name}/{file.name}")
        archive.writestr("__MACOSX/._Streaming_History_Audio_2021.json", b"\x00\x05")
    assert read(folder) == read(packed)
    assert len(read(packed)[0]) == 2


def test_bad_rows_cost_themselves_only(tmp_path: Path, read: Any) -> None:
    good, reasons = json.dumps(_row()), {}
    for reason, changes in (
        ("not-a-time", {"ts": "yesterday"}),
        ("missing-time", {"ts": None}),
        ("future-time", {"ts": "2999-01-01T00:00:00Z"}),
        ("early-time", {"ts": "1970-01-01T00:00:00Z"}),
        ("not-a-duration", {"ms_played": -1}),
        ("not-a-duration ", {"ms_played": float("nan")}),
        ("not-a-duration  ", {"ms_played": None}),
        ("missing-name", {"master_metadata_album_artist_name": None, "spotify_track_uri": None}),
    ):
        reasons[reason.strip()] = reasons.get(reason.strip(), 0) + 1
        good += "," + json.dumps(_row(**changes))
    path = tmp_path / "a.json"
    path.write_text(f'[{good}, 7, null, {{"ts": "2023-08-07" "ms_played": 3, "x": [}}, {json.dumps(_row())}]')
    listens, bad = read(path)
    assert len(listens) == 2
    counted: dict[str, int] = {}
    for row in bad:
        counted[row.reason] = counted.get(row.reason, 0) + 1
    assert counted == reasons | {"malformed": 3}


def test_a_file_that_is_cut_off_is_an_error(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.json", [_row()] * 3)
    path.write_text(path.read_text()[:-200])
    with pytest.raises(UsageError, match=r"a\.json is cut off"):
        list(read_history(path))
