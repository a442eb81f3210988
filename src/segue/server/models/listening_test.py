"""The blind listening test."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from segue.server.models.base import Asked, Record
from segue.server.models.library import Track


class ListeningTest(Record):
    """Two models' lists for one seed, without names; the ticket says which is which, to the server only."""

    ticket: str
    seed: Track
    first: list[Track]
    second: list[Track]


class Vote(Asked):
    ticket: Annotated[str, Field(max_length=4_000)]
    preferred: Literal[0, 1, 2] = Field(description="0 for neither.")


class Tally(Record):
    """How often `model` was preferred: wins of n votes that were not ties, with a 95 % interval."""

    model: str
    other: str
    wins: int
    n: int
    ties: int
    share: float | None
    low: float | None
    high: float | None


class Tallies(Record):
    items: list[Tally]
