"""Rekordbox's collection as XML: counts of plays and ratings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from xml.parsers import expat

from segue.listening.rows import count_of, opinion_of_stars
from segue.listening.sources import Source, decoded_head
from segue.listening.xmlstream import xml_records
from segue.playlists.locations import place_of_uri
from segue.texts import is_named, text_of
from segue.types import BadRow, Listen

_STEP = 51  # of 255, which are five stars


def matches(_: Source, head: bytes) -> bool:
    """Whether it is such a collection."""
    return "<DJ_PLAYLISTS" in decoded_head(head)


def read(source: Source, _: float) -> Iterator[Listen | BadRow]:
    """For each track that was played a count, for each that was rated an opinion."""
    for number, track in enumerate(xml_records(source, _set_up), 1):
        yield from _listens(track, f"{source.name}:{number}")


def _set_up(parser: expat.XMLParserType, found: Callable[[dict[str, str]], None]) -> None:
    def start(name: str, attributes: dict[str, str]) -> None:
        # In playlists a TRACK is only a key.
        if name == "TRACK" and ("Location" in attributes or "Name" in attributes):
            found(attributes)

    parser.StartElementHandler = start


def _listens(track: dict[str, str], where: str) -> Iterator[Listen | BadRow]:
    path, url = place_of_uri(track.get("Location", ""), Path("/"))
    seconds = track.get("TotalTime", "")
    base = Listen(
        text_of(track.get("Artist")),
        text_of(track.get("Name")),
        text_of(track.get("Album")),
        path=str(path or ""),
        uri=url or "",
        duration_s=float(seconds) if seconds.isdecimal() and 0 < int(seconds) < 1e6 else None,
    )
    if not is_named(base.artist, base.title, base.path):
        yield BadRow(where, "missing-name", "it does not say which track")
        return
    plays = track.get("PlayCount", "0").strip()
    if plays not in ("", "0"):
        count = count_of(plays)
        if isinstance(count, tuple):
            yield BadRow(where, *count)
        else:
            yield base._replace(kind="count", count=count)
    rating = track.get("Rating", "").strip()
    if rating.isdecimal() and 0 < int(rating) <= 255:
        yield base._replace(kind="opinion", count=0, opinion=opinion_of_stars(round(int(rating) / _STEP)))
