"""Tables of any shape by column, from Parquet or CSV: plays, tracks, attributes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.errors import UsageError

if TYPE_CHECKING:
    import pyarrow
    from numpy.typing import NDArray

    Labels = NDArray[np.int64] | NDArray[np.str_]

# A text column of a CSV is one of numbers with a few bad cells when this share of its cells are numbers.
_MOSTLY = 0.9
_LOOKED_AT = 4096  # bytes, for zeros, which no text has
_SEPARATORS = (b",", b"\t", b";")


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
            delimiter=max(_SEPARATORS, key=header.count).decode(),
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
    texts = texts_of(values)
    filled = np.array([bool(text) for text in texts], dtype=bool)
    known[known] = filled
    return np.array([text for text in texts if text], dtype=np.str_), known


def numbers_of(column: pyarrow.ChunkedArray) -> NDArray[np.float64] | None:
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
        cells = texts_of(column)
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


def texts_of(column: pyarrow.ChunkedArray) -> list[str]:
    """A column as text without surrounding spaces, empty where missing."""
    return ["" if value is None else str(value).strip() for value in column.to_pylist()]
