"""What a person does and says: plays, skips, likes, stars, ratings."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from fastapi import APIRouter

from segue import catalogue as kept
from segue.catalogue import Catalogue, open_catalogue
from segue.errors import NothingFound
from segue.operations.forwarding import take_play
from segue.operations.forwarding_opinions import passing_on_opinions
from segue.server import models
from segue.server.access import Person, ServedNow, Somebody
from segue.server.records import albums_of, artists_of, tracks_of
from segue.server.served import Served
from segue.types import TrackId

router = APIRouter(tags=["what a person says"])
ItemKind = Literal["track", "album", "artist"]
_OPINIONS = {"like": 1.0, "dislike": -1.0, "clear": None}


@router.post("/feedback", status_code=204)
def give_feedback(asked: models.Feedback, served: ServedNow, person: Somebody) -> None:
    """Tell what was played, skipped, liked or disliked; taste follows at once."""
    with open_catalogue(served.data, write=True) as catalogue:
        track = kept.track(catalogue, TrackId(asked.track))
        if asked.kind in _OPINIONS:
            with passing_on_opinions(catalogue, person.listener, [track.id]):
                kept.judge_track(catalogue, person.listener, track.id, _OPINIONS[asked.kind])
            return
        when = time.time() if asked.time_s is None else asked.time_s
        skipped = asked.kind == "skip"
        take_play(catalogue, person.listener, track, time_s=when, played_s=asked.played_s, skipped=skipped)


@router.get("/starred")
def read_starred(served: ServedNow, person: Somebody) -> models.Starred:
    """Everything with a star, newest first."""
    catalogue = served.catalogue()
    who = person.listener
    ids = {kind: [name for name, _ in kept.starred(catalogue, who, kind)] for kind in _KINDS}
    tracks = kept.tracks(catalogue, kept.present_ids(catalogue, [TrackId(name) for name in ids["track"]]))
    return models.Starred(
        artists=artists_of(catalogue, who, kept.artists_by_id(catalogue, ids["artist"])),
        albums=albums_of(catalogue, who, kept.albums_by_id(catalogue, ids["album"])),
        tracks=tracks_of(catalogue, who, tracks),
    )


_KINDS: tuple[ItemKind, ...] = ("track", "album", "artist")


@router.put("/stars/{kind}/{item}", status_code=204)
def star(kind: ItemKind, item: models.Id, served: ServedNow, person: Somebody) -> None:
    """Give a star; that of a track is a like as well."""
    with _marking(served, person, kind, item) as catalogue:
        _must_be(catalogue, kind, item)
        kept.star(catalogue, person.listener, kind, [item], time.time())


@router.delete("/stars/{kind}/{item}", status_code=204)
def unstar(kind: ItemKind, item: models.Id, served: ServedNow, person: Somebody) -> None:
    """Take a star back."""
    with _marking(served, person, kind, item) as catalogue:
        kept.unstar(catalogue, person.listener, kind, [item])


@router.put("/ratings/{kind}/{item}", status_code=204)
def rate(kind: ItemKind, item: models.Id, asked: models.Rating, served: ServedNow, person: Somebody) -> None:
    """Give one to five points, or take them back with 0."""
    with _marking(served, person, kind, item) as catalogue:
        _must_be(catalogue, kind, item)
        kept.rate(catalogue, person.listener, kind, item, asked.rating)


@contextmanager
def _marking(served: Served, person: Person, kind: ItemKind, item: str) -> Iterator[Catalogue]:
    """The catalogue, open for a mark; that of a track is an opinion, which may be passed on."""
    tracks = [item] if kind == "track" else []
    with (
        open_catalogue(served.data, write=True) as catalogue,
        passing_on_opinions(catalogue, person.listener, tracks),
    ):
        yield catalogue


def _must_be(catalogue: Catalogue, kind: ItemKind, item: str) -> None:
    if kind == "track":
        kept.track(catalogue, TrackId(item))
    elif kind == "album":
        kept.album(catalogue, item)
    elif kind == "artist":
        kept.artist(catalogue, item)
    else:
        raise NothingFound(f"there is no {kind} {item}")
