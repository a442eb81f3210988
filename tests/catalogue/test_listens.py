"""Histories in the catalogue: once, whole, small, and forgotten when asked."""

from __future__ import annotations

import random
import sqlite3

import numpy as np
import pytest

from segue.catalogue import (
    HOW,
    KINDS,
    HistorySource,
    check,
    correct_matches,
    forget_history,
    forget_paths,
    heard_table,
    history_sources,
    import_listens,
    iterate_listens,
    listen_table,
    listeners,
    open_catalogue,
    opinion_table,
    plays_of_heard,
    recommended,
    record_analysis,
    record_recommended,
    remove_tracks,
    set_opinion,
    store_matches,
    track_table,
)
from segue.errors import DiskFull, NothingFound
from segue.settings import DataFolder
from segue.types import Listen

SPOTIFY = HistorySource("spotify", "/h/one.json")
OTHER = HistorySource("spotify", "/h/two.json")


def play(title: str, time_s: float, artist: str = "A", **more) -> Listen:
    return Listen(artist, title, time_s=time_s, **more)


def take(cat, listens, source=SPOTIFY, **more):
    return import_listens(cat, [(source, listens)], **more)


def content(cat) -> list[str]:
    """All that is stored of histories."""
    tables = ("listeners", "heard", "corrections", "listens", "evidence")
    return [repr(row) for table in tables for row in cat.connection.execute(f"SELECT * FROM {table}")]


def test_what_comes_in_comes_out_by_time(cat):
    report = take(
        cat, [play("T", 300.9, played_s=12.5, skipped=True, count=0), play("S", 100), play("T", 200)]
    )
    assert (report.plays, report.new_plays, report.new_recordings, report.listeners) == (3, 3, 2, ("",))
    table, heard = listen_table(cat), heard_table(cat)
    assert table.time_s.tolist() == [100, 200, 300]
    assert [heard.title[number - 1] for number in table.heard] == ["S", "T", "T"]
    assert (table.played_s[2], table.skipped.tolist(), table.count.tolist()) == (12.5, [-1, -1, 1], [1, 1, 0])
    assert np.isnan(table.played_s[:2]).all()
    assert (table.track_key == -1).all() and [KINDS[kind] for kind in table.kind] == ["play"] * 3
    assert [HOW[number] for number in heard.how] == ["new", "new"]
    assert plays_of_heard(cat)[heard.ids].tolist() == [1, 1]


def test_importing_again_and_overlapping_exports_change_nothing(cat):
    take(cat, [play("T", at) for at in range(0, 100, 10)])
    before = content(cat)
    assert take(cat, [play("T", at) for at in range(0, 100, 10)]).new_plays == 0
    again = take(cat, [play("t", at, artist="a") for at in range(0, 50, 10)], OTHER)
    assert (again.new_plays, again.new_recordings) == (0, 0)
    assert content(cat) == before
    assert take(cat, [play("T", at) for at in range(80, 120, 10)], OTHER).new_plays == 2


def test_the_same_names_with_other_ids_are_other_recordings(cat):
    take(cat, [play("T", 1, uri="spotify:track:1"), play("T", 1, uri="spotify:track:2"), play("T", 1)])
    assert len(heard_table(cat).ids) == 3


def test_a_source_imported_again_replaces_what_it_says_without_times(cat):
    def counts(*pairs):
        return [Listen("A", title, count=count, kind="count") for title, count in pairs]

    assert take(cat, counts(("S", 3), ("T", 5))).new_others == 2
    before = content(cat)
    again = take(cat, counts(("S", 3), ("T", 5)))
    assert (again.others, again.new_others, content(cat)) == (2, 0, before)
    report = take(cat, counts(("T", 7)))
    assert (report.others, report.new_others) == (1, 1)
    assert listen_table(cat).count.tolist() == [7]


def test_counters_count_the_same_plays_but_places_in_playlists_add_up(cat):
    for source, count in ((SPOTIFY, 5), (OTHER, 8)):
        take(cat, [Listen("A", "T", count=count, kind="count"), Listen("A", "T", kind="playlist")], source)
    table = listen_table(cat)
    assert [(KINDS[kind], count) for kind, count in zip(table.kind, table.count, strict=True)] == [
        ("count", 8),
        ("playlist", 2),
    ]


def test_plays_without_a_time_are_counts(cat):
    take(cat, [Listen("A", "T"), Listen("A", "T"), play("T", 5, count=4)])
    table = listen_table(cat)
    assert (table.count.tolist(), KINDS[table.kind[0]], table.time_s.tolist()) == ([6], "count", [5])


def test_several_listeners(cat):
    report = take(cat, [play("T", 1, listener="ann"), play("T", 1), play("T", 2)], listener="bob")
    assert report.listeners == ("ann", "bob")
    assert listeners(cat) == ("", "ann", "bob")
    assert [len(listen_table(cat, name)) for name in listeners(cat)] == [0, 1, 2]
    with pytest.raises(NothingFound, match="ann, bob"):
        listen_table(cat, "eve")


def test_opinions_said_by_hand_win(cat):
    take(cat, [Listen("A", "T", kind="opinion", count=0, opinion=-1.0), play("S", 1, opinion=0.5)])
    assert opinion_table(cat).value.tolist() == [-1.0, 0.5]
    number = set_opinion(cat, "A", "T", 1.0)
    assert opinion_table(cat).heard.tolist()[0] == number
    assert opinion_table(cat).value.tolist() == [1.0, 0.5]
    set_opinion(cat, "A", "T", None)
    assert opinion_table(cat).value.tolist() == [-1.0, 0.5]
    with pytest.raises(ValueError, match="-1 to 1"):
        set_opinion(cat, "A", "T", 2.0)


@pytest.fixture
def matched(cat, heard):
    """A catalogue whose one track was played, and the ids of recording and track."""
    name = record_analysis(cat, heard(title="T", artist="A"))
    take(cat, [play("T", 1)])
    ids, keys = heard_table(cat).ids, track_table(cat).keys
    store_matches(cat, ids, keys, np.array([6], np.int8), np.ones(1), np.array([-1]), state="x")
    return cat, int(ids[0]), name


def test_matches_follow_tracks_that_go(matched):
    cat, _, name = matched
    assert listen_table(cat).track_key.tolist() == track_table(cat).keys.tolist()
    remove_tracks(cat, [name])
    assert listen_table(cat).track_key.tolist() == [-1] == heard_table(cat).track_key.tolist()
    assert check(cat) == []


def test_an_absent_track_is_not_in_the_library(matched, heard):
    cat, _, _ = matched
    analysis = heard(title="T", artist="A")
    forget_paths(cat, [analysis.path])
    assert listen_table(cat).track_key.tolist() == [-1]
    record_analysis(cat, analysis)
    assert listen_table(cat).track_key.tolist() == track_table(cat).keys.tolist()


def test_corrections_outlive_matching_and_a_track_that_comes_back(matched, heard):
    cat, number, name = matched
    nothing = np.array([-1])
    correct_matches(cat, {number: name})
    store_matches(cat, np.array([number]), nothing, np.ones(1, np.int8), np.zeros(1), nothing, state="y")
    assert listen_table(cat).track_key.tolist() == track_table(cat).keys.tolist()
    remove_tracks(cat, [name])
    record_analysis(cat, heard(title="T", artist="A"))
    store_matches(cat, np.array([number]), nothing, np.ones(1, np.int8), np.zeros(1), nothing, state="z")
    assert listen_table(cat).track_key.tolist() == track_table(cat).keys.tolist()
    correct_matches(cat, {number: None})
    assert listen_table(cat).track_key.tolist() == [-1]
    with pytest.raises(NothingFound, match="no recording 99"):
        correct_matches(cat, {number: name, 99: name})
    assert listen_table(cat).track_key.tolist() == [-1]


def test_what_was_recommended_is_remembered(matched):
    cat, _, name = matched
    keys = track_table(cat).keys
    record_recommended(cat, "", "new", np.append(keys, 999), 100.0)
    record_recommended(cat, "", "familiar", keys, 200.0)
    assert recommended(cat, "", 0.0)[1].tolist() == [100, 200]
    assert recommended(cat, "", 150.0)[0].tolist() == keys.tolist()
    assert len(recommended(cat, "eve", 0.0)[0]) == 0
    remove_tracks(cat, [name])
    assert len(recommended(cat, "", 0.0)[0]) == 0


def test_forgetting_by_source_and_by_listener(cat):
    take(cat, [play("T", 1), play("S", 2, listener="ann")])
    take(cat, [play("T", 1), play("U", 3), Listen("A", "V", kind="playlist")], OTHER)
    assert [(source.plays, source.others) for source in history_sources(cat)] == [(2, 0), (1, 1)]
    assert forget_history(cat, sources=[history_sources(cat)[1].id]) == 2
    assert heard_table(cat).title == ["T", "S"]
    assert forget_history(cat, listener="ann") == 1
    assert (heard_table(cat).title, listeners(cat)) == (["T"], ("",))
    assert forget_history(cat) == 1
    assert (len(heard_table(cat).ids), history_sources(cat)) == (0, [])
    assert check(cat) == []


def test_what_is_forgotten_is_not_left_in_the_file(folder):
    with open_catalogue(folder, write=True, create=True) as cat:
        take(cat, [play("Secret Song of Nobody", 1, played_s=3)])
        forget_history(cat)
        cat.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"Secret Song" not in folder.catalogue.read_bytes()


def test_an_error_of_the_reader_stores_nothing(cat):
    def broken():
        for at in range(120_000):
            yield play(f"T{at % 7}", at)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        import_listens(cat, [(OTHER, [play("S", 1)]), (SPOTIFY, broken())])
    assert (len(listen_table(cat)), len(heard_table(cat).ids), history_sources(cat)) == (0, 0, [])
    assert take(cat, [play("S", 1)]).new_plays == 1  # the catalogue is usable


def test_ctrl_c_stores_nothing(cat):
    def stopped():
        yield play("T", 1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(cat, stopped())
    assert len(heard_table(cat).ids) == 0


def test_a_full_disk_stores_nothing(cat):
    take(cat, [play("S", 1)])
    before = content(cat)
    pages = cat.connection.execute("PRAGMA page_count").fetchone()[0]
    cat.connection.execute(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(DiskFull):
        take(cat, (play(f"T{at}", at) for at in range(5_000)))
    cat.connection.execute("PRAGMA max_page_count = 1000000")
    assert content(cat) == before
    assert take(cat, (play(f"T{at}", at) for at in range(5_000))).new_plays == 5_000


def test_others_may_write_while_a_history_is_read(cat, folder, heard):
    def slowly():
        yield play("T", 1)
        with open_catalogue(folder, write=True) as scan:
            record_analysis(scan, heard())
        yield play("T", 2)

    assert take(cat, slowly()).new_plays == 2
    assert len(track_table(cat).keys) == 1


def test_check_finds_rows_that_point_nowhere(cat, folder):
    take(cat, [play("T", 1)])
    cat.close()
    with sqlite3.connect(folder.catalogue) as raw:
        raw.execute("DELETE FROM heard")
    raw.close()
    with open_catalogue(folder) as opened:
        assert check(opened) == ["1 rows of listens point nowhere"]


def test_a_hundred_thousand_listens_are_small(cat, folder):
    take(
        cat,
        (play(f"T{at % 500}", 1.5e9 + 200 * at, played_s=180.123, skipped=False) for at in range(100_000)),
    )
    cat.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert folder.catalogue.stat().st_size < 30 * 100_000


def made_up(rng: random.Random) -> Listen:
    """Any listen, of few names and times, so that some are the same."""
    return Listen(
        artist=rng.choice(["A", "Ä", "宇多田"]),
        title=rng.choice(["S", 'T, "U"']),
        album=rng.choice(["", "B"]),
        time_s=rng.choice([None, 7e8, 7e8 + 1]),
        played_s=rng.choice([None, 0.0, 31.25]),
        skipped=rng.choice([None, True, False]),
        count=rng.randint(1, 2),
        opinion=rng.choice([None, -1.0, 0.25]),
        kind=rng.choice(KINDS),
        listener=rng.choice(["", "ann"]),
        uri=rng.choice(["", "spotify:track:1"]),
    )


@pytest.mark.parametrize("seed", range(10))
def test_what_is_exported_is_the_same_after_an_import(tmp_path, seed):
    rng = random.Random(seed)
    with open_catalogue(DataFolder(tmp_path / "one"), write=True, create=True) as one:
        take(one, [made_up(rng) for _ in range(12)])
        exported = list(iterate_listens(one))
    with open_catalogue(DataFolder(tmp_path / "two"), write=True, create=True) as two:
        take(two, exported, HistorySource("table", "/export.csv"))
        assert sorted(map(repr, iterate_listens(two))) == sorted(map(repr, exported))
        report = take(two, reversed(exported), HistorySource("table", "/export.csv"))
        assert report.new_plays == report.new_others == 0
        assert check(two) == []


def imported(cat, path, *listens):
    return import_listens(cat, [(HistorySource("made", path), listens)]).new_plays


def test_what_two_exports_tell_is_one_play(cat):
    play = Listen("Art", "Song", "Album", 1.6e9, recording_mbid="0b1d8a4e-3c4b-4b53-a6f9-5e5ce4d0c0a1")
    other = Listen("art", "Song", time_s=1.6e9)  # the same second, fewer names
    assert imported(cat, "/a", play, play._replace(title="Another")) == 2
    assert imported(cat, "/b", other) == 0
    assert imported(cat, "/b", other) == 0
    assert imported(cat, "/c", other._replace(listener="ann"), other._replace(time_s=1.6e9 + 1)) == 2
    assert len(listen_table(cat)) == 3


def test_the_exacter_of_two_exports_stays(cat):
    minute = 1.6e9 - 1.6e9 % 60
    coarse = Listen("A", "B", time_s=minute, played_s=200.5)
    exact = coarse._replace(time_s=minute + 31, uri="spotify:track:1", album="C")
    for order in ((coarse, exact), (exact, coarse), (coarse, exact)):
        news = [imported(cat, f"/{one.uri}", one) for one in order]
        assert sum(news) in (0, 1)
        assert listen_table(cat).time_s.tolist() == [minute + 31]
    longer = coarse._replace(played_s=100.0)
    assert imported(cat, "/longer", longer) == 1
    # One export that tells two such plays means two.
    assert imported(cat, "/own", longer._replace(time_s=minute + 20)) == 1


def test_names_that_no_store_can_hold(cat):
    listener, title = "ann\udcff", "Song\udcff\0"
    set_opinion(cat, "Art", title, 1.0, listener=listener)
    assert opinion_table(cat, listener).value.tolist() == [1.0]
    assert heard_table(cat).title == ["Song?"]
    record_recommended(cat, listener, "new", np.array([], np.int64), 1.6e9)
    assert len(recommended(cat, listener, 0.0)[0]) == 0
    assert forget_history(cat, listener=listener) == 1
