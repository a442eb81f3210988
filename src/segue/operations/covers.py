"""The cover of a track: the picture in its file or beside it, in a size that a screen needs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from segue.audio import is_disc_folder, read_cover
from segue.errors import AudioError, NothingFound
from segue.operations.media_cache import cached
from segue.operations.pictures import BrokenPicture, checked, thumbnail

if TYPE_CHECKING:
    from segue.catalogue import Track
    from segue.settings import DataFolder

COVER_SIZES_PX = (64, 128, 256, 512, 1024)
"""The sizes that covers are made in; one asked for is rounded up."""

_NAMES = ("cover", "folder", "front", "album")
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif")
_MOST_BYTES = 1 << 25  # of a picture that is looked at


@dataclass(frozen=True, slots=True)
class _Source:
    """A place where a cover may be: what tells it from an older one, and how it is read."""

    mark: str
    read: Callable[[], bytes | None]


def cover(data: DataFolder, track: Track, size_px: int | None) -> tuple[bytes, str]:
    """The picture in a track's file, else one named cover, folder, front or album beside it.

    Parameters
    ----------
    size_px
        The longer side at most, rounded up to one of `COVER_SIZES_PX`; never enlarged. None for the picture
        as it is.

    Returns
    -------
    picture, mime
        The encoded picture and its MIME type: JPEG, unless it is as it was.

    Raises
    ------
    NothingFound
        If there is no picture that can be read.
    SegueError
        If the only ones have too many pixels to be opened.
    """
    size = None if size_px is None else _on_the_ladder(size_px)
    broken: BrokenPicture | None = None
    for source in _sources(track):
        try:
            if size is None:
                return _as_it_is(source)
            name = f"{track.digest}-{size}-{source.mark}"
            return cached(data, "covers", name, partial(_small, source, size)), "image/jpeg"
        except BrokenPicture as error:
            broken = broken or error
    if broken is not None and broken.too_large:
        raise broken
    raise NothingFound(f"there is no cover for {track.tags.title or track.id}")


def _on_the_ladder(size_px: int) -> int:
    return next((size for size in COVER_SIZES_PX if size >= size_px), COVER_SIZES_PX[-1])


def _as_it_is(source: _Source) -> tuple[bytes, str]:
    content = source.read()
    if content is None:
        raise BrokenPicture("there is no picture in it")
    return content, checked(content)


def _small(source: _Source, size: int) -> bytes:
    content = source.read()
    if content is None:
        raise BrokenPicture("there is no picture in it")
    return thumbnail(content, size)


def _sources(track: Track) -> Iterator[_Source]:
    """Where its cover may be, the best first: in its files, then beside them."""
    if track.tags.has_cover:
        for path in track.paths[:1]:
            if mark := _mark(path):
                yield _Source(mark, partial(_embedded, path))
    for folder in dict.fromkeys(folder for path in track.paths for folder in _folders(path)):
        for path in _beside(folder):
            if mark := _mark(path):
                yield _Source(mark, partial(_bounded, path))


def _folders(path: Path) -> list[Path]:
    """The folder of a file, and that of the album where the former is one disc of it."""
    return [path.parent, path.parent.parent] if is_disc_folder(path.parent.name) else [path.parent]


def _beside(folder: Path) -> list[Path]:
    """Pictures of a folder that are covers by their names, whatever the case, the best first."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.name.lower().endswith(_SUFFIXES)]
    except OSError:
        return []
    ranked = [
        (_NAMES.index(stem), name) for name in names if (stem := name.lower().rpartition(".")[0]) in _NAMES
    ]
    return [folder / name for _, name in sorted(ranked)]


def _mark(path: Path) -> str | None:
    """Another one for another picture; None where there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    told = f"{path}\0{status.st_mtime_ns}\0{status.st_size}"
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _embedded(path: Path) -> bytes | None:
    try:
        found = read_cover(path)
    except AudioError:
        return None
    return found.data if found and len(found.data) <= _MOST_BYTES else None


def _bounded(path: Path) -> bytes | None:
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        return path.read_bytes()
    except OSError:
        return None
