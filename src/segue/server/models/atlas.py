"""The library from above: the map, and kinds of music."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from segue.server.models.base import Asked, Record


class BeingMade(Record):
    """What is asked for is still being made: ask again after `Retry-After`."""

    being_made: Literal[True] = True


class MapColour(Record):
    """Labels by which the map can be coloured: `labels[codes[i]]` is that of point i; code -1 has none."""

    name: str
    labels: list[str]
    codes: list[int]


class LibraryMap(Record):
    """The points come from `/api/map/points`, in the order of `tracks`."""

    encoder: str
    tracks: list[str]
    titles: list[str]
    colours: list[MapColour]
    notes: list[str]


class Kind(Record):
    """A kind of music that the library holds."""

    number: int
    name: str
    n_tracks: int
    words: list[str]
    cover_tracks: list[str]


class KindName(Asked):
    name: Annotated[str, Field(max_length=100)]


class Kinds(Record):
    encoder: str
    items: list[Kind]
