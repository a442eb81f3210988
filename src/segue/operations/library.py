"""Look into the catalogue, forget tracks, and carry the library elsewhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from segue.catalogue import (
    ImportReport,
    Problem,
    Track,
    import_vectors,
    open_catalogue,
    problems,
    search_tracks,
    stats,
    track,
    track_tags,
    tracks,
    write_export,
)
from segue.catalogue import remove_tracks as forget_tracks
from segue.encoders import encoder_names, members
from segue.errors import NothingFound, UsageError
from segue.operations.seeds import find_seed
from segue.settings import DataFolder
from segue.types import EncoderId, TrackId


def tracks_by_id(data: DataFolder, ids: Sequence[str]) -> list[Track]:
    """Tracks in the order of their ids."""
    with open_catalogue(data) as catalogue:
        return tracks(catalogue, [TrackId(name) for name in ids])


def find_tracks(data: DataFolder, seeds: Sequence[str]) -> list[Track]:
    """The one track that each of `seeds` names.

    Raises
    ------
    AmbiguousTrack, NothingFound
        If one of them fits several tracks, or none.
    """
    with open_catalogue(data) as catalogue:
        return tracks(catalogue, list(dict.fromkeys(find_seed(catalogue, seed) for seed in seeds)))


def search_library(
    data: DataFolder,
    text: str = "",
    *,
    artist: str | None = None,
    album: str | None = None,
    genre: str | None = None,
    years: tuple[int | None, int | None] | None = None,
    tag: str | None = None,
    number: int = 50,
) -> list[Track]:
    """The tracks that answer all that is given.

    Raises
    ------
    NothingFound
        If there are none.
    """
    with open_catalogue(data) as catalogue:
        found = search_tracks(
            catalogue,
            text or None,
            artist=artist,
            album=album,
            genre=genre,
            years=years,
            tag=tag,
            limit=number,
        )
    if not found:
        raise NothingFound("no track of the library fits: give less, or look with `segue library stats`")
    return found


def show_track(data: DataFolder, seed: str) -> dict[str, Any]:
    """Everything known about the track that `seed` names, ready to be printed."""
    with open_catalogue(data) as catalogue:
        name = find_seed(catalogue, seed)
        found = track(catalogue, name)
        heard = track_tags(catalogue, name)
    facts = {"id": found.id, **dataclasses.asdict(found.tags)}
    facts |= {
        "duration_s": round(found.duration_s, 3),
        "sample_rate": found.sample_rate,
        "channels": found.channels,
        "codec": found.codec,
        "bitrate_bps": found.bitrate_bps,
        "paths": [str(path) for path in found.paths],
        "digest": found.digest,
        "heard": {word: round(probability, 3) for word, probability in heard},
    }
    return facts


def library_stats(data: DataFolder) -> dict[str, Any]:
    """The library in figures, ready to be printed."""
    with open_catalogue(data) as catalogue:
        facts = dataclasses.asdict(stats(catalogue))
    facts["roots"] = [str(root) for root in facts["roots"]]
    return {**facts, "data": str(data.path)}


def library_problems(data: DataFolder) -> list[Problem]:
    """The files that could not be heard, by path."""
    with open_catalogue(data) as catalogue:
        return problems(catalogue)


def remove_tracks(data: DataFolder, ids: Sequence[TrackId]) -> int:
    """Forget tracks and their vectors; the files stay where they are."""
    with open_catalogue(data, write=True) as catalogue:
        return forget_tracks(catalogue, ids)


def export_library(data: DataFolder, file: Path) -> int:
    """Write all tracks to a file; a Parquet file holds their vectors too."""
    with open_catalogue(data) as catalogue:
        parquet = file.suffix.lower() == ".parquet"
        encoders = tuple(stats(catalogue).encoders) if parquet else ()
        return write_export(catalogue, file, vectors=encoders)


def import_library_vectors(data: DataFolder, file: Path, *, encoder: str | None = None) -> ImportReport:
    """Take vectors made elsewhere from a file.

    Raises
    ------
    VectorsError
        If the file cannot be used.
    NothingFound
        If none of its rows names a track of the library.
    """
    with open_catalogue(data, write=True) as catalogue:
        report = import_vectors(catalogue, file, encoder=_encoder_id(encoder) if encoder else None)
    if report.refused and not report.matched:
        raise NothingFound(
            f"{file}: {report.refused} vectors are of tracks in the library, but none can be used: "
            "they must be finite numbers, not all 0, and of one length"
        )
    if not report.matched:
        raise NothingFound(
            f"{file}: none of {report.unmatched} vectors is of a track in the library: "
            "names must be paths of scanned files, or digests of their audio payload"
        )
    return report


def _encoder_id(name: str) -> EncoderId:
    """The id behind one of our own short names; any other name is an id made elsewhere."""
    if name in encoder_names():
        return members(name)[0]
    if not name.strip():
        raise UsageError("an encoder's id cannot be empty")
    return EncoderId(name)
