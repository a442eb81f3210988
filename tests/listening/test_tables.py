"""Tables with a header as histories: research data and one person's, Parquet and text."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from segue.errors import UsageError
from segue.listening import read_history, sniff
from segue.types import Listen


def test_listener_track_plays(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "a.csv"
    path.write_text("listener,track,plays\nu1,t1,3\nu2,t1,1\n")
    listens, bad = read(path)
    assert not bad
    assert listens[0] == Listen("", "", count=3, kind="count", listener="u1", uri="t1")


def test_time_and_skipped(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "a.tsv.gz"
    rows = ["user_id\ttrack_id\ttimestamp\tskipped"]
    rows += ["u\tt\t2020-01-02 12:34\tfalse", "u\tt\t1577968440\tTrue", "u\tt\t1577968440000\t"]
    path.write_bytes(gzip.compress("\n".join(rows).encode()))
    listens, bad = read(path)
    assert not bad
    assert {one.time_s for one in listens} == {1_577_968_440.0}
    assert [(one.count, one.skipped, one.kind) for one in listens] == [
        (1, False, "play"),
        (0, True, "play"),
        (1, None, "play"),
    ]


def test_parquet_with_names_and_types(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "history"  # the name does not matter
    table = pyarrow.table(
        {
            "Artist Name": ["Nina", None, "Nina"],
            "Track Name": ["Good", "Good", "Good"],
            "played_at": pyarrow.array(
                [datetime(2020, 1, 2, 12, 34, tzinfo=UTC)] * 3, pyarrow.timestamp("ms", tz="UTC")
            ),
            "ms_played": [1_500, 2, None],
            "isrc": ["GB-BKS-97-00124", "", None],
        }
    )
    parquet.write_table(table, path)
    assert sniff(path) == "table"
    listens, bad = read(path)
    assert [(one.artist, one.time_s, one.played_s, one.isrc) for one in listens] == [
        ("Nina", 1_577_968_440.0, 1.5, "GBBKS9700124"),
        ("Nina", 1_577_968_440.0, None, ""),
    ]
    assert [(row.where, row.reason) for row in bad] == [("history:2", "missing-name")]


def test_every_field_of_a_listen_comes_back(tmp_path: Path, read: Any) -> None:
    listens = [
        Listen("Nina", "Good", "Spell", 1.6e9, 30.5, True, 0, None, "play", "", "", "", "spotify:track:x"),
        Listen("Nina", "Good", opinion=-1.0, count=0, kind="opinion", path="/music/a.mp3"),
        Listen("Nina", "Good", count=7, kind="count", isrc="GBBKS9700124", duration_s=12.5),
        Listen("Nina", "Good", kind="playlist", recording_mbid="e97f805a-ab48-4c52-855e-07049142113d"),
    ]
    path = tmp_path / "export.parquet"
    parquet.write_table(pyarrow.Table.from_pylist([one._asdict() for one in listens]), path)
    assert read(path) == (listens, [])
    text = tmp_path / "export.csv"
    rows = [",".join("" if value is None else str(value) for value in one) for one in listens]
    text.write_text("\n".join([",".join(Listen._fields), *rows]))
    assert read(text) == (listens, [])


def test_ids_of_artists_are_no_names(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "events.parquet"
    table = {"listener": [1], "timestamp": [1_403_195_755], "session": [5], "track": [7], "artist": [9]}
    parquet.write_table(pyarrow.table(table), path)
    (listen,), _ = read(path)
    assert (listen.artist, listen.title, listen.uri, listen.listener) == ("", "", "7", "1")


def test_bad_rows(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "a.csv"
    counts = ["3", "-3", "nan", "", "many", "0", "inf", "1e400", "2"]
    path.write_text("listener,track,plays\n" + "".join(f"u,t,{count}\n" for count in counts) + "u,t\n,,\n")
    listens, bad = read(path)
    assert [one.count for one in listens] == [3, 2]
    assert [row.reason for row in bad] == [
        *("negative-count", "not-a-count", "missing-count", "not-a-count", "zero-count"),
        *("not-a-count", "not-a-count", "malformed", "missing-name"),
    ]
    assert [row.where for row in bad][:2] == ["a.csv:3", "a.csv:4"]


@pytest.mark.parametrize(
    "content",
    [b"name,age\nx,3\n", b"hello world\n", b"\x00\x01\x02" * 50, b"PAR1 nonsense", b"[]", b"{}", b"<html>"],
)
def test_what_is_no_history_is_said_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"a\.csv"):
        list(read_history(path))


def test_latin_1_is_read_as_such(tmp_path: Path, read: Any) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        "artist,title\nBjörk,Jóga\n".encode("cp1252") + "Sigur Rós,Sæglópur\n坂本龍一,美貌の青空\n".encode()
    )
    assert [one[:2] for one in read(path)[0]] == [
        ("Björk", "Jóga"),
        ("Sigur Rós", "Sæglópur"),
        ("坂本龍一", "美貌の青空"),
    ]


def test_triplets(tmp_path: Path, read: Any) -> None:
    user = "b80344d063b5ccb3212f76538f3d9e43d87dca9e"
    path = tmp_path / "train_triplets.txt"
    path.write_text(f"{user}\tSOAKIMP12A8C130995\t1\n{user}\tSOBBMDR12A8C13253B\t-2\n{user}\tSO\t5\n")
    assert sniff(path) == "taste-profile"
    listens, bad = read(path)
    assert [(one.listener, one.uri, one.count) for one in listens] == [
        (user, "SOAKIMP12A8C130995", 1),
        (user, "SO", 5),
    ]
    assert [(row.where, row.reason) for row in bad] == [("train_triplets.txt:2", "negative-count")]


def test_a_table_of_other_columns_is_refused_with_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("userID;weight\n1;2\n")
    parquet.write_table(pyarrow.table({"userID": [1], "weight": [2]}), tmp_path / "a.parquet")
    for name in ("a.csv", "a.parquet"):
        with pytest.raises(UsageError, match="listener and track, or artist and title, not userID, weight"):
            list(read_history(tmp_path / name))


def test_names_alone_are_a_list_of_tracks(tmp_path: Path, read: Any) -> None:
    (tmp_path / "a.csv").write_text("artist,title\nNina,Good\n")
    assert read(tmp_path / "a.csv")[0] == [Listen("Nina", "Good", kind="playlist")]
