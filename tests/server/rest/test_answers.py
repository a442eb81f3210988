"""What comes next, over HTTP."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import Any

import pytest

from segue.catalogue import open_catalogue

HOUSE = {"Neon Ledger", "Exit 14", "Night Tram", "Second Floor", "Strobe Garden"}


def _titles(answer: Any) -> list[str]:
    return [one["track"]["title"] for one in answer["items"]]


def test_similar_is_of_the_same_kind(shown: Any) -> None:
    answer = shown.ana.get("/api/similar", seed=shown.track("Neon Ledger"), n=3)
    assert set(_titles(answer)) <= HOUSE
    assert all(0 <= one["match"] <= 100 and one["reasons"] for one in answer["items"])
    matches = [one["match"] for one in answer["items"]]
    assert matches == sorted(matches, reverse=True)
    outside = shown.ana.get("/api/similar", seed=shown.track("Neon Ledger"), n=50, exclude_genre="House")
    assert not HOUSE & set(_titles(outside))


def test_a_mix_goes_with_all_its_seeds_and_a_path_leads_from_one_to_the_other(shown: Any) -> None:
    house, piano = shown.track("Neon Ledger"), shown.track("Stairwell")
    mix = shown.ana.get("/api/mix", seed=[house, piano], n=6)
    genres = {track["genres"][0] for track in (one["track"] for one in mix["items"])}
    assert {"House", "Piano"} & genres and "Neon Ledger" not in _titles(mix)
    way = shown.ana.get("/api/path", start=house, end=piano, n=6)
    assert _titles(way)[0] == "Neon Ledger" and _titles(way)[-1] == "Stairwell" and len(way["items"]) == 6


@pytest.mark.parametrize(
    "query",
    [
        "similar", "similar?seed=a/b", "similar?seed=", "similar?seed=ID&n=0", "similar?seed=ID&n=201",
        "similar?seed=ID&variety=2", "similar?seed=ID&variety=nan", "similar?seed=ID&exclude_kind=x", "mix",
        "mix?" + "&".join(["seed=ID"] * 51), "path?start=ID", "path?start=ID&end=ID&n=1",
        "recommend?wanted=x", "recommend?familiar=nan",
    ],
)  # fmt: skip
def test_wrong_questions_are_refused(shown: Any, query: str) -> None:
    answer = shown.ana.ask("GET", "/api/" + query.replace("ID", shown.track("Neon Ledger")))
    assert answer.status_code == 422, answer.text


def test_unknown_seeds_are_not_found(shown: Any) -> None:
    known = shown.track("Neon Ledger")
    shown.ana.get("/api/similar", seed="nothing", expect=404)
    shown.ana.get("/api/mix", seed=[known, "nothing"], expect=404)
    shown.ana.get("/api/path", start=known, end="nothing", expect=404)
    for kind in ("track", "album", "artist", "playlist", "kind"):
        shown.ana.post("/api/station", {"seeds": [{"kind": kind, "id": "nothing"}]}, expect=404)
    shown.ana.post("/api/station", {"seeds": [{"kind": "region"}]}, expect=422)
    shown.ana.post("/api/station", {"seeds": [{"kind": "region", "ids": ["nothing"]}]}, expect=404)


def test_a_path_between_one_and_the_same(shown: Any) -> None:
    track = shown.track("Neon Ledger")
    assert shown.ana.ask("GET", f"/api/path?start={track}&end={track}").status_code in (200, 422)


def test_recommendations_follow_what_was_played(home: Any) -> None:
    nothing = home.ben.get("/api/recommend")
    assert nothing["items"] == [] and "no history" in nothing["note"]
    for number in range(12):
        title = ("Neon Ledger", "Exit 14", "Second Floor")[number % 3]
        said = {"track": home.track(title), "kind": "play", "time_s": 1_700_000_000 + 5_000 * number}
        home.ben.post("/api/feedback", said, expect=204)
    found = home.ben.get("/api/recommend", n=10)
    assert HOUSE & set(_titles(found))
    new = set(_titles(home.ben.get("/api/recommend", wanted="new", n=20)))
    assert new and not new & {"Neon Ledger", "Exit 14", "Second Floor"}


@pytest.mark.parametrize("kind", ["track", "album", "artist", "region", "playlist"])
def test_endless_play_begins_anywhere(home: Any, kind: str) -> None:
    track = home.track("Night Tram")
    facts = home.ana.get(f"/api/tracks/{track}")
    seed = {
        "track": {"id": track},
        "album": {"id": facts["album_id"]},
        "artist": {"id": facts["artist_id"]},
        "region": {"ids": [track, home.track("Exit 14"), "gone"]},
        "playlist": {},
    }[kind]
    if kind == "playlist":
        made = home.ana.post("/api/playlists", {"name": "x", "tracks": [track]}, expect=201)
        seed = {"id": made["id"]}
    answer = home.ana.post("/api/station", {"seeds": [{"kind": kind, **seed}], "n": 3})
    assert len(answer["items"]) == 3 and _titles(answer)[0] in HOUSE


def test_what_happens_changes_what_comes_next(shown: Any) -> None:
    seeds = {"seeds": [{"kind": "track", "id": shown.track("Neon Ledger")}], "n": 5}
    first = shown.ana.post("/api/station", seeds)
    ids = [one["track"]["id"] for one in first["items"]]
    events = {
        "played": [ids[0]],
        "skipped": [ids[1]],
        "disliked": [ids[2]],
        "liked": [shown.track("Stairwell")],
    }
    then = shown.ana.post("/api/station", {**seeds, "events": events})
    assert not set(ids[:3]) & {one["track"]["id"] for one in then["items"]}
    assert any("Piano" in one["track"]["genres"] for one in then["items"])
    # A player may remember what is gone.
    shown.ana.post("/api/station", {**seeds, "events": {"played": ["gone", ids[0]]}})
    everything = shown.tracks(100)
    left = shown.ana.post("/api/station", {**seeds, "events": {"played": everything}})
    assert left["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"seeds": []}',
        '{"seeds": [{"kind": "planet", "id": "x"}]}',
        '{"seeds": [{"kind": "track", "id": "ID"}], "n": 0}',
        '{"seeds": [{"kind": "track", "id": "ID"}], "settings": {"tempo": 2}}',
        '{"seeds": [{"kind": "track", "id": "ID"}], "settings": {"energy": NaN}}',
        '{"seeds": [{"kind": "track", "id": "ID"}], "events": {"played": ["../x"]}}',
        '{"seeds": [{"kind": "kind", "id": "²"}]}',
        '{"seeds": [{"kind": "kind", "id": "٣"}]}',
    ],
)
def test_wrong_stations_are_refused(shown: Any, body: str) -> None:
    content = body.replace("ID", shown.track("Neon Ledger")).encode()
    answer = shown.ana.ask(
        "POST", "/api/station", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (422, 404), answer.text


def test_a_track_that_is_gone_is_in_no_answer(home: Any) -> None:
    """The server holds the library in memory; what is gone is left out at once."""
    seed = home.track("Neon Ledger")
    before = home.ana.get("/api/similar", seed=seed, n=5)["items"]
    gone = before[0]["track"]["id"]
    _forget_file(home, gone)
    station = {"seeds": [{"kind": "track", "id": seed}], "n": 30}
    for answer in (
        home.ana.get("/api/similar", seed=seed, n=30),
        home.ana.get("/api/mix", seed=[seed], n=30),
        home.ana.post("/api/station", station),
    ):
        assert answer["items"] and gone not in [one["track"]["id"] for one in answer["items"]]
    home.ana.get("/api/similar", seed=gone, expect=404)


def test_what_is_new_is_found_some_seconds_later(
    new_home: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.operations.resident._LEAST_PATIENCE_S", 0.0)
    monkeypatch.setattr("segue.operations.resident._PATIENCE", 0.0)
    home = new_home()
    seed = home.track("Neon Ledger")
    other = home.ana.get("/api/similar", seed=seed, n=1)["items"][0]["track"]["id"]
    kept = _forget_file(home, other)
    home.ana.get("/api/similar", seed=seed, n=1)
    with sqlite3.connect(home.data.catalogue) as connection:
        marks = ", ".join("?" * len(kept[0]))
        connection.executemany(f"INSERT INTO files VALUES ({marks})", kept)
        connection.execute("UPDATE settings SET value = value + 1 WHERE name = 'revision'")
    connection.close()
    until = time.monotonic() + 30
    while time.monotonic() < until:
        found = home.ana.get("/api/similar", seed=seed, n=30)["items"]
        if other in [one["track"]["id"] for one in found]:
            return
        time.sleep(0.05)
    pytest.fail("it never came back")


def _forget_file(home: Any, track: str) -> list[tuple[Any, ...]]:
    with open_catalogue(home.data, write=True) as catalogue:
        where = "WHERE track_id = (SELECT id FROM tracks WHERE public_id = ?)"
        rows: list[tuple[Any, ...]] = catalogue.connection.execute(
            f"SELECT * FROM files {where}", (track,)
        ).fetchall()
        catalogue.connection.execute(f"DELETE FROM files {where}", (track,))
        catalogue.connection.execute("UPDATE settings SET value = value + 1 WHERE name = 'revision'")
    return rows
