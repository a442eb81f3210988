"""Which music lies at some places: listed once, on the driver."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from segue.errors import NothingFound, SegueError
from segue.scanning import as_given
from segue.scanning.ignore import EXCLUDE_FILE, IGNORE_FILE, Rules, is_hidden
from segue.scanning.walk import Refused, is_music_name, walk
from segue.spark.places import Place, one_line

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.fs import FileInfo


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that cannot be heard.

    Attributes
    ----------
    name
        As in `Listing.files`.
    reason
        A short stable word, as in `AudioError.reason`.
    detail
        What was seen, in words.
    size, modified_ns
        Of the file then.
    """

    name: str
    reason: str
    detail: str
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies at some places.

    Attributes
    ----------
    files
        One row a file, sorted by name: ``name`` (as a person would write it; an address where there is one),
        ``path`` (bytes, on its file system), ``place`` (which of the places), ``size``, ``modified_ns``.
    refused
        What is called like music and cannot be.
    remarks
        Lines for the person.
    """

    files: pa.Table
    refused: tuple[Problem, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class _Rows:
    """A listing while it grows, column by column."""

    names: list[str] = field(default_factory=list)
    paths: list[bytes] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, name: str, path: str, place: int, size: int, modified_ns: int) -> None:
        self.names.append(name)
        self.paths.append(os.fsencode(path))
        self.places.append(place)
        self.sizes.append(size)
        self.times.append(modified_ns)


def list_music(words: Sequence[str], places: Sequence[Place]) -> Listing:
    """All music at some places, each file once.

    What counts as music is what a scan takes: by its name, outside of hidden folders, of those that hold
    ``.notmusic`` and of what ``.segueignore`` leaves out. A place that is one file is taken whatever it is
    called. A name that is not UTF-8 is written with its undecodable bytes as ``\\udcNN``.

    Parameters
    ----------
    words
        The places as they were given, which local names begin with.
    places
        The same, opened.

    Raises
    ------
    NothingFound
        If a place does not exist.
    SegueError
        If a store cannot be listed.
    """
    rows = _Rows()
    local = [(number, Path(words[number])) for number, place in enumerate(places) if place.is_local]
    _list_local(local, rows)
    for number, place in enumerate(places):
        if not place.is_local:
            _list_stored(number, place, rows)
    return Listing(_table(rows), tuple(rows.refused), tuple(rows.remarks))


def _table(rows: _Rows) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    table = pa.table(
        {
            "name": pa.array(rows.names, pa.string()),
            "path": pa.array(rows.paths, pa.binary()),
            "place": pa.array(rows.places, pa.int32()),
            "size": pa.array(rows.sizes, pa.int64()),
            "modified_ns": pa.array(rows.times, pa.int64()),
        }
    ).sort_by("name")
    # Two of the places may lead to one file.
    codes = table["name"].combine_chunks().dictionary_encode().indices.to_numpy()
    return table.take(pa.array(np.unique(codes, return_index=True)[1]))


def _text(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()


def _list_local(given: Sequence[tuple[int, Path]], rows: _Rows) -> None:
    roots = [Path(path) for _, path in given]
    for path in roots:
        if not path.exists() and not path.is_symlink():
            raise NothingFound(f"{path} does not exist")
    found: list[tuple[str, int, int]] = []
    refused: list[tuple[str, Refused]] = []
    for path in roots:
        if path.is_file() and not is_music_name(path.name):
            state = path.stat()
            found.append((str(path.absolute()), state.st_size, state.st_mtime_ns))
    for folder in walk(roots):
        rows.remarks.extend(folder.remarks)
        if folder.blocked is not None:
            refused.append((folder.path, folder.blocked))
        found.extend((os.path.join(folder.path, name), *seen) for name, seen in folder.files.items())  # noqa: PTH118
        refused.extend((os.path.join(folder.path, name), why) for name, why in folder.refused.items())  # noqa: PTH118
    whose = _beneath([(os.path.abspath(path), number) for number, path in given])  # noqa: PTH100
    for name, (whole, size, time) in zip(as_given([one[0] for one in found], roots), found, strict=True):
        rows.add(_text(name), whole, whose(os.path.abspath(whole)), size, time)  # noqa: PTH100
    for name, (_, why) in zip(as_given([one[0] for one in refused], roots), refused, strict=True):
        rows.refused.append(Problem(_text(name), why.reason, why.detail, why.size, why.mtime_ns))


def _beneath(roots: list[tuple[str, int]]) -> Callable[[str], int]:
    """Which of the roots a path lies beneath: the nearest."""
    nearest = sorted(roots, key=lambda root: -len(root[0]))

    def number(path: str) -> int:
        return next(
            number
            for root, number in nearest
            if path == root or path.startswith(root.rstrip(os.sep) + os.sep)
        )

    return number


def _list_stored(number: int, place: Place, rows: _Rows) -> None:
    from pyarrow.fs import FileSelector, FileType

    try:
        itself = place.files.get_file_info(place.path)
        if itself.type == FileType.NotFound:
            raise NothingFound(f"{place} does not exist")
        if itself.type == FileType.File:
            _add_stored(number, place, itself, rows)
            return
        seen = place.files.get_file_info(FileSelector(place.path, recursive=True))
    except OSError as error:
        raise SegueError(f"{place} cannot be listed: {one_line(error)}") from error
    allowed = _Allowed(place, {info.path for info in seen if info.base_name in (EXCLUDE_FILE, IGNORE_FILE)})
    for info in seen:
        if info.type == FileType.File and is_music_name(info.base_name) and allowed.file(info.path):
            _add_stored(number, place, info, rows)
    rows.remarks.extend(allowed.remarks)


def _add_stored(number: int, place: Place, info: FileInfo, rows: _Rows) -> None:
    rows.add(_text(place.root + info.path), info.path, number, info.size, info.mtime_ns or 0)


class _Allowed:
    """What the rules in a store leave in, looked up folder by folder, each once."""

    def __init__(self, place: Place, marks: set[str]) -> None:
        self._place, self._marks = place, marks
        self._rules: dict[str, Rules | None] = {}
        self.remarks: list[str] = []

    def file(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        rules = self._of(folder)
        return rules is not None and not is_hidden(name) and not rules.ignores(path, folder=False)

    def _of(self, folder: str) -> Rules | None:
        if folder not in self._rules:
            self._rules[folder] = self._read(folder)
        return self._rules[folder]

    def _read(self, folder: str) -> Rules | None:
        """The rules inside a folder, or None where nothing of it is music."""
        rules: Rules | None = Rules()
        if folder != self._place.path:
            above, _, name = folder.rpartition("/")
            rules = self._of(above)
            if rules is None or is_hidden(name) or rules.ignores(folder, folder=True):
                return None
        if f"{folder}/{EXCLUDE_FILE}" in self._marks:
            return None
        path = f"{folder}/{IGNORE_FILE}"
        if path not in self._marks or rules is None:
            return rules
        try:
            with self._place.files.open_input_stream(path) as file:
                rules, complaints = rules.joined(folder, file.read())
        except OSError as error:
            self.remarks.append(f"{path} cannot be read and is not followed: {one_line(error)}")
        else:
            self.remarks.extend(f"{self._place.root}{path}: {complaint}" for complaint in complaints)
        return rules
