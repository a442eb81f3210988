"""What ids name, out of the catalogue; what they do not name is complained about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from segue import catalogue
from segue.catalogue import Album, Artist, Catalogue, SavedPlaylist, Track, open_catalogue
from segue.errors import NothingFound
from segue.server.subsonic import records
from segue.server.subsonic.answers import Value
from segue.server.subsonic.ids import not_found, of_kind
from segue.server.subsonic.registry import Asked
from segue.types import TrackId


def track(asked: Asked, name: str) -> Track:
    """The track of an id.

    Raises
    ------
    Failure
        70 if it names no track that has a file.
    """
    return tracks(asked, [name])[0]


def tracks(asked: Asked, names: Sequence[str]) -> list[Track]:
    """The tracks of ids, in their order; the same complaint."""
    wanted = [TrackId(of_kind(name, "track")) for name in names]
    try:
        found = catalogue.tracks(asked.catalogue, wanted)
    except NothingFound:
        for name in wanted:
            _single(asked, name)
        raise
    for one in found:
        if not one.paths:
            raise not_found("track", one.id)
    return found


def _single(asked: Asked, name: TrackId) -> None:
    try:
        catalogue.track(asked.catalogue, name)
    except NothingFound:
        raise not_found("track", name) from None


def album(asked: Asked, name: str) -> Album:
    """The album of an id, or 70."""
    found = catalogue.albums_by_id(asked.catalogue, [of_kind(name, "album")])
    if not found:
        raise not_found("album", name)
    return found[0]


def artist(asked: Asked, name: str) -> Artist:
    """The artist of an id, or 70."""
    try:
        return catalogue.artist(asked.catalogue, of_kind(name, "artist"))
    except NothingFound:
        raise not_found("artist", name) from None


def tracks_there(asked: Asked, names: Sequence[str]) -> list[Track]:
    """The tracks of ids that are still there, with files."""
    there = catalogue.present_ids(asked.catalogue, [TrackId(name) for name in names])
    return catalogue.tracks(asked.catalogue, there)


def playlist(asked: Asked, name: str) -> SavedPlaylist:
    """A playlist that the caller may see, or 70."""
    try:
        return catalogue.playlist(asked.catalogue, asked.listener, of_kind(name, "playlist"))
    except NothingFound:
        raise not_found("playlist", name) from None


def songs(asked: Asked, found: Sequence[Track]) -> list[dict[str, Value]]:
    """Tracks as the API shows them to the caller."""
    return records.songs(asked.catalogue, asked.listener, found, roots=asked.roots)


@contextmanager
def writing(asked: Asked) -> Iterator[Catalogue]:
    """The catalogue, open for storing something."""
    with open_catalogue(asked.services.library.data, write=True) as store:
        yield store


def year_range(asked: Asked) -> tuple[int | None, int | None] | None:
    """The years asked for, or None."""
    first = asked.params.optional_integer("fromYear", low=0)
    last = asked.params.optional_integer("toYear", low=0)
    return None if first is None and last is None else (first, last)


def music_folder(asked: Asked) -> Path | None:
    """The music folder asked for; None where all is: no folder is named, or the only one there is.

    Raises
    ------
    Failure
        70 if there is none of that number.
    """
    number = music_folder_number(asked)
    return None if number is None or len(asked.roots) == 1 else asked.roots[number - 1]


def music_folder_number(asked: Asked) -> int | None:
    """The number of the music folder asked for, from 1, or None; the same complaint."""
    number = asked.params.optional_integer("musicFolderId", low=0)
    if number is not None and not 1 <= number <= len(asked.roots):
        raise not_found("music folder", str(number))
    return number
