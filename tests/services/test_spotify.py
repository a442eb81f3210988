"""Spotify against a stand-in: signing in, reading page by page, saving, waits and refusals."""

from __future__ import annotations

import logging
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standing_in import Spotify, entry, spotify_track

from segue.errors import NotAuthorised, ServiceError, TryLater, UsageError
from segue.progress import Silent
from segue.services.secrets import unseal
from segue.services.spotify import (
    SpotifyApp,
    SpotifyToken,
    begin_authorisation,
    finish_authorisation,
    make_playlist,
    open_session,
    opinion_of,
    place_of,
    playlists,
    reading,
    refreshed,
    saved_tracks,
    search_tracks,
    text_of_token,
    token_of_text,
    user_name,
    with_tracks,
)

_TOKEN = SpotifyToken("access-1", "refresh-1", 4e9, "user-library-read")


class Notes(Silent):
    """Keeps notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


@pytest.fixture
def app(stand_in, spotify):
    return SpotifyApp(spotify.client_id, "http://127.0.0.1:8080/back", stand_in.root, stand_in.root)


@pytest.fixture
def renewed():
    return []


@pytest.fixture
def notes():
    return Notes()


@pytest.fixture
def session(app, renewed, notes):
    with open_session(app, _TOKEN, renewed=renewed.append, progress=notes) as opened:
        yield opened


def test_signing_in_and_renewing(app, spotify):
    begun = begin_authorisation(app)
    asked = {name: value for name, (value,) in parse_qs(urlsplit(begun.url).query).items()}
    assert begun.url.startswith(f"{app.accounts_root}/authorize?")
    assert (asked["client_id"], asked["response_type"]) == (app.client_id, "code")
    assert (asked["state"], asked["code_challenge_method"]) == (begun.state, "S256")
    assert asked["redirect_uri"] == app.redirect_uri
    assert "playlist-modify-private" in asked["scope"].split()
    assert begun.verifier not in begun.url
    assert begin_authorisation(app).state != begun.state

    spotify.challenges["code"] = asked["code_challenge"]
    token = finish_authorisation(app, "code", begun.verifier)
    assert (token.access_token, token.refresh_token) == ("access-2", "refresh-2")
    assert 3_500 < token.expires_at - time.time() < 3_700
    assert refreshed(app, token).refresh_token == "refresh-3"
    with pytest.raises(NotAuthorised, match="connect Spotify anew"):
        refreshed(app, token)  # it was void with the first use


def test_a_code_of_someone_else_is_refused(app, spotify):
    begun = begin_authorisation(app)
    spotify.challenges["code"] = "another"
    with pytest.raises(NotAuthorised):
        finish_authorisation(app, "code", begun.verifier)
    with pytest.raises(UsageError, match="begin it again"):
        finish_authorisation(app, "code", "short")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((500, {}, b"oops"), TryLater),
        ((429, {}, {"error": "rate_limited"}), TryLater),
        ((200, {}, b"<html>"), ServiceError),
        ((200, {}, {"access_token": "a"}), ServiceError),
        ((200, {}, []), ServiceError),
        ((400, {}, []), ServiceError),
        ((200, {}, {"access_token": 1, "refresh_token": "b", "expires_in": 1}), ServiceError),
    ],
)
def test_what_else_the_accounts_may_answer(app, spotify, answer, error):
    spotify.trouble.append(("/api/token", answer))
    with pytest.raises(error) as failure:
        refreshed(app, _TOKEN)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"client_id": ""}, "client id"),
        ({"client_id": "a b"}, "client id"),
        ({"redirect_uri": "http://localhost:1/back"}, "127.0.0.1"),
        ({"redirect_uri": "http://example.org/back"}, "https"),
        ({"redirect_uri": "http://[::1"}, "https"),
        ({"accounts_root": "nowhere"}, "address"),
    ],
)
def test_an_app_that_cannot_work(app, change, words):
    with pytest.raises(UsageError, match=words):
        begin_authorisation(replace(app, **change))


def test_without_the_extra_it_says_so(app, monkeypatch):
    monkeypatch.setitem(sys.modules, "spotipy", None)
    with pytest.raises(UsageError, match="extra `spotify`"):
        begin_authorisation(app)


def test_tokens_as_text_and_out_of_sight():
    assert token_of_text(text_of_token(_TOKEN)) == _TOKEN
    stored = Path(__file__).with_name("golden") / "spotify-token-1.sealed"
    assert (
        token_of_text(unseal(b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", stored.read_bytes())) == _TOKEN
    )
    assert "access-1" not in repr(_TOKEN)
    assert "refresh-1" not in repr(_TOKEN)
    for text in ("", "[]", "{}", '{"version": 2}', '{"version": 1, "access_token": "a"}'):
        with pytest.raises(NotAuthorised):
            token_of_text(text)


def test_whose_account_it_is(session, spotify):
    assert user_name(session) == "Ana"
    spotify.user = None
    assert user_name(session) == "ana"


def test_playlists_come_page_by_page(session, spotify, stand_in):
    many = [entry(spotify_track(at, f"Song {at}", "A")) for at in range(120)]
    spotify.playlists = {f"p{at}": (f"List {at}", "ana", []) for at in range(70)}
    spotify.playlists["p69"] = ("Long", "ana", many)
    listed = playlists(session)
    assert [one.id for one in listed] == [f"p{at}" for at in range(70)]
    assert (listed[69].name, listed[69].owner, listed[69].n_tracks) == ("Long", "Ana", 120)
    assert (listed[69].snapshot_id, listed[69].content) == ("s-p69", None)
    read = with_tracks(session, listed[69]).content
    assert read is not None
    assert [track.title for track in read.tracks] == [f"Song {at}" for at in range(120)]
    assert [request.query.get("offset") for request in stand_in.asked] == ["0", "50", "0", "50", "100"]
    assert {request.path for request in stand_in.asked} == {"/v1/me/playlists", "/v1/playlists/p69/items"}


def test_what_is_no_track_is_skipped_and_counted(session, spotify):
    local = {"type": "track", "uri": "spotify:local:a:b:c:1", "name": "c", "is_local": True, "artists": []}
    spotify.playlists["p"] = (
        "Mixed",
        "ana",
        [
            entry(spotify_track(1, "One", "A")),
            entry(None),
            entry(local, is_local=True),
            entry({"type": "episode", "uri": "spotify:episode:1", "name": "Talk"}),
            entry({"type": "track", "uri": "spotify:track:x", "name": ""}),
            None,
            {"added_at": None, "track": spotify_track(2, "Two", "B")},  # as apps from before 2026 get it
        ],
    )
    content = with_tracks(session, playlists(session)[0]).content
    assert content is not None
    assert [track.title for track in content.tracks] == ["One", "Two"]
    assert content.skipped == {"removed": 2, "local-file": 1, "episode": 1, "unknown": 1}
    one, two = content.tracks
    assert (one.uri, one.artists, one.isrc) == ("spotify:track:t1", ("A",), "GBABC0000001")
    assert (one.album, one.duration_s, one.added_at) == ("Album", 200.0, 1_705_314_600.0)
    assert two.added_at is None


def test_other_peoples_playlists_stay_closed(session, spotify):
    spotify.playlists["p"] = ("Theirs", "bob", [entry(spotify_track(1, "One", "A"))])
    assert with_tracks(session, playlists(session)[0]).content is None


def test_saved_tracks_are_liked_and_places_count(session, spotify):
    spotify.saved = [{"added_at": "nonsense", "track": spotify_track(at, f"S{at}", "A")} for at in range(51)]
    saved = saved_tracks(session)
    assert len(saved.tracks) == 51
    liked, place = opinion_of(saved.tracks[0]), place_of(saved.tracks[0])
    assert (liked.kind, liked.opinion, liked.count, liked.time_s) == ("opinion", 1.0, 0, None)
    assert (place.kind, place.opinion, place.count) == ("playlist", None, 1)
    assert (liked.artist, liked.title, liked.uri, liked.isrc) == (
        "A",
        "S0",
        "spotify:track:t0",
        "GBABC0000000",
    )


def test_a_playlist_is_made_in_hundreds(session, spotify, stand_in):
    uris = [f"spotify:track:t{at}" for at in range(250)]
    url = make_playlist(session, "Night\nwalk" + "x" * 200, uris, description="From Segue")
    assert url == "https://open.spotify.com/playlist/new0"
    made = spotify.made["new0"]
    assert made["uris"] == uris
    assert (made["name"][:10], len(made["name"]), made["public"]) == ("Night walk", 100, False)
    assert sum(request.path.endswith("/items") for request in stand_in.asked) == 3


def test_half_a_playlist_is_told(session, spotify):
    uris = [f"spotify:track:t{at}" for at in range(150)]
    spotify.trouble += [("/items", (201, {}, {"snapshot_id": "s"})), ("/items", (502, {}, b""))]
    with pytest.raises(TryLater, match=r"with 100 of 150 tracks only: .*502"):
        make_playlist(session, "Night", uris)


def test_an_expired_token_is_renewed_once_and_handed_over(session, spotify, renewed):
    spotify.access = "another"
    assert search_tracks(session, "isrc:GBABC0000001") == []
    assert [token.access_token for token in renewed] == ["access-2"]
    assert session.token == renewed[0]
    spotify.access = spotify.refresh = "taken back"
    with pytest.raises(NotAuthorised):
        search_tracks(session, "x")


def test_a_token_about_to_expire_is_renewed_before(app, spotify, renewed, stand_in):
    old = replace(_TOKEN, expires_at=time.time() + 5)
    with open_session(app, old, renewed=renewed.append) as opened:
        search_tracks(opened, "x")
    assert [request.path for request in stand_in.asked] == ["/api/token", "/v1/search"]
    assert len(renewed) == 1
    with open_session(app, renewed[0], renewed=renewed.append) as opened:
        spotify.trouble += [("/v1/search", Spotify.refusal(401, "Bad token"))] * 2
        with pytest.raises(NotAuthorised, match="Bad token"):
            search_tracks(opened, "x")


def test_short_waits_are_kept_and_noted(session, spotify, notes):
    spotify.trouble += [("/v1/search", Spotify.refusal(429, "rate limit", **{"Retry-After": "0"}))] * 3
    assert search_tracks(session, "x") == []
    assert notes.notes == ["Spotify asks to wait 0 s"] * 3


@pytest.mark.parametrize(
    ("headers", "after_s"), [({"Retry-After": "86400"}, 86_400.0), ({"Retry-After": "31"}, 31.0), ({}, 60.0)]
)
def test_long_waits_are_left_to_the_caller(session, spotify, notes, headers, after_s):
    spotify.trouble.append(("/v1/search", Spotify.refusal(429, "Too many requests", **headers)))
    with pytest.raises(TryLater, match="too many requests") as later:
        search_tracks(session, "x")
    assert (later.value.after_s, notes.notes) == (after_s, [])


def test_waiting_has_an_end(session, spotify):
    again = Spotify.refusal(429, "rate limit", **{"Retry-After": "0"})
    spotify.trouble += [("/v1/search", again)] * 20
    with pytest.raises(TryLater):
        search_tracks(session, "x")
    assert len(spotify.trouble) == 12
    session.waited_s = 119.5
    spotify.trouble[:] = [("/v1/search", Spotify.refusal(429, "rate limit", **{"Retry-After": "1"}))]
    with pytest.raises(TryLater):
        search_tracks(session, "x")


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (Spotify.refusal(403, "Insufficient client scope"), NotAuthorised, "connect Spotify anew"),
        (
            (403, {}, b"User not registered in the Developer Dashboard"),
            ServiceError,
            "not registered.*development",
        ),
        (Spotify.refusal(404, "Not\nfound"), ServiceError, "404 .Not found"),
        (Spotify.refusal(500, "x"), TryLater, "500"),
        ((503, {"Retry-After": "9"}, b""), TryLater, "503"),
        ((200, {}, b"<html>"), ServiceError, "not document"),
        ((200, {}, []), ServiceError, "not document"),
        ((200, {}, {"tracks": None}), ServiceError, "not document"),
        ((400, {}, {"error": "text"}), ServiceError, "not document"),
        ((400, {}, []), ServiceError, "not document"),
    ],
)
def test_refusals_in_one_line(session, spotify, caplog, answer, error, words):
    spotify.trouble.append(("/v1/search", answer))
    with caplog.at_level(logging.DEBUG, "requests"), pytest.raises(error, match=words) as failure:
        search_tracks(session, "x")
    assert "\n" not in str(failure.value)
    assert "access-1" not in str(failure.value) + caplog.text
    assert not [record for record in caplog.records if record.name.startswith("spotipy")]


def test_nobody_there(app, renewed):
    nowhere = replace(app, api_root="http://127.0.0.1:9", accounts_root="http://127.0.0.1:9")
    with open_session(nowhere, _TOKEN, renewed=renewed.append) as opened, pytest.raises(TryLater):
        search_tracks(opened, "x")
    with pytest.raises(TryLater, match="does not answer"):
        refreshed(nowhere, _TOKEN)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_FIELDS = ("uri", "name", "artists", "album", "external_ids", "duration_ms", "is_local", "type")
_ITEMS = _JSON | st.dictionaries(
    st.sampled_from(_FIELDS), _JSON | st.just("spotify:track:abc") | st.just([{"name": "A"}])
)
_ENTRIES = _JSON | st.dictionaries(st.sampled_from(["item", "track", "added_at", "is_local"]), _ITEMS)


@given(st.lists(_ENTRIES, max_size=4))
def test_whatever_a_list_holds_is_read_or_counted(rows: list[Any]):
    content = reading._tracks(iter(rows))
    assert len(content.tracks) + sum(content.skipped.values()) == len(rows)
    for track in content.tracks:
        assert track.uri.startswith("spotify:track:")
        assert track.title
        assert track.duration_s is None or track.duration_s > 0


@given(_JSON | st.dictionaries(st.sampled_from(["id", "name", "owner", "items", "tracks"]), _JSON))
def test_whatever_a_playlist_is(row: Any):
    found = reading._playlist(row)
    assert found is None or found.id.isalnum()
