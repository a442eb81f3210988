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
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segue.errors import SegueError, UsageError
from segue.spark.places import Place, is_file, names_in, one_line, read_bytes, remove, write_whole

if TYPE_CHECKING:
    import pyarrow as pa

HEADER = "_vectors.json"
PROBLEMS = "_problems"
FORMAT, VERSION = "segue vectors", 1
_RUN = b"segue.run"
_READERS = 16  # parts are many and small, and a store answers late
_SMALL_BYTES, _JOINED_BYTES = 16 << 20, 64 << 20


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
    written = read_bytes(folder, name)
    if written is None:
        return None
    file, run = _opened(folder, name, written)
    return run, file.metadata.num_rows


def read_problems(folder: Place, name: str) -> list[dict[str, Any]]:
    """The rows of one part of problems; none if it is not there."""
    written = read_bytes(folder, f"{PROBLEMS}/{name}")
    if written is None:
        return []
    rows: list[dict[str, Any]] = _opened(folder, name, written)[0].read().to_pylist()
    return rows


def _opened(folder: Place, name: str, written: bytes) -> tuple[Any, int]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(written))
        return file, int((file.schema_arrow.metadata or {}).get(_RUN, b"0"))
    except (OSError, ValueError) as error:
        raise SegueError(
            f"{folder}/{name} is no part that can be read ({one_line(error)}): remove it"
        ) from error


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
    bytes_
        The size of each.
    """

    table: pa.Table
    parts: tuple[str, ...]
    bytes_: tuple[int, ...]

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

    def read(numbered: tuple[int, str]) -> tuple[pa.Table, int] | None:
        number, name = numbered
        written = read_bytes(folder, name)
        if written is None:
            return None  # joined to another since the folder was listed
        file, run = _opened(folder, name, written)
        table = file.read(columns=columns).select(columns)
        count = table.num_rows
        for column, value in (("run", run), ("part", number)):
            table = table.append_column(column, pa.array(np.full(count, value, np.int64)))
        return table, len(written)

    found = list(_at_once(read, list(enumerate(names))))
    tables = [one[0].replace_schema_metadata() for one in found if one is not None]
    if not tables:
        tables = [_nothing(columns)]
    return Rows(
        pa.concat_tables(tables),
        tuple(names),
        tuple(0 if one is None else one[1] for one in found),
    )


def _nothing(columns: Sequence[str]) -> pa.Table:
    import pyarrow as pa

    types = {field.name: field.type for field in (*vectors_schema(), *problems_schema())}
    types |= {"run": pa.int64(), "part": pa.int64()}
    return pa.table({name: pa.array([], types[name]) for name in (*columns, "run", "part")})


def _at_once(work: Any, items: Sequence[Any]) -> Iterator[Any]:
    with ThreadPoolExecutor(_READERS) as pool:
        yield from pool.map(work, items)


def settle(folder: Place, *, encoder: str) -> int:
    """Leave one row a file, and few large parts where there were many small ones; how many vectors there are.

    Whoever reads meanwhile, or after this was stopped, meets rows twice at worst, and never misses one: what
    replaces parts is written before they are removed.

    Raises
    ------
    SegueError
        If a part cannot be read or written.
    """
    vectors, problems = read_rows(folder), read_rows(folder, PROBLEMS)
    heard, failed = _latest(vectors), _latest(problems)
    # What was heard by a run is no problem to it, even if a task failed to hear it before it was tried again.
    keep_vectors = _counting(vectors, lambda name, run: failed.get(name, -1) <= run)
    keep_problems = _counting(problems, lambda name, run: heard.get(name, -1) < run)
    _settle_parts(folder, vectors, keep_vectors, encoder)
    _settle_parts(folder, problems, keep_problems, None)
    return int(keep_vectors.sum())


def _latest(rows: Rows) -> dict[str, int]:
    """By which run each file was last written of."""
    table = rows.table.take(rows.newest())
    return dict(zip(table["name"].to_pylist(), table["run"].to_pylist(), strict=True))


def _counting(rows: Rows, counts: Callable[[str, int], bool]) -> NDArray[np.bool_]:
    """Which rows stay: the newest of each name, where that counts."""
    keep = np.zeros(rows.table.num_rows, bool)
    newest = rows.newest()
    table = rows.table.take(newest)
    pairs = zip(table["name"].to_pylist(), table["run"].to_pylist(), strict=True)
    keep[newest] = [counts(name, run) for name, run in pairs]
    return keep


def _settle_parts(folder: Place, rows: Rows, keep: NDArray[np.bool_], encoder: str | None) -> None:
    """Rewrite the parts that hold rows which do not count, and join small ones."""
    bounds = np.searchsorted(rows.table["part"].to_numpy(), np.arange(len(rows.parts) + 1))
    small: list[int] = []
    for number, (low, high) in enumerate(pairwise(bounds)):
        if not keep[low:high].any():
            remove(folder, rows.parts[number])
        elif rows.bytes_[number] < _SMALL_BYTES:
            small.append(number)
        elif not keep[low:high].all():
            _join(folder, [rows.parts[number]], [keep[low:high]], encoder)
    for group in _groups(small, rows.bytes_):
        kept = [keep[bounds[number] : bounds[number + 1]] for number in group]
        if len(group) > 1 or not kept[0].all():
            _join(folder, [rows.parts[number] for number in group], kept, encoder)


def _groups(numbers: Sequence[int], bytes_: Sequence[int]) -> Iterator[list[int]]:
    """Parts to join, in their order, so many that they are no longer small.

    >>> list(_groups([0, 1, 2], [40 << 20, 40 << 20, 1]))
    [[0], [1, 2]]
    """
    group: list[int] = []
    for number in numbers:
        if group and sum(bytes_[one] for one in group) + bytes_[number] > _JOINED_BYTES:
            yield group
            group = []
        group.append(number)
    if group:
        yield group


def _join(
    folder: Place, names: Sequence[str], keep: Sequence[NDArray[np.bool_]], encoder: str | None
) -> None:
    """One part of the rows of some that are kept, in place of them."""
    import pyarrow as pa

    def read(name: str) -> tuple[pa.Table, int]:
        file, run = _opened(folder, name, read_bytes(folder, name) or b"")
        return file.read(), run

    found = list(_at_once(read, names))
    kept = [table.filter(pa.array(mask)) for (table, _), mask in zip(found, keep, strict=True)]
    rows = pa.concat_tables([table.replace_schema_metadata() for table in kept])
    digest = hashlib.sha256("\n".join(names).encode() + str(rows.num_rows).encode()).hexdigest()
    within = names[0].rpartition("/")[0]
    joined = f"{within}/part-{digest[:16]}.parquet" if within else f"part-{digest[:16]}.parquet"
    write_part(folder, joined, rows, run=max(run for _, run in found), encoder=encoder)
    for name in names:
        if name != joined:
            remove(folder, name)


def remove_drafts(folder: Place, *, older_than_s: float = 3600.0) -> None:
    """Remove what runs that were killed had half written, and that no run can be at any more."""
    import time

    from pyarrow.fs import FileSelector

    for within in ("", PROBLEMS):
        for info in folder.files.get_file_info(FileSelector(folder.under(within), allow_not_found=True)):
            draft = info.base_name.startswith(".") and info.base_name.endswith(".partial")
            if draft and (info.mtime_ns or 0) < (time.time() - older_than_s) * 1e9:
                remove(folder, f"{within}/{info.base_name}" if within else info.base_name)
