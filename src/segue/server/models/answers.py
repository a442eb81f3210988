"""What comes next, and what a person says about it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from segue.server.models.base import Asked, Id, Record
from segue.server.models.library import Album, Artist, Track


class Answer(Record):
    """A track in an answer: `match` is a percentile of the library, `reasons` are words for people."""

    track: Track
    match: float
    reasons: list[str]
    kind: str = Field("sound", description="sound, usage, played, liked, seed or playlist.")


class Answers(Record):
    """`note` says why there are none."""

    items: list[Answer]
    note: str = ""


class StationSeed(Asked):
    """Where endless play begins: one thing of the library, or `ids` of tracks of a region of the map."""

    kind: Literal["track", "album", "artist", "playlist", "kind", "region"]
    id: Annotated[str, Field(max_length=64)] = ""
    ids: Annotated[list[Id], Field(max_length=2_000)] = []


class StationSettings(Asked):
    """Sliders: 0 is the middle of those that reach from -1 to 1."""

    familiar: Annotated[float, Field(ge=-1, le=1)] = 0.0
    varied: Annotated[float, Field(ge=0, le=1)] = 0.3
    tempo: Annotated[float, Field(ge=-1, le=1)] = 0.0
    energy: Annotated[float, Field(ge=-1, le=1)] = 0.0


class StationEvents(Asked):
    """What happened since it began, oldest first."""

    played: Annotated[list[Id], Field(max_length=2_000)] = []
    liked: Annotated[list[Id], Field(max_length=2_000)] = []
    disliked: Annotated[list[Id], Field(max_length=2_000)] = []
    skipped: Annotated[list[Id], Field(max_length=2_000)] = []


class StationAsked(Asked):
    seeds: Annotated[list[StationSeed], Field(min_length=1, max_length=50)]
    settings: StationSettings = StationSettings()
    events: StationEvents = StationEvents()
    n: Annotated[int, Field(ge=1, le=100)] = 10


class Feedback(Asked):
    """What a listener did or said; `clear` takes an opinion back."""

    track: Id
    kind: Literal["play", "skip", "like", "dislike", "clear"]
    played_s: Annotated[float, Field(ge=0, le=10**6)] | None = None
    time_s: Annotated[float, Field(ge=0, le=10**11)] | None = None


class Starred(Record):
    artists: list[Artist]
    albums: list[Album]
    tracks: list[Track]


class Rating(Asked):
    rating: Annotated[int, Field(ge=0, le=5, description="0 takes it back.")]
