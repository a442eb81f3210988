"""GTZAN: ten genres of 100 clips, as folders of genres or as a flat folder with ``tracks.csv``.

G. Tzanetakis, P. Cook, "Musical Genre Classification of Audio Signals", IEEE TSAP 10, 2002. Faults and
repetitions: B. L. Sturm, "The GTZAN dataset: Its contents, its faults, their effects on evaluation, and its
future use", 2013.
"""

from __future__ import annotations

import re
from pathlib import Path

from segue.audio import AUDIO_SUFFIXES
from segue.training.datasets.assembling import Entry, Listing
from segue.training.datasets.tables import has_columns, read_table

WANTS = (
    "genres/blues/blues.00000.wav and so on (also genres_original/, .au or .ogg), "
    "or blues.00000.ogg beside a tracks.csv with file and genre"
)
_CLIP = re.compile(r"[a-z]+\.\d{5}")
_GENRES = frozenset(
    {"blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock"}
)
_PLACES = ("", "genres", "genres_original", "Data/genres_original")


def matches(folder: Path) -> bool:
    """Whether there are folders of genres with clips named so, or a table of such clips."""
    return _root(folder) is not None or _is_flat(folder)


def read(folder: Path) -> Listing:
    """The clips; artists, recordings and faults only where a table says them."""
    return _flat(folder) if _is_flat(folder) else _folders(folder)


def _is_flat(folder: Path) -> bool:
    if not has_columns(folder / "tracks.csv", ("file", "genre")):
        return False
    rows = read_table(folder / "tracks.csv").rows
    return bool(rows) and all(_CLIP.match(Path(row["file"]).name) for row in rows)


def _flat(folder: Path) -> Listing:
    table = read_table(folder / "tracks.csv")
    entries = tuple(
        Entry(
            track=row["file"],
            audio=folder / row["file"],
            title=row.get("title", ""),
            artist=row.get("artist", ""),
            recording=row.get("recording_key", ""),
            classes={"genre": row["genre"]},
            faulty=row.get("dropped_by_fault_filter", "0") == "1",
        )
        for row in table.rows
    )
    return Listing(folder.resolve().name, entries, table.notes)


def _root(folder: Path) -> Path | None:
    """Where the folders of genres are."""
    for place in _PLACES:
        root = folder / place
        genres = [path for name in _GENRES if (path := root / name).is_dir()]
        if len(genres) >= 2 and any(_clips(path) for path in genres):
            return root
    return None


def _clips(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in AUDIO_SUFFIXES and _CLIP.fullmatch(path.stem)
    )


def _folders(folder: Path) -> Listing:
    root = _root(folder)
    genres = [root / name for name in sorted(_GENRES) if (root / name).is_dir()] if root else []
    entries = tuple(
        Entry(track=path.relative_to(folder).as_posix(), audio=path, classes={"genre": genre.name})
        for genre in genres
        for path in _clips(genre)
    )
    note = "artists and equal recordings are not known: a split keeps nothing apart"
    return Listing(folder.resolve().name, entries, (note,))
