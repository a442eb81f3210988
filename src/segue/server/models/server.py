"""The server itself."""

from __future__ import annotations

from typing import Any, Literal

from segue.server.models.base import Record


class Health(Record):
    status: Literal["ok"]
    version: str


class About(Record):
    version: str
    licence: str
    tracks: int
    artists: int
    albums: int
    duration_s: float
    encoder: str | None
    genre_model: str | None


class Evaluation(Record):
    """A report of `segue evaluate history`, with controls and intervals; `error` is why there is none."""

    running: bool
    report: dict[str, Any] | None
    made_at: float | None
    error: str
