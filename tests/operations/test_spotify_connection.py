"""What is kept of a connection to Spotify, and of what was read there: texts of a version, and tokens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.catalogue import open_catalogue
from segue.errors import NotAuthorised, SealBroken
from segue.operations.spotify import SpotifyAccount
from segue.operations.spotify_connection import (
    SpotifyConnection,
    connected_spotify,
    connection_of_text,
    disconnect_spotify,
    drop_token,
    enter_client,
    keeper_of_tokens,
    spotify_connection,
    text_of_connection,
)
from segue.operations.spotify_listing import (
    forget_listing,
    listing_of_text,
    read_listing,
    text_of_listing,
    write_listing,
)
from segue.services.spotify import RemotePlaylist, RemoteTrack, RemoteTracks, SpotifyToken
from segue.settings import DataFolder

_GOLDEN = Path(__file__).parent / "golden"
_TOKEN = SpotifyToken("access-1", "refresh-1", 1.7e9, "user-library-read")
_CONNECTION = SpotifyConnection("abc123", "http://127.0.0.1:4533/back", "n1", "Ána", _TOKEN, "")
_ONE = RemoteTrack("spotify:track:1", "Jóga", ("Björk", "Other"), "Homogenic", "GBAYC9500123", 305.5, 1.7e9)
_TWO = RemoteTrack("spotify:track:2", "<b>", (), "", "", None, None)
_ACCOUNT = SpotifyAccount(
    (
        RemotePlaylist("p", "Mine", "Ána", 3, "s", RemoteTracks((_ONE, _TWO, _ONE), {"removed": 1})),
        RemotePlaylist("q", "Theirs", "Bob", 7, "t", None),
    ),
    RemoteTracks((_ONE,), {}),
)


@pytest.fixture
def data(tmp_path):
    return DataFolder(tmp_path / "data")


def _stored(data, listener=""):
    with open_catalogue(data) as catalogue:
        return spotify_connection(catalogue, data, listener)


def test_texts_of_version_1_are_read_for_ever():
    text = (_GOLDEN / "spotify-connection-1.json").read_text(encoding="utf-8")
    assert connection_of_text(text) == _CONNECTION
    assert json.loads(text) == json.loads(text_of_connection(_CONNECTION))
    text = (_GOLDEN / "spotify-listing-1.json").read_text(encoding="utf-8")
    assert listing_of_text(text, "n1") == _ACCOUNT
    assert json.loads(text) == json.loads(text_of_listing("n1", _ACCOUNT))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": 2}', '{"version": 1, "client_id": "a"}'])
def test_texts_of_other_versions_and_nonsense_are_refused(text):
    with pytest.raises(SealBroken, match="enter the client id anew"):
        connection_of_text(text)
    assert listing_of_text(text, "n1") is None


_words = st.text(max_size=8)
_tracks = st.builds(
    RemoteTrack,
    _words,
    _words,
    st.lists(_words, max_size=2).map(tuple),
    _words,
    _words,
    st.none() | st.floats(0, 1e6),
    st.none() | st.floats(0, 2e9),
)
_contents = st.builds(
    RemoteTracks,
    st.lists(_tracks, max_size=4).map(tuple),
    st.dictionaries(st.sampled_from(["removed", "episode"]), st.integers(1, 9)),
)
_playlists = st.builds(
    RemotePlaylist, _words, _words, _words, st.integers(0, 99), _words, st.none() | _contents
)


@given(st.builds(SpotifyAccount, st.lists(_playlists, max_size=3).map(tuple), _contents))
def test_a_listing_comes_back_as_it_was(account):
    assert listing_of_text(text_of_listing("n", account), "n") == account


def test_a_listing_belongs_to_a_listener_and_a_connection(data):
    enter_client(data, "", "abc123")
    write_listing(data, "", "n1", _ACCOUNT)
    assert read_listing(data, "", "n1") == _ACCOUNT
    assert read_listing(data, "", "n2") is None and read_listing(data, "ben", "n1") is None
    file = next(data.cache.rglob("*.sealed"))
    assert b"Mine" not in file.read_bytes()
    file.write_bytes(file.read_bytes()[:-9])
    assert read_listing(data, "", "n1") is None
    forget_listing(data, "")
    forget_listing(data, "")
    assert read_listing(data, "", "n1") is None


def test_a_token_is_stored_only_for_the_connection_that_it_was_renewed_for(data, monkeypatch):
    enter_client(data, "", "abc123")
    with open_catalogue(data) as catalogue, pytest.raises(NotAuthorised, match="connect it first"):
        connected_spotify(catalogue, data, "")
    before = _stored(data)
    newer = SpotifyToken("access-2", "refresh-2", 1.8e9, "")
    keeper_of_tokens(data, "", before)(newer)
    assert _stored(data).token == newer
    drop_token(data, "", before, "taken back")
    assert (_stored(data).token, _stored(data).state) == (None, "taken back")
    with open_catalogue(data) as catalogue, pytest.raises(NotAuthorised, match="taken back"):
        connected_spotify(catalogue, data, "")
    another = SpotifyConnection("abc123", number="another")
    keeper_of_tokens(data, "", another)(newer)
    assert _stored(data).token is None
    disconnect_spotify(data, "")
    keeper_of_tokens(data, "", before)(newer)
    assert _stored(data) is None
