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


def _features(file: Path) -> dict[int, Vector]:
    """The 518 descriptors of each track; none where there is no table."""
    if not file.is_file():
        return {}
    import pyarrow
    from pyarrow import csv

    named = list(zip(*(line[1:] for line in header(file, n_lines=3)), strict=False))
    if named != list(FMA518_COLUMNS):
        raise UsageError(f"{file} has other columns than FMA's 518 descriptors under three header rows")
    try:
        table = csv.read_csv(
            file,
            read_options=csv.ReadOptions(skip_rows=_FEATURE_HEADER_ROWS, autogenerate_column_names=True),
        )
        columns = [column.to_numpy() for column in table.columns]
        matrix = np.column_stack(columns[1:]).astype(np.float32)
        numbers = columns[0].astype(np.int64).tolist()
    except (pyarrow.ArrowInvalid, ValueError) as error:
        raise UsageError(f"{file} is damaged: {error}") from error
    return dict(zip(numbers, np.nan_to_num(matrix, nan=0, posinf=0, neginf=0), strict=True))


def _audio_folders(folder: Path, metadata: Path) -> list[Path]:
    """Where audio is: beside the metadata, or the folder itself."""
    roots = dict.fromkeys([folder, metadata.parent])
    found = [root / name for root in roots for name in _AUDIO if (root / name).is_dir()]
    return found or [root for root in roots if (root / "000").is_dir()]


def _place(folders: Sequence[Path], number: int) -> Path:
    name = Path(f"{number:06}"[:3], f"{number:06}.mp3")
    return next((place for folder in folders if (place := folder / name).is_file()), folders[0] / name)
