"""A map of a file of vectors, without a library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import numpy as np

from segue.atlas import MapView, labels_of, nearest_rows, project
from segue.errors import UsageError, VectorsError
from segue.neighbours import standardise
from segue.operations.evaluate_similarity import join_by_file, read_vectors
from segue.operations.map import below_common_folder, first_colour
from segue.progress import Progress, Silent
from segue.training.datasets.columns import read_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEIGHBOURS = 8
_LABELS = ("genre", "artist", "album", "cluster")
_NUMBERS = ("year", "plays")


def map_of_vectors(
    vectors: Path,
    tracks: Path | None = None,
    *,
    colour: str = "",
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[MapView, tuple[str, ...]]:
    """Lay out the vectors of a file, and write on the map what a table says of them.

    Parameters
    ----------
    vectors
        An ``.npz`` with ``names`` and ``vectors``, as `segue embed` writes it.
    tracks
        CSV or Parquet with the column ``file``, joined by the files' names; ``title``, ``artist``, ``album``,
        ``genre``, ``cluster``, ``year`` and ``plays`` are written on the map.
    colour
        What colours the map first: one of these, or any other column.
    seed
        Of the layout.

    Returns
    -------
    view
        What is drawn.
    notes
        What was left out, counted.

    Raises
    ------
    UsageError
        If the table cannot be read, or has no such column.
    VectorsError
        If the vectors cannot be read, or none can be used.
    """
    progress = progress or Silent()
    named = read_vectors(vectors)
    finite = np.asarray(np.isfinite(named.vectors).all(axis=1))
    if not finite.any():
        raise VectorsError(f"{vectors} has no vector that can be used: make it with segue embed")
    notes = [f"{int((~finite).sum()):,} vectors are not finite: left out"] if not finite.all() else []
    names = [name for name, good in zip(named.names, finite, strict=True) if good]
    columns, more = _columns(names, tracks, colour) if tracks else ({}, [])
    labels, numbers = _split(columns)
    view = MapView(
        title=f"Map of {vectors.name}",
        about=f"{len(names):,} tracks as {named.encoder} hears them: near is alike.",
        positions=np.zeros((len(names), 2), np.float32),
        titles=columns.get("title", [PurePath(name).stem for name in names]),
        files=below_common_folder([PurePath(name) for name in names]),
        labels={name: labels_of(texts) for name, texts in labels.items()},
        numbers=numbers,
    )
    view = first_colour(view, colour)
    unit = standardise(named.vectors[finite])
    progress.start("Finding neighbours", None)
    near = nearest_rows(unit, _NEIGHBOURS, seed=seed)[0]
    positions = project(unit, seed=seed, progress=progress)
    progress.finish()
    return replace(view, positions=positions, neighbours=near), (*notes, *more)


def _columns(names: Sequence[str], tracks: Path, colour: str) -> tuple[dict[str, list[str]], list[str]]:
    """The table's texts in the order of the vectors, empty where it says nothing."""
    table, notes = read_table(tracks)
    if "file" not in table.column_names:
        raise UsageError(f"{tracks} has no column 'file', but {', '.join(table.column_names) or 'nothing'}")
    if colour and colour not in table.column_names:
        raise UsageError(f"{tracks} has no column {colour!r}, but {', '.join(table.column_names)}")
    files = _texts(table["file"].to_pylist())
    pairs = join_by_file(tuple(names), files)
    if not pairs:
        raise UsageError(f"no file of {tracks} is among the vectors: its column file must hold their names")
    if len(pairs) < len(names):
        notes.append(f"{len(names) - len(pairs):,} of {len(names):,} vectors are not in {tracks.name}")
    columns = {}
    for name in dict.fromkeys(("title", *_LABELS, *_NUMBERS, *([colour] if colour else []))):
        if name in table.column_names and name != "file":
            texts = _texts(table[name].to_pylist())
            found = [""] * len(names)
            for vector, row in pairs:
                found[vector] = texts[row]
            columns[name] = found
    return columns, notes


def _texts(values: Sequence[object]) -> list[str]:
    return ["" if value is None else str(value).strip() for value in values]


def _split(columns: dict[str, list[str]]) -> tuple[dict[str, list[str]], dict[str, NDArray[np.float64]]]:
    """Labels, and the columns of numbers only; of a year written as a date the first four digits count."""
    labels, numbers = {}, {}
    for name, texts in columns.items():
        if name == "title":
            continue
        values = np.array([_number(text[:4] if name == "year" else text) for text in texts], np.float64)
        numeric = np.isfinite(values).sum() == sum(map(bool, texts))
        if name in _NUMBERS or (name not in _LABELS and numeric):
            numbers[name] = values
        else:
            labels[name] = texts
    return labels, numbers


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return float("nan")
    return value if np.isfinite(value) else float("nan")
