"""Tag texts under one set of names, cleaned; the names that free-form keys of every format go by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_MOST_CHARACTERS = 1000
_MOST_VALUES = 50

# Keys of Vorbis comments, APEv2, ASF, TXXX frames and MP4 free forms, in lower case, of which only letters
# and digits count; ASF's "WM/" is taken off first.
_NAMES = {
    "title": "title",
    "artist": "artist",
    "author": "artist",
    "album": "album",
    "albumtitle": "album",
    "albumartist": "album_artist",
    "ensemble": "album_artist",
    "track": "track",
    "tracknumber": "track",
    "disc": "disc",
    "discnumber": "disc",
    "partofset": "disc",
    "date": "date",
    "year": "date",
    "genre": "genre",
    "bpm": "bpm",
    "tempo": "bpm",
    "beatsperminute": "bpm",
    "isrc": "isrc",
    "musicbrainztrackid": "mb_recording",
    "musicbrainzrecordingid": "mb_recording",
    "musicbrainzartistid": "mb_artist",
    "musicbrainzalbumid": "mb_release",
    "musicbrainzreleaseid": "mb_release",
    "musicbrainzreleasegroupid": "mb_release_group",
    "replaygaintrackgain": "rg_track_gain",
    "replaygaintrackpeak": "rg_track_peak",
    "replaygainalbumgain": "rg_album_gain",
    "replaygainalbumpeak": "rg_album_peak",
    "r128trackgain": "r128_track_gain",
    "r128albumgain": "r128_album_gain",
    "composer": "composer",
    "conductor": "conductor",
    "work": "work",
    "movement": "movement",
    "movementname": "movement",
    "lyrics": "lyrics",
    "unsyncedlyrics": "lyrics",
    "syncedlyrics": "lyrics",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, `kind` 3 being the front cover; without `data` where only its presence was asked for."""

    kind: int
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class TaggedLyrics:
    """Lyrics from an ID3 frame: a text, or texts with the times in milliseconds at which they begin."""

    lang: str
    text: str = ""
    timed: tuple[tuple[int, str], ...] = ()


@dataclass(slots=True)
class Fields:
    """Texts by Segue's own field names, cleaned, in the file's order, and whether there is a picture."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    has_cover: bool = False

    def add(self, name: str, value: object) -> None:
        """Take a text, if anything is left of it."""
        kept = self.texts.setdefault(name, [])
        text = clean_text(value)
        if text and len(kept) < _MOST_VALUES and text not in kept:
            kept.append(text)


def field_name(key: str) -> str | None:
    """Segue's name for a free-form key, None for one it does not use."""
    if len(key) > 64:
        return None
    lower = key.lower().removeprefix("wm/")
    return _NAMES.get(re.sub(r"[^a-z0-9]", "", lower))


def clean_text(value: object) -> str | None:
    """Text without control characters and lone surrogates, cut to 1,000; None if nothing is left."""
    if isinstance(value, bytes):
        text = value[: 8 * _MOST_CHARACTERS].decode("utf-8", "replace")
    else:
        text = str(value)[: 8 * _MOST_CHARACTERS]
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    text = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+", " ", text)
    return text.strip()[:_MOST_CHARACTERS].strip() or None


def split_nulls(values: Iterable[object]) -> Iterable[object]:
    """Several values in one text with NUL between, as ID3v2.4 and APEv2 write them, one by one."""
    for value in values:
        if isinstance(value, str) and "\0" in value:
            yield from value.split("\0")
        else:
            yield value
