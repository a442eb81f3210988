"""Lines with separators as rows of fields; a quote that is never closed costs its line only."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Literal

_MOST_LINES = 20  # that one quoted field may go over
_LONGEST = 1 << 20


def separated_rows(
    lines: Iterable[str], separator: str, first: int = 1, *, quoted: bool = True
) -> Iterator[tuple[int, list[str] | str]]:
    """Number and fields of each line; in place of fields, words that say what is wrong with it.

    Empty lines are left out. A field that begins with a quote follows RFC 4180 and may hold line ends.

    Parameters
    ----------
    lines
        With their ends.
    separator
        One character.
    first
        The number of the first line.
    quoted
        Whether quotes have a meaning; in many research data sets they are letters like others.

    Examples
    --------
    >>> list(separated_rows(['a,"b, c"\\n', '"x,1\\n', 'y,2\\n'], ","))
    [(1, ['a', 'b, c']), (2, 'a quote that is not closed'), (3, ['y', '2'])]
    """
    held: list[str] = []  # lines since a quote was opened
    number = first
    for number, line in enumerate(lines, first):
        if held or (quoted and '"' in line):
            held.append(line)
            state = _state("".join(held), separator)
            if state == "open" and len(held) < _MOST_LINES and len(line) < _LONGEST:
                continue
            yield from _of_held(held, state, separator, number - len(held) + 1)
            held = []
            continue
        bare = line.rstrip("\r\n")
        if not bare:
            continue
        yield number, bare.split(separator) if len(bare) < _LONGEST else "a line without end"
    if held:
        yield from _of_held(held, "open", separator, number - len(held) + 1)


def _state(text: str, separator: str) -> Literal["whole", "open", "broken"]:
    """Whether a row ends inside a field in quotes, or text follows on a quote that closes one."""
    at = 0
    while True:
        if text.startswith('"', at):
            at = text.find('"', at + 1)
            while at >= 0 and text.startswith('"', at + 1):  # two quotes are a quote
                at = text.find('"', at + 2)
            if at < 0:
                return "open"
            if not text.startswith((separator, "\r", "\n"), at + 1) and at + 1 < len(text):
                return "broken"
        at = text.find(separator, at)
        if at < 0:
            return "whole"
        at += 1


def _of_held(
    held: list[str], state: str, separator: str, first: int
) -> Iterator[tuple[int, list[str] | str]]:
    """The rows of lines of which the first opens a quote: together if it is closed, else each for itself."""
    if state == "whole" or (state == "broken" and len(held) == 1):
        yield first, _fields(held, separator)
        return
    yield first, "a quote that is not closed"
    yield from separated_rows(held[1:], separator, first + 1)


def _fields(lines: list[str], separator: str) -> list[str] | str:
    try:
        return next(csv.reader(lines, delimiter=separator))
    except (csv.Error, StopIteration) as error:
        return str(error) or "an empty line"
