"""`segue recommend`, `mix --continue` and the owner's past, asked of the demo library with a made history."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from segue.catalogue import (
    HistorySource,
    correct_matches,
    heard_table,
    import_listens,
    iterate_tracks,
    open_catalogue,
    recommended,
)
from segue.factors import Factors, Names, save_factors, save_names
from segue.operations.library_factors import factors_folder
from segue.operations.recommend import recommend
from segue.playlists import Entry, read_playlist, write_playlist
from segue.settings import DataFolder
from segue.types import Listen

DAY = 86_400.0


def keep(data: Path, listens: Iterable[Listen], listener: str = "") -> None:
    """Import listens whose paths are files of the library."""
    with open_catalogue(DataFolder(data), write=True) as catalogue:
        names = {str(path): track.id for track in iterate_tracks(catalogue) for path in track.paths}
        import_listens(catalogue, [(HistorySource("test", listener), listens)], listener=listener)
        heard = heard_table(catalogue)
        pairs = zip(heard.ids.tolist(), heard.path, strict=True)
        correct_matches(catalogue, {one: names[path] for one, path in pairs if path in names})


def listens_of(pieces: Iterable[object], *, days_ago: float = 1.0, times: int = 3) -> list[Listen]:
    now = time.time()
    return [
        Listen(
            piece.artist, piece.title, time_s=now - (days_ago + n / 10) * DAY - at * 300, path=str(piece.path)
        )
        for at, piece in enumerate(pieces)
        for n in range(times)
    ]


@pytest.fixture
def data(demo, tmp_path):
    """The demo library, to be changed."""
    return Path(shutil.copytree(demo.data, tmp_path / "data"))


@pytest.fixture
def styles(demo):
    """Plain pieces by style."""
    found: dict[str, list] = {}
    for piece in demo.pieces:
        if piece.kind == "piece" and piece.style:
            found.setdefault(piece.style, []).append(piece)
    return found


def test_new_tracks_are_of_the_styles_that_were_played(segue, demo, data, styles):
    two = sorted(styles, key=lambda style: -len(styles[style]))[:2]
    played = [piece for style in two for piece in styles[style][:2]]
    keep(data, listens_of(played))
    answer = segue("recommend", "-n", "4", "--for", "new", "--per-artist", "0", "--json", "--data", data)
    assert answer.code == 0
    assert {demo.piece(row["title"]).style for row in answer.json} <= set(two)
    titles = {piece.title for piece in played}
    for row in answer.json:
        assert row["title"] not in titles
        assert set(row) >= {"id", "artist", "title", "album", "path", "match", "reasons", "because", "kind"}
        assert row["kind"] == "sound"
        assert row["plays"] == 0
        assert {near["title"] for near in row["because"]} <= titles
        assert all(near["plays"] == 3 for near in row["because"])
        assert row["reasons"][0].startswith("sounds like ")
        assert "(played 3 times)" in row["reasons"][0]


def test_the_table_and_a_playlist_say_the_same(segue, demo, data, styles, tmp_path):
    keep(data, listens_of(next(iter(styles.values()))))
    file = tmp_path / "today.m3u8"
    answer = segue("recommend", "-n", "5", "--m3u8", file, "--data", data)
    assert answer.code == 0
    assert "wrote" in answer.err
    written = read_playlist(file)
    assert written.title == "For today"
    assert all(entry.title in answer.out for entry in written.entries)


def test_lists_differ_by_day_and_not_within_one(data, styles):
    keep(data, listens_of(next(iter(styles.values()))[:2]))
    now = time.time()
    days = [
        [one.track.id for one in recommend(DataFolder(data), wanted="new", now_s=now + day * DAY)][:5]
        for day in (0, 0, 1)
    ]
    assert days[0] == days[1] != days[2]
    with open_catalogue(DataFolder(data)) as catalogue:
        tracks, times = recommended(catalogue, "", 0.0)
    assert len(tracks) >= 10
    assert len(set(times.tolist())) == 2


def test_rediscover_and_familiar(segue, data, styles):
    first, second = list(styles.values())[:2]
    keep(data, listens_of(first, days_ago=400) + listens_of(second, days_ago=2))
    old = segue("recommend", "--for", "rediscover", "--json", "--data", data)
    assert {row["title"] for row in old.json} <= {piece.title for piece in first}
    assert all(row["kind"] == "played" and row["plays"] == 3 for row in old.json)
    assert "last in" in old.json[0]["reasons"][0]
    now = segue("recommend", "--for", "familiar", "-n", "1", "--json", "--data", data)
    assert now.json[0]["title"] in {piece.title for piece in second}


def test_a_library_without_history_says_what_to_do(segue, demo, data):
    answer = segue("recommend", "--data", data)
    assert answer.code == 2
    assert "segue history import" in answer.err
    keep(data, [Listen("Nobody", "Nothing", time_s=1.0, path="/nowhere.mp3")])
    nothing = segue("recommend", "--data", data)
    assert nothing.code == 2
    assert "analysed in this library" in nothing.err
    assert "segue history match" in nothing.err
    assert segue("recommend", "--listener", "Ann", "--data", data).code == 2


def test_listeners_are_kept_apart(segue, demo, data, styles):
    first, second = list(styles.values())[:2]
    keep(data, listens_of(first))
    keep(data, listens_of(second), listener="Ann")
    answer = segue("recommend", "--for", "familiar", "--listener", "Ann", "--json", "--data", data)
    assert {row["title"] for row in answer.json} <= {piece.title for piece in second}


def test_factors_bring_in_what_other_people_play(segue, demo, data, styles):
    """Listeners of the played style go for another one, however it sounds."""
    played, *others = styles.values()
    keep(data, listens_of(played))
    asked = ("recommend", "--for", "new", "-n", "30", "--per-artist", "0", "--per-album", "0", "--json")
    before = [demo.piece(row["title"]).style for row in segue(*asked, "--data", data).json]
    loved = before[-1]
    pieces = [piece for style in (played, *others) for piece in style]
    rows = np.array(
        [[1, 0] if piece in played or piece.style == loved else [0, 1] for piece in pieces], np.float32
    )
    names = np.array([f"{piece.artist} - {piece.title}" for piece in pieces])
    settings = {"n_factors": 2, "regularisation": 0.1}
    save_factors(Factors(np.array(["a"]), names, rows[:1], rows, settings), factors_folder(DataFolder(data)))
    after = segue(*asked, "--data", data).json
    styles_after = [demo.piece(row["title"]).style for row in after]
    assert styles_after[:10].count(loved) > before[:10].count(loved)
    assert any(row["kind"] == "usage" and "also play it" in row["reasons"][0] for row in after)


def test_a_history_from_elsewhere_is_enough_with_factors(segue, demo, data, styles):
    """Nothing that was played is in the library, but factors know it, and whose listeners play what."""
    loved, *others = styles.values()
    now = time.time()
    keep(data, [Listen("Stranger", f"Song {i}", time_s=now - i * DAY) for i in range(1, 7)])
    assert segue("recommend", "--data", data).code == 2
    pieces = [piece for style in (loved, *others) for piece in style]
    names = [f"{piece.artist} - {piece.title}" for piece in pieces] + [
        f"Stranger - Song {i}" for i in range(9)
    ]
    rows = np.array([[1, 0] if piece in loved else [0, 1] for piece in pieces] + [[1, 0]] * 9, np.float32)
    settings = {"n_factors": 2, "regularisation": 0.1}
    factors = Factors(np.array(["a"]), np.array(names), rows[:1], rows, settings)
    save_factors(factors, factors_folder(DataFolder(data)))
    answer = segue("recommend", "-n", str(len(loved)), "--per-artist", "0", "--json", "--data", data)
    assert answer.code == 0
    assert {row["title"] for row in answer.json} <= {piece.title for piece in loved}
    assert all(row["kind"] == "usage" and row["reasons"] and not row["because"] for row in answer.json)


def test_factors_know_what_was_removed_from_the_library(segue, demo, data, styles, tmp_path):
    """A track that has gone is known to the factors by the names that came with them."""
    loved, *others = styles.values()
    gone = loved[0]
    keep(data, listens_of([gone]))
    pieces = [piece for style in (loved, *others) for piece in style]
    labels = np.array([f"t{place}" for place in range(len(pieces))])
    rows = np.array([[1, 0] if piece in loved else [0, 1] for piece in pieces], np.float32)
    settings = {"n_factors": 2, "regularisation": 0.1}
    folder = tmp_path / "factors"
    save_factors(Factors(np.array(["a"]), labels, rows[:1], rows, settings), folder)
    nothing = ("",) * len(pieces)
    titles = tuple(piece.title for piece in pieces)
    save_names(labels, Names(tuple(p.artist for p in pieces), titles, *(nothing,) * 3), folder)
    assert segue("factors", "import", folder, "--data", data).code == 0
    with sqlite3.connect(data / "catalogue.sqlite") as catalogue:
        catalogue.execute("DELETE FROM files WHERE name = ?", (os.fsencode(gone.path.name),))
    answer = segue("recommend", "-n", str(len(loved) - 1), "--per-artist", "0", "--json", "--data", data)
    assert answer.code == 0
    assert {row["title"] for row in answer.json} == {piece.title for piece in loved[1:]}


def test_somebody_else_in_the_history_is_named(segue, data, styles):
    keep(data, listens_of(next(iter(styles.values()))), listener="Ann")
    answer = segue("recommend", "--data", data)
    assert answer.code == 2
    assert "--listener" in answer.err
    assert "Ann" in answer.err


def test_the_past_of_another_listener_is_judged(segue, demo, data):
    pieces = [piece for piece in demo.pieces if piece.kind == "piece"]
    keep(data, listens_of(pieces, days_ago=1, times=120 // len(pieces) + 60), listener="Ann")
    answer = segue("evaluate", "history", "--listener", "Ann", "--json", "--data", data)
    assert answer.code == 0
    assert answer.json["tracks"] == len(pieces)
    assert segue("evaluate", "history", "--data", data).code == 2
    assert segue("evaluate", "history", "--listener", "Bob", "--data", data).code == 2
    both = segue("evaluate", "history", "--listener", "Ann", "--events", data / "x.csv", "--data", data)
    assert both.code == 2
    assert "--events holds many listeners" in both.err


@pytest.mark.parametrize(
    "wrong", [("--familiar", "2"), ("--for", "old"), ("--session", "1"), ("--half-life", "0")]
)
def test_wrong_use_exits_with_2(segue, data, wrong):
    assert segue("recommend", *wrong, "--data", data).code == 2


def test_options_of_time_are_taken(segue, data, styles):
    keep(data, listens_of(next(iter(styles.values()))))
    given = ("--half-life", "30", "--time-of-day", "--session", "0.5", "--variety", "0.3")
    assert segue("recommend", *given, "-n", "3", "--json", "--data", data).code == 0


def test_a_playlist_is_carried_on(segue, demo, styles, tmp_path):
    style, pieces = max(styles.items(), key=lambda item: len(item[1]))
    given = pieces[:2]
    entries = [
        Entry(path=given[0].path),
        Entry(path=tmp_path / "moved.mp3", artist=given[1].artist, title=given[1].title),
        Entry(path=tmp_path / "gone.mp3", artist="Nobody", title="Nothing"),
    ]
    file, result = tmp_path / "evening.m3u8", tmp_path / "longer.xspf"
    write_playlist(file, entries, title="Evening")
    answer = segue(
        *("mix", "--continue", file, "-n", "2", "--per-artist", "0", "--with-seeds", "--json"),
        *("--xspf", result, "--data", demo.data),
    )
    assert answer.code == 0
    assert [row["title"] for row in answer.json[:2]] == [piece.title for piece in given]
    assert [demo.piece(row["title"]).style for row in answer.json[2:]] == [style] * 2
    assert not {row["title"] for row in answer.json[2:]} & {piece.title for piece in given}
    assert "1 of 3 entries are not in the library" in answer.err
    assert "Nobody - Nothing" in answer.err
    written = read_playlist(result)
    assert len(written.entries) == 4
    assert "Evening" in (written.title or "")


def test_a_playlist_that_cannot_be_carried_on(segue, demo, tmp_path):
    assert segue("mix", "--data", demo.data).code == 2
    assert segue("mix", "--continue", tmp_path / "none.m3u8", "--data", demo.data).code == 2
    foreign = tmp_path / "foreign.m3u8"
    write_playlist(foreign, [Entry(path=tmp_path / "gone.mp3", artist="Nobody", title="Nothing")])
    assert segue("mix", "--continue", foreign, "--data", demo.data).code == 2
    assert segue("mix", "Neon Ledger", "--continue", foreign, "--data", demo.data).code == 2
    empty = tmp_path / "empty.m3u8"
    empty.write_text("#EXTM3U\n")
    answer = segue("mix", "--continue", empty, "--data", demo.data)
    assert answer.code == 2
    assert "no entries" in answer.err


def test_a_playlist_from_another_machine_is_carried_on(segue, demo, styles, tmp_path):
    """Its paths are of elsewhere, and its titles say more than the library's."""
    first, second = max(styles.values(), key=len)[:2]
    file = tmp_path / "phone.m3u8"
    moved = tmp_path / "phone" / Path(*first.path.parts[-3:])
    entries = [
        Entry(path=moved),
        Entry(path=tmp_path / "x.mp3", artist=second.artist, title=f"{second.title} (Remastered 2011)"),
    ]
    write_playlist(file, entries)
    answer = segue("mix", "--continue", file, "-n", "1", "--with-seeds", "--json", "--data", demo.data)
    assert answer.code == 0
    assert [row["title"] for row in answer.json[:2]] == [first.title, second.title]
    assert "not in the library" not in answer.err
