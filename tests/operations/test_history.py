"""Import, matching that follows the library, corrections, export and forgetting."""

from __future__ import annotations

import json
import shutil
import time

import pytest

from segue.catalogue import (
    HistorySource,
    heard_table,
    import_listens,
    listen_table,
    open_catalogue,
    opinion_table,
    remove_tracks,
    track_table,
)
from segue.errors import AmbiguousTrack, NothingFound, UsageError
from segue.operations import history as history_module
from segue.operations.history import import_history, refresh_matches
from segue.operations.history_export import export_history
from segue.operations.history_upkeep import (
    accept_near,
    correct,
    forget,
    history_stats,
    say_opinion,
    unmatched,
)
from segue.operations.recommend import recommend
from segue.operations.resident import Resident
from segue.operations.scan import scan_library
from segue.settings import DataFolder
from segue.types import Listen


@pytest.fixture
def data(demo, tmp_path):
    """The demo's library, to be changed."""
    shutil.copytree(demo.data, tmp_path / "data")
    return DataFolder(tmp_path / "data")


@pytest.fixture
def table(demo, tmp_path):
    """A history of some of the demo's pieces, and of others."""
    plays = [(piece.artist, piece.title) for piece in demo.pieces[:3] if piece.title]
    plays += [(plays[0][0], f"{plays[0][1]} (Live at Home)"), ("Somebody Else", "Something Else")]
    lines = ["artist,title,time"]
    lines += [
        f"{artist},{title},{1_600_000_000 + 300 * at}"
        for at in range(4)
        for artist, title in plays
        for _ in range(1)
    ]
    lines = list(dict.fromkeys(lines))
    file = tmp_path / "plays.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


def rows_of(data):
    with open_catalogue(data) as catalogue:
        return listen_table(catalogue)


def test_an_import_stores_matches_and_reports(data, table):
    report = import_history(data, [table])
    assert report.formats == {"table": 1}
    assert (report.stored.plays, report.stored.new_plays, report.rows.n_bad) == (20, 20, 0)
    found = report.coverage
    assert (found.recordings, found.matched, found.near) == (5, 3, 1)
    assert (found.plays, found.matched_plays) == (20, 12)
    again = import_history(data, [table, table])
    assert (again.stored.plays, again.stored.new_plays, again.coverage) == (20, 0, found)


def test_bad_rows_cost_only_themselves(data, table):
    late = int(time.time()) + 10 * 86_400
    table.write_text(table.read_text() + f"A,B,{late}\nA,B,never\nA\n,,1600000000\n")
    report = import_history(data, [table])
    assert report.stored.new_plays == 20
    assert dict(report.rows.reasons) == {
        "future-time": 1,
        "not-a-time": 1,
        "malformed": 1,
        "missing-name": 1,
    }
    assert {sample.where.partition(":")[0] for sample in report.rows.samples} == {"plays.csv"}


def test_a_folder_is_read_file_by_file(data, table, tmp_path):
    folder = tmp_path / "all"
    (folder / "sub").mkdir(parents=True)
    shutil.copy(table, folder / "sub" / "plays.csv")
    (folder / "notes.txt").write_text("nothing of the kind")
    rows = [{"endTime": "2022-12-05 16:52", "artistName": "N", "trackName": "F", "msPlayed": 4_000}]
    (folder / "StreamingHistory0.json").write_text(json.dumps(rows))
    report = import_history(data, [folder])
    assert report.formats == {"spotify": 1, "table": 1}
    assert (report.stored.new_plays, report.skips) == (21, 1)
    assert dict(report.rows.reasons) == {"no-history": 1}
    with pytest.raises(UsageError, match="no history"):
        empty = tmp_path / "empty"
        empty.mkdir()
        import_history(data, [empty])


def test_what_is_no_history_or_damaged_stores_nothing(data, table, tmp_path):
    wrong = tmp_path / "wrong.zip"
    wrong.write_bytes(b"PK\x03\x04 and nothing")
    for files in ([table, wrong], [wrong, table], [tmp_path / "nowhere.csv"]):
        with pytest.raises(UsageError):
            import_history(data, files)
    assert len(rows_of(data)) == 0


def test_a_reader_that_fails_midway_stores_nothing(data, table, monkeypatch):
    def broken(file, *, progress):
        yield Listen("A", "B", time_s=1e9)
        raise UsageError(f"{file} is cut off")

    monkeypatch.setattr(history_module, "read_history", broken)
    with pytest.raises(UsageError, match="cut off"):
        import_history(data, [table])
    assert len(rows_of(data)) == 0


def test_a_history_may_come_before_the_library(demo, table, tmp_path):
    data = DataFolder(tmp_path / "new")
    report = import_history(data, [table])
    assert (report.coverage.matched, report.coverage.near) == (0, 0)
    scan_library(data, [demo.music], nice=0)
    assert refresh_matches(data) is True
    assert refresh_matches(data) is False
    assert (rows_of(data).track_key >= 0).sum() == 12


def test_matches_follow_what_is_forgotten_and_scanned_again(data, demo, table):
    import_history(data, [table])
    before = rows_of(data).track_key
    with open_catalogue(data, write=True) as catalogue:
        from segue.catalogue import track_ids

        gone = before[before >= 0][:1]
        remove_tracks(catalogue, track_ids(catalogue, gone))
    refresh_matches(data)
    assert (rows_of(data).track_key >= 0).sum() == 8
    scan_library(data, [demo.music], nice=0)
    assert refresh_matches(data) is True
    assert (rows_of(data).track_key >= 0).sum() == 12


def test_recommending_looks_again_only_for_what_is_new(data, table, monkeypatch):
    import_history(data, [table])
    looked = []
    real = history_module.match_history
    monkeypatch.setattr(
        history_module, "match_history", lambda *given, **more: looked.append(1) or real(*given, **more)
    )

    def change():
        with open_catalogue(data, write=True) as catalogue:
            catalogue.connection.execute("UPDATE settings SET value = value + 1 WHERE name = 'revision'")

    held = Resident(data)
    change()
    first = recommend(held, now_s=1.7e9)
    for _ in range(3):  # as a scan does with every file
        change()
        assert recommend(held, now_s=1.7e9) == first
    assert len(looked) == 1
    with open_catalogue(data, write=True) as catalogue:
        import_listens(catalogue, [(HistorySource("made", "x"), [Listen("New", "Song", time_s=1e9)])])
    recommend(held, now_s=1.7e9)
    assert len(looked) == 2
    recommend(held, now_s=1.7e9)
    assert len(looked) == 2


def test_corrections_are_kept(data, demo, table):
    import_history(data, [table])
    _, rows = unmatched(data, number=10)
    assert [row.plays for row in rows] == [4, 4]
    live = next(row for row in rows if row.near_id)
    other = next(row for row in rows if not row.near_id)
    assert "Live at Home" in live.title and live.near_name and live.score >= 75
    assert unmatched(data, number=10, only_near=True)[1] == [live]
    assert accept_near(data, [str(live.id)]) == 1
    with pytest.raises(NothingFound, match="--track"):
        accept_near(data, [str(other.id)])
    assert correct(data, "somebody else - something else", "Neon Ledger") == 1
    assert unmatched(data, number=10)[1] == []
    with open_catalogue(data, write=True) as catalogue:  # as if Segue matched otherwise now
        catalogue.connection.execute("UPDATE settings SET value = '' WHERE name = 'matched_state'")
    refresh_matches(data)
    assert (rows_of(data).track_key >= 0).all()
    assert correct(data, str(live.id), None) == 1
    assert [row.by_hand for row in unmatched(data, number=10)[1]] == [True]
    for words in ("999", "Nobody - Nothing", "9" * 30):
        with pytest.raises(NothingFound, match="no recording"):
            correct(data, words, None)


def test_an_export_comes_back_whole(data, table, tmp_path):
    import_history(data, [table])
    say_opinion(data, "Neon Ledger", 1.0)
    say_opinion(data, "Nobody - Not Here", -1.0, listener="ann")
    file = tmp_path / "out.csv"
    assert export_history(data, file) == (22, 0)
    before = rows_of(data)
    assert import_history(data, [file]).stored.new_plays == 0
    assert forget(data) > 0
    assert len(rows_of(data)) == 0
    report = import_history(data, [file])
    assert report.rows.n_bad == 0
    after = rows_of(data)
    assert after.time_s.tolist() == before.time_s.tolist()
    assert sorted(after.track_key) == sorted(before.track_key)
    with open_catalogue(data) as catalogue:
        assert opinion_table(catalogue).value.tolist() == [1.0]
        assert opinion_table(catalogue).track_key[0] in track_table(catalogue).keys
        assert opinion_table(catalogue, "ann").value.tolist() == [-1.0]
    assert export_history(data, file, listener="ann") == (1, 0)
    with pytest.raises(UsageError, match=r"\.csv"):
        export_history(data, tmp_path / "out.xls")
    with pytest.raises(NothingFound, match="eve"):
        export_history(data, tmp_path / "eve.csv", listener="eve")
    assert not list(tmp_path.glob("*eve*"))


def test_opinions(data):
    assert "Neon Ledger" in say_opinion(data, "Neon Ledger", 1.0)
    with open_catalogue(data) as catalogue:
        assert opinion_table(catalogue).track_key[0] >= 0
        assert heard_table(catalogue).title == ["Neon Ledger"]
    say_opinion(data, "Neon Ledger", None)
    with open_catalogue(data) as catalogue:
        assert len(opinion_table(catalogue).value) == 0
    with pytest.raises(NothingFound):
        say_opinion(data, "zzzz", 1.0)
    with pytest.raises(AmbiguousTrack):
        say_opinion(data, "e", 1.0)


def test_forgetting_a_source_keeps_the_others(data, table, tmp_path):
    other = tmp_path / "other.m3u8"
    other.write_text("#EXTM3U\n#EXTINF:100,Someone - Some Title\n/nowhere/x.mp3\n")
    import_history(data, [table, other])
    with pytest.raises(NothingFound, match="known are"):
        forget(data, source="spotify")
    assert forget(data, source=str(table)) == 20
    assert history_stats(data)["recordings_in_playlists"] == 1
    assert forget(data, source=str(tmp_path)) == 1
    facts = history_stats(data)
    assert (facts["plays"], facts["recordings"], facts["sources"]) == (0, 0, [])
