"""The elements of JSON arrays of any length, one at a time: a broken one costs only itself."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from json.decoder import JSONDecodeError
from typing import Any, NamedTuple, TextIO

from segue.errors import UsageError

_CHUNK = 1 << 20
_LARGEST = 1 << 26
_SPACE = re.compile(r"[\s\0]*")
_BETWEEN = re.compile(r"[\s,]*")
_NEXT = re.compile(r"\}\s*,\s*(?=\{)")
_DECODE = json.JSONDecoder().raw_decode


class Broken(NamedTuple):
    """Stands for an element that is no JSON."""

    detail: str


def json_elements(
    text: TextIO, name: str, *, inside: Collection[str] = (), single: Collection[str] = ()
) -> Iterator[tuple[str, Any | Broken]]:
    """The elements of the array that a text holds, or of arrays in the object that it holds.

    Parameters
    ----------
    text
        A JSON array or object, or several after each other.
    name
        What errors call it.
    inside
        Names in the object (and in objects under these names) whose arrays are wanted.
    single
        Those of them whose object, where there is no array, is itself an element: some writers make no
        array for one.

    Yields
    ------
    (name of the array, element)
        The name is empty for an array that is the whole text; a `Broken` stands for a broken element.

    Raises
    ------
    UsageError
        If the text ends before its JSON does, or is not JSON outside an array's elements.

    Notes
    -----
    Memory holds one element and about a million characters. ``NaN`` and ``Infinity`` are accepted, as
    Python writes them.

    Examples
    --------
    >>> import io
    >>> list(json_elements(io.StringIO('{"a": 1, "b": [1, {"c": 2}]}'), "x.json", inside={"b"}))
    [('b', 1), ('b', {'c': 2})]
    """
    reader = _Reader(text, name)
    while True:
        if reader.peek() == "[":
            yield from _array(reader, "")
        else:
            yield from _object(reader, inside, single)
        if not reader.peek():
            return


class _Reader:
    """A window on the text that moves on and grows where a value needs it."""

    def __init__(self, text: TextIO, name: str) -> None:
        self._text, self.name = text, name
        self.window, self.at, self._before, self.ended = "", 0, 0, False

    def grow(self) -> bool:
        """Read more; False at the end of the text."""
        kept = self.window[self.at :]
        part = self._text.read(max(_CHUNK, len(kept)))
        self._before += self.at
        self.window, self.at, self.ended = kept + part, 0, not part
        return bool(part)

    def peek(self, skipped: re.Pattern[str] = _SPACE) -> str:
        """The next character that is not skipped; empty at the end of the text."""
        while True:
            self.at = skipped.match(self.window, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.window):
                return self.window[self.at]
            if not self.grow():
                return ""

    def value(self) -> Any:
        """The value that begins here.

        Raises
        ------
        JSONDecodeError
            If it is no JSON, though the text goes on.
        UsageError
            If the text ends inside it.
        """
        while True:
            try:
                value, end = _DECODE(self.window, self.at)
            except JSONDecodeError as error:
                unfinished = len(self.window) - error.pos < 16 or error.msg.startswith("Unterminated")
                if not unfinished:
                    raise
                self._grow_for_value()
                continue
            except RecursionError:
                raise JSONDecodeError("too deep", self.window, self.at) from None
            except ValueError as error:  # a number of thousands of digits
                raise JSONDecodeError(str(error).split(":")[0], self.window, self.at) from None
            # Of a number the window may hold the beginning only: "1" of "1.5e3".
            if len(self.window) - end > 3 or self.ended or not isinstance(value, int | float):
                self.at = end
                return value
            self._grow_for_value(may_end=True)

    def _grow_for_value(self, *, may_end: bool = False) -> None:
        if len(self.window) - self.at > _LARGEST:
            raise UsageError(
                f"{self.name} holds one JSON value of more than {_LARGEST:,} characters: refused"
            )
        if not self.grow() and not may_end:
            raise self.cut_off()

    def cut_off(self) -> UsageError:
        return UsageError(
            f"{self.name} is cut off after {self._before + len(self.window):,} characters: get it anew"
        )

    def wrong(self, what: str) -> UsageError:
        return UsageError(f"{self.name} is not JSON at character {self._before + self.at:,}: {what}")

    def skip_broken(self, error: JSONDecodeError) -> None:
        """Go on behind the broken element, where the next object of the array seems to begin."""
        start = max(error.pos, self.at + 1)
        while True:
            found = _NEXT.search(self.window, start)
            if found:
                self.at = found.end()
                return
            # What was searched is left behind, but for the end, which may hold half of what is sought.
            self.at = max(self.at, len(self.window) - 64)
            start = 0
            if not self.grow():
                end = self.window.rfind("]")
                if end < 0:
                    raise self.cut_off()
                self.at = end  # it was the last one
                return


def _array(reader: _Reader, label: str) -> Iterator[tuple[str, Any | Broken]]:
    reader.at += 1
    while True:
        character = reader.peek(_BETWEEN)
        if character == "]":
            reader.at += 1
            return
        if not character:
            raise reader.cut_off()
        try:
            value = reader.value()
        except JSONDecodeError as error:
            reader.skip_broken(error)
            yield label, Broken(f"not JSON: {error.msg}")
            continue
        yield label, value


def _object(
    reader: _Reader, inside: Collection[str], single: Collection[str]
) -> Iterator[tuple[str, Any | Broken]]:
    if reader.peek() != "{":
        raise reader.wrong("neither a list nor an object") if reader.peek() else reader.cut_off()
    reader.at += 1
    while True:
        character = reader.peek(_BETWEEN)
        if character == "}":
            reader.at += 1
            return
        if not character:
            raise reader.cut_off()
        try:
            key = reader.value()
            if not isinstance(key, str) or reader.peek() != ":":
                raise reader.wrong("a name was expected") if reader.peek() else reader.cut_off()
            reader.at += 1
            character = reader.peek()
            if key in inside and character == "[":
                yield from _array(reader, key)
            elif key in inside and key in single and character == "{":
                yield key, reader.value()
            elif key in inside and character == "{":
                yield from _object(reader, inside, single)
            else:
                reader.value()
        except JSONDecodeError as error:
            raise reader.wrong(error.msg) from None


def json_lines(text: TextIO) -> Iterator[tuple[int, Any | Broken]]:
    """Number and value of each line of JSON Lines; empty lines are left out."""
    number = 0
    while line := text.readline(_LARGEST):
        number += 1
        if not line.strip(" \r\n\t\0"):
            continue
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, Broken(f"not JSON: {getattr(error, 'msg', 'too deep')}")
