"""The play queue of a listener, which goes from one app to the next."""

from __future__ import annotations

from segue import catalogue
from segue.catalogue import PlayQueue
from segue.server.subsonic import things
from segue.server.subsonic.answers import Failure, Node, Value, iso_time
from segue.server.subsonic.params import missing
from segue.server.subsonic.registry import Asked, method

_MOST_MS = 10**9


@method("savePlayQueue")
def save_play_queue(asked: Asked) -> Node:
    """Keep a queue; without songs it is emptied."""
    names, current = asked.params.all("id"), asked.params.text("current")
    if current is not None and current not in names:
        raise Failure(10, "current is not among the songs of the queue")
    _save(asked, names, names.index(current) if current is not None else None)
    return {}


@method("savePlayQueueByIndex")
def save_play_queue_by_index(asked: Asked) -> Node:
    """The same with the place in the queue, in which a song may be twice."""
    names = asked.params.all("id")
    place = asked.params.optional_integer("currentIndex", low=0)
    if names and place is None:
        raise missing("currentIndex")
    if place is not None and place >= len(names):
        raise Failure(10, f"currentIndex is from 0 to the length of the queue less 1, not {place}")
    _save(asked, names, place)
    return {}


def _save(asked: Asked, names: list[str], place: int | None) -> None:
    position_ms = asked.params.integer("position", 0, low=0, high=_MOST_MS)
    tracks = [track.id for track in things.tracks(asked, names)]
    with things.writing(asked) as store:
        catalogue.set_play_queue(
            store,
            asked.listener,
            tracks,
            place=place,
            position_ms=position_ms,
            changed_by=asked.client,
        )


@method("getPlayQueue")
def get_play_queue(asked: Asked) -> Node:
    """The queue that was kept."""
    queue, place, entries = _queue(asked)
    current = entries[place]["id"] if place is not None else None
    return {"playQueue": {**queue, "current": current, "entry": entries}}


@method("getPlayQueueByIndex")
def get_play_queue_by_index(asked: Asked) -> Node:
    """The same with the place in it."""
    queue, place, entries = _queue(asked)
    return {"playQueueByIndex": {**queue, "currentIndex": place, "entry": entries}}


def _queue(asked: Asked) -> tuple[dict[str, Value], int | None, list[dict[str, Value]]]:
    """What is told of a queue, the place in it, and its songs; an empty one where none was ever kept."""
    known = catalogue.play_queue(asked.catalogue, asked.listener) or PlayQueue((), None, 0, 0.0, "")
    about: dict[str, Value] = {
        "position": known.position_ms,
        "username": asked.caller.name,
        "changed": iso_time(known.changed_at),
        "changedBy": known.changed_by,
    }
    return about, known.place, things.songs(asked, things.tracks_there(asked, known.track_ids))
