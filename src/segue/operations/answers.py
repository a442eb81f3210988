"""What the questions of `segue similar`, `mix` and `path` have in common: choices before, playlists after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from segue.catalogue import Catalogue, Track, tracks
from segue.playlists import Entry, write_playlist
from segue.ranking import Filters, Ranked
from segue.types import TrackId


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a person may say about the answer.

    Attributes
    ----------
    number
        How many tracks.
    per_artist, per_album
        At most this many by one artist, from one album; 0 for no limit.
    variety
        0 takes the most similar, 1 the most different from each other among them.
    kinds
        Of ``live``, ``remix``, ``karaoke``, ``skit``, ``speech``: left out.
    genres
        Left out.
    min_duration, max_duration
        In seconds.
    years
        First and last year, None for open; tracks without a year are left out where one is given.
    encoder
        Whose vectors are compared (default: the library's).
    """

    number: int = 20
    per_artist: int = 2
    per_album: int = 2
    variety: float = 0.0
    kinds: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    min_duration: float | None = None
    max_duration: float | None = None
    years: tuple[int | None, int | None] | None = None
    encoder: str | None = None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A track in an answer.

    Attributes
    ----------
    track
        The track.
    match
        Percentile, 0 to 100: the share of the library's pairs of tracks that are less alike.
    reasons
        In what it agrees with the seed, most telling first.
    """

    track: Track
    match: float
    reasons: tuple[str, ...]


def write_answers(file: Path, answers: Sequence[Recommendation], *, title: str, relative: bool = False) -> None:
    """Write an answer as a playlist, in the format of the file's ending (.m3u8, .xspf, .jspf)."""
    entries = [_entry(answer.track) for answer in answers if answer.track.paths]
    write_playlist(file, entries, title=title, relative=relative)


def _entry(track: Track) -> Entry:
    return Entry(
        path=track.paths[0],
        title=track.tags.title,
        artist=track.tags.artist,
        album=track.tags.album,
        duration_s=track.duration_s,
        musicbrainz_recording_id=track.tags.musicbrainz_recording_id,
    )
