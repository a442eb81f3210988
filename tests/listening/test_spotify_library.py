"""Playlists and kept tracks of Spotify's account data."""

from __future__ import annotations

import json

from segue.listening import sniff

TRACK = {"trackName": "Jóga", "artistName": "Björk", "albumName": "Homogenic", "trackUri": "spotify:track:1"}


def item(**parts):
    return {"track": None, "episode": None, "localTrack": None, "addedDate": "2020-12-29"} | parts


def test_places_in_playlists(tmp_path, read):
    local = {"uri": "spotify:local:A:B:C:3"}
    items = [item(track=TRACK), item(episode={"episodeName": "E"}), item(localTrack=local), "x"]
    playlists = [{"name": "Mine", "lastModifiedDate": "2020-12-29", "items": items}]
    file = tmp_path / "Playlist1.json"
    file.write_text(json.dumps({"playlists": [*playlists, 7, {"name": "Empty", "items": []}]}))
    assert sniff(file) == "spotify-library"
    (listen,), bad = read(file)
    assert (listen.artist, listen.title, listen.album) == ("Björk", "Jóga", "Homogenic")
    assert (listen.kind, listen.uri, listen.count, listen.listener) == ("playlist", "spotify:track:1", 1, "")
    assert [row.reason for row in bad] == ["not-music", "missing-name", "missing-name", "malformed"]
    assert "Mine" not in repr(bad)


def test_kept_tracks_are_liked_and_banned_ones_disliked(tmp_path, read):
    kept = {"artist": "B", "album": "C", "track": "A", "uri": "spotify:track:1"}
    banned = {"artist": "D", "album": "E", "track": "F", "uri": "spotify:track:2"}
    library = {"tracks": [kept, {}], "albums": [kept], "shows": [], "bannedTracks": [banned], "other": []}
    file = tmp_path / "YourLibrary.json"
    file.write_text(json.dumps(library, indent=2))
    assert sniff(file) == "spotify-library"
    listens, bad = read(file)
    said = [(one.artist, one.title, one.album, one.uri, one.opinion, one.count) for one in listens]
    assert said == [("B", "A", "C", "spotify:track:1", 1.0, 0), ("D", "F", "E", "spotify:track:2", -1.0, 0)]
    assert {one.kind for one in listens} == {"opinion"}
    assert [row.reason for row in bad] == ["missing-name"]


def test_a_history_of_playlists_is_none_of_them(tmp_path, read):
    file = tmp_path / "empty.json"
    file.write_text(json.dumps({"tracks": [], "bannedTracks": []}))
    assert read(file) == ([], [])
