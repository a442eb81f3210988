"""A Spotify account into the catalogue, and lists saved there, against a stand-in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from standing_in import entry, spotify_track

from segue.audio import Tags
from segue.catalogue import Track, history_sources, iterate_listens, open_catalogue, track
from segue.errors import NotAuthorised, NothingFound, SealBroken, UsageError
from segue.operations.spotify import (
    import_spotify,
    read_spotify,
    save_to_spotify,
    sealed_token,
    tracks_here,
    unsealed_token,
)
from segue.services.secrets import server_key
from segue.services.spotify import SpotifyApp, SpotifyToken
from segue.settings import DataFolder
from segue.types import TrackId

_TOKEN = SpotifyToken("access-1", "refresh-1", 4e9, "user-library-read")


@pytest.fixture
def app(stand_in, spotify):
    return SpotifyApp(spotify.client_id, "http://127.0.0.1:8080/back", stand_in.root, stand_in.root)


@pytest.fixture
def data(tmp_path):
    return DataFolder(tmp_path / "data")


def _track(title, artist="Björk", *, isrc=None, duration_s=200.0, album=None):
    return Track(
        id=TrackId(f"id-{title}"),
        key=1,
        digest="0" * 64,
        tags=Tags(title=title, artist=artist, album=album, isrc=isrc),
        duration_s=duration_s,
        sample_rate=44_100,
        channels=2,
        codec="flac",
        bitrate_bps=None,
        paths=(Path("/a"),),
        added_at=0.0,
    )


def _heard(data, listener=""):
    with open_catalogue(data) as catalogue:
        return [(one.kind, one.title, one.count, one.opinion) for one in iterate_listens(catalogue, listener)]


def _read(app, renewed=None):
    return read_spotify(app, _TOKEN, renewed=(renewed if renewed is not None else []).append)


def test_an_account_feeds_taste_and_a_second_import_replaces_the_first(app, spotify, data):
    one, two, three = (spotify_track(at, f"S{at}", "A") for at in (1, 2, 3))
    spotify.playlists = {
        "p": ("Mine", "ana", [entry(one), entry(two), entry(None)]),
        "q": ("More", "ana", [entry(one)]),
        "r": ("Theirs", "bob", [entry(three)]),
    }
    spotify.saved = [{"added_at": "2024-01-15T10:30:00Z", "track": two}]
    account = _read(app)
    report = import_spotify(data, account)
    assert (report.stored.others, report.stored.new_others, report.stored.plays) == (3, 3, 0)
    assert (report.closed, report.skipped) == (("Theirs",), {"removed": 1})
    assert (report.coverage.recordings, report.coverage.matched) == (2, 0)
    expected = [("opinion", "S2", 0, 1.0), ("playlist", "S1", 2, None), ("playlist", "S2", 1, None)]
    assert sorted(_heard(data)) == expected
    assert import_spotify(data, account).stored.new_others == 0
    assert sorted(_heard(data)) == expected

    spotify.playlists, spotify.saved = {"q": spotify.playlists["q"]}, []
    import_spotify(data, _read(app), listener="ana")
    assert sorted(_heard(data)) == expected
    import_spotify(data, _read(app))
    assert _heard(data) == _heard(data, "ana") == [("playlist", "S1", 1, None)]
    with open_catalogue(data) as catalogue:
        sources = [(one.format, one.path) for one in history_sources(catalogue)]
    assert sources == [("spotify", "spotify:account:"), ("spotify", "spotify:account:ana")]


def test_what_of_an_account_is_in_the_library(app, spotify, demo, tmp_path):
    shutil.copytree(demo.data, tmp_path / "data")
    data = DataFolder(tmp_path / "data")
    piece = next(piece for piece in demo.pieces if piece.title and piece.artist)
    spotify.saved = [
        {"track": spotify_track(1, "Elsewhere", "Nobody")},
        {"track": spotify_track(2, piece.title, piece.artist, duration_ms=None)},
    ]
    account = _read(app)
    assert import_spotify(data, account).coverage.matched == 1
    with open_catalogue(data) as catalogue:
        nowhere, here = tracks_here(catalogue, account.saved.tracks)
        assert nowhere is None
        assert track(catalogue, here).tags.title == piece.title
        assert tracks_here(catalogue, []) == []


def test_nothing_is_stored_of_an_account_that_cannot_be_read(app, spotify):
    spotify.access = spotify.refresh = "taken back"
    with pytest.raises(NotAuthorised):
        _read(app)


def test_an_empty_account_takes_the_place_of_a_full_one(app, spotify, data):
    spotify.saved = [{"track": spotify_track(1, "S", "A")}]
    import_spotify(data, _read(app))
    spotify.saved = []
    import_spotify(data, _read(app))
    assert _heard(data) == []


def test_each_track_is_found_by_isrc_or_by_names(app, spotify):
    other_guess = spotify_track(9, "Jóga", "Björk", external_ids={"isrc": "GBXXX0000001"})
    spotify.music = [
        other_guess,
        spotify_track(1, "Joga - Remastered", "Björk"),
        spotify_track(2, "Hunter - Live at Shepherds Bush", "Björk"),
        spotify_track(3, "Hunter", "Björk", duration_ms=203_000),
        spotify_track(4, "Bachelorette", "Somebody Else"),
        spotify_track(5, "Unravel", "Björk", duration_ms=260_000),
        spotify_track(6, "Venus as a Boy - 2011 Remaster", "Björk", external_ids={}),
        spotify_track(7, "5 Years", "Björk"),
    ]
    tracks = [
        _track("Jóga", isrc="GBABC0000001"),
        _track("Hunter"),
        _track("Bachelorette"),
        _track("Unravel"),
        _track("Venus as a Boy", isrc="GBABC9999999"),
        _track('5 Years: "demo" (Live)'),
        _track("No artist", artist=None),
        _track("Hunter", duration_s=203.0),
    ]
    saved = save_to_spotify(app, _TOKEN, "Night", tracks, renewed=[].append, description="From Segue")
    assert [uri for _, uri in saved.found] == [f"spotify:track:t{at}" for at in (1, 3, 6, 3)]
    assert [track.tags.title for track in saved.missing] == [
        "Bachelorette",
        "Unravel",
        '5 Years: "demo" (Live)',
        "No artist",
    ]
    assert saved.url == "https://open.spotify.com/playlist/new0"
    assert spotify.made["new0"]["uris"] == [uri for _, uri in saved.found]
    assert spotify.made["new0"]["public"] is False


def test_a_plain_query_finds_what_fields_do_not(app, spotify):
    guests = spotify_track(1, "Song (feat. Other)", "Main", artists=[{"name": "Main"}, {"name": "Other"}])
    spotify.music = [guests]
    saved = save_to_spotify(app, _TOKEN, "x", [_track("Song", "Main & Other")], renewed=[].append)
    assert [uri for _, uri in saved.found] == ["spotify:track:t1"]


def test_a_misspelled_title_is_found_and_another_number_is_not(app, spotify, monkeypatch):
    monkeypatch.setattr("standing_in._finds", lambda *_: True)
    spotify.music = [spotify_track(1, "Symphony No. 5 in C minor", "X")]
    near, far = _track("Symfony No. 5 in C minor", "X"), _track("Symphony No. 6 in C minor", "X")
    saved = save_to_spotify(app, _TOKEN, "x", [near, far], renewed=[].append)
    assert ([name for name, _ in saved.found], saved.missing) == ([near.id], (far,))


def test_without_any_track_no_playlist_is_made(app, spotify):
    with pytest.raises(NothingFound, match="none of the 1 tracks"):
        save_to_spotify(app, _TOKEN, "x", [_track("Nowhere")], renewed=[].append)
    with pytest.raises(UsageError, match="no tracks"):
        save_to_spotify(app, _TOKEN, "x", [], renewed=[].append)
    assert not spotify.made


def test_a_token_at_rest(tmp_path):
    key, other = server_key(tmp_path / "a"), server_key(tmp_path / "b")
    blob = sealed_token(key, _TOKEN)
    assert b"access-1" not in blob
    assert unsealed_token(key, blob) == _TOKEN
    with pytest.raises(SealBroken):
        unsealed_token(other, blob)
