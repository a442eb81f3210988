"""The folder of parts: vectors and problems of many files, each part written whole by one task.

``_vectors.json`` says what the folder is, and whose vectors it holds. ``part-<16 hex>.parquet`` are the
vectors, ``_problems/part-<16 hex>.parquet`` what could not be heard. A part is called after the files that it
was asked for, so that a task that is tried again writes the same part again. Each holds the number of the
run that wrote it: where two runs wrote of one file (the first was killed, or the file changed), the row of
the later run counts, and the end of a run leaves no other.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from segue.errors import SegueError, UsageError
from segue.spark.places import Place, is_file, names_in, one_line, read_bytes, write_whole

if TYPE_CHECKING:
    import pyarrow as pa

HEADER = "_vectors.json"
PROBLEMS = "_problems"
FORMAT, VERSION = "segue vectors", 1
_RUN = b"segue.run"
_READERS = 16  # parts are many and small, and a store answers late

_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Header:
    """Whose vectors a folder holds.

    Attributes
    ----------
    encoder
        The id of the encoder.
    windows
        How much of each file it heard.
    identity
        Made up when the folder was: a worker knows by it that it sees the same folder.
    """

    encoder: str
    windows: str
    identity: str


def vectors_schema() -> pa.Schema:
    """The columns of vectors."""
    import pyarrow as pa

    return pa.schema(
        {
            "name": pa.string(),
            "encoder": pa.string(),
            "vector": pa.list_(pa.float32()),
            "digest": pa.string(),
            "size": pa.int64(),
            "modified_ns": pa.int64(),
        }
    )


def problems_schema() -> pa.Schema:
    """The columns of problems."""
    import pyarrow as pa

    return pa.schema(
        {
            "name": pa.string(),
            "reason": pa.string(),
            "detail": pa.string(),
            "size": pa.int64(),
            "modified_ns": pa.int64(),
        }
    )


def read_header(folder: Place) -> Header | None:
    """What the folder says of itself; None if it is not there, or empty.

    Raises
    ------
    UsageError
        If it holds something else.
    SegueError
        If it was written by a later Segue, is damaged, or cannot be read.
    """
    if is_file(folder):
        raise UsageError(f"{folder} is a file: give a folder for the parts")
    written = read_bytes(folder, HEADER)
    if written is None:
        if any(not name.startswith(f".{HEADER}.") for name in names_in(folder)):
            raise UsageError(f"{folder} holds something else (no {HEADER} is in it): give another folder")
        return None
    try:
        said = json.loads(written)
        if said["format"] != FORMAT:
            raise UsageError(f"{folder} holds {said['format']}: give another folder")
        if said["version"] > VERSION:
            raise SegueError(f"{folder} was written by a later Segue: update Segue")
        return Header(str(said["encoder"]), str(said["windows"]), str(said["identity"]))
    except (ValueError, KeyError, TypeError) as error:
        raise SegueError(f"{folder}/{HEADER} is damaged ({error!r}): give another folder") from error


def open_folder(folder: Place, *, encoder: str, windows: str) -> Header:
    """The folder's header, written if it is new.

    Raises
    ------
    UsageError
        If it holds something else, or vectors of another encoder or of other windows.
    SegueError
        If it cannot be written.
    """
    header = read_header(folder)
    if header is None:
        header = Header(encoder, windows, uuid.uuid4().hex)
        try:
            folder.files.create_dir(folder.under(PROBLEMS), recursive=True)
        except OSError as error:
            raise SegueError(f"{folder} cannot be made: {one_line(error)}") from error
        said = {"format": FORMAT, "version": VERSION, "encoder": encoder, "windows": windows}
        write_whole(folder, HEADER, json.dumps(said | {"identity": header.identity}, indent=1).encode())
    if (header.encoder, header.windows) != (encoder, windows):
        raise UsageError(
            f"{folder} holds vectors of {header.encoder} with {header.windows} windows, "
            f"not of {encoder} with {windows}: give another folder"
        )
    return header


def part_name(files: pa.Table, *, encoder: str, windows: str) -> str:
    """What the part of some files is called: the same for the same files, as they are now.

    Parameters
    ----------
    files
        Rows of `Listing.files`.
    """
    digest = hashlib.sha256(f"{VERSION} {encoder} {windows}\n".encode())
    columns = (files[name].to_pylist() for name in ("name", "size", "modified_ns"))
    for row in sorted(zip(*columns, strict=True)):
        digest.update(json.dumps(row).encode())
    return f"part-{digest.hexdigest()[:16]}.parquet"


def write_part(folder: Place, name: str, rows: pa.Table, *, run: int, encoder: str | None = None) -> None:
    """Write a part, whole.

    Raises
    ------
    DiskFull, SegueError
        If it cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    said = {_RUN: str(run).encode()} | ({b"encoder": encoder.encode()} if encoder else {})
    sink = pa.BufferOutputStream()
    # Numbers of a vector and digests repeat nowhere: a dictionary of them would only be tried in vain.
    pq.write_table(
        rows.replace_schema_metadata(said), sink, compression="zstd", use_dictionary=["encoder", "reason"]
    )
    write_whole(folder, name, sink.getvalue().to_pybytes())


def run_and_size(folder: Place, name: str) -> tuple[int, int] | None:
    """Which run wrote a part, and how many rows it has; None if the part is not there."""
    with _opened(folder, name) as part:
        return None if part is None else (_run_of(part), part.metadata.num_rows)


def read_part(folder: Place, name: str, columns: Sequence[str] | None = None) -> tuple[pa.Table, int] | None:
    """The rows of a part and the number of its run; None if it is not there.

    Raises
    ------
    SegueError
        If it cannot be read.
    """
    with _opened(folder, name) as part:
        if part is None:
            return None
        table = part.read(columns=columns)
        return (table.select(columns) if columns else table).replace_schema_metadata(), _run_of(part)


def read_problems(folder: Place, name: str) -> list[dict[str, Any]]:
    """The rows of one part of problems; none if it is not there."""
    found = read_part(folder, f"{PROBLEMS}/{name}")
    rows: list[dict[str, Any]] = found[0].to_pylist() if found else []
    return rows


def _run_of(part: Any) -> int:
    return int((part.schema_arrow.metadata or {}).get(_RUN, b"0"))


@contextmanager
def _opened(folder: Place, name: str) -> Iterator[Any]:
    """A part to read from, a column at a time; None if it is not there."""
    import pyarrow.parquet as pq

    try:
        file = folder.files.open_input_file(folder.under(name))
    except FileNotFoundError:
        yield None
        return
    except OSError as error:
        raise SegueError(f"{folder}/{name} cannot be read: {one_line(error)}") from error
    try:
        with file, pq.ParquetFile(file, pre_buffer=True) as part:
            yield part
    except (OSError, ValueError) as error:
        said = one_line(error)
        raise SegueError(f"{folder}/{name} is no part that can be read ({said}): remove it") from error


def parts_in(folder: Place, *within: str) -> list[str]:
    """The names of the parts in the folder, or of those in a folder in it."""
    return [
        name for name in names_in(folder, *within) if name.startswith("part-") and name.endswith(".parquet")
    ]


@dataclass(frozen=True, slots=True)
class Rows:
    """What some parts say of files, without vectors.

    Attributes
    ----------
    table
        One row a row of theirs: ``name``, ``size``, ``modified_ns``, others that were asked for, and ``run``,
        ``part`` (its number in `parts`), in the order of the parts and of the rows in each.
    parts
        Their names.
    """

    table: pa.Table
    parts: tuple[str, ...]

    def newest(self) -> NDArray[np.int64]:
        """Which rows of `table` count: of each name the one that was written last."""
        return newest_rows(self.table)


def newest_rows(table: pa.Table) -> NDArray[np.int64]:
    """The numbers of the rows that count, of a table with ``name`` and ``run``: of each name that of the
    latest run.

    Examples
    --------
    >>> import pyarrow as pa
    >>> newest_rows(pa.table({"name": ["a", "b", "a"], "run": [2, 1, 1]})).tolist()
    [0, 1]
    """
    codes = table["name"].combine_chunks().dictionary_encode().indices.to_numpy()
    order = np.lexsort((table["run"].to_numpy(), codes))
    last = np.ones(order.size, bool)
    last[:-1] = codes[order][1:] != codes[order][:-1]
    return np.sort(order[last])


def read_rows(folder: Place, *within: str, more: Sequence[str] = ()) -> Rows:
    """What all parts say of files.

    Parameters
    ----------
    within
        The folder in the folder, for problems.
    more
        Further columns.

    Raises
    ------
    SegueError
        If a part cannot be read.
    """
    import pyarrow as pa

    columns = ["name", "size", "modified_ns", *more]
    names = ["/".join((*within, part)) for part in parts_in(folder, *within)]

    def read(numbered: tuple[int, str]) -> pa.Table | None:
        number, name = numbered
        found = read_part(folder, name, columns)
        if found is None:
            return None  # joined to another since the folder was listed
        table, run = found
        for column, value in (("run", run), ("part", number)):
            table = table.append_column(column, pa.array(np.full(len(found[0]), value, np.int64)))
        return table

    tables = [table for table in at_once(read, list(enumerate(names))) if table is not None]
    return Rows(pa.concat_tables(tables or [_nothing(columns)]), tuple(names))


def _nothing(columns: Sequence[str]) -> pa.Table:
    import pyarrow as pa

    types = {field.name: field.type for field in (*vectors_schema(), *problems_schema())}
    types |= {"run": pa.int64(), "part": pa.int64()}
    return pa.table({name: pa.array([], types[name]) for name in (*columns, "run", "part")})


def at_once(work: Callable[[_T], _R], items: Sequence[_T]) -> Iterator[_R]:
    """What `work` makes of each item, in their order, several at a time."""
    with ThreadPoolExecutor(_READERS) as pool:
        yield from pool.map(work, items)
