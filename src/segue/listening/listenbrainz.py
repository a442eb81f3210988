"""ListenBrainz: the export's listens and feedback as JSON Lines, the old export as one JSON array."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from segue.listening.jsonstream import Broken, json_elements, json_lines
from segue.listening.rows import is_named, isrc_of, mbid_of, text_of, time_of
from segue.listening.sources import Source, decoded_head
from segue.types import BadRow, Listen

_SPOTIFY = re.compile(r"open\.spotify\.com/(?:intl-\w+/)?track/(\w+)")


def matches(_: Source, head: bytes) -> bool:
    """Whether it holds listens, or feedback."""
    text = decoded_head(head).lstrip()
    if not text.startswith(("{", "[")):
        return False
    return ('"track_metadata"' in text and '"listened_at"' in text) or (
        '"score"' in text and '"recording_m' in text
    )


def read(source: Source, latest_s: float) -> Iterator[Listen | BadRow]:
    """The listens and opinions of one file."""
    where = f"{source.name}:"
    start = decoded_head(source.head()).lstrip()
    with source.open_text() as text:
        rows: Iterator[tuple[int, Any]]
        if start.startswith("[") or '"payload"' in start[:200]:
            elements = json_elements(text, source.name, inside=("payload", "listens"))
            rows = ((number, row) for number, (_, row) in enumerate(elements, 1))
        else:
            rows = json_lines(text)
        for number, row in rows:
            if isinstance(row, Broken):
                yield BadRow(f"{where}{number}", "malformed", row.detail)
            elif not isinstance(row, dict):
                yield BadRow(f"{where}{number}", "malformed", "not an object")
            elif "score" in row and "listened_at" not in row:
                if row["score"] != 0:
                    yield _opinion(row, where, number, latest_s)
            elif not row.get("playing_now"):
                yield _listen(row, where, number, latest_s)


def _listen(row: dict[str, Any], where: str, number: int, latest_s: float) -> Listen | BadRow:
    time_s = time_of(row.get("listened_at"), latest_s)
    if isinstance(time_s, tuple):
        return BadRow(f"{where}{number}", *time_s)
    listen = _recording(row.get("track_metadata"), "", time_s, "play")
    if not is_named(listen.artist, listen.title, *listen[10:14]):
        return BadRow(f"{where}{number}", "missing-name", "it does not say what was played")
    return listen


def _opinion(row: dict[str, Any], where: str, number: int, latest_s: float) -> Listen | BadRow:
    if row["score"] not in (1, -1) or isinstance(row["score"], bool):
        return BadRow(f"{where}{number}", "malformed", "a score other than -1, 0 and 1")
    time_s = time_of(row["created"], latest_s) if row.get("created") is not None else None
    if isinstance(time_s, tuple):
        return BadRow(f"{where}{number}", *time_s)
    listen = _recording(row.get("track_metadata"), mbid_of(row.get("recording_mbid")), time_s, "opinion")
    if not is_named(listen.artist, listen.title, *listen[10:14]):
        return BadRow(f"{where}{number}", "missing-name", "it does not say what it is about")
    return listen._replace(count=0, opinion=float(row["score"]))


def _recording(metadata: object, mbid: str, time_s: float | None, kind: str) -> Listen:
    said = metadata if isinstance(metadata, dict) else {}
    more, mapped = said.get("additional_info"), said.get("mbid_mapping")
    more = more if isinstance(more, dict) else {}
    # What the listener's player said comes before what ListenBrainz guessed.
    mbid = mbid or mbid_of(more.get("recording_mbid"))
    if not mbid and isinstance(mapped, dict):
        mbid = mbid_of(mapped.get("recording_mbid"))
    spotify = more.get("spotify_id")
    found = _SPOTIFY.search(spotify) if isinstance(spotify, str) else None
    return Listen(
        text_of(said.get("artist_name")),
        text_of(said.get("track_name")),
        text_of(said.get("release_name")),
        time_s,
        None,
        None,
        1,
        None,
        kind,
        "",
        mbid,
        isrc_of(more.get("isrc")),
        f"spotify:track:{found[1]}" if found else "",
        "",
        _duration_s(more),
    )


def _duration_s(more: dict[str, Any]) -> float | None:
    for name, unit in (("duration_ms", 1e3), ("duration", 1.0)):
        value = more.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value / unit < 1e6:
            return value / unit
    return None
