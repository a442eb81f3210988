"""Descriptors of many tracks as one table: from a file, from a folder of audio, from the library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.audio import read_tags
from segue.catalogue import iterate_tracks, open_catalogue, stats, vector_keys
from segue.encoders import resolve
from segue.encoders.naming import value_names
from segue.errors import AudioError, NothingFound, UsageError
from segue.features.table import DescriptorTable
from segue.operations.embed import embed_paths
from segue.operations.opening import answering_encoder, raw_vectors
from segue.progress import Progress
from segue.training.datasets import fma, open_dataset
from segue.training.datasets.attributes import NoNumbers, read_attribute_table
from segue.training.datasets.labels import groups_of, one_spelling

if TYPE_CHECKING:
    from segue.catalogue import Catalogue, Track
    from segue.scanning import ProblemSeen
    from segue.settings import DataFolder
    from segue.training.datasets import Dataset
    from segue.types import EncoderId

DESCRIBING_ENCODER = "fma518"
"""Whose descriptors a folder of audio gets, unless others are asked for."""
_TABLES = ("features.csv", "features_30_sec.csv", "data.csv")
_TARGETS: Mapping[str, Callable[[Track], str]] = {
    "genre": lambda track: next(iter(track.tags.genres), ""),
    "artist": lambda track: _artist(track),
    "album": lambda track: track.tags.album or "",
    "decade": lambda track: f"{track.tags.year // 10 * 10}s" if track.tags.year else "",
}


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """A table of descriptors, and where the sound of its tracks is.

    Attributes
    ----------
    table
        The descriptors.
    place
        The audio file of a row, or None.
    heard
        Whether the descriptors were computed or stored by Segue, and so exist in no table yet.
    problems
        Files that could not be heard.
    """

    table: DescriptorTable
    place: Callable[[int], Path | None]
    heard: bool = False
    problems: tuple[ProblemSeen, ...] = ()


def describe_source(
    source: str,
    *,
    data: DataFolder,
    target: str | None = None,
    encoder: str | None = None,
    workers: int | None = None,
    progress: Progress,
) -> Described:
    """The descriptors of what a person names.

    Parameters
    ----------
    source
        A table (see `segue.training.datasets.attributes.read_attribute_table`; one without numbers, or
        with an encoder asked for, names audio files, which are heard), a folder with a table or with audio,
        or ``library``.
    data
        The library.
    target
        What the classes are; None: the table's column of classes, or genre.
    encoder
        Whose descriptors, for audio and for the library.
    workers
        Processes that hear at once.
    progress
        Is told how far it is.

    Raises
    ------
    UsageError
        If a table cannot be read, or there is no such target or encoder.
    NothingFound
        If there is nothing there.
    """
    if source == "library":
        return describe_library(data, target=target, encoder=encoder)
    path = Path(source)
    if not path.exists():
        raise NothingFound(f"{source} does not exist: give a table, a folder of audio, or the word library")
    if path.is_dir():
        table = next((path / name for name in _TABLES if (path / name).is_file()), None)
        if table is None and fma.matches(path) and (path / "fma_metadata" / "features.csv").is_file():
            table = path / "fma_metadata" / "features.csv"
        if table is None:
            return describe_folder(
                path, target=target, encoder=encoder, data=data, workers=workers, progress=progress
            )
        path = table
    if encoder is None:
        with suppress(NoNumbers):
            return _of_table(path, target)
    return describe_folder(
        path.parent,
        labels=path,
        target=target,
        encoder=encoder,
        data=data,
        workers=workers,
        progress=progress,
    )


def _of_table(path: Path, target: str | None) -> Described:
    found = read_attribute_table(path, target=target)
    if fma.is_features(path):
        return Described(found, lambda row: fma.audio_of(path, int(found.tracks[row])))
    return Described(found, lambda row: _beside(path.parent, found.tracks[row]))


def describe_folder(
    folder: Path,
    *,
    labels: Path | None = None,
    target: str | None = None,
    encoder: str | None = None,
    data: DataFolder,
    workers: int | None = None,
    progress: Progress,
) -> Described:
    """Hear the audio in a folder; labels from a table, from folders, else from the files' tags.

    Parameters
    ----------
    labels
        A table that names the audio files; None: what the folder says (`segue.training.datasets`).
    target, encoder, data, workers, progress
        As in `describe_source`.

    Raises
    ------
    NothingFound
        If nothing there can be heard.
    UsageError
        If there is no such target or encoder.
    """
    dataset = _labelled(folder) if labels is None else open_dataset(folder, labels=labels)
    encoder = encoder or DESCRIBING_ENCODER
    wanted = list(dataset.audio) if dataset is not None else [folder]
    found = embed_paths(wanted, encoder=encoder, workers=workers, data=data, progress=progress)
    places = [Path(name) for name in found.names]
    if dataset is not None:
        row_of = {str(path.absolute()): row for row, path in enumerate(dataset.audio)}
        rows = [row_of[str(path.absolute())] for path in places]
        names = tuple(dataset.tracks[row] for row in rows)
        known, called = _labels_of(dataset, target)
        classes = [known[row] for row in rows] if known else []
        keys = {
            "artist": [dataset.artists[row] for row in rows],
            "recording": [dataset.recordings[row] for row in rows],
        }
        notes = list(dataset.notes)
    else:
        if target not in (None, "genre", "artist"):
            raise UsageError(f"{folder} has no {target!r}: from tags there are genre and artist")
        names = tuple(str(path.relative_to(folder)) for path in places)
        tagged = [_tagged(path) for path in places]
        called = target or "genre"
        classes = [genre if called == "genre" else artist for genre, artist in tagged]
        keys, notes = {"artist": [artist for _, artist in tagged]}, []
    if found.problems:
        notes.append(
            f"{len(found.problems):,} of {len(found.problems) + len(places):,} files could not be heard"
        )
    return Described(
        _table(folder.resolve().name, names, found.vectors, encoder, classes, called, keys, notes),
        lambda row: places[row],
        heard=True,
        problems=found.problems,
    )


def describe_library(data: DataFolder, *, target: str | None = None, encoder: str | None = None) -> Described:
    """The stored descriptors of the library's tracks; genres and artists from their tags.

    Without an encoder the 518 descriptors answer if at least half of the tracks have them, else ``timbre``,
    which every scan computes.

    Raises
    ------
    NothingFound
        If the library is empty, or no track has vectors of the encoder.
    UsageError
        If there is no such target or encoder.
    """
    called = target or "genre"
    if called not in _TARGETS:
        raise UsageError(f"the library knows no {called!r}: choose {', '.join(_TARGETS)}")
    with open_catalogue(data) as catalogue:
        chosen = answering_encoder(catalogue, data, encoder or _described_by(catalogue))
        tracks, vectors = _tracks_and_vectors(catalogue, chosen)
    places = [track.paths[0] if track.paths else None for track in tracks]
    classes = [_TARGETS[called](track) for track in tracks]
    keys = {
        "artist": [_artist(track) for track in tracks],
        "recording": [track.tags.musicbrainz_recording_id or track.tags.isrc or "" for track in tracks],
    }
    if called == "artist":  # artists kept apart could not be learned
        keys = {"album": [track.tags.album or "" for track in tracks]}
    names = _names(tracks)
    table = _table("the library", names, vectors, chosen, classes, called, keys, [f"descriptors of {chosen}"])
    return Described(table, lambda row: places[row], heard=True)


def _described_by(catalogue: Catalogue) -> str:
    counts = stats(catalogue).encoders
    many = resolve(DESCRIBING_ENCODER).id
    most = max(counts.values(), default=0)
    return DESCRIBING_ENCODER if counts.get(many, 0) * 2 >= most > 0 else "timbre"


def _tracks_and_vectors(
    catalogue: Catalogue, encoder: EncoderId
) -> tuple[list[Track], np.ndarray[tuple[int, int], np.dtype[np.float32]]]:
    if "+" in encoder:
        raise UsageError(f"{encoder} is a sum: a study of the library needs one encoder")
    keys = vector_keys(catalogue, encoder)
    vectors = raw_vectors(catalogue, encoder, keys)
    wanted = set(keys.tolist())
    tracks = [track for track in iterate_tracks(catalogue) if track.key in wanted]
    row_of = {key: row for row, key in enumerate(keys.tolist())}
    return tracks, vectors[[row_of[track.key] for track in tracks]]


def _table(
    name: str,
    names: Sequence[str],
    vectors: np.ndarray[tuple[int, int], np.dtype[np.float32]],
    encoder: str,
    labels: Sequence[str],
    called: str,
    keys: Mapping[str, Sequence[str]],
    notes: list[str],
) -> DescriptorTable:
    values = value_names(encoder)
    spelled, changed = one_spelling(labels) if labels else ((), 0)
    if changed:
        notes.append(
            f"{changed:,} labels differ from others only by case, accents or signs: taken for the same"
        )
    unknown = sum(not label for label in spelled)
    if unknown or not spelled:
        notes.append(f"{called} is not known of {unknown or len(names):,} of {len(names):,} tracks")
    # Classes kept apart could not be learned.
    known = {what: some for what, some in keys.items() if any(some) and what != called}
    return DescriptorTable(
        name=name,
        tracks=tuple(names),
        columns=tuple(value.name for value in values),
        families=tuple(value.family for value in values),
        values=vectors,
        classes=spelled if any(spelled) else (),
        target=called if any(spelled) else "",
        groups=groups_of(*known.values()) if known else None,
        grouped_by=" and ".join(known),
        notes=tuple(notes),
    )


def _labelled(folder: Path) -> Dataset | None:
    """The data set in a folder, where it is one with audio."""
    try:
        dataset = open_dataset(folder)
    except UsageError:
        return None
    return dataset if dataset.audio else None


def _labels_of(dataset: Dataset, target: str | None) -> tuple[list[str], str]:
    """The class of each track, and what it is."""
    if target is None and "genre" not in dataset.targets:
        return [], "genre"
    called = target or "genre"
    known = dataset.target(called)
    if known.kind != "class":
        there = ", ".join(name for name, one in dataset.targets.items() if one.kind == "class")
        raise UsageError(
            f"{called} of {dataset.name} is no class: choose {there or 'none, there is no class'}"
        )
    return [known.names[at] if at >= 0 else "" for at in known.values.tolist()], called


def _tagged(path: Path) -> tuple[str, str]:
    """Genre and artist of a file."""
    try:
        tags = read_tags(path)
    except AudioError:
        return "", ""
    return next(iter(tags.genres), ""), tags.artist or tags.album_artist or ""


def _artist(track: Track) -> str:
    return track.tags.artist or track.tags.album_artist or ""


def _names(tracks: Sequence[Track]) -> tuple[str, ...]:
    """Artist and title where only one track is called so, else the path."""

    def called(track: Track) -> str:
        return f"{_artist(track)} - {track.tags.title}" if track.tags.title and _artist(track) else ""

    counts = Counter(map(called, tracks))
    return tuple(
        called(track)
        if called(track) and counts[called(track)] == 1
        else str(track.paths[0])
        if track.paths
        else track.id
        for track in tracks
    )


def _beside(folder: Path, name: str) -> Path | None:
    """The audio file that a row of a table names, if it is where the table is."""
    try:
        place = folder / name
        return place if place.is_file() else None
    except (OSError, ValueError):
        return None
