"""The library as a table in a file: Parquet, CSV or JSON."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from segue.audio import Tags
from segue.catalogue.connection import Catalogue
from segue.catalogue.reading import track_pages
from segue.catalogue.records import Track
from segue.catalogue.vectors import load_vectors
from segue.errors import DiskFull, UsageError
from segue.types import EncoderId

_TAGS = tuple(field.name for field in dataclasses.fields(Tags))
_REST = ("duration_s", "sample_rate", "channels", "codec", "bitrate_bps", "added_at", "digest")
_WHOLE = ("track_number", "disc_number", "year", "sample_rate", "channels", "bitrate_bps")
_REAL = (
    "duration_s", "added_at", "bpm", "replaygain_track_gain_db", "replaygain_track_peak",
    "replaygain_album_gain_db", "replaygain_album_peak",
)  # fmt: skip
_LISTS = ("genres", "paths")

COLUMNS = ("id", *_TAGS, *_REST, "paths")
"""The columns of every export, in their order."""
VECTOR_PREFIX = "vector:"
"""A column of vectors is called this and the encoder's id."""

_Writer: TypeAlias = Callable[[Catalogue, Path, Sequence[EncoderId]], int]


def write_export(cat: Catalogue, path: Path, *, vectors: Sequence[EncoderId] = ()) -> int:
    """Write all present tracks to a file; its suffix chooses the format.

    ``.parquet`` (genres and paths as lists), ``.csv`` (several genres or paths on several lines of a cell),
    ``.json`` (one array) or ``.jsonl`` (one object a line). The file appears when it is whole. A file name
    that is not UTF-8 is escaped as Python does in JSON, kept as it is in CSV, and shown with ``�`` in
    Parquet, where the digest still says which track it is.

    Parameters
    ----------
    vectors
        Encoders whose vectors are added as columns ``vector:ENCODER``; Parquet only.

    Returns
    -------
    How many tracks were written.

    Raises
    ------
    UsageError
        If the suffix is none of these, the format holds no vectors, or the file cannot be written.
    DiskFull
        If there is no space left; no file is left behind.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise UsageError(f"{path}: the suffix chooses the format, one of {', '.join(_WRITERS)}")
    if vectors and write is not _write_parquet:
        raise UsageError(f"{path}: vectors go into .parquet only")
    unfinished = path.with_name(f".{path.name}.part")
    try:
        written = write(cat, unfinished, vectors)
        unfinished.replace(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"{path} cannot be written: no space left on the disk") from error
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return written


def _row(track: Track) -> dict[str, Any]:
    """One track as plain values, by `COLUMNS`."""
    values: dict[str, Any] = {"id": track.id}
    values |= {name: getattr(track.tags, name) for name in _TAGS}
    values |= {name: getattr(track, name) for name in _REST}
    values["genres"] = list(track.tags.genres)
    values["paths"] = [os.fspath(path) for path in track.paths]
    return values


def _write_csv(cat: Catalogue, path: Path, vectors: Sequence[EncoderId]) -> int:
    import csv

    written = 0
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        for page in track_pages(cat):
            for track in page:
                row = _row(track)
                table.writerow(row | {name: "\n".join(row[name]) for name in _LISTS})
            written += len(page)
    return written


def _write_json(cat: Catalogue, path: Path, vectors: Sequence[EncoderId]) -> int:
    written = 0
    with path.open("w", encoding="ascii") as file:
        for page in track_pages(cat):
            for track in page:
                file.write("[\n" if not written else ",\n")
                file.write(json.dumps(_row(track)))
                written += 1
        file.write("\n]\n" if written else "[]\n")
    return written


def _write_json_lines(cat: Catalogue, path: Path, vectors: Sequence[EncoderId]) -> int:
    written = 0
    with path.open("w", encoding="ascii") as file:
        for page in track_pages(cat):
            file.writelines(json.dumps(_row(track)) + "\n" for track in page)
            written += len(page)
    return written


def _write_parquet(cat: Catalogue, path: Path, vectors: Sequence[EncoderId]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    def kind(name: str) -> Any:
        if name in _LISTS:
            return pa.list_(pa.string())
        if name == "has_cover":
            return pa.bool_()
        return pa.int64() if name in _WHOLE else pa.float64() if name in _REAL else pa.string()

    fields = [(name, kind(name)) for name in COLUMNS]
    fields += [(VECTOR_PREFIX + encoder, pa.list_(pa.float32())) for encoder in vectors]
    schema = pa.schema(fields)
    written = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for page in track_pages(cat):
            rows = [_row(track) for track in page]
            for row in rows:
                row["paths"] = [os.fsencode(name).decode("utf-8", "replace") for name in row["paths"]]
            columns = {name: [row[name] for row in rows] for name in COLUMNS}
            keys = np.array([track.key for track in page], np.int64)
            for encoder in vectors:
                found = dict(zip(*_by_key(cat, encoder, keys), strict=True))
                columns[VECTOR_PREFIX + encoder] = [found.get(key) for key in keys.tolist()]
            writer.write_table(pa.table(columns, schema=schema))
            written += len(page)
    return written


def _by_key(cat: Catalogue, encoder: EncoderId, keys: Any) -> tuple[list[int], list[Any]]:
    found, matrix = load_vectors(cat, encoder, keys=keys)
    return found.tolist(), list(matrix)


_WRITERS: dict[str, _Writer] = {
    ".parquet": _write_parquet,
    ".csv": _write_csv,
    ".json": _write_json,
    ".jsonl": _write_json_lines,
}
