"""Slices of the Million Playlist Dataset: each playlist is a listener."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from segue.listening.jsonstream import Broken, json_elements
from segue.listening.sources import Source, decoded_head
from segue.texts import is_named, text_of
from segue.types import BadRow, Listen


def matches(_: Source, head: bytes) -> bool:
    """Whether it is a slice."""
    text = decoded_head(head).lstrip()
    return text.startswith("{") and '"playlists"' in text and '"pid"' in text


def read(source: Source, latest_s: float) -> Iterator[Listen | BadRow]:
    """The places of tracks in the slice's playlists; `listener` is the playlist's pid."""
    del latest_s  # a slice says no times
    where = f"{source.name}:"
    with source.open_text() as text:
        elements = json_elements(text, source.name, inside=("playlists",))
        for number, (_, playlist) in enumerate(elements, 1):
            if isinstance(playlist, Broken):
                yield BadRow(f"{where}{number}", "malformed", playlist.detail)
                continue
            tracks = playlist.get("tracks") if isinstance(playlist, dict) else None
            listener = text_of(playlist.get("pid")) if isinstance(playlist, dict) else ""
            if not isinstance(tracks, list) or not listener:
                yield BadRow(f"{where}{number}", "malformed", "a playlist without pid or tracks")
                continue
            for place, track in enumerate(tracks, 1):
                yield _listen(track, listener, f"{where}{number}/{place}")


def _listen(track: Any, listener: str, where: str) -> Listen | BadRow:
    if not isinstance(track, dict):
        return BadRow(where, "malformed", "not an object")
    artist, title = text_of(track.get("artist_name")), text_of(track.get("track_name"))
    uri, duration = text_of(track.get("track_uri")), track.get("duration_ms")
    if not is_named(artist, title, uri):
        return BadRow(where, "missing-name", "it does not say which track")
    return Listen(
        artist,
        title,
        text_of(track.get("album_name")),
        kind="playlist",
        listener=listener,
        uri=uri,
        duration_s=duration / 1e3 if isinstance(duration, int) and duration > 0 else None,
    )
