"""Playlists and the queue."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from segue.server.models.base import Asked, Id, Record
from segue.server.models.library import Track


class Playlist(Record):
    """`version` grows with every change; a change that names an older one is refused with 409."""

    id: str
    name: str
    comment: str
    owner: str
    is_own: bool
    is_public: bool
    n_tracks: int
    duration_s: float
    created_at: float
    changed_at: float
    version: int


class PlaylistFacts(Playlist):
    tracks: list[Track]


class Playlists(Record):
    items: list[Playlist]


class NewPlaylist(Asked):
    name: Annotated[str, Field(min_length=1, max_length=400)]
    comment: Annotated[str, Field(max_length=4_000)] = ""
    is_public: bool = False
    tracks: Annotated[list[Id], Field(max_length=20_000)] = []


class PlaylistChange(Asked):
    """Only what is given is changed."""

    version: int
    name: Annotated[str, Field(min_length=1, max_length=400)] | None = None
    comment: Annotated[str, Field(max_length=4_000)] | None = None
    is_public: bool | None = None
    tracks: Annotated[list[Id], Field(max_length=20_000)] | None = None


class PlaylistAdditions(Asked):
    tracks: Annotated[list[Id], Field(min_length=1, max_length=20_000)]


class ImportedPlaylist(Record):
    playlist: Playlist
    missing: list[str]


class Queue(Record):
    tracks: list[Track]
    place: int | None
    position_s: float
    changed_at: float | None
    changed_by: str


class QueueChange(Asked):
    tracks: Annotated[list[Id], Field(max_length=20_000)]
    place: Annotated[int, Field(ge=0)] | None = None
    position_s: Annotated[float, Field(ge=0, le=10**6)] = 0.0
