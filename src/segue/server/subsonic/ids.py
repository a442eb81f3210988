"""The ids that apps see: those of the catalogue, with letters before all but tracks that say what it is."""

from __future__ import annotations

from typing import Literal, TypeAlias

from segue.server.subsonic.answers import Failure
from segue.server.subsonic.params import shortened

Kind: TypeAlias = Literal["track", "album", "artist", "playlist", "folder"]

_LETTERS: dict[str, Kind] = {"al": "album", "ar": "artist", "pl": "playlist", "fo": "folder"}


def album_id(name: str) -> str:
    """The id of an album, also of its cover."""
    return f"al-{name}"


def artist_id(name: str) -> str:
    """The id of an artist, also of a picture for it."""
    return f"ar-{name}"


def playlist_id(name: str) -> str:
    """The id of a playlist, also of a picture for it."""
    return f"pl-{name}"


def folder_id(name: str) -> str:
    """The id of a folder."""
    return f"fo-{name}"


def meant(name: str) -> tuple[Kind, str]:
    """What an id names, and the catalogue's id of it.

    >>> meant("al-1f"), meant("0f3c")
    (('album', '1f'), ('track', '0f3c'))
    """
    letters, dash, rest = name.partition("-")
    return (_LETTERS[letters], rest) if dash and letters in _LETTERS else ("track", name)


def of_kind(name: str, kind: Kind) -> str:
    """The catalogue's id of what must be a `kind`.

    Raises
    ------
    Failure
        70 if it is something else.
    """
    found, rest = meant(name)
    if found != kind:
        raise not_found(kind, name)
    return rest


def not_found(kind: str, name: str) -> Failure:
    """The complaint about an id that names nothing."""
    return Failure(70, f"No {kind} has the id {shortened(name)}")
