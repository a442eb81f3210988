"""What every reader needs: times and counts made sure of, bad rows counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from segue.types import BadRow

EARLIEST_S = 631_152_000.0
"""1990-01-01: a play said to be older has no time, or a wrong one."""

LATE_S = 86_400.0
"""How far ahead of now a time may lie, because clocks and time zones differ."""

_MOST_SAMPLES = 20
_MOST_PLAYS = 1e9
# As exporters of Last.fm histories write them.
_DATE_SHAPES = ("%d %b %Y %H:%M", "%d %b %Y, %H:%M", "%d %b %Y, %H:%M:%S", "%d %b %Y %H:%M:%S")


@dataclass(frozen=True)
class RowReport:
    """How reading went.

    Attributes
    ----------
    n_rows
        Rows that were read, good and bad.
    n_bad
        Rows that could not be used.
    reasons
        (word, rows), the most frequent first.
    samples
        At most 20 bad rows of each reason.
    """

    n_rows: int
    n_bad: int
    reasons: tuple[tuple[str, int], ...]
    samples: tuple[BadRow, ...]


class RowTally:
    """Counts rows while they are read, and keeps a few of the bad ones."""

    def __init__(self) -> None:
        self._good = 0
        self._bad: Counter[str] = Counter()
        self._samples: list[BadRow] = []
        self._kept: Counter[str] = Counter()

    def good(self, n: int = 1) -> None:
        """`n` rows were usable."""
        self._good += n

    def bad(self, row: BadRow) -> None:
        """One row was not."""
        self.bad_many(row.reason, 1, [row])

    def bad_many(self, reason: str, n: int, samples: Iterable[BadRow]) -> None:
        """`n` rows were not, of which `samples` yields the first; it is only asked for what is kept."""
        self._bad[reason] += n
        room = _MOST_SAMPLES - self._kept[reason]
        if room > 0:
            for row, _ in zip(samples, range(room), strict=False):
                self._samples.append(row)
                self._kept[reason] += 1

    def report(self) -> RowReport:
        """What was counted so far."""
        n_bad = self._bad.total()
        return RowReport(self._good + n_bad, n_bad, tuple(self._bad.most_common()), tuple(self._samples))


def seconds_of(value: object) -> float:
    """UTC epoch seconds of a number, a date, or a text in one of the shapes that exporters use.

    Numbers above 1e11 are milliseconds, above 1e14 microseconds. A text without a zone is UTC.

    Raises
    ------
    ValueError
        If no time can be made of it.

    Examples
    --------
    >>> seconds_of("2009-05-04T23:08:57Z"), seconds_of("02 Jan 2020 12:34"), seconds_of(1588888888000)
    (1241478537.0, 1577968440.0, 1588888888.0)
    """
    if isinstance(value, str):
        text = value.strip()
        try:
            value = datetime.fromisoformat(text) if len(text) > 8 and not text.isdigit() else float(text)
        except ValueError:
            value = _written_date(text)
    if isinstance(value, datetime):
        zoned = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        return zoned.timestamp()
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        number = float(value)
        return number / 1e3 if 1e11 < number <= 1e14 else number / 1e6 if number > 1e14 else number
    raise ValueError("no time")


def _written_date(text: str) -> datetime | float:
    bare = text.removesuffix(" UTC").strip()
    for shape in _DATE_SHAPES:
        try:
            return datetime.strptime(bare, shape)
        except ValueError:
            continue
    return float(text)


def time_of(value: object, latest_s: float) -> float | tuple[str, str]:
    """The time that `value` says, in UTC epoch seconds, or why it cannot be one: a reason and words.

    Examples
    --------
    >>> time_of(0, 2e9)
    ('early-time', 'a time before 1990')
    """
    try:
        time_s = seconds_of(value)
    except (ValueError, OverflowError):
        if value is None or value == "":
            return "missing-time", "it says no time"
        return "not-a-time", "its time cannot be read"
    if EARLIEST_S <= time_s <= latest_s:
        return time_s
    if time_s < EARLIEST_S:
        return "early-time", "a time before 1990"
    return "future-time", "a time in the future"


def count_of(value: object) -> int | tuple[str, str]:
    """The number of plays that `value` says, at least 1, or why it cannot be one: a reason and words.

    Examples
    --------
    >>> count_of("3"), count_of(-1), count_of(float("nan"))
    (3, ('negative-count', 'a negative number of plays'), ('not-a-count', 'its number of plays is no number'))
    """
    if value is None or value == "":
        return "missing-count", "it says no number of plays"
    try:
        number = float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or number > _MOST_PLAYS or isinstance(value, bool):
        return "not-a-count", "its number of plays is no number"
    if number < 0:
        return "negative-count", "a negative number of plays"
    return max(1, round(number)) if number > 0 else ("zero-count", "no plays at all")


def opinion_of_stars(stars: float) -> float:
    """-1 for one star (or less) to 1 for five.

    >>> opinion_of_stars(5), opinion_of_stars(3), opinion_of_stars(0.5)
    (1.0, 0.0, -1.0)
    """
    return min(1.0, max(-1.0, (stars - 3) / 2))
