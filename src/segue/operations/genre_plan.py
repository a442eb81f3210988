"""Genres told by ear for files' genre tags: what would be written, and which files must be left alone."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.audio import read_genre_fields, read_tags
from segue.catalogue import Track, iterate_tracks, open_catalogue
from segue.errors import AudioError, UsageError
from segue.genres import GenreModel, folded
from segue.operations.genre_model import library_genres, the_genre_model
from segue.progress import Progress, Silent
from segue.settings import DataFolder

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST = 0.7
"""From which probability a genre is written."""


@dataclass(frozen=True, slots=True)
class GenreChange:
    """One file whose genre tag is, or would be, another.

    Attributes
    ----------
    path, track
        The file, and the id of its track.
    old, new
        Genres before and after.
    probability
        Of the least likely of the new ones; NaN where they are put back.
    """

    path: Path
    track: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A file that is not written: a short stable word, and words."""

    path: Path
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class GenrePlan:
    """What would be written.

    Attributes
    ----------
    model
        Id of the genre model.
    changes
        By path.
    left_alone
        Files that cannot be written, or hold a genre that the catalogue does not know of.
    tagged
        How many tracks have a genre tag, and are not asked about; 0 where tags are replaced.
    unsure
        How many tracks are of no genre with the least probability.
    untold
        How many have no vectors that the model takes.
    """

    model: str
    changes: tuple[GenreChange, ...]
    left_alone: tuple[LeftAlone, ...]
    tagged: int
    unsure: int
    untold: int


def plan_genres(
    data: DataFolder, *, overwrite: bool = False, least: float = LEAST, progress: Progress | None = None
) -> GenrePlan:
    """What genre the library's files would be given; nothing is written.

    Parameters
    ----------
    data
        The library.
    overwrite
        Also files whose tags name a genre; by default only those of tracks without one.
    least
        Genres less probable are not written.
    progress
        Is told how far it is.

    Raises
    ------
    NothingFound
        If there is no model, or no track has the vectors that it takes.
    UsageError
        If `least` is not from 0 to 1.
    """
    if not 0.0 <= least <= 1.0:
        raise UsageError(f"the least probability must be from 0 to 1, not {least}")
    progress = progress or Silent()
    changes: list[GenreChange] = []
    left: list[LeftAlone] = []
    tagged = unsure = untold = 0
    with open_catalogue(data) as catalogue:
        model = the_genre_model(data)
        keys, probabilities = library_genres(catalogue, data, model)
        told = dict(zip(keys.tolist(), _told(model, probabilities, least), strict=True))
        progress.start("Looking at files", len(keys))
        for track in iterate_tracks(catalogue):
            paths = track.paths if overwrite else _without_genre(track)
            if not paths:
                tagged += 1
                continue
            if track.key not in told:
                untold += 1
                continue
            progress.advance()
            new, probability = told[track.key]
            if not new:
                unsure += 1
                continue
            for path in paths:
                try:
                    old = genres_to_replace(path, overwrite=overwrite)
                except AudioError as error:
                    left.append(LeftAlone(path, error.reason, error.detail))
                else:
                    if set(map(folded, old)) != set(map(folded, new)):
                        changes.append(GenreChange(path, track.id, old, new, probability))
        progress.finish()
    changes.sort(key=lambda change: os.fsencode(change.path))
    return GenrePlan(model.id, tuple(changes), tuple(left), tagged, unsure, untold)


def _without_genre(track: Track) -> Sequence[Path]:
    """The files of a track that may lack a genre; those beside its first are not known by the catalogue."""
    if not track.tags.genres:
        return track.paths
    return [path for path in track.paths if not _names_genre(path)] if len(track.paths) > 1 else ()


def _names_genre(path: Path) -> bool:
    with contextlib.suppress(AudioError):
        return bool(read_tags(path).genres)
    return False


def _told(
    model: GenreModel, probabilities: NDArray[np.float32], least: float
) -> list[tuple[tuple[str, ...], float]]:
    """Of each row the genres that are sure enough, most likely first, and the probability of the last."""
    position = {name: at for at, name in enumerate(model.classes)}
    rows = []
    for row, names in zip(probabilities, model.told(probabilities), strict=True):
        sure = tuple(name for name in names if row[position[name]] >= least)
        rows.append((sure, min((float(row[position[name]]) for name in sure), default=0.0)))
    return rows


def genres_to_replace(path: Path, *, overwrite: bool) -> tuple[str, ...]:
    """The genres in a file that can be written.

    Raises
    ------
    AudioError
        If it cannot be written, or holds a genre and is not to be overwritten (``has-genre``).
    """
    check_replaceable(path)
    read_genre_fields(path)
    old = read_tags(path).genres
    if old and not overwrite:
        raise AudioError(
            path, "has-genre", f"its tags name a genre since the last scan ({', '.join(old)}): scan again"
        )
    return old


def check_replaceable(path: Path) -> None:
    """Say why a file cannot be replaced by a changed copy of it.

    Raises
    ------
    AudioError
        With reason ``missing``, ``hard-links``, ``read-only`` or ``not-own``.
    """
    try:
        real = path.resolve(strict=True)
        status = real.stat()
    except (OSError, RuntimeError):
        raise AudioError(path, "missing", "there is no such file any more") from None
    if status.st_nlink > 1:
        raise AudioError(
            path,
            "hard-links",
            f"it has {status.st_nlink} names (hard links), and the others would keep the old tags",
        )
    # The superuser may write everything; a file that nobody may write was protected on purpose.
    if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(real, os.W_OK):
        raise AudioError(path, "read-only", "it is write-protected")
    if not os.access(real.parent, os.W_OK | os.X_OK):
        raise AudioError(path, "read-only", "its folder cannot be written")
    if status.st_uid != os.geteuid() and os.geteuid() != 0:
        raise AudioError(path, "not-own", "it belongs to another user")
