"""Tracks between their records and their rows."""

from __future__ import annotations

import base64
import math
import os
import time
from typing import Any

from segue.audio import AudioInfo, Tags
from segue.catalogue.folding import clean, fold
from segue.catalogue.records import Track
from segue.types import TrackId

_TEXT = (
    "title", "artist", "album_artist", "album", "date", "isrc", "musicbrainz_recording_id",
    "musicbrainz_artist_id", "musicbrainz_release_id", "musicbrainz_release_group_id",
    "composer", "conductor", "work", "movement",
)  # fmt: skip
_WHOLE = ("track_number", "disc_number", "year")
_REAL = (
    "bpm", "replaygain_track_gain_db", "replaygain_track_peak",
    "replaygain_album_gain_db", "replaygain_album_peak",
)  # fmt: skip
_TAGS = (*_TEXT, *_WHOLE, *_REAL, "has_cover")
_FOLDED = ("artist", "album_artist", "album", "title")
_INFO = ("duration_s", "sample_rate", "channels", "codec", "bitrate_bps")
_MAX_GENRES = 64
_MAX_NUMBER = 2**31

STORED = (*_TAGS, *(f"{name}_fold" for name in _FOLDED), *_INFO)
"""The columns of `stored`, in its order."""
SELECTED = ", ".join(f"t.{name}" for name in ("id", "public_id", "digest", "added_at", *_TAGS, *_INFO))
"""What `track_of` wants of ``tracks AS t``."""


def public_id(digest: bytes) -> TrackId:
    """The first 80 bits of the digest, in 16 letters and digits.

    >>> public_id(bytes(32))
    'aaaaaaaaaaaaaaaa'
    """
    return TrackId(base64.b32encode(digest[:10]).decode("ascii").lower())


def new_id() -> str:
    """80 random bits in 16 letters and digits."""
    return base64.b32encode(os.urandom(10)).decode("ascii").lower()


def digest_bytes(digest: str) -> bytes:
    """The 32 bytes of a SHA-256 in hexadecimal.

    Raises
    ------
    ValueError
        If it is none.
    """
    value = bytes.fromhex(digest)
    if len(value) != 32:
        raise ValueError(f"{digest!r} is not a SHA-256 of 64 hexadecimal digits")
    return value


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _whole(value: int | None) -> int | None:
    return None if value is None or abs(value) >= _MAX_NUMBER else int(value)


def stored(tags: Tags, info: AudioInfo) -> dict[str, Any]:
    """The values of the columns `STORED`; what no column can hold becomes unknown."""
    values: dict[str, Any] = {name: clean(getattr(tags, name)) for name in _TEXT}
    values |= {f"{name}_fold": fold(values[name]) for name in _FOLDED}
    values |= {name: _whole(getattr(tags, name)) for name in _WHOLE}
    values |= {name: _number(getattr(tags, name)) for name in _REAL}
    values["has_cover"] = int(tags.has_cover)
    values["duration_s"] = _number(info.duration_s) or 0.0
    values["sample_rate"] = _whole(info.sample_rate) or 0
    values["channels"] = _whole(info.channels) or 0
    values["codec"] = clean(info.codec) or "unknown"
    values["bitrate_bps"] = _whole(info.bitrate_bps)
    return values


def stored_genres(tags: Tags) -> list[str]:
    """The genres to keep: clean, each once, in their order."""
    cleaned = (clean(genre) for genre in tags.genres[:_MAX_GENRES])
    return list(dict.fromkeys(genre for genre in cleaned if genre))


def now() -> float:
    """UTC epoch seconds."""
    return time.time()


def track_of(row: tuple[Any, ...], genres: tuple[str, ...], paths: tuple[Any, ...]) -> Track:
    """The record of a row of `SELECTED`."""
    key, name, digest, added_at = row[:4]
    tag_values = dict(zip(_TAGS, row[4 : 4 + len(_TAGS)], strict=True))
    tag_values["has_cover"] = bool(tag_values["has_cover"])
    info = dict(zip(_INFO, row[4 + len(_TAGS) :], strict=True))
    return Track(
        id=TrackId(name),
        key=key,
        digest=digest.hex(),
        tags=Tags(**tag_values, genres=genres),
        paths=paths,
        added_at=added_at,
        **info,
    )
