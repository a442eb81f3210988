"""Spotify's exports: the account data of twelve months, and the extended streaming history, old and new.

A play counts from 30 seconds on, as Spotify itself counts. A shorter one is kept with `count` 0: as a skip,
unless the track ended by itself before that. `skipped` of a longer one is what the file says. Podcasts,
videos and audiobooks are left out and counted (``not-music``). Of a row only the time, the names, the
track's URI, how long it was played, and whether and why it ended are ever looked at: addresses, user
agents, names of users, places and devices are dropped unseen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from segue.listening.jsonstream import Broken, json_elements
from segue.listening.rows import time_of
from segue.listening.sources import Source, decoded_head
from segue.texts import text_of
from segue.types import BadRow, Listen

_COUNTS_FROM_MS = 30_000
_LONGEST_MS = 7 * 86_400_000


def matches(_: Source, head: bytes) -> bool:
    """Whether it holds rows of a streaming history."""
    text = decoded_head(head).lstrip()
    return text.startswith("[") and (
        '"msPlayed"' in text or ('"ms_played"' in text and '"master_metadata_track_name"' in text)
    )


def read(source: Source, latest_s: float) -> Iterator[Listen | BadRow]:
    """The plays of one file."""
    where = f"{source.name}:"
    # By its name, because its rows look like those of songs.
    is_video = "streaming_history_video" in source.name.lower()
    with source.open_text() as text:
        for number, (_, row) in enumerate(json_elements(text, source.name), 1):
            if isinstance(row, Broken):
                yield BadRow(f"{where}{number}", "malformed", row.detail)
            elif not isinstance(row, dict):
                yield BadRow(f"{where}{number}", "malformed", "not an object")
            elif is_video:
                yield BadRow(f"{where}{number}", "not-music", "a video")
            else:
                yield listen_of(row, where, number, latest_s)


def listen_of(row: dict[str, Any], where: str, number: int, latest_s: float) -> Listen | BadRow:
    """The play in one row.

    Examples
    --------
    >>> row = {"endTime": "2022-12-05 16:52", "artistName": "Nina", "trackName": "Feeling", "msPlayed": 4000}
    >>> listen = listen_of(row, "StreamingHistory0.json:", 1, 2e9)
    >>> listen.count, listen.skipped, listen.played_s
    (0, True, 4.0)
    """
    if "msPlayed" in row:
        names = ("artistName", "trackName", "albumName", "endTime", "msPlayed")
    else:
        names = (
            "master_metadata_album_artist_name",
            "master_metadata_track_name",
            "master_metadata_album_album_name",
            "ts",
            "ms_played",
        )
    artist, title, album, ended, played = (row.get(name) for name in names)
    artist, title = text_of(artist), text_of(title)
    uri = text_of(row.get("spotify_track_uri"))
    if not title and (not uri or row.get("episode_name")):
        return BadRow(f"{where}{number}", "not-music", "a podcast, a video or an audiobook")
    if not artist and not uri:
        return BadRow(f"{where}{number}", "missing-name", "it does not say what was played")
    time_s = time_of(ended, latest_s)
    if isinstance(time_s, tuple):
        return BadRow(f"{where}{number}", *time_s)
    if not isinstance(played, int | float) or isinstance(played, bool) or not 0 <= played <= _LONGEST_MS:
        return BadRow(f"{where}{number}", "not-a-duration", "it does not say how long it was played")
    skipped = row.get("skipped")
    if played >= _COUNTS_FROM_MS:
        count, skipped = 1, bool(skipped) if skipped in (True, False) else None
    else:
        count, skipped = 0, row.get("reason_end") != "trackdone"
    # By place, which is quicker: a history holds hundreds of thousands.
    return Listen(
        artist, title, text_of(album), time_s, played / 1e3, skipped, count, None, "play", "", "", "", uri
    )
