"""Playlists or listeners of tracks: ``plays.parquet``, and ``tracks.parquet`` with attributes as content."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.errors import UsageError
from segue.training.datasets.assembling import Entry, Listing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Matrix

ATTRIBUTES = (
    *("danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness"),
    *("instrumentalness", "liveness", "valence", "tempo", "duration_ms"),
)
"""Spotify's twelve, as they are: not scaled."""

WANTS = "tracks.parquet (track, artist or artist_id, attributes) and plays.parquet (listener, track, plays)"


def matches(folder: Path) -> bool:
    """Whether both tables are there."""
    return (folder / "tracks.parquet").is_file() and (folder / "plays.parquet").is_file()


def read(folder: Path) -> Listing:
    """Vectors ``attributes`` ``(n, 12)`` where there are such; equal songs are one recording.

    Raises
    ------
    UsageError
        If the table of tracks is damaged or has no column of tracks.
    """
    import pyarrow
    from pyarrow import parquet

    file = folder / "tracks.parquet"
    try:
        columns = parquet.read_table(file).to_pydict()
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
    if "track" not in columns:
        raise UsageError(f"{file} has no column track: it has {', '.join(columns)}")
    attributes, complete = _attributes(columns)
    titles = _texts(columns, "title", "name")
    artists, albums = _texts(columns, "artist", "artist_id"), _texts(columns, "album", "album_id")
    recordings = _texts(columns, "song")
    entries = tuple(
        Entry(
            track=str(track),
            title=titles[row],
            artist=artists[row],
            album=albums[row],
            recording=recordings[row],
            vectors={"attributes": attributes[row]} if complete[row] else {},
        )
        for row, track in enumerate(columns["track"])
    )
    return Listing(folder.resolve().name, entries)


def _attributes(columns: dict[str, list[Any]]) -> tuple[Matrix, NDArray[np.bool_]]:
    """``(n_tracks, 12)`` and whether a track has all of them."""
    n_tracks = len(columns["track"])
    if not set(ATTRIBUTES) <= set(columns):
        return np.empty((n_tracks, 0), np.float32), np.zeros(n_tracks, bool)
    # None becomes NaN.
    matrix = np.array([columns[name] for name in ATTRIBUTES], np.float32).T
    return np.ascontiguousarray(matrix), np.asarray(np.isfinite(matrix).all(axis=1))


def _texts(columns: dict[str, list[Any]], *names: str) -> list[str]:
    """The first of the columns that is there; empty text where nothing is known."""
    for name in names:
        if name in columns:
            return ["" if value is None else str(value) for value in columns[name]]
    return [""] * len(columns["track"])
