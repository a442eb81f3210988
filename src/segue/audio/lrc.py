"""Lyrics as data, and the text format LRC that holds them with times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

MOST_CHARACTERS = 1 << 20
_MOST_LINES = 10_000
_LONGEST_LINE = 2000

_STAMP = r"(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?"
_STAMPS = re.compile(rf"\s*\[{_STAMP}\]")
_WORD = re.compile(rf"<{_STAMP}>")
_HEADER = re.compile(r"\s*\[([A-Za-z#]+):([^\]]*)\]\s*$")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ufeff]")


class Cue(NamedTuple):
    """A word or syllable of a line; `end_ms` is None where nothing tells it."""

    start_ms: int
    end_ms: int | None
    value: str


class Line(NamedTuple):
    """A line; `start_ms` is None in lyrics without times, `cues` is empty where words have none."""

    start_ms: int | None
    value: str
    cues: tuple[Cue, ...] = ()


@dataclass(frozen=True, slots=True)
class Lyrics:
    """The words of a recording.

    Attributes
    ----------
    lang
        Three letters of ISO 639-2, or whatever the file says; ``xxx`` where it says nothing.
    synced
        Whether lines have times; then all have, and they rise.
    offset_ms
        To be applied to all times: above 0 lines appear earlier.
    lines
        In order; an empty one is a pause.
    display_artist, display_title
        As an LRC file's header has them.
    """

    lang: str
    synced: bool
    offset_ms: int
    lines: tuple[Line, ...]
    display_artist: str | None = None
    display_title: str | None = None


def parse_lrc(text: str, lang: str = "xxx") -> Lyrics | None:
    """Lyrics from a text, with times where it is LRC; None if it has no words.

    Known are several times before a line, ``[offset:]``, ``[ar:]``, ``[ti:]``, ``[la:]``, hundredths and
    thousandths of a second, and times of words (``<01:02.30>``). In a text with times, a line without one
    goes with the line before it.

    Examples
    --------
    >>> parse_lrc("[00:12.50][01:10.00]La la\\n[00:14]<00:14.00>Oh <00:14.50>yes").lines
    (Line(start_ms=12500, value='La la', cues=()),
     Line(start_ms=14000, value='Oh yes', cues=(Cue(start_ms=14000, end_ms=14500, value='Oh '),
                                                Cue(start_ms=14500, end_ms=None, value='yes'))),
     Line(start_ms=70000, value='La la', cues=()))
    >>> parse_lrc("La la").synced
    False
    """
    rows = _rows(text)
    if not any(_STAMPS.match(row) for row in rows):
        return _plain(rows, lang)
    headers: dict[str, str] = {}
    lines: list[Line] = []
    last_ms = 0
    for row in rows:
        if header := _HEADER.match(row):
            headers.setdefault(header[1].lower(), header[2].strip())
        elif row.strip():
            timed = list(_timed(row, last_ms))
            lines += timed[: _MOST_LINES - len(lines)]
            last_ms = timed[-1].start_ms or 0
    if not any(line.value for line in lines):
        return None
    lines.sort(key=lambda line: line.start_ms or 0)
    return Lyrics(
        lang=(headers.get("la") or headers.get("lang") or lang).lower()[:16],
        synced=True,
        offset_ms=_offset(headers.get("offset", "")),
        lines=tuple(lines),
        display_artist=headers.get("ar") or None,
        display_title=headers.get("ti") or None,
    )


def _rows(text: str) -> list[str]:
    lines = text[:MOST_CHARACTERS].splitlines()[:_MOST_LINES]
    clean = (_CONTROL.sub("", line)[:_LONGEST_LINE] for line in lines)
    return [line.encode("utf-8", "replace").decode().rstrip() for line in clean]


def _plain(rows: list[str], lang: str) -> Lyrics | None:
    """Lines without times; empty ones stay between verses only."""
    while rows and not rows[-1].strip():
        rows.pop()
    first = next((i for i, row in enumerate(rows) if row.strip()), len(rows))
    lines = tuple(Line(None, row.strip()) for row in rows[first:])
    return Lyrics(lang, False, 0, lines) if lines else None


def _timed(row: str, last_ms: int) -> Iterator[Line]:
    """A line of LRC, once for each of its times."""
    starts: list[int] = []
    at = 0
    while stamp := _STAMPS.match(row, at):
        starts.append(_milliseconds(*stamp.groups()))
        at = stamp.end()
    words = row[at:]
    cues = _cues(words, starts[0]) if starts else ()
    value = _WORD.sub("", words).strip()
    for start in starts or [last_ms]:
        moved = start - starts[0] if starts else 0
        yield Line(start, value, tuple(_moved(cue, moved) for cue in cues) if moved else cues)


def _cues(words: str, start_ms: int) -> tuple[Cue, ...]:
    """Words with their times; one without text only ends the word before it."""
    stamps = list(_WORD.finditer(words))
    if not stamps:
        return ()
    cues: list[Cue] = []
    before = words[: stamps[0].start()]
    if before.strip():
        cues.append(Cue(start_ms, _milliseconds(*stamps[0].groups()), before.lstrip()))
    for i, stamp in enumerate(stamps):
        ends = stamps[i + 1] if i + 1 < len(stamps) else None
        value = words[stamp.end() : ends.start() if ends else len(words)]
        if value.strip():
            end_ms = _milliseconds(*ends.groups()) if ends else None
            cues.append(Cue(_milliseconds(*stamp.groups()), end_ms, value if cues else value.lstrip()))
    return tuple(cues)


def _moved(cue: Cue, by_ms: int) -> Cue:
    return cue._replace(
        start_ms=cue.start_ms + by_ms, end_ms=None if cue.end_ms is None else cue.end_ms + by_ms
    )


def _milliseconds(minutes: str, seconds: str, fraction: str | None) -> int:
    return 60_000 * int(minutes) + 1000 * int(seconds) + int((fraction or "0").ljust(3, "0"))


def _offset(text: str) -> int:
    match = re.fullmatch(r"[+-]?\d{1,7}", text)
    return int(match[0]) if match else 0
