"""The methods of the API, a file a subject; importing this room registers them."""

from __future__ import annotations

from segue.server.subsonic.methods import (
    absent,
    browsing,
    information,
    lists,
    lyrics,
    marking,
    media,
    people,
    playlists,
    queues,
    reporting,
    searching,
    sounding,
    system,
    transcoding,
)

__all__ = [
    "absent",
    "browsing",
    "information",
    "lists",
    "lyrics",
    "marking",
    "media",
    "people",
    "playlists",
    "queues",
    "reporting",
    "searching",
    "sounding",
    "system",
    "transcoding",
]
