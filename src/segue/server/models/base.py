"""What all records have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")]
Text = Annotated[str, Field(max_length=400)]


class Record(BaseModel):
    """What all answers have in common."""

    model_config = ConfigDict(frozen=True)


class Asked(BaseModel):
    """What all bodies of requests have in common: an unknown field is an error, not a surprise."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Problem(Record):
    """An error, as RFC 9457 writes it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
