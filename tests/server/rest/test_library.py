"""The library as it is: lists, pages, search; and what nobody should ask."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

NASTY = (
    "'; DROP TABLE tracks; --",
    '" OR 1=1 --',
    "%",
    "_",
    "*",
    "NEAR(",
    'a" AND NOT b*',
    "<script>alert(1)</script>",
    "Ünïcödé",
    "日本語",
    "😀",
    "\0",
    "a\0b",
    "\x1b[31m",
    " ",
    "\u202e",
    "..",
    "../../etc/passwd",
    "a" * 400,
)


def test_tracks_come_in_pages(shown: Any) -> None:
    whole = shown.ana.get("/api/tracks", limit=1000)
    assert whole["total"] == len(whole["items"]) > 30
    pages = [shown.ana.get("/api/tracks", offset=offset, limit=10)["items"] for offset in range(0, 50, 10)]
    assert [track for page in pages for track in page] == whole["items"]
    assert shown.ana.get("/api/tracks", offset=10**9)["items"] == []
    piano = shown.ana.get("/api/tracks", genre="Piano")
    assert piano["total"] is None
    assert {track["artist"] for track in piano["items"]} == {"Ilse Maren", "Tobias Renn", "Yuna Okabe"}


def test_a_random_order_is_the_same_for_the_same_seed(shown: Any) -> None:
    one, same, other = (
        [track["id"] for track in shown.ana.get("/api/tracks", order="random", seed=seed)["items"]]
        for seed in (1, 1, 2)
    )
    assert one == same != other
    assert sorted(one) == sorted(other)


def test_several_tracks_by_their_ids_in_their_order_without_those_that_are_gone(shown: Any) -> None:
    ids = [track["id"] for track in shown.ana.get("/api/tracks", limit=3)["items"]]
    asked = [ids[2], "unknown", ids[0], ids[2]]
    found = shown.ana.post("/api/tracks/lookup", {"ids": asked})
    assert [track["id"] for track in found["items"]] == [ids[2], ids[0], ids[2]]
    assert shown.ana.post("/api/tracks/lookup", {"ids": []}) == {"items": [], "total": 0}


def test_a_track_says_all_but_where_the_server_keeps_it(shown: Any, demo: Any) -> None:
    track = shown.track("Neon Ledger")
    answer = shown.ana.ask("GET", f"/api/tracks/{track}")
    facts = answer.json()
    assert facts["artist"] == "Vanta Drive" and facts["album"] == "Overpass"
    assert "music/Vanta Drive/Overpass/01 Neon Ledger.flac" in facts["file_names"]
    assert facts["playable"] is True and facts["sample_rate_hz"] > 0
    assert str(demo.music.parent) not in answer.text
    album = shown.ana.get(f"/api/albums/{facts['album_id']}")
    assert track in [one["id"] for one in album["tracks"]]
    artist = shown.ana.get(f"/api/artists/{facts['artist_id']}")
    assert artist["name"] == "Vanta Drive"
    assert track in [one["id"] for one in artist["tracks"]] and artist["n_played"] == 0


@pytest.mark.parametrize("order", ["name", "artist", "newest", "year", "random"])
def test_albums_in_every_order_are_the_same_albums(shown: Any, order: str) -> None:
    found = shown.ana.get("/api/albums", order=order, limit=1000)
    assert len({album["id"] for album in found["items"]}) == found["total"]


@pytest.mark.parametrize("order", ["frequent", "recent", "starred", "rated"])
def test_albums_by_use_are_none_before_any_use(shown: Any, order: str) -> None:
    assert shown.ben.get("/api/albums", order=order)["items"] == []


def test_lists_of_names(shown: Any) -> None:
    artists = shown.ana.get("/api/artists")["items"]
    assert {"Ilse Maren", "Lowell & Pace"} <= {artist["name"] for artist in artists}
    genres = {genre["name"]: genre for genre in shown.ana.get("/api/genres")}
    assert genres["Jazz"]["n_tracks"] == 5
    assert shown.ana.get("/api/composers") == []
    assert shown.ana.get("/api/works", composer="nobody") == []
    shown.ana.get("/api/works/tracks", composer="nobody", work="nothing", expect=404)


def test_folders_lead_down_to_every_track_and_never_up(shown: Any) -> None:
    [root] = shown.ana.get("/api/folders")
    assert root["name"] == "music"
    seen, waiting = [], [root["id"]]
    while waiting:
        folder = shown.ana.get(f"/api/folders/{waiting.pop()}")
        assert "/" not in folder["name"]
        seen += [track["id"] for track in folder["tracks"]]
        waiting += [one["id"] for one in folder["folders"]]
    everything = [track["id"] for track in shown.ana.get("/api/tracks", limit=1000)["items"]]
    assert set(seen) == set(everything)
    assert shown.ana.get(f"/api/folders/{root['id']}")["parent_id"] is None


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("neon led", "Neon Ledger"),
        ("NEON", "Neon Ledger"),
        ("néon", "Neon Ledger"),
        ("neno ledger", "Neon Ledger"),
    ],
)
def test_search_finds_by_beginnings_and_forgives_slips(shown: Any, words: str, title: str) -> None:
    found = shown.ana.get("/api/search", q=words)
    assert title in [track["title"] for track in found["tracks"]]


@pytest.mark.parametrize("words", NASTY, ids=ascii)
def test_no_words_do_any_harm(shown: Any, words: str) -> None:
    for url, name in (
        ("/api/search", "q"),
        ("/api/tracks", "genre"),
        ("/api/tracks", "composer"),
        ("/api/albums", "genre"),
        ("/api/works", "composer"),
    ):
        answer = shown.ana.ask("GET", url, params={name: words})
        assert answer.status_code == 200, answer.text
    if words not in ("%", "_", "*"):
        assert shown.ana.get("/api/tracks", genre=words)["items"] == []
    assert shown.ana.get("/api/tracks")["total"] > 30


@pytest.mark.parametrize(
    "path", ["tracks/{}", "albums/{}", "artists/{}", "folders/{}", "playlists/{}", "tracks/{}/audio",
             "tracks/{}/cover", "tracks/{}/lyrics", "tracks/{}/peaks", "tracks/{}/genres",
             "tracks/{}/timeline", "tracks/{}/spectrogram", "tracks/{}/download", "playlists/{}/export",
             "playlists/{}/continue"]
)  # fmt: skip
def test_unknown_ids_are_not_found(shown: Any, path: str) -> None:
    foreign = shown.ana.get("/api/artists")["items"][0]["id"]
    for name in ("nothing", foreign, "1", "0", "-1", "1' OR '1'='1", "a" * 5_000, "%00", "%ff", "😀"):
        answer = shown.ana.ask("GET", "/api/" + path.format(name))
        if path == "artists/{}" and name == foreign:
            continue
        assert answer.status_code in (404, 422), (name, answer.text)


@pytest.mark.parametrize(
    "path",
    [
        "/api/tracks/..%2f..%2fetc%2fpasswd",
        "/api/tracks/%2e%2e/%2e%2e/etc/passwd",
        "/api/folders/..%2f..",
        "/api/folders/%2fetc",
        "/..%2f..%2fetc%2fpasswd",
        "/%2e%2e%2f%2e%2e%2fetc/passwd",
        "/assets/..%2f..%2f..%2fapp.py",
        "/assets/%00",
        "/%00",
        "/" + "a" * 3_000,
        "//etc/passwd",
    ],
)
def test_no_path_leads_out(shown: Any, path: str) -> None:
    answer = shown.ana.ask("GET", path)
    assert answer.status_code in (404, 503, 200)
    assert "root:" not in answer.text and "create_app" not in answer.text
    if path.startswith("/api"):
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=1001", "limit=x", "limit=1e3", "offset=-1", "offset=99999999999999999999",
        "order=x", "year_from=99999999", "seed=-1", "seed=99999999999999999999", "limit=" + "9" * 5_000,
    ],
)  # fmt: skip
def test_wrong_pages_are_refused(shown: Any, query: str) -> None:
    answer = shown.ana.ask("GET", f"/api/tracks?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.json()["detail"]


def test_tags_are_text_whatever_they_hold(home: Any) -> None:
    track = home.track("Neon Ledger")
    script = "<script>alert('1')</script>\"; DROP TABLE tracks"
    with sqlite3.connect(home.data.catalogue) as connection:
        connection.execute("UPDATE tracks SET title = ? WHERE public_id = ?", (script, track))
    connection.close()
    answer = home.ana.ask("GET", f"/api/tracks/{track}")
    assert answer.json()["title"] == script
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "object-src 'none'" in policy and "script-src" not in policy
    cover = home.ana.ask("GET", f"/api/tracks/{track}/cover")
    assert b"<script" not in cover.content


def test_names_of_files_that_are_no_text_are_shown_all_the_same(home: Any) -> None:
    track = home.track("Neon Ledger")
    with sqlite3.connect(home.data.catalogue) as connection:
        connection.execute("UPDATE tracks SET title = NULL WHERE public_id = ?", (track,))
        connection.execute(
            "UPDATE files SET name = ? WHERE track_id = (SELECT id FROM tracks WHERE public_id = ?)",
            (b"caf\xe9.flac", track),
        )
        connection.execute("UPDATE folders SET path = path || ? WHERE path LIKE '%Overpass'", (b"\xe9",))
    connection.close()
    facts = home.ana.get(f"/api/tracks/{track}")
    assert facts["title"] == "caf\ufffd"
    assert facts["file_names"][0].endswith("caf\ufffd.flac")
    everything = home.ana.get("/api/tracks", limit=1000)["items"]
    assert len(everything) > 30
    made = home.ana.post("/api/playlists", {"name": "x", "tracks": [track]}, expect=201)
    for name in ("m3u8", "xspf", "jspf"):
        answer = home.ana.ask("GET", f"/api/playlists/{made['id']}/export", params={"format": name})
        assert answer.status_code == 200
    waiting = [one["id"] for one in home.ana.get("/api/folders")]
    while waiting:
        waiting += [one["id"] for one in home.ana.get(f"/api/folders/{waiting.pop()}")["folders"]]
    assert home.ana.ask("GET", f"/api/tracks/{track}/audio").status_code == 404


def test_many_ask_at_once(shown: Any) -> None:
    """Each request's catalogue is that of the thread that works for it."""
    track = shown.track("Neon Ledger")
    urls = [
        "/api/tracks",
        "/api/artists",
        f"/api/tracks/{track}",
        "/api/search?q=neon",
        "/api/playlists",
    ] * 30
    with ThreadPoolExecutor(24) as pool:
        found = list(pool.map(lambda url: shown.ana.ask("GET", url).status_code, urls))
    assert set(found) == {200}


def test_a_library_that_is_not_there_yet_is_empty(unbegun: Callable[..., Any]) -> None:
    home = unbegun()
    owner = home.browser()
    assert owner.get("/api/session")["setup_needed"] is True
    assert owner.get("/api/tracks") == {"items": [], "total": 0}
    for url in (
        "artists",
        "genres",
        "folders",
        "playlists",
        "starred",
        "search?q=x",
        "problems",
        "history",
        "recommend",
    ):
        answer = owner.ask("GET", f"/api/{url}")
        assert answer.status_code == 200, (url, answer.text)
    for url in ("map", "map/points", "kinds", "kinds/1/tracks", "listening-test"):
        answer = owner.ask("GET", f"/api/{url}")
        assert answer.status_code == 404, (url, answer.text)
    assert owner.get("/api/about")["tracks"] == 0
    assert owner.get("/api/queue")["tracks"] == []
    assert "no folder" in owner.post("/api/scan", {}, expect=422)["detail"]
    assert [path.name for path in home.data.path.parent.iterdir()] == ["data"]
