"""One track closely: waveform, lyrics, genres."""

from __future__ import annotations

from segue.server.models.base import Record


class Peaks(Record):
    """Loudest sample of each part of the track, 0 to 255."""

    duration_s: float
    peaks: list[int]


class LyricsLine(Record):
    start_ms: int | None
    text: str


class Lyrics(Record):
    language: str
    synced: bool
    lines: list[LyricsLine]


class AllLyrics(Record):
    items: list[Lyrics]


class GenreShare(Record):
    name: str
    probability: float


class TrackGenres(Record):
    """What is told by ear of the whole track."""

    model: str
    items: list[GenreShare]
