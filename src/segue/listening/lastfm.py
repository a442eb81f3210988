"""Last.fm histories without a header: JSON as its API gives it, and CSV of two exporters.

CSV files with a header are tables (`segue.listening.tables`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

from segue.listening.jsonstream import Broken, json_elements, json_lines
from segue.listening.rows import seconds_of, time_of
from segue.listening.separated import separated_rows
from segue.listening.sources import Source, decoded_head
from segue.listening.tables import listen_of
from segue.texts import mbid_of, text_of
from segue.types import BadRow, Listen

_CONTAINERS = ("recenttracks", "lovedtracks", "track", "scrobbles")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_CLOCK = re.compile(r"\d\d:\d\d(:\d\d)?")
_SAMPLE_LINES = 20
_SEPARATORS = (",", ";", "\t")


def matches_json(_: Source, head: bytes) -> bool:
    """Whether it is pages of the API, their tracks, or an export of lastfmstats."""
    text = decoded_head(head).lstrip()
    if not text.startswith(("{", "[")):
        return False
    if any(f'"{name}"' in text for name in ("recenttracks", "lovedtracks", "scrobbles")):
        return True
    return '"#text"' in text and '"artist"' in text and '"name"' in text


def read_json(source: Source, latest_s: float) -> Iterator[Listen | BadRow]:
    """The scrobbles and loved tracks; what is playing now is left out, because it will come again."""
    where = f"{source.name}:"
    number = 0
    loved = '"lovedtracks"' in decoded_head(source.head())[:1000]
    with source.open_text() as text:
        for element in _elements(text, source):
            for track in _tracks(element):
                number += 1
                if isinstance(track, Broken):
                    yield BadRow(f"{where}{number}", "malformed", track.detail)
                elif not isinstance(track, dict):
                    yield BadRow(f"{where}{number}", "malformed", "not an object")
                elif not _is_playing(track):
                    yield _listen(track, where, number, latest_s, loved=loved)


def _elements(text: TextIO, source: Source) -> Iterator[Any]:
    """Pages and tracks of JSON in one piece, or of JSON Lines with a track each."""
    if _is_lines(source.head()):
        return (value for _, value in json_lines(text))
    found = json_elements(text, source.name, inside=_CONTAINERS, single=("track",))
    return (element for _, element in found)


def _is_lines(head: bytes) -> bool:
    """Whether the first line is a track by itself."""
    try:
        first = json.loads(decoded_head(head).lstrip().partition("\n")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and "artist" in first


def _tracks(element: Any) -> Iterator[Any]:
    """The tracks in an element, which may be one, a page, or a page in a page."""
    if isinstance(element, dict):
        inner = next(
            (element[name] for name in _CONTAINERS if isinstance(element.get(name), list | dict)), None
        )
        if inner is not None:
            yield from _tracks(inner)
            return
    if isinstance(element, list) and not isinstance(element, Broken):
        for one in element:
            yield from _tracks(one)
        return
    yield element


def _is_playing(track: dict[str, Any]) -> bool:
    attributes = track.get("@attr")
    return isinstance(attributes, dict) and str(attributes.get("nowplaying")).lower() == "true"


def _listen(
    track: dict[str, Any], where: str, number: int, latest_s: float, *, loved: bool
) -> Listen | BadRow:
    date = track.get("date")
    values = {
        "artist": _named(track.get("artist")),
        "title": _named(track.get("name") or track.get("track")),
        "album": _named(track.get("album")),
        "recording_mbid": mbid_of(track.get("mbid")),
        "time": (date.get("uts") or date.get("#text")) if isinstance(date, dict) else date,
    }
    listen = listen_of(values, where, number, latest_s)
    if isinstance(listen, BadRow) or not loved:
        return listen
    return listen._replace(kind="opinion", opinion=1.0, count=0)


def _named(value: Any) -> str:
    return text_of(value.get("#text") or value.get("name")) if isinstance(value, dict) else text_of(value)


def matches_csv(_: Source, head: bytes) -> bool:
    """Whether most of the first lines have one of the shapes."""
    return _layout(head) is not None


def read_csv(source: Source, latest_s: float) -> Iterator[Listen | BadRow]:
    """The scrobbles of lines ``day,time,artist,title`` or ``artist,album,title,time``."""
    layout = _layout(source.head())
    assert layout is not None
    separator, day_first = layout
    where = f"{source.name}:"
    with source.open_text(newline="") as text:
        lines = iter(lambda: text.readline(1 << 20), "")
        for number, fields in separated_rows(lines, separator):
            if isinstance(fields, str):
                yield BadRow(f"{where}{number}", "malformed", fields)
            elif len(fields) != 4:
                yield BadRow(f"{where}{number}", "malformed", f"{len(fields)} columns instead of 4")
            elif day_first:
                values = {"time": f"{fields[0]} {fields[1]}", "artist": fields[2], "title": fields[3]}
                yield listen_of(values, where, number, latest_s)
            else:
                names = ("artist", "album", "title", "time")
                yield listen_of(dict(zip(names, fields, strict=True)), where, number, latest_s)


def _layout(head: bytes) -> tuple[str, bool] | None:
    """The separator, and whether a line begins with the day."""
    # Of the last line the head may hold only half.
    lines = decoded_head(head).splitlines(keepends=True)[: _SAMPLE_LINES + 1]
    lines = lines[:_SAMPLE_LINES] if len(lines) > 1 else lines
    for separator in _SEPARATORS:
        rows = [fields for _, fields in separated_rows(lines, separator)]
        fours = [fields for fields in rows if isinstance(fields, list) and len(fields) == 4]
        day_first = sum(bool(_DAY.fullmatch(row[0]) and _CLOCK.fullmatch(row[1])) for row in fours)
        day_last = sum(_is_written_time(row[3]) for row in fours)
        if rows and 2 * max(day_first, day_last) > len(rows):
            return separator, day_first >= day_last
    return None


def _is_written_time(text: str) -> bool:
    try:
        return isinstance(time_of(text, seconds_of("2100-01-01")), float)
    except ValueError:
        return False
