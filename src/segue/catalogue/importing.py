"""Vectors made elsewhere into the catalogue, matched by path or by audio payload."""

from __future__ import annotations

import os
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from segue.catalogue.connection import Catalogue, bump, transaction
from segue.catalogue.exporting import VECTOR_PREFIX
from segue.catalogue.places import key_of_file
from segue.catalogue.records import ImportReport
from segue.catalogue.storing import LITTLE_FLOAT32, encoder_row, made_encoder, put_vector
from segue.errors import VectorsError
from segue.types import EncoderId

_ENCODER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
_CHUNK = 1_024
_RUN = b"segue.run"  # in the metadata of a part: the number of the run that wrote it


@dataclass(frozen=True, slots=True)
class _Rows:
    """A file of vectors: whose they are, and per row its names (paths or digests) and its vector."""

    encoder: str | None
    rows: Iterator[tuple[tuple[str, ...], Any]]


def import_vectors(cat: Catalogue, path: Path, *, encoder: EncoderId | None = None) -> ImportReport:
    """Store the vectors of a file for the tracks that it names, in one transaction.

    ``.npz`` as `segue embed` writes it: ``names`` (n,) text, ``vectors`` (n, dim), ``encoder`` one text.
    ``.parquet``: a column ``digest``, ``path``, ``paths`` or ``name``, a column ``vector`` or
    ``vector:ENCODER`` (lists of numbers), and the encoder in that name, or in a column or the file's metadata
    called ``encoder``.
    A folder of such Parquet files, as `segue spark embed` writes it: part by part, those of a later run after
    those of an earlier one, names that begin with ``_`` or ``.`` left out.
    A name is a path (relative ones start at the working folder or at the file's folder) or the SHA-256 of the
    audio payload. Vectors that are there already are replaced.

    Parameters
    ----------
    encoder
        Whose vectors they are, where the file does not say or says it otherwise.

    Raises
    ------
    VectorsError
        If the file is not what it should be, or the vectors have another length than those already stored.
    """
    read = {".npz": _read_npz, ".parquet": _read_parquet}.get(path.suffix.lower())
    try:
        if path.is_dir():
            read = _read_parts
        elif read is None:
            raise VectorsError(
                f"{path}: vectors are read from .npz or .parquet, or from a folder of .parquet"
            )
        content = read(path, encoder)
        name = _checked_encoder(path, encoder or content.encoder)
        with transaction(cat) as connection:
            return _store(connection, path, name, content.rows)
    except (OSError, ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        # pyarrow's errors are ValueErrors and OSErrors; each means that the file is not what it should be.
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise VectorsError(f"{path} is not a file of vectors that can be read: {said}") from error


def _checked_encoder(path: Path, name: str | None) -> EncoderId:
    if not name:
        raise VectorsError(f"{path} does not say which encoder made the vectors: give its id with --encoder")
    if not _ENCODER.fullmatch(name):
        raise VectorsError(f"{path}: {name!r} is not the id of an encoder (letters, digits, . _ + -)")
    return EncoderId(name)


def _store(
    connection: sqlite3.Connection,
    path: Path,
    encoder: EncoderId,
    rows: Iterator[tuple[tuple[str, ...], Any]],
) -> ImportReport:
    known = encoder_row(connection, encoder)
    dim = known[1] if known else None
    matched = unmatched = refused = 0
    length_seen = 0
    for names, values in rows:
        key = next((found for name in names if (found := _key_of(connection, path, name)) is not None), None)
        if key is None:
            unmatched += 1
            continue
        vector = np.asarray(values if values is not None else (), dtype=LITTLE_FLOAT32)
        length_seen = length_seen or vector.size
        if (
            not vector.size
            or vector.size != (dim or vector.size)
            or not np.isfinite(vector).all()
            or not vector.any()
        ):
            refused += 1
            continue
        dim = vector.size
        put_vector(connection, made_encoder(connection, encoder, dim), key, vector.tobytes())
        matched += 1
    if refused and not matched and dim and length_seen != dim:
        raise VectorsError(
            f"{path}: its vectors have {length_seen} values, those of {encoder} here have {dim}"
        )
    if matched:
        bump(connection)
    return ImportReport(
        encoder=encoder, dim=dim or length_seen, matched=matched, unmatched=unmatched, refused=refused
    )


def _key_of(connection: sqlite3.Connection, file: Path, name: str) -> int | None:
    """The track that a name of a row means."""
    if not name or "\0" in name:
        return None
    if _DIGEST.fullmatch(name):
        row = connection.execute("SELECT id FROM tracks WHERE digest = ?", (bytes.fromhex(name),)).fetchone()
        if row:
            return int(row[0])
    for start in (Path.cwd(), file.absolute().parent):
        path = Path(os.path.normpath(start / name))
        if not path.name:
            continue
        if (key := key_of_file(connection, path)) is not None:
            return key
    return None


def _read_npz(path: Path, encoder: EncoderId | None) -> _Rows:
    """The arrays of an .npz; never unpickled."""
    with path.open("rb") as file:  # np.load leaves a file open that it cannot read
        if not zipfile.is_zipfile(file):  # numpy would take it for a pickle, and advise to trust it
            raise VectorsError(f"{path} is not an .npz file: names, vectors and encoder are wanted in one")
        file.seek(0)
        arrays = np.load(file, allow_pickle=False)
        if not isinstance(arrays, np.lib.npyio.NpzFile):
            raise VectorsError(f"{path} holds one array: names, vectors and encoder are wanted")
        missing = {"names", "vectors"} - set(arrays.files)
        if missing:
            raise VectorsError(f"{path} has no array called {' or '.join(sorted(missing))}")
        names, vectors = np.atleast_1d(arrays["names"]), arrays["vectors"]
        made_by = arrays["encoder"] if "encoder" in arrays.files else np.empty(0)
    said = str(made_by.item()) if made_by.size == 1 else None
    if vectors.ndim != 2 or vectors.dtype.kind not in "fiu" or names.shape != (len(vectors),):
        raise VectorsError(
            f"{path}: names {names.shape} and vectors {vectors.shape} of {vectors.dtype} do not fit: "
            "(n,) and (n, dim) numbers are wanted"
        )
    if names.dtype.kind not in "US":
        raise VectorsError(f"{path}: names are {names.dtype}, text is wanted")
    return _Rows(said, (((_text(name),), row) for name, row in zip(names.tolist(), vectors, strict=True)))


def _text(name: str | bytes) -> str:
    return os.fsdecode(name)


def _read_parquet(path: Path, encoder: EncoderId | None) -> _Rows:
    """The rows of a Parquet file, batch by batch."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    columns = file.schema_arrow.names
    column = _vector_column(path, columns, encoder)
    _check_numbers(path, column, file.schema_arrow.field(column).type)
    named_by = [name for name in ("digest", "path", "paths", "name", "names") if name in columns]
    if not named_by:
        raise VectorsError(f"{path} has no column digest, path, paths or name")
    said = column.removeprefix(VECTOR_PREFIX) if column.startswith(VECTOR_PREFIX) else None
    if said is None:
        said = (file.schema_arrow.metadata or {}).get(b"encoder", b"").decode("utf-8", "replace") or None
    if said is None and "encoder" in columns and file.metadata.num_rows:
        first = next(file.iter_batches(batch_size=1, columns=["encoder"]))
        said = str(first.column(0)[0].as_py())

    def rows() -> Iterator[tuple[tuple[str, ...], Any]]:
        # Group by group: one iteration over the whole file keeps every group in memory until its end.
        for group in range(file.num_row_groups):
            for batch in file.iter_batches(_CHUNK, row_groups=[group], columns=[*named_by, column]):
                yield from _batch_rows(batch, named_by, column)

    return _Rows(said, rows())


def _read_parts(path: Path, encoder: EncoderId | None) -> _Rows:
    """The rows of a folder of Parquet files, part by part, those of the latest run last.

    A run that was killed leaves files that two parts tell of; the vector that is stored last stays.
    """
    import pyarrow.parquet as pq

    runs = {}
    for part in sorted(path.glob("*.parquet")):
        if part.is_file() and not part.name.startswith(("_", ".")):
            metadata = pq.read_metadata(part)
            if metadata.num_rows:
                runs[part] = int((metadata.metadata or {}).get(_RUN, b"0"))
    if not runs:
        raise VectorsError(f"{path}: no vectors are in it (Parquet files that do not begin with _ or .)")
    parts = sorted(runs, key=runs.__getitem__)
    said = {_read_parquet(part, encoder).encoder for part in parts} if encoder is None else set()
    if len(said) > 1:
        names = ", ".join(sorted(str(one) for one in said))
        raise VectorsError(f"{path} holds vectors of several encoders ({names}): import them part by part")
    return _Rows(
        next(iter(said), None),
        (row for part in parts for row in _read_parquet(part, encoder).rows),
    )


def _batch_rows(batch: Any, named_by: list[str], column: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    names = [batch.column(name).to_pylist() for name in named_by]
    vectors = batch.column(column)
    for at, parts in enumerate(zip(*names, strict=True)):
        cell = vectors[at]
        yield _flat(parts), (cell.values.to_numpy(zero_copy_only=False) if cell.is_valid else None)


def _check_numbers(path: Path, column: str, kind: Any) -> None:
    import pyarrow as pa

    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    numbers = (pa.types.is_floating, pa.types.is_integer)
    if not any(is_one(kind) for is_one in lists) or not any(is_one(kind.value_type) for is_one in numbers):
        raise VectorsError(f"{path}: column {column} holds {kind}, lists of numbers are wanted")


def _vector_column(path: Path, columns: list[str], encoder: EncoderId | None) -> str:
    if encoder is not None and VECTOR_PREFIX + encoder in columns:
        return VECTOR_PREFIX + encoder
    if "vector" in columns:
        return "vector"
    found = [name for name in columns if name.startswith(VECTOR_PREFIX)]
    if len(found) == 1:
        return found[0]
    if found:
        choice = ", ".join(name.removeprefix(VECTOR_PREFIX) for name in found)
        raise VectorsError(f"{path} holds vectors of several encoders: choose with --encoder one of {choice}")
    raise VectorsError(f"{path} has no column vector or vector:ENCODER")


def _flat(parts: tuple[Any, ...]) -> tuple[str, ...]:
    """The names in the cells of one row: text, bytes, or lists of them."""
    cells = (part if isinstance(part, list) else [part] for part in parts)
    return tuple(_text(name) for cell in cells for name in cell if isinstance(name, str | bytes))
