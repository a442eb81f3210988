"""Other people's services."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from segue.server.models.base import Asked, Id, Record


class Connection(Record):
    """`user` is the name there, `state` what is the matter, if anything."""

    service: Literal["listenbrainz", "spotify"]
    connected: bool
    user: str
    state: str


class Connections(Record):
    items: list[Connection]


class ListenBrainzConnect(Asked):
    token: Annotated[str, Field(min_length=1, max_length=400)]


class SpotifyCredentials(Asked):
    client_id: Annotated[str, Field(min_length=1, max_length=200)]


class SpotifyStart(Record):
    url: str


class RemotePlaylist(Record):
    id: str
    name: str
    owner: str
    n_tracks: int
    n_here: int


class RemotePlaylists(Record):
    items: list[RemotePlaylist]


class SaveRemotely(Asked):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    tracks: Annotated[list[Id], Field(min_length=1, max_length=10_000)]


class SavedRemotely(Record):
    url: str
    found: int
    missing: list[str]
