"""Where the music is, scans, files with problems."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from segue.server.models.base import Asked, Record


class Scan(Record):
    """A scan: `done` of `total` files of the present phase; total is null while it is not known."""

    running: bool
    phase: str
    done: int
    total: int | None
    problems: int
    message: str
    watching: bool
    started_at: float | None
    ended_at: float | None


class ScanAsked(Asked):
    retry: bool = Field(False, description="Try files again that could not be heard.")


class FileProblem(Record):
    file: str = Field(description="Below the library's folders.")
    reason: str
    detail: str
    seen_at: float
    attempts: int


class FileProblems(Record):
    items: list[FileProblem]


class Source(Record):
    id: str
    path: str = Field(description="A folder of the server; shown to administrators only.")
    n_tracks: int


class Sources(Record):
    items: list[Source]


class NewSource(Asked):
    path: Annotated[str, Field(min_length=1, max_length=4_000)]
