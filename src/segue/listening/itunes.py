"""The library of iTunes or Music as XML: counts of plays, the fact of skips, ratings, loved and disliked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from segue.listening.rows import count_of, opinion_of_stars, time_of
from segue.listening.sources import Source, decoded_head
from segue.listening.xmlstream import xml_records
from segue.playlists.locations import place_of_uri
from segue.texts import is_named, text_of
from segue.types import BadRow, Listen

_OTHER_MEDIA = ("Podcast", "Movie", "TV Show", "Music Video", "Audiobook", "Book", "iTunesU")
_SCALARS = frozenset({"integer", "real", "string", "date", "true", "false"})


def matches(_: Source, head: bytes) -> bool:
    """Whether it is a property list with tracks."""
    text = decoded_head(head)
    return "<plist" in text and "<key>Tracks</key>" in text


def read(source: Source, latest_s: float) -> Iterator[Listen | BadRow]:
    """For each track that was played, skipped or judged one listen a kind of evidence.

    A count of plays, with the time of the last; a skip (`count` 0), however often it happened, with the
    time of the last; an opinion. Ratings that iTunes computed are left out.
    """
    for number, track in enumerate(xml_records(source, _set_up), 1):
        yield from _listens(track, f"{source.name}:{number}", latest_s)


def _set_up(parser: expat.XMLParserType, found: Callable[[dict[str, str]], None]) -> None:
    """A track is a dict in the dict behind the key Tracks of the dict that is the property list."""
    keys: list[str] = []  # the last key of each dict that is open
    words: list[str] = []
    track: dict[str, str] = {}

    def start(name: str, _: object) -> None:
        words.clear()
        if name == "dict":
            keys.append("")
            if len(keys) == 3:
                track.clear()

    def end(name: str) -> None:
        if name == "key" and keys:
            keys[-1] = "".join(words)
        elif name in _SCALARS and len(keys) == 3:
            track[keys[-1]] = name if name in ("true", "false") else "".join(words)
        elif name == "dict" and keys:
            keys.pop()
            if len(keys) == 2 and keys[0] == "Tracks":
                found(dict(track))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = words.append


def _listens(track: dict[str, str], where: str, latest_s: float) -> Iterator[Listen | BadRow]:
    if any(track.get(kind) == "true" for kind in _OTHER_MEDIA):
        yield BadRow(where, "not-music", "a podcast, a video or a book")
        return
    path, url = place_of_uri(track.get("Location", ""), Path("/"))
    base = Listen(
        text_of(track.get("Artist")),
        text_of(track.get("Name")),
        text_of(track.get("Album")),
        path=str(path or ""),
        uri=url or "",
        duration_s=_seconds(track.get("Total Time")),
    )
    if not is_named(base.artist, base.title, base.path):
        yield BadRow(where, "missing-name", "it does not say which track")
        return
    for name, date, changes in (
        ("Play Count", "Play Date UTC", {"kind": "count"}),
        ("Skip Count", "Skip Date", {"kind": "count", "skipped": True}),
    ):
        if track.get(name, "0") != "0":
            yield _counted(base, track[name], track.get(date), where, latest_s, changes)
    opinion = _opinion(track)
    if opinion is not None:
        yield base._replace(kind="opinion", count=0, opinion=opinion)


def _counted(
    base: Listen, count: str, date: str | None, where: str, latest_s: float, changes: dict[str, Any]
) -> Listen | BadRow:
    number = count_of(count)
    if isinstance(number, tuple):
        return BadRow(where, *number)
    time_s = time_of(date, latest_s) if date else None
    if isinstance(time_s, tuple):
        return BadRow(where, *time_s)
    return base._replace(time_s=time_s, count=0 if "skipped" in changes else number, **changes)


def _opinion(track: dict[str, str]) -> float | None:
    if track.get("Disliked") == "true":
        return -1.0
    if track.get("Loved") == "true" or track.get("Favorited") == "true":
        return 1.0
    rating = track.get("Rating", "")
    if rating.isdecimal() and 0 < int(rating) <= 100 and track.get("Rating Computed") != "true":
        return opinion_of_stars(int(rating) / 20)
    return None


def _seconds(milliseconds: str | None) -> float | None:
    return (
        int(milliseconds) / 1e3
        if milliseconds and milliseconds.isdecimal() and len(milliseconds) < 12
        else None
    )
