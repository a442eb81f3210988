"""The parameters of a call: read strictly, complained about in words."""

from __future__ import annotations

import math
from collections.abc import Iterable

from segue.server.subsonic.answers import Failure

_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})


class Params:
    """Names and values in their order; a name may come several times."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def all(self, name: str) -> list[str]:
        """Every value of a name that is not empty."""
        return [value for value in self._values.get(name, []) if value]

    def given(self, name: str) -> str | None:
        """The first value, which may be empty; None where the name is missing."""
        return self._values[name][0] if name in self._values else None

    def text(self, name: str) -> str | None:
        """The first value that says something, or None."""
        return next(iter(self.all(name)), None)

    def need(self, name: str) -> str:
        """The same where there must be one.

        Raises
        ------
        Failure
            10 if it is missing.
        """
        value = self.text(name)
        if value is None:
            raise missing(name)
        return value

    def need_all(self, name: str) -> list[str]:
        """Every value of a name of which there must be one."""
        self.need(name)
        return self.all(name)

    def integer(self, name: str, default: int, *, low: int, high: int) -> int:
        """A whole number; one beyond `high` is taken as `high`, so that asking for too much gives much.

        Raises
        ------
        Failure
            0 if it is no number, or below `low`.
        """
        value = self.text(name)
        return default if value is None else min(_whole(name, value, low), high)

    def need_integer(self, name: str, *, low: int, high: int) -> int:
        """The same where there must be one."""
        return min(_whole(name, self.need(name), low), high)

    def integers(self, name: str, *, low: int) -> list[int]:
        """Every value of a name as a whole number."""
        return [_whole(name, value, low) for value in self.all(name)]

    def optional_integer(self, name: str, *, low: int) -> int | None:
        """The same, or None where it is missing."""
        value = self.text(name)
        return None if value is None else _whole(name, value, low)

    def number(self, name: str, default: float, *, low: float) -> float:
        """A number with a fraction."""
        value = self.text(name)
        if value is None:
            return default
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or number < low:
            raise Failure(0, f"{name} is a number from {low:g}, not {shortened(value)}")
        return number

    def flag(self, name: str, default: bool) -> bool:
        """``true`` or ``false``."""
        value = self.optional_flag(name)
        return default if value is None else value

    def optional_flag(self, name: str) -> bool | None:
        """The same, or None where it is missing."""
        value = self.text(name)
        if value is None:
            return None
        if value.lower() in _TRUE | _FALSE:
            return value.lower() in _TRUE
        raise Failure(0, f"{name} is true or false, not {shortened(value)}")


def missing(name: str) -> Failure:
    """The complaint about a parameter that is not there."""
    return Failure(10, f"Required parameter is missing: {name}")


def _whole(name: str, value: str, low: int) -> int:
    digits = value.strip()
    # int() alone takes underscores, letters of other scripts, and texts of any length.
    plain = len(digits) <= 18 and digits.isascii() and digits.removeprefix("-").isdigit()
    number = int(digits) if plain else low - 1
    if number < low:
        raise Failure(0, f"{name} is a whole number from {low}, not {shortened(value)}")
    return number


def shortened(text: str, most: int = 60) -> str:
    """A value as it may stand in a message.

    >>> shortened("a" * 100, most=5)
    "'aaaa…'"
    """
    return repr(text if len(text) <= most else text[: most - 1] + "…")
