"""Text tables with a header as a data set brings them: one mapping a row."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from segue.errors import UsageError


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table that are whole.

    Attributes
    ----------
    columns
        As the header names them, without surrounding spaces.
    rows
        Text by column, without surrounding spaces.
    notes
        How many rows were left out.
    """

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    notes: tuple[str, ...] = ()


def read_table(file: Path, *, separator: str = ",") -> Table:
    """A table whose first line names its columns; UTF-8, other bytes are read as Windows-1252.

    Raises
    ------
    UsageError
        If it cannot be read or names a column twice.
    """
    lines = _lines(file, separator)
    columns = tuple(name.strip() for name in next(lines, []))
    named = [name for name in columns if name]
    if len(set(named)) < len(named):
        twice = next(name for name in named if named.count(name) > 1)
        raise UsageError(f"{file} has two columns called {twice!r}: rename one")
    rows: list[Mapping[str, str]] = []
    odd = 0
    for fields in lines:
        if len(fields) == len(columns):
            rows.append(dict(zip(columns, map(str.strip, fields), strict=True)))
        else:
            odd += bool(fields)
    notes = (f"{file.name}: {odd} rows have another number of columns and were left out",) if odd else ()
    return Table(columns, tuple(rows), notes)


def read_lines(file: Path, *, separator: str = ",") -> list[list[str]]:
    """Every line of a table as its fields, for tables whose header is of another kind.

    Raises
    ------
    UsageError
        If it cannot be read.
    """
    return list(_lines(file, separator))


def header(file: Path, *, separator: str = ",", n_lines: int = 1) -> list[list[str]]:
    """The first lines of what may be a table; none if it is not there or is no text table."""
    try:
        return [[field.strip() for field in fields] for fields in islice(_lines(file, separator), n_lines)]
    except UsageError:
        return []


def has_columns(file: Path, wanted: Sequence[str], *, separator: str = ",") -> bool:
    """Whether a table is there whose header names all `wanted` columns."""
    lines = header(file, separator=separator)
    return bool(lines) and set(wanted) <= set(lines[0])


def _as_windows_1252(wrong: UnicodeError) -> tuple[str, int]:
    assert isinstance(wrong, UnicodeDecodeError)
    return wrong.object[wrong.start : wrong.end].decode("cp1252", "replace"), wrong.end


_OTHERS = "segue-windows-1252"
codecs.register_error(_OTHERS, _as_windows_1252)


def _lines(file: Path, separator: str) -> Iterator[list[str]]:
    try:
        with file.open(encoding="utf-8-sig", errors=_OTHERS, newline="") as text:
            yield from csv.reader(text, delimiter=separator)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    except csv.Error as error:
        raise UsageError(f"{file} is not a table that can be read: {error}") from error
