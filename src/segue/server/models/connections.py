"""Other people's services."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from segue.server.models.base import Asked, Id, Record
from segue.server.models.library import Track


class SpotifySync(Record):
    """How far the reading of an account is; `done` of `total` playlists, null while it is not known."""

    running: bool
    message: str
    done: int
    total: int | None
    error: str
    ended_at: float | None


class Connection(Record):
    """`user` is the name there, `state` what is the matter, if anything."""

    service: Literal["listenbrainz", "spotify"]
    available: bool = Field(
        description="Whether this server can speak to it; for Spotify an extra is needed."
    )
    connected: bool
    user: str
    state: str
    waiting: Annotated[int, Field(description="Plays that wait to be passed on to ListenBrainz.")] = 0
    client_id: Annotated[str, Field(description="Of this person's own app at Spotify; empty: off.")] = ""
    redirect_uri: Annotated[str, Field(description="To be registered for that app at Spotify.")] = ""
    sync: SpotifySync | None = None


class Connections(Record):
    items: list[Connection]


class ListenBrainzConnect(Asked):
    token: Annotated[str, Field(min_length=1, max_length=400)]


class SpotifyCredentials(Asked):
    client_id: Annotated[str, Field(min_length=1, max_length=200)]


class SpotifyStart(Record):
    """Where to send the browser."""

    url: str


class RemotePlaylist(Record):
    """A list at Spotify; `n_here` of its tracks are in the library. Some lists cannot be read."""

    id: str
    name: str
    owner: str
    is_saved: bool = Field(description="The saved tracks, which are no playlist there.")
    is_readable: bool
    n_tracks: int
    n_here: int


class RemotePlaylists(Record):
    items: list[RemotePlaylist]


class RemoteTrack(Record):
    """A track at Spotify, and the same recording in the library, if it is there."""

    title: str
    artists: list[str]
    album: str
    duration_s: float | None
    uri: str
    track: Track | None


class RemotePlaylistFacts(RemotePlaylist):
    tracks: list[RemoteTrack]


class SaveRemotely(Asked):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    tracks: Annotated[list[Id], Field(min_length=1, max_length=500)]


class SavedRemotely(Record):
    """`found` tracks are in the new playlist, `missing` ones are not to be had there."""

    url: str
    found: int
    missing: list[Track]
