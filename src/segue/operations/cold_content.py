"""Content of training tracks and new tracks in the same columns: attributes, vectors, tags."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from segue.errors import UsageError
from segue.operations.evaluate_similarity import read_vectors
from segue.operations.track_tables import TrackTable, positions
from segue.operations.track_tags import given_tags, read_tags, tag_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.evaluation import GivenTags
    from segue.factors.cold_start import Content
    from segue.listening import Plays
    from segue.operations.evaluate_similarity import NamedVectors

    Floats = NDArray[np.float64]


class Sources(NamedTuple):
    """Where content comes from.

    Attributes
    ----------
    ignore
        Columns that are no content, for an error message.
    vectors
        An ``.npz`` used instead of the tables' columns.
    tags
        Tables of tags.
    """

    ignore: tuple[str, ...]
    vectors: Path | None
    tags: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """Content in the same columns for both parts.

    Attributes
    ----------
    training
        Of the training plays' tracks, row by row.
    test
        Of the new tracks that have any: numbers, or where no new track has numbers, tags.
    has_content : (n_new,) bool
        Which new tracks those are.
    given
        Who tagged them, where there are tags.
    notes
        What was used and what was left out, counted.
    """

    training: Content
    test: Content
    has_content: NDArray[np.bool_]
    given: GivenTags | None
    notes: tuple[str, ...]


def contents(sources: Sources, table: TrackTable, training: Plays, new: TrackTable) -> Contents:
    """Put together what is known of the tracks.

    Parameters
    ----------
    sources
        Where content comes from.
    table
        Of the training tracks; those without a row have no content.
    training
        The training plays.
    new
        The new tracks.

    Raises
    ------
    UsageError
        If there is no content at all, or none of one part.
    """
    from segue.factors.cold_start import Content

    if sources.vectors is not None:
        numeric, new_numeric, notes = _from_vectors(read_vectors(sources.vectors), table, training, new)
    else:
        numeric, new_numeric, notes = _from_columns(sources, table, training, new)
    known, new_known = (np.asarray(np.isfinite(part).any(axis=1)) for part in (numeric, new_numeric))
    if not sources.tags:
        _check(known, new_known)
        notes += _left_out(new_known)
        return Contents(Content(numeric), Content(new_numeric[new_known]), new_known, None, tuple(notes))
    tags = read_tags(sources.tags)
    columns = tag_columns(tags, training.tracks)
    n_tags = int(columns.max(initial=-1)) + 1
    training_tags = given_tags(tags, training.listeners, training.tracks, columns).counts(
        len(training.tracks), n_tags
    )
    has = np.zeros(len(new.tracks), dtype=bool)
    has[given_tags(tags, training.listeners, new.tracks, columns).tracks] = True
    if new_known.any():
        # The same tracks as without tags, so that the figures say what tags add.
        only_tags = int(np.sum(has & ~new_known))
        notes += _left_out(new_known)
        notes += [f"{only_tags:,} of those have tags, but no numbers"] if only_tags else []
        has = new_known
    _check(known | (np.diff(training_tags.indptr) > 0), has)
    kept = np.flatnonzero(has)
    given = given_tags(tags, training.listeners, new.tracks[kept], columns)
    notes += tags.notes if new_known.any() else [*tags.notes, *_left_out(has)]
    n_tagged = len(np.unique(given.tracks))
    notes.append(f"{n_tags:,} tags of training tracks describe {n_tagged:,} of {len(kept):,} test tracks")
    return Contents(
        Content(numeric, training_tags),
        Content(new_numeric[kept], given.counts(len(kept), n_tags)),
        has,
        given,
        tuple(notes),
    )


def _from_columns(
    sources: Sources, table: TrackTable, training: Plays, new: TrackTable
) -> tuple[Floats, Floats, list[str]]:
    """Columns of numbers that both tables have."""
    names = [name for name in table.numeric if name in new.numeric]
    notes = []
    if alone := [name for name in table.numeric if name not in new.numeric]:
        notes.append(f"not numbers in the test tracks, so no content: {', '.join(alone)}")
    if alone := [name for name in new.numeric if name not in table.numeric]:
        notes.append(f"not numbers in the training tracks, so no content: {', '.join(alone)}")
    if not names and not sources.tags:
        raise UsageError(
            f"{table.path} and {new.path} have no column of numbers in common but ids"
            f"{' and ' + ', '.join(sources.ignore) if sources.ignore else ''}: "
            "give --content vectors.npz or --tags"
        )
    rows = positions(training.tracks, table.tracks)
    if names and not (rows >= 0).any():
        raise UsageError(f"no track of the plays is in {table.path}: their column track must be the same")
    if missing := int(np.sum(rows < 0)):
        notes.append(f"{missing:,} tracks of the training plays have no row in {table.path.name}")
    numeric = np.full((len(rows), len(names)), np.nan)
    new_numeric = np.full((len(new.tracks), len(names)), np.nan)
    for column, name in enumerate(names):
        numeric[rows >= 0, column] = table.numeric[name][rows[rows >= 0]]
        new_numeric[:, column] = new.numeric[name]
    if names:
        notes.insert(0, f"content: {', '.join(names)}")
    return numeric, new_numeric, notes


def _from_vectors(
    vectors: NamedVectors, table: TrackTable, training: Plays, new: TrackTable
) -> tuple[Floats, Floats, list[str]]:
    names = np.array(vectors.names, dtype=np.str_)
    rows = positions(training.tracks, table.tracks)
    files = [table.files[row] if row >= 0 and table.files is not None else "" for row in rows]
    at = _named(training.tracks.astype(np.str_), files, names)
    new_at = _named(new.tracks.astype(np.str_), list(new.files or ()), names)
    for part, found in (("training", at), ("test", new_at)):
        if not (found >= 0).any():
            raise UsageError(
                f"no {part} track has a vector: the names of --content must be the ids of the tracks "
                "as text, or what the tables have in their column file"
            )
    note = (
        f"vectors by {vectors.encoder} for {np.sum(at >= 0):,} of {len(at):,} training tracks "
        f"and {np.sum(new_at >= 0):,} of {len(new_at):,} test tracks"
    )
    return _picked(vectors.vectors, at), _picked(vectors.vectors, new_at), [note]


def _named(labels: NDArray[np.str_], files: list[str], names: NDArray[np.str_]) -> NDArray[np.int64]:
    found = positions(labels, names)
    if files:
        by_file = positions(np.array(files, dtype=np.str_), names)
        found = np.where(found >= 0, found, by_file)
    return found


def _picked(vectors: NDArray[np.float32], rows: NDArray[np.int64]) -> Floats:
    picked = vectors[np.maximum(rows, 0)].astype(np.float64)
    picked[rows < 0] = np.nan
    picked[~np.isfinite(picked)] = np.nan
    return picked


def _check(training: NDArray[np.bool_], test: NDArray[np.bool_]) -> None:
    for part, has in (("training", training), ("test", test)):
        if not has.any():
            raise UsageError(f"no {part} track has content: all its cells are empty")


def _left_out(has: NDArray[np.bool_]) -> list[str]:
    n = int(np.sum(~has))
    return [f"{n:,} of {len(has):,} test tracks have no content: left out"] if n else []
