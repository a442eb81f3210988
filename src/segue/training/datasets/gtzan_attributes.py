"""GTZAN's attribute tables: 57 numbers a clip, with artists where an index says them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from segue.errors import UsageError
from segue.training.datasets.assembling import Entry, Listing
from segue.training.datasets.tables import has_columns, read_table

WANTS = (
    "features_30_sec.csv (filename, length, 57 numbers, label), if possible with index.csv (clip, artist, …)"
)
_TABLE, _INDEX = "features_30_sec.csv", "index.csv"
_NO_ATTRIBUTES = frozenset({"filename", "length", "label"})


def matches(folder: Path) -> bool:
    """Whether the table is there."""
    return has_columns(folder / _TABLE, ("filename", "label"))


def read(folder: Path) -> Listing:
    """Vectors ``attributes`` ``(n, 57)`` and the target ``genre``; ids are the names of the clips.

    Raises
    ------
    UsageError
        If an attribute is no number.
    """
    table = read_table(folder / _TABLE)
    columns = [name for name in table.columns if name not in _NO_ATTRIBUTES]
    index = read_index(folder / _INDEX)
    entries = []
    for row in table.rows:
        clip = row["filename"].rpartition(".")[0] or row["filename"]
        known = index.get(clip, {})
        try:
            numbers = np.array([float(row[name]) for name in columns], np.float32)
        except ValueError as error:
            raise UsageError(
                f"{folder / _TABLE}: {clip} has an attribute that is no number: {error}"
            ) from error
        entries.append(
            Entry(
                track=clip,
                title=known.get("title", ""),
                artist=known.get("artist", ""),
                recording=known.get("recording_key", ""),
                classes={"genre": row["label"]},
                vectors={"attributes": numbers},
                faulty=known.get("dropped_by_fault_filter", "0") == "1",
            )
        )
    return Listing(folder.resolve().name, tuple(entries), table.notes)


def read_index(file: Path) -> dict[str, Mapping[str, str]]:
    """What an index (clip, artist, …) says of each clip; nothing where there is none."""
    if not has_columns(file, ("clip", "artist")):
        return {}
    return {row["clip"]: row for row in read_table(file).rows}
