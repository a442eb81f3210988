"""MTG-Jamendo: ``autotagging.tsv`` (or another of its tables) and audio in ``00/1000.mp3`` and the like.

D. Bogdanov et al., "The MTG-Jamendo dataset for automatic music tagging", ML4MD workshop, ICML 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from segue.training.datasets.assembling import Entry, Listing
from segue.training.datasets.tables import header, read_lines

WANTS = (
    "autotagging.tsv (or autotagging_*.tsv, raw_*.tsv), here or in data/, and audio as 48/948.mp3 or "
    "48/948.low.mp3, here or in audio/"
)
_COLUMNS = ["TRACK_ID", "ARTIST_ID", "ALBUM_ID", "PATH", "DURATION", "TAGS"]
_TAGS_FROM = len(_COLUMNS) - 1
_CATEGORIES = {"genre": "genres", "instrument": "instruments", "mood/theme": "moods"}


def matches(folder: Path) -> bool:
    """Whether one of its tables is there."""
    return _table(folder) is not None


def read(folder: Path) -> Listing:
    """Targets of tags: ``tags`` (all), ``genres``, ``instruments``, ``moods``.

    Artists and albums are numbers. The first of ``autotagging.tsv``, ``autotagging_*.tsv``,
    ``raw_*.tsv`` that is there is read.
    """
    table = _table(folder)
    assert table is not None
    roots = [root for name in ("", "audio") if (root := folder / name).is_dir()]
    entries = tuple(
        Entry(
            track=fields[0],
            audio=_place(roots, fields[3]),
            artist=fields[1],
            album=fields[2],
            tags=_tags([tag.strip() for tag in fields[_TAGS_FROM:] if tag.strip()]),
        )
        for fields in read_lines(table, separator="\t")[1:]
        if len(fields) >= _TAGS_FROM
    )
    return Listing(folder.resolve().name, entries, (f"labels: {table.name}",))


def _table(folder: Path) -> Path | None:
    for place in (folder, folder / "data"):
        names = [
            place / "autotagging.tsv",
            *sorted(place.glob("autotagging_*.tsv")),
            *sorted(place.glob("raw_*.tsv")),
        ]
        for file in names:
            if header(file, separator="\t") == [_COLUMNS]:
                return file
    return None


def _tags(tags: Sequence[str]) -> dict[str, list[str]]:
    """All, and those of each category without its name: ``genre---rock`` is ``rock`` among ``genres``."""
    known: dict[str, list[str]] = {}
    for tag in tags:
        category, _, name = tag.partition("---")
        known.setdefault("tags", []).append(tag)
        if category in _CATEGORIES:
            known.setdefault(_CATEGORIES[category], []).append(name)
    return known


def _place(roots: Sequence[Path], name: str) -> Path:
    """The file, whole or in the variant of low bit rate."""
    low = str(Path(name).with_suffix(".low.mp3"))
    places = [root / one for root in roots for one in (name, low)]
    return next((place for place in places if place.is_file()), places[0])
