"""What a file says about itself: one record whatever the format of its tags."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from segue.audio.naming import name_parts
from segue.audio.opening import open_file
from segue.audio.tagfields import Fields, clean_text
from segue.audio.tagformats import read_fields

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d|2100)(?!\d)")
_MOST_GENRES = 20


@dataclass(frozen=True, slots=True)
class Tags:
    """What a file says about itself; None where it says nothing usable.

    Attributes
    ----------
    title, artist, album_artist, album
        Text without control characters, at most 1,000 characters. The title is never None: where the file has
        none it comes from the path.
    track_number, disc_number
        From 1.
    date, year
        The date as written, and the year in it.
    genres
        Each once, in the file's order.
    bpm
        Beats a minute, above 0 and below 1,000.
    isrc
        Twelve characters without hyphens.
    musicbrainz_recording_id, musicbrainz_artist_id, musicbrainz_release_id, musicbrainz_release_group_id
        Lower-case UUIDs; of several artists the first.
    replaygain_track_gain_db, replaygain_album_gain_db
        In dB.
    replaygain_track_peak, replaygain_album_peak
        1 is full scale.
    has_cover
        Whether `segue.audio.read_cover` finds a picture in the file.
    composer, conductor, work, movement
        For classical music.
    """

    title: str | None = None
    artist: str | None = None
    album_artist: str | None = None
    album: str | None = None
    track_number: int | None = None
    disc_number: int | None = None
    date: str | None = None
    year: int | None = None
    genres: tuple[str, ...] = ()
    bpm: float | None = None
    isrc: str | None = None
    musicbrainz_recording_id: str | None = None
    musicbrainz_artist_id: str | None = None
    musicbrainz_release_id: str | None = None
    musicbrainz_release_group_id: str | None = None
    replaygain_track_gain_db: float | None = None
    replaygain_track_peak: float | None = None
    replaygain_album_gain_db: float | None = None
    replaygain_album_peak: float | None = None
    has_cover: bool = False
    composer: str | None = None
    conductor: str | None = None
    work: str | None = None
    movement: str | None = None


def read_tags(path: Path) -> Tags:
    """The tags of a file; title, artist and track number from the path where the file is untagged.

    Bad tags are no error: what can be read of them is used.

    Raises
    ------
    AudioError
        If the file itself cannot be read (``missing``, ``no-permission``, ``not-a-file``, ``empty``, …).
    """
    with open_file(path) as file:
        fields = read_fields(file)
    texts = fields.texts
    named = name_parts(path)
    title, artist = _first(fields, "title"), _all(fields, "artist")
    untagged = title is None
    date = _first(fields, "date")
    return Tags(
        title=named.title if untagged else title,
        artist=artist or (named.artist if untagged else None),
        album_artist=_all(fields, "album_artist"),
        album=_first(fields, "album") or (named.album if untagged and artist is None else None),
        track_number=_count(_first(fields, "track")) or (named.track_number if untagged else None),
        disc_number=_count(_first(fields, "disc")) or (named.disc_number if untagged else None),
        date=date,
        year=_year(date),
        genres=_genres(texts.get("genre", ())),
        bpm=_between(_first(fields, "bpm"), 0.0, 1000.0),
        isrc=_isrc(_first(fields, "isrc")),
        musicbrainz_recording_id=_uuid(fields, "mb_recording"),
        musicbrainz_artist_id=_uuid(fields, "mb_artist"),
        musicbrainz_release_id=_uuid(fields, "mb_release"),
        musicbrainz_release_group_id=_uuid(fields, "mb_release_group"),
        replaygain_track_gain_db=_gain(fields, "track"),
        replaygain_track_peak=_between(_first(fields, "rg_track_peak"), 0.0, 100.0),
        replaygain_album_gain_db=_gain(fields, "album"),
        replaygain_album_peak=_between(_first(fields, "rg_album_peak"), 0.0, 100.0),
        has_cover=fields.has_cover,
        composer=_all(fields, "composer"),
        conductor=_all(fields, "conductor"),
        work=_first(fields, "work"),
        movement=_first(fields, "movement"),
    )


def _first(fields: Fields, name: str) -> str | None:
    return next(iter(fields.texts.get(name, ())), None)


def _all(fields: Fields, name: str) -> str | None:
    values = dict.fromkeys(fields.texts.get(name, ()))
    return clean_text("; ".join(values)) if values else None


def _count(text: str | None) -> int | None:
    """The 3 of "3/12" and of "03"."""
    match = re.match(r"\s*(\d{1,6})", text or "")
    return (int(match[1]) or None) if match else None


def _between(text: str | None, low: float, high: float) -> float | None:
    match = _NUMBER.search(text or "")
    if match is None:
        return None
    number = float(match[0].replace(",", "."))
    return number if math.isfinite(number) and low < number < high else None


def _gain(fields: Fields, kind: str) -> float | None:
    """In dB for ReplayGain's reference of -18 LUFS; Opus writes 256ths of a dB for -23 LUFS."""
    gain = _between(_first(fields, f"rg_{kind}_gain"), -100.0, 100.0)
    opus = _between(_first(fields, f"r128_{kind}_gain"), -32769.0, 32769.0)
    return opus / 256 + 5 if gain is None and opus is not None else gain


def _year(date: str | None) -> int | None:
    match = _YEAR.search(date or "")
    if match:
        return int(match[1])
    compact = re.match(r"(1[4-9]\d\d|20\d\d)[01]\d[0-3]\d$", date or "")  # 19990321
    return int(compact[1]) if compact else None


def _isrc(text: str | None) -> str | None:
    compact = re.sub(r"[\s-]", "", text or "").upper()
    return compact if _ISRC.fullmatch(compact) else None


def _uuid(fields: Fields, name: str) -> str | None:
    for value in fields.texts.get(name, ()):
        match = _UUID.search(value)
        if match:
            return match[0].lower()
    return None


def _genres(values: Sequence[str]) -> tuple[str, ...]:
    """Several values, or several in one value, each once whatever its case; "R&B/Soul" stays one."""
    genres: dict[str, str] = {}
    for value in values:
        for part in re.split(r"\s*;\s*|\s+/\s+|\s*\\\\\s*|\s*\|\s*", value):
            genre = part.strip(" ,")
            if genre:
                genres.setdefault(genre.casefold(), genre)
    return tuple(genres.values())[:_MOST_GENRES]
