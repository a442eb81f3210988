"""Players that scrobble to Segue as to ListenBrainz, and what is passed on to ListenBrainz."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from segue import catalogue as kept
from segue.catalogue import open_catalogue
from segue.operations.forwarding import forward, keep_for_forwarding, listenbrainz_account
from segue.operations.forwarding_opinions import forward_opinions
from segue.operations.history import import_history
from segue.server.forwarding import Forwarder
from segue.types import Listen

_AT = 1_700_000_000


class ListenBrainz:
    """ListenBrainz as far as it is asked here; `refuses` names titles that it does not take."""

    def __init__(self):
        self.tokens = {"good": "ana_there"}
        self.listens, self.playing, self.opinions = [], [], []
        self.refuses = set()
        self.trouble = []

    def __call__(self, request):
        token = request.headers["authorization"].removeprefix("Token ")
        if request.path == "/1/validate-token":
            user = self.tokens.get(token)
            said = {"code": 200, "message": "Token valid.", "valid": True, "user_name": user}
            return 200, {}, said if user else {"code": 200, "message": "Token invalid.", "valid": False}
        if self.trouble:
            return self.trouble.pop(0)
        if token not in self.tokens:
            return 401, {}, {"code": 401, "error": "Invalid authorization token."}
        said = json.loads(request.body)
        if request.path == "/1/feedback/recording-feedback":
            self.opinions.append((said["recording_mbid"], said["score"]))
            return 200, {}, {"status": "ok"}
        rows = said["payload"]
        if said["listen_type"] == "playing_now":
            self.playing += [row["track_metadata"]["track_name"] for row in rows]
            return 200, {}, {"status": "ok"}
        if any(row["track_metadata"]["track_name"] in self.refuses for row in rows):
            return 400, {}, {"code": 400, "error": "JSON document is invalid"}
        self.listens += rows
        return 200, {}, {"status": "ok"}

    @property
    def told(self):
        return [(row["listened_at"], row["track_metadata"]["track_name"]) for row in self.listens]


@pytest.fixture
def there(stand_in):
    stand_in.answer = service = ListenBrainz()
    return service


@pytest.fixture
def ana(house, there):
    """Ana, who has connected ListenBrainz."""
    client = house.client("ana")
    assert client.put("/api/connections/listenbrainz", json={"token": "good"}).status_code == 200
    return client


def _body(*titles, kind="single", at=_AT):
    rows = [
        {"listened_at": at + place, "track_metadata": {"artist_name": "Björk", "track_name": title}}
        for place, title in enumerate(titles)
    ]
    return {"listen_type": kind, "payload": rows}


def _connection(client):
    items = {one["service"]: one for one in client.get("/api/connections").json()["items"]}
    return items["listenbrainz"]


def _queue(house, listener, *titles):
    with open_catalogue(house.data, write=True) as catalogue:
        keep_for_forwarding(
            catalogue,
            listener,
            [Listen("Björk", title, time_s=float(_AT + at)) for at, title in enumerate(titles)],
        )


def _listener(house, name):
    with open_catalogue(house.data) as catalogue:
        return kept.account(catalogue, name).listener


def test_a_token_is_asked_about_kept_sealed_and_forgotten(house, there):
    client = house.client("ana")
    assert not _connection(client)["connected"]
    refusal = client.put("/api/connections/listenbrainz", json={"token": "wrong"})
    assert (refusal.status_code, refusal.headers["content-type"]) == (422, "application/problem+json")
    assert "does not know this token" in refusal.json()["detail"]
    there.tokens["a-secret-token"] = "ana_there"
    answer = client.put("/api/connections/listenbrainz", json={"token": " a-secret-token\n"})
    assert (answer.json()["connected"], answer.json()["user"]) == (True, "ana_there")
    assert "a-secret-token" not in answer.text + client.get("/api/connections").text
    assert not _connection(house.client("ben"))["connected"]
    stored = b"".join(file.read_bytes() for file in house.data.path.glob("catalogue.sqlite*"))
    assert b"a-secret-token" not in stored
    assert client.delete("/api/connections/listenbrainz").status_code == 204
    assert not _connection(client)["connected"]


def test_trouble_there_is_said_as_such_and_when_to_try_again(house, stand_in):
    stand_in.answer = lambda _: (503, {"Retry-After": "77"}, {})
    answer = house.client("ana").put("/api/connections/listenbrainz", json={"token": "good"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "77")
    stand_in.answer = lambda _: (200, {}, b"<html>the login page of a hotel</html>")
    answer = house.client("ana").put("/api/connections/listenbrainz", json={"token": "good"})
    assert answer.status_code == 502 and "does not answer as ListenBrainz does" in answer.json()["detail"]


def test_plays_are_passed_on_once_however_they_come_in(house, ana, there):
    one, two, three, four, five = house.songs(5)
    for _ in range(2):
        assert ana.post("/1/submit-listens", json=_body("Jóga")).json() == {"status": "ok"}
    assert ana.post("/1/submit-listens", json=_body("Jóga", "Hunter", "Hunter", kind="import")).is_success
    subsonic = {"apiKey": house.keys["ana"], "v": "1.16.1", "c": "app", "f": "json"}
    for _ in range(2):
        said = ana.get("/rest/scrobble", params=subsonic | {"id": one.id, "time": _AT * 1000}).json()
        assert said["subsonic-response"]["status"] == "ok"
    ana.get("/rest/scrobble", params=subsonic | {"id": two.id, "submission": "false"})
    # Reported as it plays: so fast that all of it is heard at once; then one that is skipped.
    for track, rate, end_ms in ((three, 1e6, round(three.duration_s * 1000)), (four, 1.0, 1)):
        for state, at_ms in (("starting", 0), ("playing", 0), ("stopped", end_ms)):
            time.sleep(0.01)
            said = ana.get(
                "/rest/reportPlayback",
                params=subsonic
                | {
                    "mediaId": track.id, "mediaType": "song", "state": state, "positionMs": at_ms,
                    "playbackRate": rate,
                },
            ).json()  # fmt: skip
            assert said["subsonic-response"]["status"] == "ok", said
    for kind, played_s in (("play", None), ("play", None), ("skip", 300), ("play", 1), ("like", None)):
        at = _AT + (0 if played_s is None else played_s)
        told = {"track": five.id, "kind": kind, "time_s": at, "played_s": played_s}
        assert ana.post("/api/feedback", json=told).status_code == 204
    house.client("ben").post("/api/feedback", json={"track": five.id, "kind": "play"})
    assert _connection(ana)["waiting"] == 6  # one Hunter a second
    done = forward(house.data, root=house.services.listenbrainz)
    assert (done.sent, done.more, done.wait_s) == (6, False, 0)
    titles = sorted(title for _, title in there.told)
    assert titles == sorted(["Jóga", "Hunter", "Hunter", one.tags.title, three.tags.title, five.tags.title])
    assert (_AT, "Jóga") in there.told and (_AT, five.tags.title) in there.told
    assert forward(house.data, root=house.services.listenbrainz).sent == 0
    assert _connection(ana)["waiting"] == 0


def test_an_imported_history_is_never_passed_on(house, ana, tmp_path):
    file = tmp_path / "listens.jsonl"
    row = {"listened_at": _AT, "track_metadata": {"artist_name": "Björk", "track_name": "Jóga"}}
    file.write_text(json.dumps(row) + "\n", encoding="utf-8")
    listener = _listener(house, "ana")
    assert import_history(house.data, [file], listener=listener).stored.new_plays == 1
    ana.post("/1/submit-listens", json=_body("JÓGA".title()))  # the same play, from a player
    assert _connection(ana)["waiting"] == 0


def test_a_token_that_is_revoked_there_is_told_and_nothing_is_lost(house, ana, there):
    _queue(house, _listener(house, "ana"), "Jóga", "Hunter")
    there.tokens = {"new": "ana_there"}
    assert forward(house.data, root=house.services.listenbrainz).sent == 0
    connection = _connection(ana)
    assert connection["waiting"] == 2 and "does not accept the token any more" in connection["state"]
    before = len(there.told)
    assert forward(house.data, root=house.services.listenbrainz).sent == 0  # not asked again so soon
    assert len(there.told) == before
    assert ana.put("/api/connections/listenbrainz", json={"token": "new"}).json()["state"] == ""
    assert forward(house.data, root=house.services.listenbrainz).sent == 2
    assert _connection(ana)["waiting"] == 0


def test_a_token_that_is_taken_again_is_told_too(house, ana, there):
    listener = _listener(house, "ana")
    _queue(house, listener, "Jóga")
    there.tokens = {}
    forward(house.data, root=house.services.listenbrainz, now_s=0.0)
    there.tokens = {"good": "ana_there"}
    assert forward(house.data, root=house.services.listenbrainz, now_s=3_600.0).sent == 1
    assert _connection(ana)["state"] == ""


def test_a_listen_that_is_refused_costs_only_itself(house, ana, there, stand_in):
    titles = [f"Song {at}" for at in range(64)]
    _queue(house, _listener(house, "ana"), *titles)
    there.refuses = {"Song 20"}
    asked = len(stand_in.asked)
    assert forward(house.data, root=house.services.listenbrainz).sent == 63
    assert len(stand_in.asked) - asked <= 14  # by halves
    assert [title for _, title in there.told] == [title for title in titles if title != "Song 20"]
    assert _connection(ana)["waiting"] == 0


def test_when_asked_to_wait_everything_waits(house, ana, there):
    _queue(house, _listener(house, "ana"), "Jóga", "Hunter", "Bad")
    there.refuses = {"Bad"}
    there.trouble = [(400, {}, {}), (429, {"X-RateLimit-Reset-In": "9"}, {})]  # in the middle of it
    done = forward(house.data, root=house.services.listenbrainz, now_s=1_000.0)
    assert (done.sent, done.more, done.wait_s) == (0, False, 9.0)
    assert forward(house.data, root=house.services.listenbrainz, now_s=1_008.0).sent == 0
    assert there.told == []
    assert forward(house.data, root=house.services.listenbrainz, now_s=1_009.0).sent == 2


_MBID = "6bb4dcd1-0000-4000-8000-00000000000"


def _with_ids(house, *tracks):
    with open_catalogue(house.data, write=True) as catalogue:
        for at, track in enumerate(tracks):
            catalogue.connection.execute(
                "UPDATE tracks SET musicbrainz_recording_id = ? WHERE id = ?", (f"{_MBID}{at}", track.key)
            )


def test_likes_and_dislikes_are_passed_on(house, ana, there):
    one, two, three, without = house.songs(4)
    _with_ids(house, one, two, three)
    for track, kind in ((one, "like"), (two, "dislike"), (without, "like"), (three, "like")):
        assert ana.post("/api/feedback", json={"track": track.id, "kind": kind}).is_success
    assert house.client("ben").post("/api/feedback", json={"track": one.id, "kind": "like"}).is_success
    subsonic = {"apiKey": house.keys["ana"], "v": "1.16.1", "c": "app", "f": "json"}
    ana.get("/rest/unstar", params=subsonic | {"id": three.id})
    assert ana.put(f"/api/ratings/track/{three.id}", json={"rating": 4}).is_success
    root = house.services.listenbrainz
    assert forward_opinions(house.data, root=root).sent == 3
    assert sorted(there.opinions) == [(f"{_MBID}0", 1), (f"{_MBID}1", -1), (f"{_MBID}2", 0)]
    there.opinions.clear()
    assert forward_opinions(house.data, root=root).sent == 0
    for verb in (ana.delete, ana.put, ana.put, ana.delete, ana.put):  # the last counts
        assert verb(f"/api/stars/track/{one.id}").is_success
    assert forward_opinions(house.data, root=root).sent == 1
    assert there.opinions == [(f"{_MBID}0", 1)]


def test_opinions_wait_while_they_cannot_be_sent(house, ana, there):
    one, two = house.songs(2)
    _with_ids(house, one, two)
    root = house.services.listenbrainz
    for track in (one, two):
        ana.post("/api/feedback", json={"track": track.id, "kind": "like"})
    there.trouble = [(503, {"Retry-After": "50"}, {})]
    now_s = time.time()
    assert forward_opinions(house.data, root=root, now_s=now_s).wait_s == 50
    assert forward_opinions(house.data, root=root, now_s=now_s + 49).sent == 0
    there.trouble = [(400, {}, {"error": "no such recording"})]
    assert forward_opinions(house.data, root=root, now_s=now_s + 51).sent == 1
    ana.post("/api/feedback", json={"track": one.id, "kind": "dislike"})
    there.tokens = {}
    assert forward_opinions(house.data, root=root).sent == 0
    assert "enter a new one" in _connection(ana)["state"]
    there.tokens = {"good": "ana_there"}
    ana.put("/api/connections/listenbrainz", json={"token": "good"})
    assert forward_opinions(house.data, root=root).sent == 1
    ana.post("/api/feedback", json={"track": one.id, "kind": "clear"})
    ana.delete("/api/connections/listenbrainz")
    ana.put("/api/connections/listenbrainz", json={"token": "good"})
    assert forward_opinions(house.data, root=root).sent == 0, "what waited was forgotten"


def test_what_plays_now_is_passed_on_once_and_never_later(house, ana, there):
    one, two, three = house.songs(3)
    house.forwarder.send()
    subsonic = {"apiKey": house.keys["ana"], "v": "1.16.1", "c": "app", "f": "json"}
    for _ in range(2):
        ana.get("/rest/scrobble", params=subsonic | {"id": one.id, "submission": "false"})
    house.forwarder.send()
    report = subsonic | {"mediaId": two.id, "mediaType": "song", "positionMs": 0}
    for state in ("starting", "playing", "paused", "playing"):
        ana.get("/rest/reportPlayback", params=report | {"state": state})
        house.forwarder.send()
    ana.get(
        "/rest/reportPlayback",
        params=report | {"mediaId": three.id, "state": "playing", "ignoreScrobble": "true"},
    )
    assert ana.post("/1/submit-listens", json=_playing("Jóga")).is_success
    assert house.client("ben").post("/1/submit-listens", json=_playing("Hunter")).is_success
    house.forwarder.send()
    assert there.playing == [one.tags.title, two.tags.title, "Jóga"]
    there.trouble = [(429, {"X-RateLimit-Reset-In": "9"}, {})]
    for name in ("Isobel", "Hyperballad"):
        ana.post("/1/submit-listens", json=_playing(name))
        house.forwarder.send()
    assert there.playing[3:] == [] and there.trouble == [] and there.listens == []


def _playing(title):
    row = {"track_metadata": {"artist_name": "Björk", "track_name": title}}
    return {"listen_type": "playing_now", "payload": [row]}


def test_a_queue_is_sent_in_batches_with_pauses(house, ana, there, stand_in):
    _queue(house, _listener(house, "ana"), *(f"Song {at}" for at in range(150)))
    forwarder = Forwarder(house.data, house.services.listenbrainz)
    asked = len(stand_in.asked)
    assert [forwarder.send() for _ in range(2)] == [1.0, 30.0]
    assert (len(stand_in.asked) - asked, len(there.told)) == (2, 150)
    there.trouble = [(503, {"Retry-After": "600"}, {})]
    _queue(house, _listener(house, "ana"), "one more")
    assert forwarder.send() == 600.0


def test_killed_between_sending_and_forgetting_it_is_sent_again_the_same(house, ana, there, stand_in):
    _queue(house, _listener(house, "ana"), "Jóga", "Hunter")
    code = (
        "import sys; from pathlib import Path; from segue.settings import DataFolder\n"
        "from segue.operations.forwarding import forward\n"
        "forward(DataFolder(Path(sys.argv[1])), root=sys.argv[2])"
    )
    started, killed = threading.Event(), threading.Event()

    def answer(request):
        said = there(request)
        assert started.wait(30)
        os.kill(child.pid, signal.SIGKILL)  # it has sent, and not heard yet that this was taken
        killed.set()
        return said

    stand_in.answer = answer
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(house.data.path), house.services.listenbrainz],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    started.set()
    assert child.wait(60) == -signal.SIGKILL and killed.is_set()
    stand_in.answer = there
    first = list(there.told)
    assert len(first) == 2 and forward(house.data, root=house.services.listenbrainz).sent == 2
    assert there.told == first * 2  # the same seconds: ListenBrainz keeps one of each
    assert forward(house.data, root=house.services.listenbrainz).sent == 0


def test_rows_of_another_version_and_lost_keys_stop_nobody(house, ana, there):
    listener = _listener(house, "ana")
    with open_catalogue(house.data, write=True) as catalogue:
        kept.add_forwards(catalogue, listener, "listenbrainz", [{"what": "is this"}])
    assert forward(house.data, root=house.services.listenbrainz).sent == 0
    assert _connection(ana)["waiting"] == 0
    _queue(house, listener, "Jóga")
    (house.data.path / "server.key").unlink()
    assert forward(house.data, root=house.services.listenbrainz).sent == 0
    state = _connection(ana)
    assert not state["connected"] and "connect anew" in state["state"] and state["waiting"] == 1
    ana.put("/api/connections/listenbrainz", json={"token": "good"})
    assert forward(house.data, root=house.services.listenbrainz).sent == 1


def test_disconnecting_forgets_what_waits(house, ana, there):
    _queue(house, _listener(house, "ana"), "Jóga")
    ana.delete("/api/connections/listenbrainz")
    ana.put("/api/connections/listenbrainz", json={"token": "good"})
    assert forward(house.data, root=house.services.listenbrainz).sent == 0 and there.told == []


def test_players_log_in_with_api_keys(house):
    nobody, key = house.client(), house.keys["ana"]
    for valid in ({"headers": {"Authorization": f"Token {key}"}}, {"params": {"token": key}}):
        said = nobody.get("/1/validate-token", **valid).json()
        assert said == {"code": 200, "message": "Token valid.", "valid": True, "user_name": "ana"}
    for wrong in ({}, {"params": {"token": "no"}}, {"headers": {"Authorization": "Token no"}}):
        said = nobody.get("/1/validate-token", **wrong)
        assert said.status_code == 200 and not said.json()["valid"]


def test_listens_are_stored_for_whose_key_it_is(house):
    now = {
        "listen_type": "playing_now",
        "payload": [{"track_metadata": {"artist_name": "A", "track_name": "T"}}],
    }
    client = house.client()
    headers = {"Authorization": f"Token {house.keys['ben']}"}
    for body in (_body("Jóga"), _body("Jóga"), now):
        assert client.post("/1/submit-listens", json=body, headers=headers).json() == {"status": "ok"}
    with open_catalogue(house.data) as catalogue:
        stored = [(one.title, one.time_s) for one in kept.iterate_listens(catalogue, _listener(house, "ben"))]
        assert stored == [("Jóga", _AT)]
        assert list(kept.iterate_listens(catalogue, _listener(house, "ana"))) == []
        assert listenbrainz_account(catalogue, house.data, _listener(house, "ben")) is None


def test_bad_submissions_and_strangers_are_refused_in_words(house):
    headers = {"Authorization": f"Token {house.keys['ana']}"}
    for content, status in (
        (b"no json", 400),
        (b'{"listen_type": "single"}', 400),
        (json.dumps(_body("Jóga", "Hunter")).encode(), 400),
        (json.dumps(_body("Jóga", at=1)).encode(), 400),
        (b" " * (2**20 * 10), 413),
    ):
        answer = house.client().post("/1/submit-listens", content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, status) and answer.json()["error"]
    for stranger in ({}, {"Authorization": "Token wrong"}, {"Authorization": "Basic YTpi"}):
        answer = house.client().post("/1/submit-listens", json=_body("Jóga"), headers=stranger)
        said = {"code": 401, "error": "Invalid authorization token."}
        assert (answer.status_code, answer.json()) == (401, said)
