"""What all records have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")]


class Record(BaseModel):
    """What all answers have in common."""

    model_config = ConfigDict(frozen=True)


class Asked(BaseModel):
    """What all bodies of requests have in common: an unknown field is an error, not a surprise."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _only_text(cls, value: object) -> object:
        """JSON may write halves of characters, which nothing can store."""
        if not is_text(value):
            raise ValueError("a text holds what is no character")
        return value


def is_text(value: object) -> bool:
    """Whether all texts in a value of JSON can be written as UTF-8.

    >>> is_text({"a": ["b", 1]}), is_text({"a": ["\\ud800"]})
    (True, False)
    """
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return False
        return True
    if isinstance(value, dict):
        return all(is_text(key) and is_text(one) for key, one in value.items())
    return all(is_text(one) for one in value) if isinstance(value, list) else True


class Problem(Record):
    """An error, as RFC 9457 writes it; `type` is `urn:segue:problem:NAME` where it has words that stay."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
