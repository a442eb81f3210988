"""ListenBrainz: the export's listens and feedback as JSON Lines, the old export as one JSON array."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from segue.listening.jsonstream import Broken, json_elements, json_lines
from segue.listening.rows import time_of
from segue.listening.sources import Source, decoded_head
from segue.services.listenbrainz import recording_of
from segue.texts import is_named, mbid_of
from segue.types import BadRow, Listen


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
    listen = recording_of(row.get("track_metadata"), time_s=time_s)
    if not is_named(listen.artist, listen.title, *listen[10:14]):
        return BadRow(f"{where}{number}", "missing-name", "it does not say what was played")
    return listen


def _opinion(row: dict[str, Any], where: str, number: int, latest_s: float) -> Listen | BadRow:
    if row["score"] not in (1, -1) or isinstance(row["score"], bool):
        return BadRow(f"{where}{number}", "malformed", "a score other than -1, 0 and 1")
    time_s = time_of(row["created"], latest_s) if row.get("created") is not None else None
    if isinstance(time_s, tuple):
        return BadRow(f"{where}{number}", *time_s)
    mbid = mbid_of(row.get("recording_mbid"))
    listen = recording_of(row.get("track_metadata"), mbid=mbid, time_s=time_s, kind="opinion")
    if not is_named(listen.artist, listen.title, *listen[10:14]):
        return BadRow(f"{where}{number}", "missing-name", "it does not say what it is about")
    return listen._replace(count=0, opinion=float(row["score"]))
