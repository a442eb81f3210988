"""Find out what data set a folder holds, and read it."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from segue.errors import UsageError
from segue.training.datasets import (
    emotify,
    fma,
    genre_folders,
    gtzan,
    gtzan_attributes,
    labelled,
    magnatagatune,
    mtg_jamendo,
    playlists,
)
from segue.training.datasets.assembling import Listing, assemble
from segue.training.datasets.contract import Dataset


@dataclass(frozen=True, slots=True)
class _Reader:
    """One kind of data set: its mark, what its folder looks like, whether this is one, what is in it."""

    mark: str
    wants: str
    matches: Callable[[Path], bool]
    read: Callable[[Path], Listing]


# The first that matches reads: the more a reader asks for, the earlier it stands.
_READERS = {
    "fma": _Reader("fma_metadata/tracks.csv", fma.WANTS, fma.matches, fma.read),
    "mtg-jamendo": _Reader("autotagging.tsv", mtg_jamendo.WANTS, mtg_jamendo.matches, mtg_jamendo.read),
    "magnatagatune": _Reader(
        "annotations_final.csv", magnatagatune.WANTS, magnatagatune.matches, magnatagatune.read
    ),
    "gtzan": _Reader("genres/blues/blues.00000.wav", gtzan.WANTS, gtzan.matches, gtzan.read),
    "gtzan-attributes": _Reader(
        "features_30_sec.csv", gtzan_attributes.WANTS, gtzan_attributes.matches, gtzan_attributes.read
    ),
    "emotify": _Reader("tracks.csv with emotions", emotify.WANTS, emotify.matches, emotify.read),
    "playlists": _Reader(
        "tracks.parquet and plays.parquet", playlists.WANTS, playlists.matches, playlists.read
    ),
    "csv": _Reader("tracks.csv with a column file", labelled.WANTS, labelled.matches, labelled.read),
    "genre-folders": _Reader(
        "a folder for each genre", genre_folders.WANTS, genre_folders.matches, genre_folders.read
    ),
}


def reader_names() -> tuple[str, ...]:
    """The kinds of data sets that can be read."""
    return tuple(_READERS)


def open_dataset(
    folder: Path,
    *,
    labels: Path | None = None,
    reader: str | None = None,
    without_faults: bool = False,
) -> Dataset:
    """Read the data set in a folder.

    Parameters
    ----------
    folder
        Where it is.
    labels
        A table of labels for the audio in the folder (`segue.training.datasets.labelled.read_labels`), which
        then decides what the data set is.
    reader
        What it is, one of `reader_names`; found out if not given.
    without_faults
        Leave out tracks with known faults and all but the first of equal recordings.

    Raises
    ------
    UsageError
        If the folder is missing, is no data set that can be read, or none of its audio is there.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder: give one with a data set in it")
    if labels is not None:
        if reader not in (None, "csv"):
            raise UsageError(f"a table of labels is read as csv, not as {reader}: leave one of the two out")
        return assemble(labelled.read_labels(folder, labels), without_faults=without_faults)
    try:
        return assemble(_reader(folder, reader).read(folder), without_faults=without_faults)
    except OSError as error:
        raise UsageError(f"{error.filename or folder} cannot be read: {error.strerror}") from error


def _reader(folder: Path, name: str | None) -> _Reader:
    if name is None:
        found = next((one for one in _READERS.values() if one.matches(folder)), None)
        if found is None:
            marks = ", ".join(f"{one.mark} ({name})" for name, one in _READERS.items())
            raise UsageError(f"{folder} is no data set that is known: looked for {marks}")
        return found
    if name not in _READERS:
        close = difflib.get_close_matches(name, _READERS, 1)
        meant = f": did you mean {close[0]}?" if close else f": there are {', '.join(_READERS)}"
        raise UsageError(f"no reader is called {name!r}{meant}")
    reader = _READERS[name]
    if not reader.matches(folder):
        raise UsageError(f"{folder} is not of the shape of {name}: looked for {reader.wants}")
    return reader
