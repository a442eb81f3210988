"""What a person does and says; and that it is that person's alone."""

from __future__ import annotations

import time
from typing import Any

import pytest

from segue.catalogue import open_catalogue


def test_a_star_is_given_seen_and_taken_back(home: Any) -> None:
    track = home.track("Neon Ledger")
    facts = home.ana.get(f"/api/tracks/{track}")
    for kind, item in (("track", track), ("album", facts["album_id"]), ("artist", facts["artist_id"])):
        home.ana.put(f"/api/stars/{kind}/{item}", expect=204)
        home.ana.put(f"/api/stars/{kind}/{item}", expect=204)
        home.ana.put(f"/api/ratings/{kind}/{item}", {"rating": 5}, expect=204)
    starred = home.ana.get("/api/starred")
    assert [len(starred[part]) for part in ("tracks", "albums", "artists")] == [1, 1, 1]
    seen = home.ana.get(f"/api/tracks/{track}")
    assert seen["rating"] == 5 and seen["starred_at"] == pytest.approx(time.time(), abs=60)
    assert home.ana.get("/api/albums", order="starred")["items"][0]["id"] == facts["album_id"]
    home.ana.delete(f"/api/stars/track/{track}")
    home.ana.put(f"/api/ratings/track/{track}", {"rating": 0}, expect=204)
    seen = home.ana.get(f"/api/tracks/{track}")
    assert seen["rating"] is None and seen["starred_at"] is None


def test_what_cannot_be_starred(shown: Any) -> None:
    track = shown.track("Neon Ledger")
    shown.ana.put("/api/stars/track/nothing", expect=404)
    shown.ana.put(f"/api/stars/album/{track}", expect=404)
    shown.ana.put(f"/api/stars/planet/{track}", expect=422)
    shown.ana.put("/api/stars/track/" + "a" * 100, expect=422)
    for rating in (-1, 6, "x", None, 1e99):
        shown.ana.put(f"/api/ratings/track/{track}", {"rating": rating}, expect=422)


def test_taste_is_a_persons_own(home: Any) -> None:
    """Stars, ratings, opinions, plays, settings, keys: nothing of one is seen or changed by the other."""
    track = home.track("Neon Ledger")
    album = home.ana.get(f"/api/tracks/{track}")["album_id"]
    home.ana.put(f"/api/stars/track/{track}", expect=204)
    home.ana.put(f"/api/ratings/track/{track}", {"rating": 4}, expect=204)
    for title in ("Night Tram", "Exit 14"):
        home.ana.post("/api/feedback", {"track": home.track(title), "kind": "dislike"}, expect=204)
    for number in range(5):
        said = {"track": track, "kind": "play", "time_s": 1_700_000_000 + 1_000 * number}
        home.ana.post("/api/feedback", said, expect=204)
    home.ana.put("/api/account/settings", {"settings": {"theme": "dark"}})

    assert home.ana.get("/api/history")["plays"] == 5
    assert home.ana.get("/api/albums", order="frequent")["items"][0]["id"] == album
    home.ben.delete(f"/api/stars/track/{track}")
    home.ben.post("/api/feedback", {"track": track, "kind": "clear"}, expect=204)
    seen = home.ben.get(f"/api/tracks/{track}")
    assert seen["starred_at"] is None and seen["rating"] is None
    history = home.ben.get("/api/history")
    assert history["plays"] == history["liked"] == history["disliked"] == 0
    assert home.ben.get("/api/starred")["tracks"] == []
    assert home.ben.get("/api/albums", order="frequent")["items"] == []
    assert home.ben.get("/api/account/settings") == {"settings": {}}
    assert home.ben.get("/api/evaluation")["report"] is None
    assert home.ben.get("/api/history/unmatched")["items"] == []
    assert home.ana.get(f"/api/tracks/{track}")["rating"] == 4
    # What one dislikes is still offered to the other.
    seed = {"seeds": [{"kind": "track", "id": track}], "n": 30}
    disliked = {home.track("Night Tram"), home.track("Exit 14")}
    to_ana = {one["track"]["id"] for one in home.ana.post("/api/station", seed)["items"]}
    to_ben = {one["track"]["id"] for one in home.ben.post("/api/station", seed)["items"]}
    assert not disliked & to_ana and disliked <= to_ben


def test_a_play_is_counted_once_a_second(home: Any) -> None:
    track = home.track("Neon Ledger")
    said = {"track": track, "kind": "play", "time_s": 1_700_000_000, "played_s": 200}
    home.ana.post("/api/feedback", said, expect=204)
    home.ana.post("/api/feedback", said, expect=204)
    home.ana.post("/api/feedback", {**said, "kind": "skip", "time_s": 1_700_000_500}, expect=204)
    history = home.ana.get("/api/history")
    assert history["skips"] == 1 and history["plays"] in (1, 2)


@pytest.mark.parametrize(
    "body",
    [
        '{"track": "nothing", "kind": "play"}',
        '{"track": "ID", "kind": "love"}',
        '{"track": "ID", "kind": "play", "time_s": -1}',
        '{"track": "ID", "kind": "play", "time_s": 1e300}',
        '{"track": "ID", "kind": "play", "time_s": NaN}',
        '{"track": "ID", "kind": "play", "played_s": NaN}',
        '{"track": "ID", "kind": "play", "played_s": Infinity}',
        '{"track": "ID"}',
    ],
)
def test_wrong_feedback_is_refused(shown: Any, body: str) -> None:
    content = body.replace("ID", shown.track("Neon Ledger"))
    answer = shown.ana.ask(
        "POST", "/api/feedback", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (404, 422), answer.text


def test_while_another_writes_reading_is_not_held_up(home: Any) -> None:
    with open_catalogue(home.data, write=True) as catalogue:
        catalogue.connection.execute("BEGIN IMMEDIATE")
        assert home.ana.get("/api/tracks", limit=1)["items"]
        assert home.browser(headers={"Authorization": f"Bearer {home.keys['ben']}"}).get("/api/playlists")
        catalogue.connection.execute("ROLLBACK")
    home.ana.post("/api/feedback", {"track": home.track("Neon Ledger"), "kind": "like"}, expect=204)
