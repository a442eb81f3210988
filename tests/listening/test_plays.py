"""Plays of many listeners as a matrix, plays in time as events."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import numpy as np
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from segue.errors import UsageError
from segue.listening import read_events, read_plays
from segue.listening.rows import RowTally
from segue.types import BadRow

_EXPECTED = [[5.0, 1.0, 0.0], [0.0, 0.0, 2.0]]


def _csv(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_the_matrix_is_listener_by_track_and_pairs_are_added_up(tmp_path: Path) -> None:
    path = _csv(tmp_path / "a.csv", "listener,track,plays\nb,z,2\na,x,4\na,y,1\na,x,1\n")
    plays, report = read_plays(path)
    assert plays.listeners.tolist() == ["a", "b"]
    assert plays.tracks.tolist() == ["x", "y", "z"]
    assert plays.matrix.toarray().tolist() == _EXPECTED
    assert plays.matrix.dtype == np.float32
    assert plays.matrix.has_canonical_format
    assert (report.n_rows, report.n_bad, report.reasons, report.samples) == (4, 0, (), ())


@pytest.mark.parametrize("kind", ["csv", "tsv", "csv.gz", "parquet", "strings.parquet", "triplets", "zip"])
def test_every_shape_of_table_says_the_same(tmp_path: Path, kind: str) -> None:
    rows = [(20, 9, 2), (3, 7, 4), (3, 8, 1), (3, 7, 1)]
    path = tmp_path / f"a.{kind}"
    columns = dict(zip(("listener", "track", "plays"), map(list, zip(*rows, strict=True)), strict=True))
    if kind == "parquet":
        parquet.write_table(pyarrow.table(columns), path)
    elif kind == "strings.parquet":
        table = pyarrow.table({name: [str(value) for value in values] for name, values in columns.items()})
        table = table.set_column(0, "listener", table["listener"].dictionary_encode())
        parquet.write_table(table, path)
    else:
        separator = "\t" if kind in ("tsv", "triplets") else ","
        lines = [] if kind == "triplets" else [separator.join(("user", "song_id", "play_count"))]
        text = "\n".join(lines + [separator.join(map(str, row)) for row in rows])
        if kind == "zip":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("inside/plays.csv", text)
        else:
            path.write_bytes(gzip.compress(text.encode()) if kind.endswith("gz") else text.encode())
    plays, _ = read_plays(path)
    assert (plays.listeners.dtype, plays.tracks.dtype) == (np.int64, np.int64)
    assert (plays.listeners.tolist(), plays.tracks.tolist()) == ([3, 20], [7, 8, 9])
    assert plays.matrix.toarray().tolist() == _EXPECTED


def test_ids_with_leading_zeros_stay_text(tmp_path: Path) -> None:
    plays, _ = read_plays(_csv(tmp_path / "a.csv", "listener,track,plays\n1,007,1\n2,8,1\n"))
    assert plays.listeners.tolist() == [1, 2]
    assert plays.tracks.tolist() == ["007", "8"]


def test_the_parts_of_a_folder_are_one_table(tmp_path: Path) -> None:
    parquet.write_table(pyarrow.table({"listener": [1], "track": [5]}), tmp_path / "part-0.parquet")
    _csv(tmp_path / "part-1.csv", "listener,track\n1,5\nx,6\n")
    (tmp_path / "_SUCCESS").write_text("")
    plays, _ = read_plays(tmp_path)
    assert plays.listeners.tolist() == ["1", "x"]
    assert plays.matrix.toarray().tolist() == [[2.0, 0.0], [0.0, 1.0]]


def test_bad_rows_are_counted_and_named(tmp_path: Path) -> None:
    rows = [
        "a,x,4",
        "a,x,-1",
        ",x,1",
        "a,,1",
        "a,x,nan",
        "a,x,",
        "a,x,lots",
        "a,x,0",
        "a,x",
        '"a,x,1',
        "b,y,1",
    ]
    path = _csv(tmp_path / "a.csv", "listener,track,plays\n" + "\n".join(rows))
    plays, report = read_plays(path)
    assert plays.matrix.toarray().tolist() == [[4.0, 0.0], [0.0, 1.0]]
    assert (report.n_rows, report.n_bad) == (11, 9)
    assert dict(report.reasons) == {
        "negative-count": 1,
        "missing-listener": 1,
        "missing-track": 1,
        "not-a-count": 2,
        "missing-count": 1,
        "zero-count": 1,
        "malformed": 2,
    }
    assert {row.where for row in report.samples if row.reason == "malformed"} == {"a.csv:10", "a.csv:11"}
    assert BadRow("a.csv:3", "negative-count", "a negative number of plays") in report.samples


def test_lines_are_numbered_right_in_blocks_with_broken_rows(tmp_path: Path) -> None:
    lines = ["listener,track,plays"] + [f"{i % 100},{i % 70},1" for i in range(50_000)]
    lines[20_001] = "1,2"
    lines[30_001] = ""
    lines[40_001] = "1,2,-1"
    _, report = read_plays(_csv(tmp_path / "a.csv", "\n".join(lines)))
    assert {row.where for row in report.samples} == {"a.csv:20002", "a.csv:40002"}
    assert report.n_rows == 49_999


def test_skips_are_no_plays_where_plays_are_not_counted(tmp_path: Path) -> None:
    text = "listener,track,time,skipped\n1,5,1600000000,true\n1,6,1600000000,false\n"
    plays, report = read_plays(_csv(tmp_path / "a.csv", text))
    assert plays.tracks.tolist() == [6]
    assert report.n_bad == 0


def _slice(path: Path, pids: range) -> Path:
    track = {"artist_name": "A", "track_name": "B", "duration_ms": 1000, "album_name": "C", "pos": 0}
    playlists = [
        {
            "name": "x",
            "pid": pid,
            "tracks": [
                track | {"track_uri": f"spotify:track:{pid}"},
                track | {"track_uri": "spotify:track:z"},
            ],
        }
        for pid in pids
    ]
    info = {"slice": "0-1", "version": "v1"}
    path.write_text(json.dumps({"info": info, "playlists": playlists}, indent=4))
    return path


def test_slices_of_the_million_playlist_dataset(tmp_path: Path) -> None:
    _slice(tmp_path / "mpd.slice.0-1.json", range(2))
    _slice(tmp_path / "mpd.slice.2-3.json", range(2, 4))
    plays, report = read_plays(tmp_path)
    assert plays.listeners.tolist() == [0, 1, 2, 3]
    assert plays.tracks.tolist() == [f"spotify:track:{one}" for one in "0123z"]
    assert plays.matrix.sum() == report.n_rows == 8


def test_a_slice_that_is_cut_off_is_an_error(tmp_path: Path) -> None:
    path = _slice(tmp_path / "a.json", range(9))
    path.write_text(path.read_text()[:-500])
    with pytest.raises(UsageError, match=r"a\.json is cut off"):
        read_plays(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("listener,track,plays\n", "no usable plays.*no rows"),
        ("listener,track,plays\na,x,-1\n", "1 negative-count"),
        ("artist,title\nNina,Good\n", "history of one person"),
        ("nothing,known\n1,2\n", "not a history"),
    ],
)
def test_no_usable_plays(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_plays(_csv(tmp_path / "a.csv", text))


_NAMES = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters=',"\t;|'), min_size=1, max_size=5
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(_NAMES, _NAMES, st.integers(1, 9)), min_size=1, max_size=30))
def test_plays_are_what_adding_up_by_hand_gives(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, int]]
) -> None:
    text = "listener,track,plays\n" + "".join(f"{a},{b},{n}\n" for a, b, n in rows)
    plays, report = read_plays(_csv(tmp_path_factory.mktemp("x") / "a.csv", text))
    expected: dict[tuple[str, str], int] = {}
    for listener, track, n in rows:
        expected[listener, track] = expected.get((listener, track), 0) + n
    found = plays.matrix.tocoo()
    pairs = zip(plays.listeners[found.row].tolist(), plays.tracks[found.col].tolist(), strict=True)
    assert {(str(a), str(b)): n for (a, b), n in zip(pairs, found.data.tolist(), strict=True)} == expected
    assert report.n_bad == 0


def test_events_are_in_the_order_of_time(tmp_path: Path) -> None:
    path = _csv(
        tmp_path / "a.csv",
        "listener,timestamp,session,track,artist\n"
        "b,1600000002,1,t1,A\nb,1600000001,1,t2,B\na,2020-01-02T12:34:00Z,3,t2,\na,1577968439000,,t3,A\n",
    )
    events, report = read_events(path)
    assert events.listeners.tolist() == ["a", "b"]
    assert events.listener.tolist() == [0, 0, 1, 1]
    assert events.tracks[events.track].tolist() == ["t3", "t2", "t2", "t1"]
    assert events.time_s.tolist() == [1_577_968_439.0, 1_577_968_440.0, 1_600_000_001.0, 1_600_000_002.0]
    assert events.artist[0] == events.artist[3]
    assert events.artist[1] == -1
    assert events.artist[2] not in (-1, events.artist[0])
    assert events.session[0] == -1
    assert events.session[2] == events.session[3] != events.session[1]
    assert {array.dtype.name for array in (events.listener, events.track, events.artist)} == {"int64"}
    assert report.n_rows == 4


def test_bad_times_of_events(tmp_path: Path) -> None:
    times = ["1600000000", "", "never", "0", "-5", "99999999999", "nan", "2999-01-01T00:00:00Z"]
    text = "listener,time,track\n" + "".join(f"1,{time},2\n" for time in times)
    events, report = read_events(_csv(tmp_path / "a.csv", text))
    assert len(events.time_s) == 1
    assert dict(report.reasons) == {"missing-time": 1, "not-a-time": 2, "early-time": 2, "future-time": 2}


def test_events_of_parquet_timestamps(tmp_path: Path) -> None:
    times = pyarrow.array([1_600_000_000, None], pyarrow.timestamp("s"))
    path = tmp_path / "a.parquet"
    parquet.write_table(pyarrow.table({"listener": [1, 1], "track": [2, 2], "time": times}), path)
    events, report = read_events(path)
    assert events.time_s.tolist() == [1_600_000_000.0]
    assert report.reasons == (("missing-time", 1),)


def test_events_need_times(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no column of times"):
        read_events(_csv(tmp_path / "a.csv", "listener,track\n1,2\n"))


def test_at_most_twenty_samples_of_a_reason_are_kept() -> None:
    tally = RowTally()
    for number in range(100):
        tally.bad(BadRow(str(number), "odd", ""))
    tally.bad_many("even", 50, (BadRow(str(number), "even", "") for number in range(50)))
    report = tally.report()
    assert report.reasons == (("odd", 100), ("even", 50))
    assert [row.where for row in report.samples if row.reason == "even"] == [str(n) for n in range(20)]
