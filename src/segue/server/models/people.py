"""People: sessions, accounts, keys."""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from segue.server.models.base import Asked, Record


class Account(Record):
    name: str
    is_admin: bool
    created_at: float | None
    settings: dict[str, Any]


class Accounts(Record):
    items: list[Account]


class Features(Record):
    spotify: bool
    genres: bool
    transcoding: list[str]


class Session(Record):
    """Who asks. On a library without accounts, whoever sits at the machine is its owner."""

    setup_needed: bool
    account: Account | None
    version: str
    features: Features


_LARGEST_SETTINGS = 100_000
_DEEPEST = 8

Password = Annotated[str, Field(min_length=1, max_length=1_000)]
NewPassword = Annotated[str, Field(min_length=8, max_length=1_000)]
Name = Annotated[str, Field(min_length=1, max_length=64)]


class Login(Asked):
    name: Name
    password: Password


class Setup(Asked):
    name: Name
    password: NewPassword
    folders: Annotated[list[Annotated[str, Field(max_length=4_000)]], Field(max_length=100)] = []


class NewAccount(Asked):
    name: Name
    password: NewPassword
    is_admin: bool = False


class PasswordChange(Asked):
    old: Password
    new: NewPassword


def _small(settings: dict[str, Any]) -> dict[str, Any]:
    """What is kept for everyone is bounded in size and depth."""
    size = _size(settings, _DEEPEST)
    if size is None or size > _LARGEST_SETTINGS:
        raise ValueError(f"settings are at most {_LARGEST_SETTINGS:,} values and letters, {_DEEPEST} deep")
    return settings


def _size(value: object, deepest: int) -> int | None:
    """Values and letters in a value of JSON; None for one that is deeper or no number of JSON."""
    if deepest < 0 or (isinstance(value, float) and not isfinite(value)):
        return None
    if isinstance(value, str):
        return 1 + len(value)
    if isinstance(value, int) and abs(value) >= 2**53:
        return None
    inside = [*value.keys(), *value.values()] if isinstance(value, dict) else value
    if not isinstance(inside, list):
        return 1
    sizes = [_size(one, deepest - 1) for one in inside]
    return None if None in sizes else 1 + sum(size or 0 for size in sizes)


class SettingsChange(Asked):
    """Kept for this account as they are: theme, language, player and the like."""

    settings: Annotated[dict[Annotated[str, Field(max_length=64)], Any], AfterValidator(_small)]


class Key(Record):
    """A key or an app password, without its secret."""

    id: str
    label: str
    created_at: float
    used_at: float | None
    expires_at: float | None


class Keys(Record):
    items: list[Key]


class NewKey(Asked):
    label: Annotated[str, Field(min_length=1, max_length=100)]
    days: Annotated[int, Field(ge=1, le=3_650)] | None = None


class MadeKey(Record):
    """The only time that the secret is shown."""

    key: Key
    secret: str
