"""What `similar`, `mix` and `path` have in common: a person's choices before, tracks and playlists after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from segue.catalogue import Catalogue, Track, tracks_by_key
from segue.playlists import Entry, write_playlist
from segue.ranking import Filters, Limits, Ranked


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
        Left out: tracks with one of these tags, and tracks without genre tags that sound so.
    within_genre
        Only what sounds like the genre of a seed (`similar` and `mix`).
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
    within_genre: bool = False
    min_duration: float | None = None
    max_duration: float | None = None
    years: tuple[int | None, int | None] | None = None
    encoder: str | None = None

    @property
    def filters(self) -> Filters:
        """What is left out by what is written; `segue.operations.told_genres` adds what is told by ear."""
        return Filters(
            genres=self.genres,
            kinds=self.kinds,
            min_duration_s=self.min_duration,
            max_duration_s=self.max_duration,
            years=self.years,
        )

    @property
    def limits(self) -> Limits:
        """How the answer is spread."""
        return Limits(per_artist=self.per_artist, per_album=self.per_album, variety=self.variety)


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


def recommendations(
    catalogue: Catalogue, ranked: Sequence[Ranked], *, seeds: Sequence[int] = ()
) -> list[Recommendation]:
    """The tracks behind an answer; those with the keys `seeds` come first.

    What is gone meanwhile is left out.
    """
    known = tracks_by_key(catalogue, [*seeds, *(answer.key for answer in ranked)])
    # A library that is held open may still hear what has no file any more.
    found = {key: track for key, track in known.items() if track.paths}
    first = [Recommendation(found[key], 100.0, ("seed",)) for key in seeds if key in found]
    return first + [
        Recommendation(found[answer.key], answer.match, answer.reasons)
        for answer in ranked
        if answer.key in found
    ]


def write_answers(
    file: Path, answers: Sequence[Recommendation], *, title: str, relative: bool = False
) -> None:
    """Write an answer as a playlist, in the format of the file's ending (.m3u8, .xspf, .jspf)."""
    entries = [entry_of(answer.track) for answer in answers if answer.track.paths]
    write_playlist(file, entries, title=title, relative=relative)


def entry_of(track: Track) -> Entry:
    """What a playlist says of a track that has files."""
    return Entry(
        path=track.paths[0],
        title=track.tags.title,
        artist=track.tags.artist,
        album=track.tags.album,
        duration_s=track.duration_s,
        musicbrainz_recording_id=track.tags.musicbrainz_recording_id,
    )
