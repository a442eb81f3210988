"""Spotify: sign in, read playlists and saved tracks, search, and save a playlist.

The Web API as it is documented since February 2026: items of a playlist can be read only by its owner and
collaborators, a search gives 10 tracks, and apps in development mode have few users.
"""

from segue.services.spotify.authorising import (
    NOT_INSTALLED,
    Authorisation,
    SpotifyApp,
    SpotifyToken,
    begin_authorisation,
    check_app,
    finish_authorisation,
    is_installed,
    refreshed,
    text_of_token,
    token_of_text,
)
from segue.services.spotify.calling import SpotifySession, open_session
from segue.services.spotify.reading import (
    RemotePlaylist,
    RemoteTrack,
    RemoteTracks,
    opinion_of,
    place_of,
    playlists,
    saved_tracks,
    user_name,
    with_tracks,
)
from segue.services.spotify.writing import make_playlist, search_tracks

__all__ = [
    "NOT_INSTALLED",
    "Authorisation",
    "RemotePlaylist",
    "RemoteTrack",
    "RemoteTracks",
    "SpotifyApp",
    "SpotifySession",
    "SpotifyToken",
    "begin_authorisation",
    "check_app",
    "finish_authorisation",
    "is_installed",
    "make_playlist",
    "open_session",
    "opinion_of",
    "place_of",
    "playlists",
    "refreshed",
    "saved_tracks",
    "search_tracks",
    "text_of_token",
    "token_of_text",
    "user_name",
    "with_tracks",
]
