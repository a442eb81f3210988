"""Spotify over REST, against a stand-in: from the client id to a list that is saved there."""

from __future__ import annotations

import sys
import threading
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from standing_in import entry, spotify_track

from segue import catalogue as kept
from segue.catalogue import open_catalogue
from segue.operations.spotify_connection import spotify_connection
from segue.server import spotify_work

_ROOT = "/api/connections/spotify"


def _connection(client, **headers):
    items = {one["service"]: one for one in client.get("/api/connections", headers=headers).json()["items"]}
    return items["spotify"]


def _begun(client, spotify, **headers):
    """Sign in at the stand-in as far as the code: the query with which the browser comes back."""
    assert client.put(_ROOT, json={"client_id": spotify.client_id}).status_code == 200
    answer = client.post(f"{_ROOT}/begin", headers=headers)
    assert answer.status_code == 200, answer.text
    url = answer.json()["url"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert asked["code_challenge_method"] == "S256" and asked["client_id"] == spotify.client_id
    code = f"code-{len(spotify.challenges)}"
    spotify.challenges[code] = asked["code_challenge"]
    return {"code": code, "state": asked["state"]}, asked["redirect_uri"]


def _back(client, query):
    answer = client.get(f"{_ROOT}/callback", params=query)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def _synced(client):
    """Read the account, and wait for the end."""
    answer = client.post(f"{_ROOT}/sync")
    assert answer.status_code == 202, answer.text
    end = time.monotonic() + 60
    while (sync := _connection(client)["sync"])["running"]:
        assert time.monotonic() < end
        time.sleep(0.02)
    return sync


def _stored(house, name):
    with open_catalogue(house.data) as catalogue:
        listener = kept.account(catalogue, name).listener
        return spotify_connection(catalogue, house.data, listener)


def _taste(house, name):
    with open_catalogue(house.data) as catalogue:
        listener = kept.account(catalogue, name).listener
        return sorted((one.kind, one.title) for one in kept.iterate_listens(catalogue, listener))


@pytest.fixture
def music(house, spotify):
    """Three tracks of the library are at Spotify, and one that the library does not have."""
    songs = house.songs(3)
    rows = [
        spotify_track(at, one.tags.title, one.tags.artist, duration_ms=round(one.duration_s * 1000))
        for at, one in enumerate(songs)
    ]
    strange = spotify_track(9, "<script>alert(1)</script>", "Robert'); DROP TABLE tracks; --")
    spotify.music = rows[:2]
    spotify.playlists = {
        "mine": ("Mine", "ana", [entry(rows[0]), entry(strange), entry(None)]),
        "theirs": ("Theirs", "bob", [entry(rows[1])]),
    }
    spotify.saved = [{"added_at": "2024-01-15T10:30:00Z", "track": rows[2]}]
    return songs


@pytest.fixture
def ana(house, spotify, music):
    """Ana, who has connected Spotify."""
    client = house.client("ana")
    query, _ = _begun(client, spotify)
    assert _back(client, query) == "/connections?spotify=connected"
    return client


def test_it_is_off_until_a_client_id_is_entered(house, spotify, stand_in):
    client = house.client("ana")
    off = _connection(client)
    assert (off["available"], off["connected"], off["client_id"]) == (True, False, "")
    assert off["redirect_uri"] == f"{house.url}{_ROOT}/callback"
    for path in ("begin", "sync"):
        refusal = client.post(f"{_ROOT}/{path}")
        # No 401: that would send the app's own user to the log-in page.
        assert (refusal.status_code, refusal.headers["content-type"]) == (424, "application/problem+json")
    save = {"name": "A list", "tracks": [house.songs(1)[0].id]}
    assert client.post(f"{_ROOT}/save", json=save).status_code == 424
    assert client.get(f"{_ROOT}/playlists").json() == {"items": []}
    assert client.get(f"{_ROOT}/playlists/saved").status_code == 404
    wrong = client.put(_ROOT, json={"client_id": "my app!"})
    assert wrong.status_code == 422 and "copy it from the dashboard" in wrong.json()["detail"]
    assert client.put(_ROOT, json={"client_id": f" {spotify.client_id} "}).json()["client_id"]
    assert not _connection(client)["connected"] and not stand_in.asked


def test_lists_stand_beside_the_library_and_feed_taste(house, ana, music):
    connection = _connection(ana)
    assert (connection["connected"], connection["user"], connection["state"]) == (True, "Ana", "")
    sync = _synced(ana)
    assert (sync["error"], sync["message"]) == ("", "1 playlists and 1 saved tracks were read")
    assert _taste(house, "ana") == sorted(
        [
            ("playlist", music[0].tags.title),
            ("playlist", "<script>alert(1)</script>"),
            ("opinion", music[2].tags.title),
        ]
    )
    lists = ana.get(f"{_ROOT}/playlists").json()["items"]
    assert [(one["id"], one["n_tracks"], one["n_here"], one["is_readable"]) for one in lists] == [
        ("saved", 1, 1, True),
        ("mine", 2, 1, True),
        ("theirs", 1, 0, False),
    ]
    assert [(one["name"], one["owner"], one["is_saved"]) for one in lists] == [
        ("Liked Songs", "", True),
        ("Mine", "Ana", False),
        ("Theirs", "Bob", False),
    ]
    mine = ana.get(f"{_ROOT}/playlists/mine").json()
    assert [(row["title"], row["uri"], row["track"] and row["track"]["id"]) for row in mine["tracks"]] == [
        (music[0].tags.title, "spotify:track:t0", music[0].id),
        ("<script>alert(1)</script>", "spotify:track:t9", None),
    ]
    assert mine["tracks"][0]["artists"] == [music[0].tags.artist] and mine["n_here"] == 1
    assert ana.get(f"{_ROOT}/playlists/theirs").json()["tracks"] == []
    assert ana.get(f"{_ROOT}/playlists/none").status_code == 404


def test_nobody_sees_anothers_account_and_no_secret_lies_open(house, ana):
    _synced(ana)
    ben = house.client("ben")
    assert not _connection(ben)["connected"] and _taste(house, "ben") == []
    assert ben.get(f"{_ROOT}/playlists").json() == {"items": []}
    assert ben.get(f"{_ROOT}/playlists/mine").status_code == 404
    told = ana.get("/api/connections").text
    files = [file for file in house.data.path.rglob("*") if file.is_file()]
    stored = b"".join(file.read_bytes() for file in files)
    for secret in ("access-2", "refresh-2"):
        assert secret not in told and secret.encode() not in stored
    listing = next(house.data.cache.rglob("*.sealed")).read_bytes()
    assert b"spotify:track" not in listing
    assert _stored(house, "ana").token.refresh_token == "refresh-2"
    assert "refresh-2" not in repr(_stored(house, "ana"))


def test_a_list_is_saved_there_and_what_is_missing_is_told(ana, spotify, music):
    save = {"name": "From Segue", "tracks": [one.id for one in music]}
    answer = ana.post(f"{_ROOT}/save", json=save).json()
    assert (answer["url"], answer["found"]) == ("https://open.spotify.com/playlist/new0", 2)
    assert [one["id"] for one in answer["missing"]] == [music[2].id]
    made = spotify.made["new0"]
    assert (made["name"], made["public"]) == ("From Segue", False)
    assert made["uris"] == ["spotify:track:t0", "spotify:track:t1"]
    none = ana.post(f"{_ROOT}/save", json={"name": "Again", "tracks": [music[2].id]})
    assert none.status_code == 404 and len(spotify.made) == 1
    assert ana.post(f"{_ROOT}/save", json={"name": "x", "tracks": ["unknown"]}).status_code == 404
    assert ana.post(f"{_ROOT}/save", json={"name": "x", "tracks": []}).status_code == 422


def test_only_who_began_comes_back_once_and_in_time(house, spotify, monkeypatch):
    ana, ben = house.client("ana"), house.client("ben")
    query, back = _begun(ana, spotify)
    assert back == f"{house.url}{_ROOT}/callback"
    expired = "/connections?spotify=expired"
    assert _back(ana, query | {"state": "forged"}) == expired
    assert _back(ana, query | {"state": "fälscher"}) == expired
    assert _back(ben, query) == expired  # ana was lured, or ben was
    assert _back(house.client(), query) == expired
    assert _back(ana, {"error": "access_denied", "state": query["state"]}) == "/connections?spotify=denied"
    assert _back(ana, query) == expired  # once
    query, _ = _begun(ana, spotify)
    assert _back(ana, query | {"code": "wrong"}) == "/connections?spotify=failed"
    assert "does not accept" in _connection(ana)["sync"]["error"]
    monkeypatch.setattr(spotify_work, "_PATIENCE_S", -1.0)
    query, _ = _begun(ana, spotify)
    assert _back(ana, query) == expired
    assert not _connection(ana)["connected"] and not _connection(ben)["connected"]
    monkeypatch.undo()
    query, _ = _begun(ana, spotify)
    assert _back(ana, query) == "/connections?spotify=connected"
    assert _connection(ana)["sync"]["error"] == ""


def test_where_spotify_sends_the_browser_back_to(house, spotify):
    client = house.client("ana")
    port = house.url.rpartition(":")[2]
    local = {"Host": f"localhost:{port}"}
    client.put(_ROOT, json={"client_id": spotify.client_id})
    state = _connection(client, **local)["state"]
    assert _connection(client, **local)["redirect_uri"] == f"{house.url}{_ROOT}/callback"
    assert state == f"Spotify does not accept localhost: open this page at {house.url}/connections"
    assert client.post(f"{_ROOT}/begin", headers=local).json()["detail"] == state
    home = {"Host": "192.168.1.5:4533"}
    assert "use an https address" in _connection(client, **home)["state"]
    assert client.post(f"{_ROOT}/begin", headers=home).status_code == 422
    proxy = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "music.example.org"}
    connection = _connection(client, **proxy)
    assert connection["redirect_uri"] == f"https://music.example.org{_ROOT}/callback"
    assert connection["state"] == ""
    query, back = _begun(client, spotify, **proxy)
    assert back == connection["redirect_uri"]
    assert _back(client, query) == "/connections?spotify=connected"


def test_a_browser_comes_back_with_its_cookie_alone(house, spotify):
    login = {"name": "ana", "password": "the word of ana"}
    answer = house.client(**{"X-Segue": "1"}).post("/api/session", json=login)
    cookie = answer.headers["set-cookie"]
    assert "samesite=lax" in cookie.lower()  # strict: it would not be sent on the way back from Spotify
    ours = {"Cookie": cookie.partition(";")[0]}
    page = house.client(**ours, **{"X-Segue": "1"})
    query, _ = _begun(page, spotify)
    assert _back(house.client(**ours), query) == "/connections?spotify=connected"
    assert _connection(house.client("ana"))["connected"]
    assert house.client(**ours).post(f"{_ROOT}/sync").status_code == 403  # a page of another site


def test_logs_and_strange_hosts_tell_nothing(ana, spotify, music, caplog):
    save = {"name": "A secret list", "tracks": [music[0].id]}
    spotify.trouble = [("/items", spotify.refusal(500, "Server error"))]
    answer = ana.post(f"{_ROOT}/save", json=save)
    assert answer.status_code == 503 and "'A secret list' was made at Spotify with 0 of 1" in answer.text
    assert "TryLater" in caplog.text and "secret" not in caplog.text
    for host in ("[", "localhost.example.org", "a b", "localhost:x"):
        assert _connection(ana, Host=host)["service"] == "spotify"


def test_tokens_are_renewed_and_kept_at_once(house, ana, spotify):
    spotify.access = "another"  # the hour is over
    assert _synced(ana)["error"] == ""
    assert _stored(house, "ana").token.refresh_token == spotify.refresh == "refresh-3"
    spotify.access = "another"  # and again, after the old refresh token is void
    assert _synced(ana)["error"] == ""
    assert _connection(ana)["connected"]


def test_a_token_that_is_taken_back_there_is_told_and_connecting_anew_helps(house, ana, spotify):
    _synced(ana)
    spotify.access, spotify.refresh = "none", "none"
    sync = _synced(ana)
    connection = _connection(ana)
    assert "connect Spotify anew" in sync["error"] and connection["state"] == sync["error"]
    assert (connection["connected"], connection["user"]) == (False, "Ana")
    assert ana.get(f"{_ROOT}/playlists").json()["items"]  # what was read stays
    refusal = ana.post(f"{_ROOT}/sync")
    assert (refusal.status_code, refusal.json()["detail"]) == (424, sync["error"])
    query, _ = _begun(ana, spotify)
    assert _back(ana, query) == "/connections?spotify=connected"
    assert _connection(ana)["state"] == "" and _synced(ana)["error"] == ""


def test_trouble_there_has_a_status_of_its_own_and_says_when_to_try_again(ana, spotify, music):
    save = {"name": "A list", "tracks": [music[0].id]}
    for answer, status, wait in (
        (spotify.refusal(429, "API rate limit exceeded", **{"Retry-After": "600"}), 503, "600"),
        (spotify.refusal(500, "Server error"), 503, "60"),
        (spotify.refusal(400, "Bad request"), 502, None),
        (spotify.refusal(403, "Insufficient client scope"), 424, None),
    ):
        spotify.trouble = [("/search", answer)]
        got = ana.post(f"{_ROOT}/save", json=save)
        assert (got.status_code, got.headers.get("retry-after")) == (status, wait)
        assert got.headers["content-type"] == "application/problem+json" and "Spotify" in got.json()["detail"]
    assert not _connection(ana)["connected"] and not spotify.made


def test_one_thing_at_a_time_and_nothing_is_stored_after_disconnecting(house, ana, spotify, stand_in):
    reached, go_on = threading.Event(), threading.Event()

    def slowly(request):
        if request.path == "/v1/me/tracks":
            reached.set()
            assert go_on.wait(30)
        return spotify(request)

    stand_in.answer = slowly
    try:
        assert ana.post(f"{_ROOT}/sync").json()["running"]
        assert reached.wait(30)
        assert ana.post(f"{_ROOT}/sync").status_code == 202  # no second one
        save = {"name": "A list", "tracks": [house.songs(1)[0].id]}
        assert ana.post(f"{_ROOT}/save", json=save).status_code == 409
        assert ana.delete(_ROOT).status_code == 204
        ana.put(_ROOT, json={"client_id": spotify.client_id})  # another connection, maybe another account
    finally:
        go_on.set()
    end = time.monotonic() + 60
    while _connection(ana)["sync"]["running"]:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert "disconnected meanwhile" in _connection(ana)["sync"]["message"]
    assert _taste(house, "ana") == [] and not list(house.data.cache.rglob("*.sealed"))
    assert [one.path for one in stand_in.asked].count("/v1/me/tracks") == 1


def test_disconnecting_forgets_the_account_and_if_asked_what_was_read(house, ana, spotify):
    ben = house.client("ben")
    query, _ = _begun(ben, spotify)
    _back(ben, query)
    _synced(ben)
    spotify.access = "another"
    query, _ = _begun(ana, spotify)
    _back(ana, query)
    _synced(ana)
    played = house.songs(1)[0]
    ana.post("/api/feedback", json={"track": played.id, "kind": "play", "time_s": 1.7e9})
    taste = _taste(house, "ana")
    assert ana.delete(_ROOT).status_code == 204
    off = _connection(ana)
    assert (off["connected"], off["client_id"]) == (False, "") and _stored(house, "ana") is None
    assert ana.get(f"{_ROOT}/playlists").json() == {"items": []} and _taste(house, "ana") == taste
    assert ana.delete(f"{_ROOT}?with_history=true").status_code == 204
    assert _taste(house, "ana") == [("play", played.tags.title)]
    assert ana.delete(f"{_ROOT}?with_history=true").status_code == 204
    assert len(_taste(house, "ben")) == 3 and len(ben.get(f"{_ROOT}/playlists").json()["items"]) == 3


def test_another_client_id_forgets_the_token_of_the_first(ana, spotify):
    ana.put(_ROOT, json={"client_id": spotify.client_id})
    assert _connection(ana)["connected"]
    ana.put(_ROOT, json={"client_id": "another1"})
    connection = _connection(ana)
    assert (connection["connected"], connection["client_id"], connection["user"]) == (False, "another1", "")


def test_a_lost_key_is_said_and_entering_the_client_id_anew_helps(house, ana, spotify):
    (house.data.path / "server.key").unlink()
    connection = _connection(ana)
    assert not connection["connected"] and "connect anew" in connection["state"]
    assert ana.post(f"{_ROOT}/sync").status_code == 424
    assert ana.get(f"{_ROOT}/playlists").status_code == 424
    query, _ = _begun(ana, spotify)
    assert _back(ana, query) == "/connections?spotify=connected"
    assert _synced(ana)["error"] == ""


def test_without_the_extra_one_line_says_so(house, monkeypatch):
    monkeypatch.setitem(sys.modules, "spotipy", None)
    client = house.client("ana")
    answer = client.put(_ROOT, json={"client_id": "abc"})
    line = "Spotify needs the extra `spotify`: pip install 'segue[spotify]'"
    assert (answer.status_code, answer.json()["detail"]) == (422, line)
    connection = _connection(client)
    assert (connection["available"], connection["state"]) == (False, line)
    assert client.get("/api/session").json()["features"]["spotify"] is False


def test_strangers_and_pages_of_other_sites_do_nothing(house):
    stranger = house.client()
    for verb, path in (("get", "/playlists"), ("post", "/begin"), ("post", "/sync"), ("delete", "")):
        assert getattr(stranger, verb)(f"{_ROOT}{path}").status_code == 401
    assert stranger.put(_ROOT, json={"client_id": "abc"}).status_code == 401
