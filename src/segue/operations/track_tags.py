"""Read who tagged which track with what, and line it up with listeners and tracks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from segue.errors import UsageError
from segue.operations.track_tables import positions
from segue.training.datasets.columns import labels_of, read_table

if TYPE_CHECKING:
    import pyarrow
    from numpy.typing import NDArray

    from segue.evaluation.own_tags import GivenTags
    from segue.training.datasets.columns import Labels

    Ints = NDArray[np.int64]


class TagTable(NamedTuple):
    """Rows of tables of tags, usable ones only.

    Attributes
    ----------
    people : (n,) int64
        A number for each person.
    person_labels
        The label of each number.
    tracks : (n,) int64
        A number for each track.
    track_labels
        The label of each number.
    tags : (n,) int64
        A number for each tag.
    names
        The text of each number: lower case, spaces made single.
    notes
        What was left out, counted.
    """

    people: Ints
    person_labels: Labels
    tracks: Ints
    track_labels: Labels
    tags: Ints
    names: tuple[str, ...]
    notes: tuple[str, ...]


def read_tags(paths: Sequence[Path]) -> TagTable:
    """Read tables with the columns listener, track, tag; a column of times is not looked at.

    Parameters
    ----------
    paths
        Parquet or CSV files, read as if they were one.

    Raises
    ------
    UsageError
        If one cannot be read, lacks a column or has no usable row.
    """
    notes: list[str] = []
    parts: list[tuple[Labels, Labels, NDArray[np.str_]]] = []
    for path in paths:
        table, said = read_table(path)
        notes += said
        for needed in ("listener", "track", "tag"):
            if needed not in table.column_names:
                raise UsageError(f"{path} has no column {needed!r}, but {', '.join(table.column_names)}")
        usable = _usable(table)
        if len(usable[2]) < table.num_rows:
            n = table.num_rows - len(usable[2])
            notes.append(f"{path.name}: {n:,} rows without listener, track or tag: left out")
        if not len(usable[2]):
            raise UsageError(f"{path} has no row with a listener, a track and a tag")
        parts.append(usable)
    person_labels, people = _coded([part[0] for part in parts])
    track_labels, tracks = _coded([part[1] for part in parts])
    names, tags = _coded([part[2] for part in parts])
    texts = tuple(str(name) for name in names)
    return TagTable(people, person_labels, tracks, track_labels, tags, texts, tuple(notes))


def given_tags(table: TagTable, listeners: Labels, tracks: Labels, columns: Ints) -> GivenTags:
    """The tags of some tracks, each person's tag on a track once.

    Parameters
    ----------
    table
        All tags.
    listeners
        Labels of the rows of listeners; people who are none of them still count as people.
    tracks
        Labels of the rows of tracks; tags of others are left out.
    columns : (n_names,) int64
        The column of each tag, -1 for tags that are left out.
    """
    from segue.evaluation.own_tags import GivenTags

    track = positions(table.track_labels, tracks)[table.tracks]
    column = columns[table.tags]
    used = (track >= 0) & (column >= 0)
    triples = np.stack([table.people[used], track[used], column[used]])
    people, track, column = np.unique(triples, axis=1)
    return GivenTags(positions(table.person_labels, listeners)[people], track, column)


def tag_columns(table: TagTable, tracks: Labels) -> Ints:
    """A column for each tag that one of these tracks has, -1 for the others, ``(n_names,) int64``."""
    of_these = positions(table.track_labels, tracks)[table.tracks] >= 0
    present = np.unique(table.tags[of_these])
    columns = np.full(len(table.names), -1, dtype=np.int64)
    columns[present] = np.arange(len(present))
    return columns


def _usable(table: pyarrow.Table) -> tuple[Labels, Labels, NDArray[np.str_]]:
    import pyarrow.compute

    full = table.select(["listener", "track", "tag"]).drop_null()
    texts = [" ".join(str(tag).casefold().split()) for tag in full["tag"].to_pylist()]
    full = full.filter(pyarrow.array([bool(text) for text in texts]))
    people, known_people = labels_of(full["listener"])
    tracks, known_tracks = labels_of(full["track"])
    both = known_people & known_tracks
    kept = np.array([text for text in texts if text], dtype=np.str_)
    return people[both[known_people]], tracks[both[known_tracks]], kept[both]


def _coded(parts: Sequence[Labels]) -> tuple[Labels, Ints]:
    """Labels, each once, and the number of each row's label."""
    if len({part.dtype.kind for part in parts}) > 1:
        parts = [part.astype(np.str_) for part in parts]
    labels, codes = np.unique(np.concatenate(parts), return_inverse=True)
    return labels, codes  # type: ignore[return-value]
