"""The rest of Spotify's account data: playlists (`Playlist1.json`) and what is kept (`YourLibrary.json`).

A track in a playlist is positive evidence, one that is kept is liked, one that is banned disliked. Podcasts
and files of one's own without names are left out and counted (``not-music``, ``missing-name``); albums,
artists and shows say nothing of a single track. Neither names of playlists nor of people are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from segue.listening.jsonstream import Broken, json_elements
from segue.listening.sources import Source, decoded_head
from segue.texts import is_named, text_of
from segue.types import BadRow, Listen

_PLAYLISTS = re.compile(r'\s*\{\s*"playlists"\s*:')
_LIBRARY = re.compile(r'\s*\{\s*"tracks"\s*:\s*\[')
_OPINIONS = {"tracks": 1.0, "bannedTracks": -1.0}


def matches(_: Source, head: bytes) -> bool:
    """Whether it is one of the two."""
    text = decoded_head(head)
    if _PLAYLISTS.match(text):
        return '"lastModifiedDate"' in text or '"items"' in text
    return _LIBRARY.match(text) is not None and ('"spotify:track:' in text or '"bannedTracks"' in text)


def read(source: Source, latest_s: float) -> Iterator[Listen | BadRow]:
    """The tracks of the playlists, or the opinions; days are not looked at, because they are no plays."""
    del latest_s
    where = f"{source.name}:"
    with source.open_text() as text:
        elements = json_elements(text, source.name, inside=("playlists", *_OPINIONS))
        for number, (label, element) in enumerate(elements, 1):
            if isinstance(element, Broken):
                yield BadRow(f"{where}{number}", "malformed", element.detail)
            elif not isinstance(element, dict):
                yield BadRow(f"{where}{number}", "malformed", "not an object")
            elif label != "playlists":
                yield _opinion(element, f"{where}{number}", _OPINIONS[label])
            else:
                yield from _places(element, f"{where}{number}")


def _places(playlist: dict[str, Any], where: str) -> Iterator[Listen | BadRow]:
    items = playlist.get("items", playlist.get("tracks", []))
    if not isinstance(items, list):
        yield BadRow(where, "malformed", "a playlist without items")
        return
    for place, item in enumerate(items, 1):
        track = _track_of(item)
        if track is not None:
            artist, title, album = (
                text_of(track.get(name)) for name in ("artistName", "trackName", "albumName")
            )
            uri = text_of(track.get("trackUri") or track.get("uri"))
            yield _named(Listen(artist, title, album, kind="playlist", uri=uri), f"{where}/{place}")
        else:
            yield BadRow(f"{where}/{place}", "not-music", "a podcast or an audiobook")


def _track_of(item: Any) -> dict[str, Any] | None:
    if not isinstance(item, dict):
        return {}
    track = next((item[name] for name in ("track", "localTrack") if isinstance(item.get(name), dict)), None)
    return track if track is not None else (item if "trackName" in item else None)


def _opinion(track: dict[str, Any], where: str, value: float) -> Listen | BadRow:
    artist, title, album, uri = (text_of(track.get(name)) for name in ("artist", "track", "album", "uri"))
    return _named(Listen(artist, title, album, kind="opinion", count=0, opinion=value, uri=uri), where)


def _named(listen: Listen, where: str) -> Listen | BadRow:
    # The URI of a file of one's own is no name that anything else knows.
    listen = listen._replace(uri="" if listen.uri.startswith("spotify:local:") else listen.uri)
    if is_named(listen.artist, listen.title, listen.uri):
        return listen
    return BadRow(where, "missing-name", "it does not say which track")
