"""Tables of descriptors from files: FMA's ``features.csv``, the GTZAN tables, any table with numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.encoders.fma518 import FMA518_COLUMNS
from segue.errors import UsageError
from segue.features.table import DescriptorTable, family_of
from segue.training.datasets import fma
from segue.training.datasets.columns import numbers_of, read_table, texts_of
from segue.training.datasets.gtzan_attributes import read_index
from segue.training.datasets.labels import groups_of, one_spelling

if TYPE_CHECKING:
    import pyarrow
    from numpy.typing import NDArray

TRACK_COLUMNS = ("file", "path", "filename", "track", "track_id", "clip", "name", "id")
"""Columns that name the track, the first that is there, in any case."""
CLASS_COLUMNS = ("genre", "label", "genre_top", "class", "kind")
"""Columns of classes, the first that is there, in any case."""
_GROUPS = {
    "artist": ("artist", "artist_id"),
    "recording": ("recording_key", "recording"),
    "group": ("group",),
}
# What numbers the track or says how long it is tells nothing of its sound.
_NO_DESCRIPTORS = frozenset(
    {*TRACK_COLUMNS, "song", "listener", "group", "length", "duration", "duration_s", ""}
)


class NoNumbers(UsageError):
    """A table of tracks without any descriptor."""


def read_attribute_table(path: Path, *, target: str | None = None) -> DescriptorTable:
    """Read a table of descriptors.

    FMA's ``features.csv`` is known by its three header rows; ``tracks.csv`` beside it gives genres and
    artists. Of any other table, CSV (also gzipped, also separated by tabs or semicolons) or Parquet, one
    column names the track (`TRACK_COLUMNS`, else the first of text that never repeats, else rows are
    numbered), one may say its class (`CLASS_COLUMNS`), and the columns of numbers are descriptors, but ids
    and lengths. ``artist`` and ``recording`` keep tracks together, from the table or from an ``index.csv``
    beside it (clip, artist, recording_key).

    Parameters
    ----------
    path
        The file.
    target
        The column of classes, if it is called otherwise.

    Returns
    -------
    DescriptorTable
        Its notes count what was left out or mended.

    Raises
    ------
    UsageError
        If it cannot be read, or names a column twice; `NoNumbers` if it holds none.
    """
    if fma.known_tracks(path):
        raise UsageError(f"{path} is FMA's table of tracks: give features.csv beside it")
    if fma.is_features(path):
        return _of_fma(path, target)
    content, notes = read_table(path)
    _check_names(path, content.column_names)
    usual = {name.strip().casefold(): name for name in content.column_names}
    tracks, kept, named_by = _tracks(path, content, usual, notes)
    classes, called = _classes(path, content, usual, target)
    taken = {named_by, called}
    values, columns = _values(path, content, taken, notes)
    values = values[kept]
    spelled = _spelled([classes[row] for row in kept] if classes else [], called, notes)
    usual.pop(called.strip().casefold(), None)  # classes kept apart could not be learned
    groups, grouped_by = _groups(path, content, usual, tracks, kept)
    return DescriptorTable(
        name=path.name,
        tracks=tracks,
        columns=columns,
        families=tuple(map(family_of, columns)),
        values=values,
        classes=spelled,
        target=called if spelled else "",
        groups=groups,
        grouped_by=grouped_by,
        notes=tuple(notes),
    )


def _of_fma(path: Path, target: str | None) -> DescriptorTable:
    if target not in (None, "genre", "genre_top"):
        raise UsageError(f"{path} knows no {target!r}: with tracks.csv beside it, FMA's table has genre")
    numbers, values, notes = fma.read_features(path)
    infinite = int(np.isinf(values).sum())
    if infinite:
        values[np.isinf(values)] = np.nan
        notes.append(f"{path.name}: {infinite:,} values are infinite: taken for unknown")
    names = path.with_name("tracks.csv")
    known = fma.known_tracks(names)
    rows = [known.get(number, ("", "")) for number in numbers.tolist()]
    found = sum(number in known for number in numbers.tolist())
    if not names.is_file():
        notes.append("no tracks.csv beside it: genres and artists are not known")
    elif found < len(rows):
        what = "none" if not found else f"only {found:,}"
        notes.append(f"{what} of {len(rows):,} tracks of {path.name} are in {names.name}")
    genres = _spelled([genre for genre, _ in rows], "genre", notes)
    groups = groups_of([artist for _, artist in rows]) if found else None
    return DescriptorTable(
        name=path.name,
        tracks=tuple(f"{number:06d}" for number in numbers.tolist()),
        columns=tuple(".".join(column) for column in FMA518_COLUMNS),
        families=tuple(column[0] for column in FMA518_COLUMNS),
        values=values,
        classes=genres,
        target="genre" if genres else "",
        groups=groups,
        grouped_by="artist" if groups is not None else "",
        notes=tuple(notes),
    )


def _check_names(path: Path, names: Sequence[str]) -> None:
    counts = Counter(name.strip().casefold() for name in names if name.strip())
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise UsageError(f"{path} has two columns called {twice[0]!r}: rename one")


def _tracks(
    path: Path, content: pyarrow.Table, usual: dict[str, str], notes: list[str]
) -> tuple[tuple[str, ...], NDArray[np.int64], str]:
    """Names, the rows they stand in, and the column that holds them."""
    column = next((usual[name] for name in TRACK_COLUMNS if name in usual), None) or _telling(content, usual)
    if content.num_rows == 0:
        raise UsageError(f"{path} has no rows under its header")
    if column is None:
        notes.append(f"{path.name}: no column names the track: rows are numbered")
        names = [f"row {row}" for row in range(1, content.num_rows + 1)]
        return tuple(names), np.arange(content.num_rows, dtype=np.int64), ""
    names = texts_of(content[column])
    first: dict[str, int] = {}
    for row, name in enumerate(names):
        if name:
            first.setdefault(name, row)
    unnamed = sum(not name for name in names)
    for n, what in (
        (unnamed, "without a track"),
        (len(names) - unnamed - len(first), "of a track seen before"),
    ):
        if n:
            notes.append(f"{path.name}: {n:,} rows {what}: left out")
    if not first:
        raise UsageError(f"{path} names no track in its column {column!r}")
    return tuple(first), np.array(list(first.values()), np.int64), column


def _telling(content: pyarrow.Table, usual: dict[str, str]) -> str | None:
    """The first column of text in which nothing repeats."""
    import pyarrow

    for folded, name in usual.items():
        column = content[name]
        is_text = pyarrow.types.is_string(column.type) or pyarrow.types.is_large_string(column.type)
        if is_text and folded not in CLASS_COLUMNS and numbers_of(column) is None:
            cells = texts_of(column)
            if all(cells) and len(set(cells)) == len(cells):
                return name
    return None


def _classes(
    path: Path, content: pyarrow.Table, usual: dict[str, str], target: str | None
) -> tuple[list[str], str]:
    if target is not None:
        name = usual.get(target.strip().casefold())
        if name is None:
            raise UsageError(f"{path} has no column {target!r}, but {', '.join(content.column_names[:20])}")
        return texts_of(content[name]), name
    column = next((usual[name] for name in CLASS_COLUMNS if name in usual), None)
    return (texts_of(content[column]), column) if column is not None else ([], "")


def _spelled(labels: Sequence[str], called: str, notes: list[str]) -> tuple[str, ...]:
    """Labels in one spelling each, or nothing where no track has one; notes count what was done."""
    if not labels:
        return ()
    spelled, changed = one_spelling(labels)
    if not any(spelled):
        notes.append(f"{called} is not known of any track")
        return ()
    if changed:
        notes.append(
            f"{changed:,} labels differ from others only by case, accents or signs: taken for the same"
        )
    unknown = sum(not label for label in spelled)
    if unknown:
        notes.append(f"{called} is not known of {unknown:,} of {len(spelled):,} tracks")
    return spelled


def _values(
    path: Path, content: pyarrow.Table, taken: set[str], notes: list[str]
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    found: dict[str, NDArray[np.float64]] = {}
    others = []
    for name in content.column_names:
        folded = name.strip().casefold()
        if name in taken:
            continue
        no_descriptor = folded in _NO_DESCRIPTORS or folded.endswith("_id")
        values = None if no_descriptor else numbers_of(content[name])
        if values is None:
            others.append(name.strip() or "(without a name)")
        else:
            found[name.strip()] = values
    if not found:
        raise NoNumbers(f"{path} has no column of numbers that could be a descriptor")
    if others:
        more = f" and {len(others) - 8} more" if len(others) > 8 else ""
        notes.append(f"{path.name}: not used as descriptors: {', '.join(others[:8])}{more}")
    return np.column_stack(list(found.values())), tuple(found)


def _groups(
    path: Path,
    content: pyarrow.Table,
    usual: dict[str, str],
    tracks: Sequence[str],
    kept: NDArray[np.int64],
) -> tuple[NDArray[np.int64] | None, str]:
    """Tracks that folds must keep together, and by what."""
    keys: dict[str, list[str]] = {}
    for what, names in _GROUPS.items():
        column = next((usual[name] for name in names if name in usual), None)
        if column is not None:
            cells = texts_of(content[column])
            keys[what] = [cells[row] for row in kept]
    index = read_index(path.with_name("index.csv"))
    if index and not keys:
        rows = [index.get(track) or index.get(track.rpartition(".")[0]) or {} for track in tracks]
        for what, names in _GROUPS.items():
            keys[what] = [next((row[name] for name in names if row.get(name)), "") for row in rows]
    keys = {what: names for what, names in keys.items() if any(names)}
    return groups_of(*keys.values()) if keys else None, " and ".join(keys)
