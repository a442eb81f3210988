"""What comes next: similar, mixes, paths, recommendations, endless play."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from segue import catalogue as kept
from segue.catalogue import Catalogue
from segue.errors import NothingFound, UsageError
from segue.operations.answers import Choices
from segue.operations.mix import mix
from segue.operations.path import path
from segue.operations.recommend import recommend
from segue.operations.similar import similar
from segue.operations.station import Events, station
from segue.ranking import Course, Manner
from segue.server import models
from segue.server.access import Person, ServedNow, Somebody
from segue.server.paging import Number
from segue.server.records import answers_of
from segue.server.rest.atlas import kind_numbered
from segue.server.served import Served
from segue.types import TrackId

router = APIRouter(tags=["what comes next"])

Several = Annotated[list[models.Id], Query(min_length=1, max_length=50)]
PerArtist = Annotated[int, Query(ge=0, le=100, description="At most so many by one artist; 0 for no limit.")]
Variety = Annotated[float, Query(ge=0, le=1)]
Names = Annotated[list[Annotated[str, Query(max_length=200)]], Query(max_length=50)]
Kinds = Annotated[list[Literal["live", "remix", "karaoke", "skit", "speech"]], Query(max_length=5)]
# A seed of many tracks is stood for by some of them, evenly spread (see ranking).
_MOST_OF_A_SEED = 500
_OF_A_KIND = 12


@router.get("/similar")
def read_similar(
    served: ServedNow,
    person: Somebody,
    seed: models.Id,
    n: Number = 20,
    per_artist: PerArtist = 2,
    variety: Variety = 0.0,
    exclude_genre: Names = [],  # noqa: B006 - FastAPI copies it
    exclude_kind: Kinds = [],  # noqa: B006
    within_genre: bool = False,
) -> models.Answers:
    """What sounds like a track."""
    catalogue = served.catalogue()
    kept.track(catalogue, TrackId(seed))
    choices = Choices(
        number=n,
        per_artist=per_artist,
        variety=variety,
        genres=tuple(exclude_genre),
        kinds=tuple(exclude_kind),
        within_genre=within_genre,
    )
    found = similar(served.resident, seed, choices=choices)
    return models.Answers(items=answers_of(catalogue, person.listener, found))


@router.get("/mix")
def read_mix(
    served: ServedNow,
    person: Somebody,
    seed: Several,
    n: Number = 20,
    per_artist: PerArtist = 2,
    variety: Variety = 0.0,
) -> models.Answers:
    """What goes with several tracks."""
    catalogue = served.catalogue()
    kept.tracks(catalogue, [TrackId(one) for one in seed])
    choices = Choices(number=n, per_artist=per_artist, variety=variety)
    found = mix(served.resident, seed, choices=choices)
    return models.Answers(items=answers_of(catalogue, person.listener, found))


@router.get("/path")
def read_path(
    served: ServedNow,
    person: Somebody,
    start: models.Id,
    end: models.Id,
    n: Annotated[int, Query(ge=2, le=100)] = 12,
) -> models.Answers:
    """A way from one track to another in small steps; the match is with the first."""
    catalogue = served.catalogue()
    kept.tracks(catalogue, [TrackId(start), TrackId(end)])
    found = path(served.resident, start, end, number=n)
    return models.Answers(items=answers_of(catalogue, person.listener, found))


@router.get("/recommend")
def read_recommended(
    served: ServedNow,
    person: Somebody,
    wanted: Literal["", "new", "rediscover", "familiar"] = "",
    n: Number = 30,
    familiar: Annotated[float, Query(ge=0, le=1)] = 0.5,
) -> models.Answers:
    """What this person may want to hear, by what was played and said; nothing while that is too little."""
    try:
        found = recommend(
            served.resident,
            choices=Choices(number=n),
            wanted=wanted,
            listener=person.listener,
            manner=Manner(familiar=familiar),
        )
    except NothingFound as nothing:
        return models.Answers(items=[], note=str(nothing))
    return models.Answers(items=answers_of(served.catalogue(), person.listener, found))


@router.post("/station")
def read_station(asked: models.StationAsked, served: ServedNow, person: Somebody) -> models.Answers:
    """What comes next in endless play; nothing is kept here, the player tells what happened."""
    catalogue = served.catalogue()
    seeds = [track for seed in asked.seeds for track in _seed_tracks(catalogue, served, person, seed)]
    course, events = asked.settings, asked.events
    found = station(
        served.resident,
        _known(catalogue, list(dict.fromkeys(seeds))),
        asked.n,
        course=Course(
            familiar=course.familiar, varied=course.varied, tempo=course.tempo, energy=course.energy
        ),
        events=Events(
            played=_known(catalogue, events.played),
            liked=_known(catalogue, events.liked),
            disliked=_known(catalogue, events.disliked),
            skipped=_known(catalogue, events.skipped),
        ),
        listener=person.listener,
    )
    return models.Answers(items=answers_of(catalogue, person.listener, found))


def _seed_tracks(
    catalogue: Catalogue, served: Served, person: Person, seed: models.StationSeed
) -> Iterator[TrackId]:
    """The tracks that a seed stands for."""
    if seed.kind == "track":
        yield kept.track(catalogue, TrackId(seed.id)).id
    elif seed.kind == "album":
        yield from (track.id for track in kept.album_tracks(catalogue, seed.id))
    elif seed.kind == "artist":
        yield from (track.id for track in kept.artist_tracks(catalogue, seed.id)[:_MOST_OF_A_SEED])
    elif seed.kind == "playlist":
        kept.playlist(catalogue, person.listener, seed.id)
        yield from (track.id for track in kept.playlist_tracks(catalogue, seed.id)[:_MOST_OF_A_SEED])
    elif seed.kind == "kind":
        if not seed.id.isdecimal():
            raise NothingFound(f"there is no kind of music {seed.id}")
        # Those nearest to its centre: the kind at its clearest.
        yield from map(TrackId, kind_numbered(served, int(seed.id))["tracks"][:_OF_A_KIND])
    elif not seed.ids:
        raise UsageError("a region needs the ids of its tracks")
    else:
        yield from map(TrackId, seed.ids)


def _known(catalogue: Catalogue, names: list[str] | list[TrackId]) -> list[TrackId]:
    """Those tracks that are still there: a player may remember one that is gone."""
    return kept.present_ids(catalogue, [TrackId(name) for name in names])
