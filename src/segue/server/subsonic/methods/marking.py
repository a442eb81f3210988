"""Stars and ratings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from segue import catalogue
from segue.catalogue import Catalogue, StarKind
from segue.operations.forwarding_opinions import passing_on_opinions
from segue.server.subsonic import things
from segue.server.subsonic.answers import Failure, Node
from segue.server.subsonic.ids import meant, not_found
from segue.server.subsonic.params import missing
from segue.server.subsonic.registry import Asked, method

_PARAMS = ("id", "albumId", "artistId")


@method("star")
def star(asked: Asked) -> Node:
    """Mark songs, albums and artists."""
    marked = _meant(asked)
    with _marking(asked, marked.get("track", [])) as store:
        for kind, names in marked.items():
            catalogue.star(store, asked.listener, kind, names, asked.services.now_s())
    return {}


@method("unstar")
def unstar(asked: Asked) -> Node:
    """Take the marks back."""
    marked = _meant(asked)
    with _marking(asked, marked.get("track", [])) as store:
        for kind, names in marked.items():
            catalogue.unstar(store, asked.listener, kind, names)
    return {}


@contextmanager
def _marking(asked: Asked, tracks: Sequence[str]) -> Iterator[Catalogue]:
    """The catalogue, open for marks; those of tracks are opinions, which may be passed on."""
    with things.writing(asked) as store, passing_on_opinions(store, asked.listener, tracks):
        yield store


def _meant(asked: Asked) -> dict[StarKind, list[str]]:
    """What is to be marked, all of it there; ids say themselves what they name, whatever the parameter."""
    names = [name for param in _PARAMS for name in asked.params.all(param)]
    if not names:
        raise missing("id, albumId or artistId")
    found: dict[StarKind, list[str]] = {}
    for name in dict.fromkeys(names):
        kind, own = there(asked, name)
        found.setdefault(kind, []).append(own)
    return found


def there(asked: Asked, name: str) -> tuple[StarKind, str]:
    """What an id names, which can bear a mark, and the catalogue's id of it.

    Raises
    ------
    Failure
        70 if it names nothing of the kind.
    """
    kind, own = meant(name)
    if kind == "album":
        things.album(asked, name)
        return "album", own
    if kind == "artist":
        things.artist(asked, name)
        return "artist", own
    if kind == "track":
        things.track(asked, name)
        return "track", own
    raise not_found("song, album or artist", name)


@method("setRating")
def set_rating(asked: Asked) -> Node:
    """1 to 5, or 0 to take it back."""
    name = asked.params.need("id")
    rating = asked.params.need_integer("rating", low=0, high=10)
    if rating > 5:
        raise Failure(0, f"rating is a whole number from 0 to 5, not {rating}")
    kind, own = there(asked, name)
    with _marking(asked, [own] if kind == "track" else []) as store:
        catalogue.rate(store, asked.listener, kind, own, rating)
    return {}
