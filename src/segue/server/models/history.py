"""Histories that people bring along."""

from __future__ import annotations

from pydantic import Field

from segue.server.models.base import Asked, Id, Record


class FormatRead(Record):
    format: str
    n_files: int


class Coverage(Record):
    """How much of what this person played is in the library; `near` recordings nearly fit a track."""

    recordings: int
    plays: int
    matched: int
    matched_plays: int
    near: int


class BadRows(Record):
    reason: str
    n: int
    examples: list[str]


class HistoryImport(Record):
    """What was in uploaded histories, what of it was new, and how much of all is in the library."""

    formats: list[FormatRead]
    rows: int
    bad_rows: int
    plays: int
    new_plays: int
    others: int = Field(description="Counts, places in playlists and opinions.")
    new_others: int
    skips: int
    coverage: Coverage
    problems: list[BadRows]


class HistoryFigures(Record):
    plays: int
    plays_in_library: int
    skips: int
    first_play_s: float | None
    last_play_s: float | None
    recordings: int
    recordings_in_library: int
    recordings_with_counts: int
    recordings_in_playlists: int
    liked: int
    disliked: int


class UnmatchedRecording(Record):
    """`score` tells from 0 to 100 how well the track `near_id` fits."""

    id: int
    artist: str
    title: str
    album: str
    plays: int
    near_id: str | None
    near_name: str
    score: float


class Unmatched(Record):
    coverage: Coverage
    items: list[UnmatchedRecording]


class Correction(Asked):
    """Which track a recording of the history is; null where the library does not have it."""

    track: Id | None
