"""Histories as tables with a header: Parquet, or text with separators, also the Last.fm exports among them.

Columns are found by their names: listener, track, plays[, time, skipped] as in research data, or artist,
title[, album, time, plays, …] as in one person's exports; also every field of `segue.types.Listen` by its own
name. ``track`` is the title where there is no ``title`` but an artist, else an id, which becomes the `uri`.
A row without a column for plays is one play, but none if it was skipped. A table of nothing but names is a
list of tracks: a playlist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from segue.listening.columns import (
    Batch,
    header_names,
    header_of,
    is_parquet,
    is_table,
    parquet_batches,
    parquet_names,
    roles_of,
    text_batches,
    triplets_of,
)
from segue.listening.rows import count_of, time_of
from segue.listening.separated import separated_rows
from segue.listening.sources import Source, decoded_head
from segue.playlists.locations import place_of_uri
from segue.texts import is_named, isrc_of, mbid_of, text_of
from segue.types import BadRow, Listen

_ROLES = (
    *("listener", "track", "plays", "time", "skipped", "artist", "title", "album", "played_s", "played_ms"),
    *("opinion", "kind", "recording_mbid", "track_id", "isrc", "uri", "path", "duration_s", "duration_ms"),
)
_EVIDENCE = frozenset({"listener", "plays", "time", "skipped", "played_s", "played_ms", "opinion"})
_KINDS = frozenset({"play", "count", "playlist", "opinion"})
_YES = frozenset({"true", "1", "yes", "y", "t"})
_NO = frozenset({"false", "0", "no", "n", "f"})


def matches(source: Source, head: bytes) -> bool:
    """Whether the columns' names say who or what was played."""
    if is_parquet(head):
        return is_table(roles_of(parquet_names(source)))
    return header_of(head) is not None


def columns_of(source: Source) -> list[str]:
    """The names of the columns of what seems to be a table, for messages; none if it is none."""
    head = source.head()
    if decoded_head(head).lstrip().startswith(("{", "[", "<")):
        return []  # JSON or XML
    names = parquet_names(source) if is_parquet(head) else header_names(head)
    return [name for name in map(text_of, names) if name]


def read(source: Source, latest_s: float) -> Iterator[Listen | BadRow]:
    """The listens of a table."""
    head = source.head()
    yield from _of_parquet(source, latest_s) if is_parquet(head) else _of_text(source, head, latest_s)


def _of_parquet(source: Source, latest_s: float) -> Iterator[Listen | BadRow]:
    import pyarrow

    for batch in parquet_batches(source, _ROLES):
        # An artist that is a number is an id of the data set.
        numbered = "artist" in batch.columns and pyarrow.types.is_integer(batch.columns["artist"].type)
        roles = [role for role in batch.columns if not (numbered and role == "artist")]
        rows = zip(*(batch.columns[role].to_pylist() for role in roles), strict=True)
        for line, values in zip(batch.lines.tolist(), rows, strict=True):
            yield listen_of(dict(zip(roles, values, strict=True)), f"{source.name}:", line, latest_s)


def _of_text(source: Source, head: bytes, latest_s: float) -> Iterator[Listen | BadRow]:
    layout = header_of(head)
    assert layout is not None
    shape, places = layout
    with source.open_text(newline="") as text:
        lines = iter(lambda: text.readline(1 << 20), "")
        for number, fields in separated_rows(lines, shape.separator):
            if number < shape.first_line:
                continue
            yield row_listen(fields, shape.n_columns, places, f"{source.name}:", number, latest_s)


def row_listen(
    fields: Sequence[str] | str,
    n_columns: int,
    places: dict[str, int],
    where: str,
    number: int,
    latest_s: float,
) -> Listen | BadRow:
    """The listen in a row of a text, whose fields play the roles at `places`."""
    if isinstance(fields, str):
        return BadRow(f"{where}{number}", "malformed", fields)
    if len(fields) != n_columns:
        return BadRow(f"{where}{number}", "malformed", f"{len(fields)} columns instead of {n_columns}")
    values = {role: fields[place].strip() for role, place in places.items()}
    return listen_of(values, where, number, latest_s)


def listen_of(values: dict[str, Any], where: str, number: int, latest_s: float) -> Listen | BadRow:
    """The listen in the values of one row, by role.

    Examples
    --------
    >>> listen_of({"artist": "Nina", "track": "Feeling", "time": "1577968440"}, "a.csv:", 2, 2e9).title
    'Feeling'
    >>> listen_of({"listener": 7, "track": 12, "plays": -1}, "a.csv:", 2, 2e9)
    BadRow(where='a.csv:2', reason='negative-count', detail='a negative number of plays')
    """
    artist, title, uri = _names(values)
    mbid = mbid_of(values.get("recording_mbid")) or mbid_of(values.get("track_id"))
    path, isrc = _path(values.get("path")), isrc_of(values.get("isrc"))
    if not is_named(artist, title, uri, mbid, path, isrc):
        return BadRow(f"{where}{number}", "missing-name", "it does not say what was played")
    time_s = None
    if "time" in values and (values["time"] not in (None, "") or "plays" not in values):
        found = time_of(values["time"], latest_s)
        if isinstance(found, tuple):
            return BadRow(f"{where}{number}", *found)
        time_s = found
    kind = values.get("kind") or _kind(values, time_s)
    skipped = _flag(values.get("skipped"))
    opinion = _number(values.get("opinion"))
    count: int | tuple[str, str] = 0 if skipped else 1
    if "plays" in values and not (
        str(values["plays"]) == "0" and (skipped is not None or opinion is not None)
    ):
        count = count_of(values["plays"])
    if isinstance(count, tuple):
        return BadRow(f"{where}{number}", *count)
    if kind not in _KINDS or (opinion is not None and not -1 <= opinion <= 1):
        return BadRow(f"{where}{number}", "malformed", "its kind or opinion is none that there is")
    return Listen(
        artist=artist,
        title=title,
        album=text_of(values.get("album")),
        time_s=time_s,
        played_s=_seconds(values, "played"),
        skipped=skipped,
        count=count if kind != "opinion" else 0,
        opinion=opinion,
        kind=kind,
        listener=text_of(values.get("listener")),
        recording_mbid=mbid,
        isrc=isrc,
        uri=uri,
        path=path,
        duration_s=_seconds(values, "duration"),
    )


def _kind(values: dict[str, Any], time_s: float | None) -> str:
    if _EVIDENCE.isdisjoint(values):
        return "playlist"
    return "count" if "plays" in values and time_s is None else "play"


def _names(values: dict[str, Any]) -> tuple[str, str, str]:
    """Artist, title, and uri or id."""
    artist, title = text_of(values.get("artist")), text_of(values.get("title"))
    uri, track = text_of(values.get("uri")), text_of(values.get("track"))
    if "title" not in values and artist:
        return artist, track, uri
    return artist, title, uri or track


def _path(value: object) -> str:
    """A file's path, also of a URI, which can name what text cannot: paths that are not UTF-8."""
    if isinstance(value, str) and value.startswith("file:"):
        return str(place_of_uri(value, Path("/"))[0] or "")
    return text_of(value)


def _flag(value: object) -> bool | None:
    word = str(value).lower()
    return True if word in _YES else False if word in _NO else None


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if number == number else None


def _seconds(values: dict[str, Any], what: str) -> float | None:
    number, unit = _number(values.get(f"{what}_s")), 1.0
    if number is None:
        number, unit = _number(values.get(f"{what}_ms")), 1e3
    return number / unit if number is not None and 0 <= number < 1e10 else None


def play_batches(
    source: Source, roles: Sequence[str], bad: Callable[[BadRow], None]
) -> Iterator[Batch] | None:
    """The columns of these roles in batches, None where the source is no table of listeners and tracks."""
    head = source.head()
    if is_parquet(head):
        found = roles_of(parquet_names(source))
        return parquet_batches(source, roles) if {"listener", "track"} <= found.keys() else None
    layout = header_of(head) or triplets_of(head)
    if layout is None or not {"listener", "track"} <= layout[1].keys():
        return None
    shape, places = layout
    wanted = {role: place for role, place in places.items() if role in roles}
    return text_batches(source, shape, wanted, bad)
