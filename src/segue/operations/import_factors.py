"""Bring factors that were learned elsewhere to this library."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.catalogue import HeardTable, match_table, open_catalogue, track_ids
from segue.errors import NothingFound
from segue.factors import Factors, Names, load_factors, save_factors, save_names
from segue.listening.matching import match_recordings
from segue.operations.factors import folder_names
from segue.operations.library_factors import factors_folder
from segue.progress import Progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.settings import DataFolder


@dataclass(frozen=True, slots=True)
class Imported:
    """How much of the library the factors know.

    Attributes
    ----------
    n_tracks
        Tracks that the factors know.
    n_matched
        Tracks of the library among them.
    n_library
        Tracks of the library.
    """

    n_tracks: int
    n_matched: int
    n_library: int


def import_factors(data: DataFolder, folder: Path, *, progress: Progress | None = None) -> Imported:
    """Find the tracks of factors in the library, and keep the factors in the data folder.

    Tracks are found by MusicBrainz id, ISRC, or artist and title, which ``tracks.parquet`` or ``tracks.csv``
    in the folder names (columns track, artist, title, album, mbid, isrc), or labels such as
    "Artist - Title". Tracks that the library does not have are kept too: plays of them still shape the
    taste.

    Raises
    ------
    UsageError
        If the folder holds no factors.
    NothingFound
        If none of its tracks is in the library; what was imported before stays.
    """
    factors = load_factors(folder)
    names = folder_names(folder, factors.tracks)
    with open_catalogue(data) as catalogue:
        table = match_table(catalogue, with_files=False)
        found = match_recordings(_as_heard(names), table, progress=progress)
        matched = _best_rows(found.track_key, found.score, factors)
        ids = track_ids(catalogue, np.array(list(matched), dtype=np.int64))
    if not matched:
        raise NothingFound(
            f"none of the {len(factors.tracks):,} tracks of {folder} is in the library: "
            "its tracks.parquet must name them (track, artist, title, mbid, isrc)"
        )
    own = dict(zip(matched.values(), map(str, ids), strict=True))
    tracks = _labels(factors, names, own)
    kept = Factors(
        factors.listeners,
        tracks,
        factors.listener_factors,
        factors.track_factors,
        factors.settings,
        factors.fingerprint,
    )
    save_names(tracks, names, factors_folder(data))
    save_factors(kept, factors_folder(data))
    return Imported(len(tracks), len(matched), len(table.keys))


def _as_heard(names: Names) -> HeardTable:
    n = len(names.title)
    nothing = [""] * n
    return HeardTable(
        ids=np.arange(n),
        artist=list(names.artist),
        title=list(names.title),
        album=list(names.album),
        mbid=list(names.mbid),
        isrc=list(names.isrc),
        uri=nothing,
        path=nothing,
        duration_s=np.full(n, np.nan),
        track_key=np.full(n, -1, dtype=np.int64),
        how=np.zeros(n, dtype=np.int8),
        score=np.zeros(n),
        near_key=np.full(n, -1, dtype=np.int64),
    )


def _best_rows(keys: NDArray[np.int64], scores: NDArray[np.float64], factors: Factors) -> dict[int, int]:
    """For each track of the library the row that fits best; of equals, the one with the longest factor."""
    lengths = np.linalg.norm(factors.track_factors, axis=1)
    rows = np.flatnonzero((keys >= 0) & (lengths > 0))
    best: dict[int, int] = {}
    for row in rows[np.lexsort((-lengths[rows], -scores[rows]))].tolist():
        best.setdefault(int(keys[row]), row)
    return best


def _labels(factors: Factors, names: Names, own: dict[int, str]) -> NDArray[np.str_]:
    """The library's ids; for other tracks "Artist - Title", ids, or what they were called, each once."""
    taken = set(own.values())
    labels = []
    for row, label in enumerate(factors.tracks.astype(np.str_).tolist()):
        chosen = own.get(row)
        if chosen is None:
            full = names.shown(row) if names.artist[row] and names.title[row] else ""
            others = (full, names.mbid[row], names.isrc[row], label, f"{label} ({row})")
            chosen = next(name for name in others if name and name not in taken)
            taken.add(chosen)
        labels.append(chosen)
    return np.array(labels, dtype=np.str_)
