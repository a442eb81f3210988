"""Playlists of two people, two tabs and many formats; the queue."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from xml.etree import ElementTree

import pytest


def _made(browser: Any, name: str = "mine", **said: Any) -> Any:
    return browser.post("/api/playlists", {"name": name, **said}, expect=201)


def test_a_playlist_is_made_changed_and_deleted(home: Any) -> None:
    ids = home.tracks(5)
    made = _made(home.ana, tracks=ids[:3], comment="for the road")
    assert [track["id"] for track in made["tracks"]] == ids[:3] and made["is_own"] and not made["is_public"]
    changed = home.ana.put(
        f"/api/playlists/{made['id']}", {"version": made["version"], "name": "ours", "tracks": ids[::-1]}
    )
    assert changed["name"] == "ours" and changed["comment"] == "for the road"
    assert [track["id"] for track in changed["tracks"]] == ids[::-1]
    assert changed["version"] > made["version"]
    added = home.ana.post(f"/api/playlists/{made['id']}/tracks", {"tracks": ids[:1]})
    assert added["n_tracks"] == 6
    assert home.ana.get("/api/playlists")["items"][0]["n_tracks"] == 6
    home.ana.delete(f"/api/playlists/{made['id']}")
    home.ana.delete(f"/api/playlists/{made['id']}", expect=404)


def test_two_tabs_lose_nothing(home: Any) -> None:
    ids = home.tracks(5)
    made = _made(home.ana, tracks=ids)
    url = f"/api/playlists/{made['id']}"
    home.ana.put(url, {"version": made["version"], "tracks": ids[:2]})
    problem = home.ana.put(url, {"version": made["version"], "tracks": []}, expect=409)
    assert "changed meanwhile" in problem["detail"]
    assert [track["id"] for track in home.ana.get(url)["tracks"]] == ids[:2]
    # Appending does not mind what others do; of many changes at once, one wins.
    version = home.ana.get(url)["version"]
    with ThreadPoolExecutor(8) as pool:
        said = {"version": version, "name": "x"}
        statuses = list(pool.map(lambda _: home.ana.ask("PUT", url, json=said).status_code, range(8)))
    assert sorted(statuses) == [200] + 7 * [409]


def test_what_others_keep_is_not_there(home: Any) -> None:
    made = _made(home.ana, tracks=home.tracks(2))
    url = f"/api/playlists/{made['id']}"
    assert home.ben.get("/api/playlists") == {"items": []}
    home.ben.get(url, expect=404)
    home.ben.get(f"{url}/export", expect=404)
    home.ben.get(f"{url}/continue", expect=404)
    home.ben.put(url, {"version": 1, "name": "x"}, expect=404)
    home.ben.post(f"{url}/tracks", {"tracks": home.tracks(1)}, expect=404)
    home.ben.delete(url, expect=404)
    home.ben.post("/api/station", {"seeds": [{"kind": "playlist", "id": made["id"]}]}, expect=404)
    assert home.ana.get(url)["name"] == "mine"


def test_what_others_show_is_read_only(home: Any) -> None:
    made = _made(home.ana, tracks=home.tracks(2), is_public=True)
    url = f"/api/playlists/{made['id']}"
    seen = home.ben.get(url)
    assert not seen["is_own"] and len(seen["tracks"]) == 2
    assert home.ben.ask("GET", f"{url}/export").status_code == 200
    home.ben.put(url, {"version": seen["version"], "name": "x"}, expect=403)
    home.ben.post(f"{url}/tracks", {"tracks": home.tracks(1)}, expect=403)
    home.ben.delete(url, expect=403)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 401},
        {"name": "\ud800"},
        {"name": 5},
        {"name": "x", "tracks": ["nothing"]},
        {"name": "x", "tracks": ["a/../b"]},
        {"name": "x", "tracks": "abc"},
        {"name": "x", "surprise": 1},
        {"name": "x", "\ud800": 1},
        {"name": "x", "comment": "x" * 4_001},
        {"name": "x", "tracks": ["a"] * 20_001},
        [],
        "x",
        None,
    ],
    ids=lambda body: ascii(body)[:40],
)
def test_wrong_playlists_are_refused(shown: Any, body: Any) -> None:
    answer = shown.ana.ask(
        "POST",
        "/api/playlists",
        content=json.dumps(body),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in (422, 404), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "content",
    [b"{", b"\xff\xfe", b'{"name": NaN}', b"[" * 100_000, b'{"a":' * 50_000, b'{"name": "\xff"}', b""],
    ids=lambda content: ascii(content[:12]),
)
def test_what_is_no_json_is_refused(shown: Any, content: bytes) -> None:
    answer = shown.ana.ask(
        "POST", "/api/playlists", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_names_are_text_whatever_they_hold(home: Any) -> None:
    name = "'; DROP TABLE playlists; -- <script>alert(1)</script> 日本語 😀"
    made = _made(home.ana, name)
    assert made["name"] == name
    answer = home.ana.ask("GET", f"/api/playlists/{made['id']}/export")
    said = answer.headers["content-disposition"]
    assert said.isascii() and '"' not in said and "<" not in said


def test_a_playlist_goes_out_and_comes_back(home: Any) -> None:
    ids = [home.track(title) for title in ("Neon Ledger", "Low Water", "Saucer")]
    made = _made(home.ana, "Out & back <1>", tracks=ids)
    for name in ("m3u8", "xspf", "jspf"):
        answer = home.ana.ask("GET", f"/api/playlists/{made['id']}/export", params={"format": name})
        assert answer.status_code == 200 and answer.headers["content-disposition"].startswith("attachment")
        if name == "xspf":
            ElementTree.fromstring(answer.content)
        files = {"file": (f"a list.{name}", answer.content)}
        back = home.ana.ask("POST", "/api/playlists/import", files=files)
        assert back.status_code == 201, back.text
        again = home.ana.get(f"/api/playlists/{back.json()['playlist']['id']}")
        assert [track["id"] for track in again["tracks"]] == ids, name
        assert back.json()["missing"] == []
    home.ana.get(f"/api/playlists/{made['id']}/export", format="exe", expect=422)


def test_only_administrators_are_told_where_files_are(home: Any, demo: Any) -> None:
    made = _made(home.ben, tracks=home.tracks(3))
    for name in ("m3u8", "xspf", "jspf"):
        answer = home.ben.ask("GET", f"/api/playlists/{made['id']}/export", params={"format": name})
        assert str(demo.music.parent) not in answer.text and home.data.path.parent.name not in answer.text


def test_what_an_imported_playlist_names_and_is_not_here_is_told(home: Any) -> None:
    content = (
        "#EXTM3U\n#EXTINF:10,Nobody - Nothing\n/etc/passwd\n../../secret.mp3\n"
        + "\0\n"
        + "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")
    )
    answer = home.ana.ask("POST", "/api/playlists/import", files={"file": ("x.m3u8", content)})
    assert answer.status_code in (201, 422), answer.text
    if answer.status_code == 201:
        assert answer.json()["playlist"]["n_tracks"] == 0 and answer.json()["missing"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.exe", b"#EXTM3U"),
        ("x", b"#EXTM3U"),
        ("x.xspf", b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><playlist>&e;</playlist>"),
        ("x.xspf", b"<playlist"),
        ("x.jspf", b"{"),
        ("x.jspf", b"[" * 100_000),
        ("../../x.jspf", b"\xff\xff"),
    ],
)
def test_wrong_uploads_are_refused(home: Any, name: str, content: bytes) -> None:
    answer = home.ana.ask("POST", "/api/playlists/import", files={"file": (name, content)})
    assert answer.status_code == 422, answer.text
    assert "/tmp" not in answer.text and "root:" not in answer.text
    assert home.ana.get("/api/playlists") == {"items": []}


def test_a_playlist_is_carried_on(home: Any) -> None:
    made = _made(home.ana, tracks=[home.track("Neon Ledger"), home.track("Night Tram")])
    found = home.ana.get(f"/api/playlists/{made['id']}/continue", n=3)["items"]
    styles = {track["genres"][0] for track in (one["track"] for one in found)}
    assert len(found) == 3 and "House" in styles
    assert not {one["track"]["id"] for one in found} & {track["id"] for track in made["tracks"]}
    empty = _made(home.ana, "empty")
    assert home.ana.ask("GET", f"/api/playlists/{empty['id']}/continue").status_code in (404, 422)


def test_the_queue_goes_with_its_person(home: Any) -> None:
    ids = home.tracks(4)
    assert home.ana.get("/api/queue")["tracks"] == []
    home.ana.put("/api/queue", {"tracks": ids, "place": 2, "position_s": 61.5}, expect=204)
    seen = home.browser(headers={"Authorization": f"Bearer {home.keys['ana']}"}).get("/api/queue")
    assert [track["id"] for track in seen["tracks"]] == ids
    assert seen["place"] == 2 and seen["position_s"] == 61.5 and seen["changed_by"].startswith("python-httpx")
    assert home.ben.get("/api/queue")["tracks"] == []
    home.ana.put("/api/queue", {"tracks": [], "place": 3}, expect=204)
    assert home.ana.get("/api/queue")["tracks"] == []


@pytest.mark.parametrize(
    "body",
    [
        '{"tracks": ["nothing"]}',
        '{"tracks": [], "place": -1}',
        '{"tracks": [], "position_s": -1}',
        '{"tracks": [], "position_s": NaN}',
        '{"tracks": [], "position_s": 1e308}',
        '{"tracks": [], "position_s": Infinity}',
        '{"tracks": [], "place": 99999999999999999999999}',
    ],
)
def test_wrong_queues_are_refused(shown: Any, body: str) -> None:
    answer = shown.ana.ask("PUT", "/api/queue", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (204, 404, 422), answer.text
    assert answer.status_code != 204 or "place" in body
