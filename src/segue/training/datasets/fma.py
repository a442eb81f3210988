"""FMA: ``fma_metadata/*.csv`` and audio in ``fma_small/000/000002.mp3`` and the like.

M. Defferrard et al., "FMA: a dataset for music analysis", ISMIR 2017.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.encoders.fma518 import FMA518_COLUMNS
from segue.errors import UsageError
from segue.training.datasets.assembling import Entry, Listing
from segue.training.datasets.tables import header, read_lines, read_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Vector

WANTS = (
    "fma_metadata/tracks.csv (two header rows and one of track_id), if possible with genres.csv, "
    "features.csv and audio in fma_small/000/000002.mp3 (or fma_medium, fma_large, fma_full)"
)
_AUDIO = ("fma_full", "fma_large", "fma_medium", "fma_small")
_HEADER_ROWS, _FEATURE_HEADER_ROWS = 3, 4
_TITLE, _ARTIST, _ALBUM = ("track", "title"), ("artist", "name"), ("album", "title")
_TOP, _ALL = ("track", "genre_top"), ("track", "genres_all")
_NUMBER = re.compile(r"\d+")
_WANTED = (_TITLE, _ARTIST, _ALBUM, _TOP, _ALL)


def matches(folder: Path) -> bool:
    """Whether its table of tracks is there."""
    return _metadata(folder) is not None


def read(folder: Path) -> Listing:
    """Targets ``genre`` (the top genre) and ``genres`` (all, as tags); vectors ``fma518`` if they are there.

    Raises
    ------
    UsageError
        If a table is damaged.
    """
    metadata = _metadata(folder)
    assert metadata is not None
    genres = _genre_names(metadata / "genres.csv")
    features = _features(metadata / "features.csv")
    audio = _audio_folders(folder, metadata)
    entries = tuple(
        Entry(
            track=str(number),
            audio=_place(audio, number) if audio else None,
            title=row[_TITLE],
            artist=row[_ARTIST],
            album=row[_ALBUM],
            classes={"genre": row[_TOP]},
            tags=_tags(row[_ALL], genres),
            vectors={"fma518": features[number]} if number in features else {},
        )
        for number, row in _rows(metadata / "tracks.csv")
    )
    notes = () if audio else (f"no audio: looked for {', '.join(_AUDIO)} with 000/000002.mp3 and so on",)
    return Listing(folder.resolve().name, entries, notes)


def _metadata(folder: Path) -> Path | None:
    """Where the tables are."""
    for place in (folder / "fma_metadata", folder):
        lines = header(place / "tracks.csv", n_lines=2)
        if len(lines) == 2 and set(_WANTED) <= set(zip(*lines, strict=False)):
            return place
    return None


def _rows(file: Path) -> Iterator[tuple[int, Mapping[tuple[str, ...], str]]]:
    lines = read_lines(file)
    columns = list(zip(*lines[:2], strict=False))
    places = {wanted: columns.index(wanted) for wanted in _WANTED}
    for fields in lines[_HEADER_ROWS:]:
        if len(fields) == len(columns) and fields[0].isdecimal():
            yield int(fields[0]), {wanted: fields[place].strip() for wanted, place in places.items()}


def _genre_names(file: Path) -> dict[int, str]:
    if not file.is_file():
        return {}
    return {int(row["genre_id"]): row["title"] for row in read_table(file).rows}


def _tags(cell: str, genres: Mapping[int, str]) -> dict[str, list[str]]:
    """The names of the genres whose numbers are in a cell such as ``[21, 45]``."""
    keys = [int(key) for key in _NUMBER.findall(cell)]
    return {"genres": [genres.get(key, f"genre {key}") for key in keys]} if keys else {}


def is_features(file: Path) -> bool:
    """Whether a file begins as FMA's ``features.csv`` does: feature, statistics, number."""
    return [line[:1] for line in header(file, n_lines=3)] == [["feature"], ["statistics"], ["number"]]


def read_features(file: Path) -> tuple[NDArray[np.int64], NDArray[np.float32], list[str]]:
    """FMA's ``features.csv``, read piece by piece: memory is little more than the values need.

    Parameters
    ----------
    file
        Three header rows, a row of ``track_id``, then a number and 518 values a row.

    Returns
    -------
    numbers : (n_tracks,) int64
        Of the tracks, each once.
    values : (n_tracks, 518) float32
        In the order of `segue.encoders.fma518.FMA518_COLUMNS`; NaN where missing.
    notes
        What was left out, counted.

    Raises
    ------
    UsageError
        If it has other columns, a value that is no number, or no row.
    """
    import pyarrow
    from pyarrow import csv

    named = list(zip(*(line[1:] for line in header(file, n_lines=3)), strict=False))
    if named != list(FMA518_COLUMNS):
        raise UsageError(f"{file} has other columns than FMA's 518 descriptors under three header rows")
    names = ["track_id", *(".".join(column) for column in FMA518_COLUMNS)]
    odd: list[object] = []

    def skip(row: object) -> str:
        odd.append(row)
        return "skip"

    numbers, pieces = [], []
    try:
        with csv.open_csv(
            file,
            read_options=csv.ReadOptions(skip_rows=_FEATURE_HEADER_ROWS, column_names=names),
            parse_options=csv.ParseOptions(invalid_row_handler=skip),
            convert_options=csv.ConvertOptions(
                column_types={"track_id": pyarrow.int64(), **dict.fromkeys(names[1:], pyarrow.float32())}
            ),
        ) as reader:
            for batch in reader:
                numbers.append(batch.column(0).to_numpy(zero_copy_only=False))
                columns = [column.to_numpy(zero_copy_only=False) for column in batch.columns[1:]]
                pieces.append(np.column_stack(columns))
        number_of = np.concatenate(numbers).astype(np.int64) if numbers else np.empty(0, np.int64)
    except (pyarrow.ArrowInvalid, ValueError) as error:
        said = " ".join(str(error).split())[:200]
        raise UsageError(f"{file} is damaged or holds no track: {said}") from error
    if not len(number_of):
        raise UsageError(f"{file} has no track under its header rows")
    values = np.concatenate(pieces)
    first = np.sort(np.unique(number_of, return_index=True)[1])
    notes = []
    if odd:
        notes.append(f"{file.name}: {len(odd):,} rows have another number of columns: left out")
    if len(first) < len(values):
        notes.append(f"{file.name}: {len(values) - len(first):,} rows of a track seen before: left out")
        number_of, values = number_of[first], values[first]
    return number_of, values, notes


def known_tracks(file: Path) -> dict[int, tuple[str, str]]:
    """Top genre and artist of each track of a ``tracks.csv``; nothing where there is none of that shape."""
    lines = header(file, n_lines=2)
    if len(lines) < 2 or not set(_WANTED) <= set(zip(*lines, strict=False)):
        return {}
    return {number: (row[_TOP], row[_ARTIST]) for number, row in _rows(file)}


def audio_of(table: Path, number: int) -> Path | None:
    """The audio of a track, in ``fma_small`` or the like near a table of FMA; None where it is not there."""
    folders = _audio_folders(table.parent, table.parent)
    place = _place(folders, number) if folders else None
    return place if place is not None and place.is_file() else None


def _features(file: Path) -> dict[int, Vector]:
    """The 518 descriptors of each track; none where there is no table."""
    if not file.is_file():
        return {}
    numbers, values, _ = read_features(file)
    np.nan_to_num(values, copy=False, nan=0, posinf=0, neginf=0)
    return dict(zip(numbers.tolist(), values, strict=True))


def _audio_folders(folder: Path, metadata: Path) -> list[Path]:
    """Where audio is: beside the metadata, or the folder itself."""
    roots = dict.fromkeys([folder, metadata.parent])
    found = [root / name for root in roots for name in _AUDIO if (root / name).is_dir()]
    return found or [root for root in roots if (root / "000").is_dir()]


def _place(folders: Sequence[Path], number: int) -> Path:
    name = Path(f"{number:06}"[:3], f"{number:06}.mp3")
    return next((place for folder in folders if (place := folder / name).is_file()), folders[0] / name)
