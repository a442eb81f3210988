"""What a playlist says of itself and of each track, whatever its format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

# Characters that XML 1.0 forbids, among them the lone surrogates that stand for undecodable bytes.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_MBID = re.compile(r"musicbrainz\.org/recording/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_LONGEST_S = 10 * 365 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One track of a playlist; what is not known is None.

    Attributes
    ----------
    path
        The file. Read from a playlist, it is absolute (or a Windows path as it stood there).
    location
        Where it is to be had when it is no file: a URL.
    title, artist, album
        Without line breaks.
    duration_s
        Seconds; M3U keeps whole ones, XSPF and JSPF milliseconds.
    musicbrainz_recording_id
        Lower-case UUID; kept by XSPF and JSPF.
    """

    path: Path | None = None
    location: str | None = None
    title: str | None = None
    artist: str | None = None
    album: str | None = None
    duration_s: float | None = None
    musicbrainz_recording_id: str | None = None


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist that was read.

    Attributes
    ----------
    title
        Its name, where the file says one.
    entries
        In order.
    """

    title: str | None
    entries: tuple[Entry, ...]


def clean_text(text: str | None) -> str | None:
    """`text` as one line that every format can hold; None when nothing is left.

    Examples
    --------
    >>> clean_text("Two\\r\\nlines\\x00 ")
    'Two lines'
    """
    if text is None:
        return None
    return " ".join(_FORBIDDEN.sub("", text).split()) or None


def plausible_seconds(seconds: float) -> float | None:
    """`seconds` if a track can last so long, else None.

    Examples
    --------
    >>> plausible_seconds(-1), plausible_seconds(3.5), plausible_seconds(float("nan"))
    (None, 3.5, None)
    """
    return seconds if 0 <= seconds <= _LONGEST_S else None


def recording_uri(musicbrainz_recording_id: str) -> str:
    """The identifier under which ListenBrainz and others know a MusicBrainz recording."""
    return f"https://musicbrainz.org/recording/{musicbrainz_recording_id}"


def recording_id(identifier: str) -> str | None:
    """The MusicBrainz recording that an identifier names, if it names one.

    Examples
    --------
    >>> recording_id("http://musicbrainz.org/recording/E97F805A-AB48-4C52-855E-07049142113D")
    'e97f805a-ab48-4c52-855e-07049142113d'
    """
    found = _MBID.search(identifier)
    return found[1].lower() if found else None
