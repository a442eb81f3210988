"""What sounds alike: Segue's own lists, in every form in which apps ask for them."""

from __future__ import annotations

from collections.abc import Sequence

from segue import catalogue
from segue.catalogue import Track
from segue.errors import NothingFound
from segue.operations.answers import Choices, Recommendation
from segue.operations.mix import mix
from segue.operations.path import path
from segue.operations.similar import similar
from segue.server.subsonic import things
from segue.server.subsonic.answers import Failure, Node, Value
from segue.server.subsonic.ids import meant, not_found
from segue.server.subsonic.registry import Asked, method

_MOST = 500
_MOST_SEEDS = 12
_LONGEST_PATH = 100


@method("getSimilarSongs")
def get_similar_songs(asked: Asked) -> Node:
    """Songs that sound like a song, an album or an artist."""
    return {"similarSongs": {"song": _alike(asked)}}


@method("getSimilarSongs2")
def get_similar_songs2(asked: Asked) -> Node:
    """The same under another name."""
    return {"similarSongs2": {"song": _alike(asked)}}


def _alike(asked: Asked) -> list[dict[str, Value]]:
    name = asked.params.need("id")
    number = asked.params.integer("count", 50, low=0, high=_MOST)
    kind, _ = meant(name)
    if kind == "artist":
        seeds = catalogue.artist_tracks(asked.catalogue, things.artist(asked, name).id)
    elif kind == "album":
        seeds = catalogue.album_tracks(asked.catalogue, things.album(asked, name).id)
    elif kind == "track":
        seeds = [things.track(asked, name)]
    else:
        raise not_found("song, album or artist", name)
    return things.songs(asked, [one.track for one in _answers(asked, seeds, number)])


def _answers(asked: Asked, seeds: Sequence[Track], number: int) -> list[Recommendation]:
    """`similar` of one, `mix` of several; nothing where nothing was heard of them yet."""
    if not number:
        return []
    choices = Choices(number=number)
    names = [str(track.id) for track in spread(seeds)]
    library = asked.services.library
    try:
        return (
            similar(library, names[0], choices=choices)
            if len(names) == 1
            else mix(library, names, choices=choices)
        )
    except NothingFound:
        return []


def spread(seeds: Sequence[Track], most: int = _MOST_SEEDS) -> list[Track]:
    """At most so many of some tracks, from the first to the last at even steps."""
    if len(seeds) <= most:
        return list(seeds)
    return [seeds[round(step * (len(seeds) - 1) / (most - 1))] for step in range(most)]


@method("getSonicSimilarTracks")
def get_sonic_similar_tracks(asked: Asked) -> Node:
    """Songs that sound like one, and how much."""
    seed = things.track(asked, asked.params.need("id"))
    number = asked.params.integer("count", 10, low=0, high=_MOST)
    return {"sonicMatch": _matches(asked, _answers(asked, [seed], number))}


@method("findSonicPath")
def find_sonic_path(asked: Asked) -> Node:
    """A way from one song to another; how much each sounds like the first."""
    start = things.track(asked, asked.params.need("startSongId"))
    end = things.track(asked, asked.params.need("endSongId"))
    number = asked.params.integer("count", 25, low=2, high=_LONGEST_PATH)
    if start.id == end.id:
        return {"sonicMatch": [{"entry": things.songs(asked, [start])[0], "similarity": 1.0}]}
    try:
        answers = path(asked.services.library, start.id, end.id, number=number)
    except NothingFound as error:
        raise Failure(70, str(error)) from error
    matches = _matches(asked, answers)
    return {"sonicMatch": [{**matches[0], "similarity": 1.0}, *matches[1:]]}


def _matches(asked: Asked, answers: Sequence[Recommendation]) -> list[dict[str, Value]]:
    songs = things.songs(asked, [one.track for one in answers])
    return [
        {"entry": song, "similarity": round(min(max(one.match / 100, 0.0), 1.0), 4)}
        for song, one in zip(songs, answers, strict=True)
    ]
