"""JSPF: XSPF's names in JSON, as ListenBrainz reads and writes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from segue.errors import UsageError
from segue.playlists.entries import Entry, Playlist, clean_text, recording_uri
from segue.playlists.locations import path_to_uri, written_path
from segue.playlists.xspf import entry_of_fields


def to_jspf(entries: Sequence[Entry], *, title: str | None, folder: Path, relative: bool) -> bytes:
    """The bytes of a JSPF file in `folder`."""
    playlist: dict[str, Any] = {}
    if clean_text(title):
        playlist["title"] = clean_text(title)
    playlist["track"] = [_track(entry, folder, relative=relative) for entry in entries]
    return json.dumps({"playlist": playlist}, ensure_ascii=False, indent=2).encode() + b"\n"


def _track(entry: Entry, folder: Path, *, relative: bool) -> dict[str, Any]:
    track: dict[str, Any] = {}
    if entry.path is not None:
        track["location"] = [path_to_uri(written_path(entry.path, folder, relative=relative))]
    elif clean_text(entry.location):
        track["location"] = [clean_text(entry.location)]
    if entry.musicbrainz_recording_id:
        track["identifier"] = [recording_uri(entry.musicbrainz_recording_id)]
    for name, text in (("title", entry.title), ("creator", entry.artist), ("album", entry.album)):
        if clean_text(text):
            track[name] = clean_text(text)
    if entry.duration_s is not None:
        track["duration"] = round(entry.duration_s * 1_000)
    return track


def from_jspf(content: bytes, *, folder: Path) -> Playlist:
    """Read a JSPF file that lies in `folder`.

    Raises
    ------
    UsageError
        If it is not JSON, or not an object with ``playlist`` and its list ``track``.
    """
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"not a JSPF playlist: {clean_text(str(error))}") from None
    playlist = document.get("playlist") if isinstance(document, dict) else None
    if not isinstance(playlist, dict) or not isinstance(playlist.get("track", []), list):
        raise UsageError('not a JSPF playlist: there is no "playlist" with a list "track"')
    tracks = (track for track in playlist.get("track", []) if isinstance(track, dict))
    title = playlist.get("title")
    return Playlist(
        clean_text(title) if isinstance(title, str) else None,
        tuple(
            entry_of_fields({name: _texts(value) for name, value in track.items()}, folder)
            for track in tracks
        ),
    )


def _texts(value: object) -> list[str]:
    """The texts in a value that should be one, or a list of them; numbers count as their text."""
    values = value if isinstance(value, list) else [value]
    return [str(one) for one in values if isinstance(one, str | float | int) and not isinstance(one, bool)]
