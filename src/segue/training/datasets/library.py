"""The user's own library as a data set: tracks as the catalogue gives them, genres from their tags."""

from __future__ import annotations

from collections.abc import Iterable

from segue.audio import Tags
from segue.catalogue import Track
from segue.training.datasets.assembling import Entry, Listing, assemble
from segue.training.datasets.contract import Dataset


def dataset_of_library(tracks: Iterable[Track], *, name: str = "library") -> Dataset:
    """A data set with the targets ``genre`` (the first genre of a track), ``genres`` (all) and ``artist``.

    Genres that differ only by case or spaces are one. Tracks without a file are left out.

    Parameters
    ----------
    tracks
        Such as a library's present tracks.
    name
        Of the data set.

    Raises
    ------
    UsageError
        If there is no track with a file.
    """
    entries = tuple(_entry(track) for track in tracks if track.paths)
    return assemble(Listing(name, entries))


def _entry(track: Track) -> Entry:
    genres = list(dict.fromkeys(" ".join(genre.casefold().split()) for genre in track.tags.genres))
    return Entry(
        track=track.id,
        audio=track.paths[0],
        title=track.tags.title or "",
        artist=track.tags.artist or track.tags.album_artist or "",
        album=track.tags.album or "",
        recording=_recording(track.tags),
        classes={"genre": genres[0]} if genres else {},
        tags={"genres": genres} if genres else {},
    )


def _recording(tags: Tags) -> str:
    return tags.musicbrainz_recording_id or tags.isrc or ""
