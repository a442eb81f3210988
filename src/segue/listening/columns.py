"""The columns of a table by what they mean, in batches of Arrow arrays: Parquet, or text with separators."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from segue.errors import UsageError
from segue.listening.separated import separated_rows
from segue.listening.sources import Source, decoded_head
from segue.types import BadRow

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow

# Names of columns in lower case, letters and digits only; where a table has several, the first counts.
_ROLES: dict[str, tuple[str, ...]] = {
    "listener": ("listener", "listenerid", "user", "userid", "username", "playlist", "playlistid", "pid"),
    "track": ("track", "trackid", "item", "itemid", "song", "songid", "trackuri"),
    "plays": ("plays", "playcount", "count", "listens", "scrobbles"),
    "time": (
        *("times", "time", "timestamp", "listenedat", "playedat", "uts", "ts", "endtime"),
        *("utctime", "datetime", "date"),
    ),
    "skipped": ("skipped",),
    "session": ("session", "sessionid"),
    "artist": ("artist", "artistname", "mastermetadataalbumartistname"),
    "artist_id": ("artistid",),
    "title": ("title", "trackname", "tracktitle", "name", "songname", "mastermetadatatrackname"),
    "album": ("album", "albumname", "release", "releasename", "albumtitle"),
    "played_s": ("playeds",),
    "played_ms": ("msplayed", "playedms"),
    "opinion": ("opinion",),
    "kind": ("kind",),
    "recording_mbid": ("recordingmbid", "trackmbid", "mbid"),
    "track_id": ("trackid",),
    "isrc": ("isrc",),
    "uri": ("uri", "trackuri", "spotifytrackuri", "spotifyuri"),
    "path": ("path", "file", "filename"),
    "duration_s": ("durations", "duration"),
    "duration_ms": ("durationms",),
}
_BLOCK = 1 << 23  # characters of text that are read at once
_FIRST_BLOCK = 1 << 14  # smaller, because the block with the header is read row by row
_BATCH = 1 << 17  # rows of Parquet
_LARGEST_INSIDE = 1 << 28  # bytes of a Parquet file inside a zip, which must be held whole
_SAMPLE_LINES = 20  # by which a text without a header is known
_ID = re.compile(r"[\w:.-]{1,100}")
_SEPARATORS = ("\t", ",", ";", "|")


class Shape(NamedTuple):
    """How a text with separators is laid out; `quoted` says whether quotes have a meaning."""

    separator: str
    n_columns: int
    first_line: int
    quoted: bool = True


class Batch(NamedTuple):
    """Rows of a table.

    Attributes
    ----------
    lines
        (n_rows,) int64: the line of a text, or the row of a Parquet file, from 1.
    columns
        Arrow arrays of n_rows by role.
    """

    lines: NDArray[np.int64]
    columns: dict[str, pyarrow.Array]


def roles_of(names: Sequence[str]) -> dict[str, int]:
    """Which column plays which role; a column may play several.

    Examples
    --------
    >>> roles_of(["User ID", "track_id", "Play Count"])
    {'listener': 0, 'track': 1, 'plays': 2, 'track_id': 1}
    """
    # "Date#someone" is how one exporter writes whose history it is.
    plain = [re.sub("[^a-z0-9]", "", name.partition("#")[0].lower()) for name in names]
    places = {name: place for place, name in reversed(list(enumerate(plain)))}
    found = {
        role: next((places[name] for name in synonyms if name in places), -1)
        for role, synonyms in _ROLES.items()
    }
    return {role: place for role, place in found.items() if place >= 0}


def is_table(roles: dict[str, int]) -> bool:
    """Whether columns of these roles say who or what was played."""
    return {"listener", "track"} <= roles.keys() or (
        "artist" in roles and ("title" in roles or "track" in roles)
    )


def is_parquet(head: bytes) -> bool:
    """Whether a stream that begins so is a Parquet file."""
    return head.startswith(b"PAR1")


def header_of(head: bytes) -> tuple[Shape, dict[str, int]] | None:
    """The layout and the roles of a text whose first line names its columns, None if it does not."""
    choices = []
    for separator in _SEPARATORS:
        for _, names in separated_rows([_first_line(head)], separator):
            roles = roles_of(names) if isinstance(names, list) else {}
            if is_table(roles):
                choices.append((len(roles), Shape(separator, len(names), 2), roles))
    best = max(choices, key=lambda choice: choice[0], default=None)
    return best[1:] if best else None


def header_names(head: bytes) -> list[str]:
    """The fields of a text's first line, by the separator that gives the most; none if it has but one."""
    line = _first_line(head)
    rows = [fields for sep in _SEPARATORS for _, fields in separated_rows([line], sep)]
    most = max((fields for fields in rows if isinstance(fields, list)), key=len, default=[])
    return most if 1 < len(most) <= 1_000 else []


def _first_line(head: bytes) -> str:
    return decoded_head(head).lstrip("\r\n").partition("\n")[0].partition("\r")[0]


def parquet_names(source: Source) -> list[str]:
    """The names of a Parquet file's columns.

    Raises
    ------
    UsageError
        If it cannot be read.
    """
    with _parquet(source) as file:
        return list(file.schema_arrow.names)


def parquet_batches(source: Source, roles: Sequence[str]) -> Iterator[Batch]:
    """The columns of those roles that a Parquet file has."""
    import pyarrow

    first = 1
    with _parquet(source) as file:
        names = file.schema_arrow.names
        places = {role: place for role, place in roles_of(names).items() if role in roles}
        wanted = sorted(set(places.values()))
        try:
            for batch in file.iter_batches(_BATCH, columns=[names[place] for place in wanted]):
                columns = {role: batch.column(names[place]) for role, place in places.items()}
                yield Batch(np.arange(first, first + len(batch)), columns)
                first += len(batch)
                source.advance_share(len(batch) / file.metadata.num_rows)
        except (pyarrow.ArrowException, OSError) as error:
            raise _damaged(source, error) from None


def _parquet(source: Source) -> Any:
    import pyarrow
    from pyarrow import parquet

    try:
        if not source.member:
            return parquet.ParquetFile(source.path)
        with source.open() as stream:
            content = stream.read(_LARGEST_INSIDE + 1)
        if len(content) > _LARGEST_INSIDE:
            raise UsageError(f"{source.name} is too large to be read inside a zip: unpack it first")
        return parquet.ParquetFile(io.BytesIO(content))
    except (pyarrow.ArrowException, OSError) as error:
        raise _damaged(source, error) from None


def _damaged(source: Source, error: Exception) -> UsageError:
    words = str(error).splitlines()[0] if str(error) else type(error).__name__
    return UsageError(f"{source.name} is a damaged Parquet file: {words}")


def text_batches(
    source: Source, shape: Shape, places: dict[str, int], bad: Callable[[BadRow], None]
) -> Iterator[Batch]:
    """Columns of a text with separators, all as strings, by role; rows that are none go to `bad`."""
    line = 1
    with source.open_text() as text:
        left = ""
        while True:
            part = text.read(_BLOCK if line > 1 else _FIRST_BLOCK)
            whole, left = _cut(left + part) if part else (left, "")
            if whole:
                yield _batch(source, whole, line, shape, places, bad)
                line += whole.count("\n")
            if not part:
                return


def _cut(text: str) -> tuple[str, str]:
    """`text` up to its last line's end, and the rest, which is dropped line by line where it is too long."""
    end = text.rfind("\n") + 1
    if end == 0 and len(text) > 4 * _BLOCK:
        return text[:_BLOCK], text[_BLOCK:]
    return text[:end], text[end:]


def _batch(
    source: Source,
    block: str,
    first: int,
    shape: Shape,
    places: dict[str, int],
    bad: Callable[[BadRow], None],
) -> Batch:
    import pyarrow

    is_plain = not (shape.quoted and '"' in block) and "\n\n" not in block and not block.startswith("\n")
    if is_plain and first >= shape.first_line:
        plain = _plain_batch(source, block, first, shape, places, bad)
        if plain is not None:
            return plain
    lines: list[int] = []
    rows: list[list[str]] = []
    found = separated_rows(io.StringIO(block), shape.separator, first, quoted=shape.quoted)
    for number, fields in found:
        if number < shape.first_line:
            continue
        if not isinstance(fields, list):
            bad(BadRow(f"{source.name}:{number}", "malformed", fields))
        elif len(fields) != shape.n_columns:
            bad(_ragged(source, number, len(fields), shape))
        else:
            lines.append(number)
            rows.append(fields)
    columns = {
        role: pyarrow.array([_storable(row[place]) for row in rows], pyarrow.string())
        for role, place in places.items()
    }
    return Batch(np.array(lines, np.int64), columns)


def _ragged(source: Source, number: int, n_fields: int, shape: Shape) -> BadRow:
    return BadRow(f"{source.name}:{number}", "malformed", f"{n_fields} columns instead of {shape.n_columns}")


def _storable(text: str) -> str:
    """`text` without the lone surrogates that UTF-16 can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _plain_batch(
    source: Source,
    block: str,
    first: int,
    shape: Shape,
    places: dict[str, int],
    bad: Callable[[BadRow], None],
) -> Batch | None:
    """Rows of a block without quotes and empty lines; None where Arrow cannot tell the rows."""
    import pyarrow
    from pyarrow import csv

    content = block.encode("utf-8", "replace")
    names = [str(place) for place in range(shape.n_columns)]
    wrong: list[tuple[int, int]] = []

    def skip(row: csv.InvalidRow) -> str:
        wrong.append((row.number - 1, row.actual_columns))
        return "skip"

    try:
        table = csv.read_csv(
            pyarrow.BufferReader(content),
            csv.ReadOptions(use_threads=False, column_names=names, block_size=len(content) + 1),
            csv.ParseOptions(
                delimiter=shape.separator,
                quote_char=False,
                ignore_empty_lines=False,
                invalid_row_handler=skip,
            ),
            csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(names, pyarrow.string()),
                strings_can_be_null=False,
                include_columns=[str(place) for place in sorted(set(places.values()))],
            ),
        )
    except pyarrow.ArrowInvalid:
        return None
    for place, n_fields in wrong:
        bad(_ragged(source, first + place, n_fields, shape))
    columns = {role: table.column(str(place)).combine_chunks() for role, place in places.items()}
    lines = np.delete(np.arange(first, first + len(table) + len(wrong)), [place for place, _ in wrong])
    return Batch(lines, columns)


def triplets_of(head: bytes) -> tuple[Shape, dict[str, int]] | None:
    """The layout of a text whose lines are listener, track and plays, without a header; else None."""
    lines = decoded_head(head).split("\n")[:_SAMPLE_LINES]
    for separator in _SEPARATORS:
        rows = [fields for _, fields in separated_rows(lines, separator, quoted=False)]
        fitting = [fields for fields in rows if isinstance(fields, list) and _is_triplet(fields)]
        if rows and 2 * len(fitting) > len(rows):
            return Shape(separator, 3, 1, quoted=False), {"listener": 0, "track": 1, "plays": 2}
    return None


def _is_triplet(fields: list[str]) -> bool:
    if len(fields) != 3:
        return False
    listener, track, plays = (field.strip() for field in fields)
    # Ids without spaces: "artist,title,1999" is something else.
    return bool(_ID.fullmatch(listener) and _ID.fullmatch(track) and plays.isdecimal() and plays.isascii())
