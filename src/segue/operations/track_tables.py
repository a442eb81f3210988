"""Read tables of tracks and of tags (Parquet or CSV), and find the rows of one in another."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.errors import UsageError

if TYPE_CHECKING:
    import pyarrow
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Labels = NDArray[np.int64] | NDArray[np.str_]

NO_CONTENT = ("track", "song", "listener", "id", "file")
"""Columns that number something and so are no content, beside those whose names end in ``_id``."""
# A text column of a CSV is one of numbers with a few bad cells when this share of its cells are numbers.
_MOSTLY = 0.9
_LOOKED_AT = 4096  # bytes, for zeros, which no text has


@dataclass(frozen=True, slots=True)
class TrackTable:
    """What a table says of tracks, one row a track.

    Attributes
    ----------
    path
        Where it was read from.
    columns
        Names of all columns.
    tracks : (n,) int64 or str
        Each once, in the order of the file.
    numeric
        Columns of numbers by name, ``(n,) float64`` each, NaN where missing.
    artists
        The artist of each track as text, empty where unknown; None where there is no such column.
    files
        The file of each track; None where there is no such column.
    songs
        Numbers or names that several ids of one recording share; None where there is no such column.
    notes
        What was left out, counted.
    """

    path: Path
    columns: tuple[str, ...]
    tracks: Labels
    numeric: dict[str, NDArray[np.float64]]
    artists: tuple[str, ...] | None
    files: tuple[str, ...] | None
    songs: tuple[str, ...] | None
    notes: tuple[str, ...]


def read_track_table(path: Path, *, ignore: Sequence[str] = ()) -> TrackTable:
    """Read a table with the column ``track`` and any columns of content.

    Parameters
    ----------
    path
        Parquet or CSV (also gzipped, also separated by tabs).
    ignore
        Columns that are no content.

    Returns
    -------
    TrackTable
        Its numeric columns are all columns of numbers and truth values but ids: `NO_CONTENT`, names that end
        in ``_id``, and those to be ignored.

    Raises
    ------
    UsageError
        If it cannot be read, lacks the column or has no row.
    """
    table, notes = read_table(path)
    if "track" not in table.column_names:
        raise UsageError(f"{path} has no column 'track', but {', '.join(table.column_names) or 'nothing'}")
    labels, known = labels_of(table["track"])
    _, first = np.unique(labels, return_index=True)
    kept = np.flatnonzero(known)[np.sort(first)]
    for n, what in (
        (np.sum(~known), "without a track"),
        (len(labels) - len(first), "of a track seen before"),
    ):
        if n:
            notes.append(f"{path.name}: {n:,} rows {what}: left out")
    if len(kept) == 0:
        raise UsageError(f"{path} has no row with a track")
    numeric = {}
    for name in table.column_names:
        if name in NO_CONTENT or name.endswith("_id") or name in ignore:
            continue
        values = _numbers(table[name])
        if values is not None:
            numeric[name] = values[kept]

    def texts(*names: str) -> tuple[str, ...] | None:
        for name in names:
            if name in table.column_names:
                return tuple(_texts(table[name])[row] for row in kept)
        return None

    return TrackTable(
        path=path,
        columns=tuple(table.column_names),
        tracks=labels[np.sort(first)],
        numeric=numeric,
        artists=texts("artist", "artist_id"),
        files=texts("file"),
        songs=texts("song"),
        notes=tuple(notes),
    )


def read_table(path: Path) -> tuple[pyarrow.Table, list[str]]:
    """The whole of a Parquet or CSV file, and notes on what was wrong with it.

    Raises
    ------
    UsageError
        If it is missing or neither of them.
    """
    import pyarrow

    try:
        with path.open("rb") as file:
            head = file.read(4)
        if head == b"PAR1":
            import pyarrow.parquet

            return pyarrow.parquet.read_table(path), []
        return _read_csv(path)
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist: give a table as Parquet or CSV") from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder: give a table as Parquet or CSV") from None
    except (OSError, EOFError, UnicodeDecodeError, pyarrow.ArrowException) as error:
        said = " ".join(str(error).split())[:200]
        raise UsageError(f"{path} is not a table that can be read (Parquet or CSV): {said}") from None


def _read_csv(path: Path) -> tuple[pyarrow.Table, list[str]]:
    import pyarrow.csv

    with pyarrow.input_stream(str(path), compression="detect") as stream:
        content = stream.read()
    notes = []
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16").encode()
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        lines = content.split(b"\n")
        wrong = [number for number, line in enumerate(lines) if not _is_utf8(line)]
        for number in wrong:
            lines[number] = lines[number].decode("cp1252", "replace").encode()
        content = b"\n".join(lines)
        notes.append(f"{path.name}: {len(wrong):,} lines are not UTF-8: read as Windows-1252")
    header = content.split(b"\n", 1)[0]
    if not header.strip() or b"\0" in content[:_LOOKED_AT]:
        raise UsageError(f"{path} is not a table that can be read (Parquet or CSV): it has no header")
    skipped: list[int] = []

    def skip(row: Any) -> str:
        skipped.append(row.number or 0)
        return "skip"

    table = pyarrow.csv.read_csv(
        io.BytesIO(content),
        # One thread, so that a bad row is counted with its number.
        read_options=pyarrow.csv.ReadOptions(use_threads=False),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter="\t" if header.count(b"\t") > header.count(b",") else ",",
            newlines_in_values=True,
            invalid_row_handler=skip,
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            strings_can_be_null=True, quoted_strings_can_be_null=False
        ),
    )
    if skipped:
        notes.append(f"{path.name}: {len(skipped):,} rows with too many or too few cells: left out")
    return table, notes


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def labels_of(column: pyarrow.ChunkedArray) -> tuple[Labels, NDArray[np.bool_]]:
    """The labels of a column without its empty cells, and which cells those labels are from.

    Whole numbers are int64, also where missing cells made them floats; all else is text.
    """
    import pyarrow

    known = np.asarray(column.is_valid())
    values = column.drop_null()
    if pyarrow.types.is_floating(values.type):
        floats = values.to_numpy()
        if np.all(floats == np.floor(floats)):
            return floats.astype(np.int64), known
    if pyarrow.types.is_integer(values.type):
        return values.to_numpy().astype(np.int64), known
    texts = _texts(values)
    filled = np.array([bool(text) for text in texts], dtype=bool)
    known[known] = filled
    return np.array([text for text in texts if text], dtype=np.str_), known


def positions(wanted: Labels, known: Labels) -> Ints:
    """Where each wanted label stands among the known ones, -1 where it does not, ``(n_wanted,) int64``.

    A number and its digits are the same label, since files disagree on which they write.

    >>> positions(np.array(["3", "x", "1"]), np.array([1, 2, 3]))
    array([ 2, -1,  0])
    """
    if wanted.dtype.kind != known.dtype.kind:
        wanted, known = wanted.astype(np.str_), known.astype(np.str_)
    found = np.full(len(wanted), -1, dtype=np.int64)
    if len(known) == 0:
        return found
    order = np.argsort(known, kind="stable")
    place = np.minimum(np.searchsorted(known, wanted, sorter=order), len(known) - 1)
    hit = known[order[place]] == wanted
    found[hit] = order[place[hit]]
    return found


def _numbers(column: pyarrow.ChunkedArray) -> NDArray[np.float64] | None:
    """A column of numbers or truth values, NaN where missing or infinite; None for any other."""
    import pyarrow

    kind = column.type
    if pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind) or pyarrow.types.is_boolean(kind):
        if pyarrow.types.is_boolean(kind):
            column = column.cast(pyarrow.int8())
        values = np.array(column.cast(pyarrow.float64(), safe=False).to_numpy(), dtype=np.float64)
    elif pyarrow.types.is_decimal(kind):
        values = np.array(column.cast(pyarrow.float64()).to_numpy(), dtype=np.float64)
    elif pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind):
        cells = _texts(column)
        values = np.array([_number(cell) for cell in cells])
        filled = sum(bool(cell) for cell in cells)
        if not filled or np.isfinite(values).sum() < _MOSTLY * filled:
            return None
    else:
        return None
    values[~np.isfinite(values)] = np.nan
    return values


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _texts(column: pyarrow.ChunkedArray) -> list[str]:
    return ["" if value is None else str(value).strip() for value in column.to_pylist()]
