"""A table of labels: a column ``file``, and whatever else is known about the tracks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from segue.errors import UsageError
from segue.training.datasets.assembling import Entry, Listing
from segue.training.datasets.tables import Table, header, read_table

WANTS = "tracks.csv with a column file and at least one of labels, such as genre"
_FILES = ("file", "path", "filename")
_DESCRIBING = frozenset({*_FILES, "title", "artist", "album", "recording", "recording_key", "fault"})
_KNOWN = _DESCRIBING | {"genre", "tags"}
_BETWEEN_TAGS = re.compile(r"\s*[|;]\s*")


def matches(folder: Path) -> bool:
    """Whether there is a ``tracks.csv`` with a column of files."""
    return any(name.casefold() in _FILES for line in header(folder / "tracks.csv") for name in line)


def read(folder: Path) -> Listing:
    """The tracks of ``tracks.csv``, see `read_labels`."""
    return read_labels(folder, folder / "tracks.csv")


def read_labels(folder: Path, labels: Path) -> Listing:
    """The tracks that a table of labels names.

    Columns ``file`` (or ``path``, ``filename``), ``title``, ``artist``, ``album``, ``recording`` (equal keys
    are the same recording) and ``fault`` (1: something is wrong with it) describe a track. ``genre`` and
    every other column of text are targets: classes, or tags where a cell holds several, separated by ``|``
    or ``;``. Columns of numbers, and those with another text in every row, are not learned. Labels that
    differ only in case are one, in the spelling that comes first; the names above may be in any case.

    Parameters
    ----------
    folder
        Where the audio is; the files of the table are looked for from here, then from the table's folder.
    labels
        The table, separated by commas or, if it is called ``.tsv``, by tabs.

    Raises
    ------
    UsageError
        If it has no column of files, or names none.
    """
    table = _named_as_usual(read_table(labels, separator="\t" if labels.suffix.lower() == ".tsv" else ","))
    files = next((name for name in _FILES if name in table.columns), None)
    if files is None:
        raise UsageError(f"{labels} has no column file: it has {', '.join(table.columns) or 'nothing'}")
    if not any(row[files] for row in table.rows):
        raise UsageError(f"{labels} names no file: give a row for each track")
    classes, tags, others = _kinds(table)
    cells = {name: [row[name] for row in table.rows] for name in (*classes, *tags)}
    spelled = {name: _one_spelling(tag for cell in cells[name] for tag in _split(cell)) for name in cells}
    entries = tuple(
        Entry(
            track=row[files],
            audio=_place(row[files], folder, labels),
            title=row.get("title", ""),
            artist=row.get("artist", ""),
            album=row.get("album", ""),
            recording=row.get("recording") or row.get("recording_key", ""),
            classes={name: spelled[name].get(row[name], "") for name in classes},
            tags={name: [spelled[name][tag] for tag in _split(row[name])] for name in tags if row[name]},
            faulty=row.get("fault", "0") == "1",
        )
        for row in table.rows
        if row[files]
    )
    notes = table.notes + ((f"not learned: {', '.join(others)}",) if others else ())
    elsewhere = sum(entry.audio is not None and folder not in entry.audio.parents for entry in entries)
    if elsewhere:
        notes += (f"{elsewhere} of the files are not in {folder}, but beside {labels}",)
    return Listing(folder.resolve().name, entries, notes)


def _named_as_usual(table: Table) -> Table:
    """The same with File as file, and so on, where no other column is called so."""
    usual = {
        name: name.casefold()
        for name in table.columns
        if name.casefold() in _KNOWN and name.casefold() not in table.columns
    }
    if len(set(usual.values())) < len(usual):
        return table
    return Table(
        columns=tuple(usual.get(name, name) for name in table.columns),
        rows=tuple({usual.get(name, name): cell for name, cell in row.items()} for row in table.rows),
        notes=table.notes,
    )


def _one_spelling(labels: Iterable[str]) -> dict[str, str]:
    """
    >>> _one_spelling(["Rock", "jazz", "ROCK"])
    {'Rock': 'Rock', 'jazz': 'jazz', 'ROCK': 'Rock'}
    """
    first: dict[str, str] = {}
    return {label: first.setdefault(label.casefold(), label) for label in labels}


def _kinds(table: Table) -> tuple[list[str], list[str], list[str]]:
    """The columns of classes, of tags, and those that are neither."""
    classes, tags, others = [], [], []
    for name in table.columns:
        cells = [row[name] for row in table.rows if row[name]]
        if name in _DESCRIBING or not name or not cells:
            continue
        if name == "tags" or any(_BETWEEN_TAGS.search(cell) for cell in cells):
            tags.append(name)
        elif name != "genre" and (all(map(_is_number, cells)) or _all_differ(cells)):
            others.append(name)
        else:
            classes.append(name)
    return classes, tags, others


def _split(cell: str) -> list[str]:
    return [tag for tag in _BETWEEN_TAGS.split(cell) if tag]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _all_differ(cells: Sequence[str]) -> bool:
    return max(Counter(cells).values()) == 1 and len(cells) > 1


def _place(name: str, folder: Path, labels: Path) -> Path:
    place = folder / name
    beside = labels.parent / name
    return beside if not place.is_file() and beside.is_file() else place
