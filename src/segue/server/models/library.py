"""The library as it is: tracks, albums, artists, genres, works, folders."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from segue.server.models.base import Asked, Id, Record


class ReplayGain(Record):
    track_gain_db: float | None
    track_peak: float | None
    album_gain_db: float | None
    album_peak: float | None


class Track(Record):
    """A recording of the library; `opinion` is -1 disliked to 1 liked, 0 where nothing was said."""

    id: str
    title: str
    artist: str
    artist_id: str | None
    album: str
    album_id: str | None
    album_artist: str
    album_artist_id: str | None
    track_number: int | None
    disc_number: int | None
    year: int | None
    duration_s: float
    genres: list[str]
    composer: str
    work: str
    codec: str
    playable: bool = Field(description="Whether browsers play the file as it is; else ask for a format.")
    has_cover: bool
    replaygain: ReplayGain
    starred_at: float | None
    rating: int | None
    opinion: float = Field(description="-1 disliked to 1 liked; 0 where nothing was said here.")
    added_at: float


class TrackFacts(Track):
    """A track with what only its own page shows."""

    bpm: float | None
    isrc: str | None
    musicbrainz_recording_id: str | None
    sample_rate_hz: int
    channels: int
    bitrate_bps: int | None
    file_names: list[str] = Field(description="Below the library's folders; never a path of the machine.")


class TrackIds(Asked):
    ids: Annotated[list[Id], Field(max_length=2_000)]


class Tracks(Record):
    items: list[Track]
    total: int | None = Field(description="How many there are in all; null where counting would cost much.")


class Album(Record):
    id: str
    name: str
    artist: str
    artist_id: str | None
    year: int | None
    n_tracks: int
    duration_s: float
    genres: list[str]
    cover_track: str | None
    added_at: float
    starred_at: float | None
    rating: int | None


class AlbumFacts(Album):
    tracks: list[Track]


class Albums(Record):
    items: list[Album]
    total: int


class Artist(Record):
    id: str
    name: str
    n_albums: int
    n_tracks: int
    starred_at: float | None
    rating: int | None


class ArtistFacts(Artist):
    albums: list[Album]
    n_played: int = Field(description="How many of the tracks this person has played.")
    tracks: list[Track] = Field(description="Up to 200, the most played first.")


class Artists(Record):
    items: list[Artist]


class Genre(Record):
    name: str
    n_tracks: int
    n_albums: int


class Composer(Record):
    name: str
    n_tracks: int
    n_works: int


class Work(Record):
    name: str
    composer: str
    n_tracks: int


class FolderName(Record):
    id: str
    name: str
    n_tracks: int


class Folder(FolderName):
    parent_id: str | None
    folders: list[FolderName]
    tracks: list[Track]


class Found(Record):
    """What answers a search; `corrected` is how the words were read when they were in no name."""

    artists: list[Artist]
    albums: list[Album]
    tracks: list[Track]
    corrected: str | None
