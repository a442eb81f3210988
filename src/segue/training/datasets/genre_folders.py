"""A folder for each genre, with audio in it at any depth; artists and albums from the files' tags."""

from __future__ import annotations

import os
from pathlib import Path

from segue.audio import AUDIO_SUFFIXES, read_tags
from segue.errors import AudioError
from segue.training.datasets.assembling import Entry, Listing

WANTS = "at least two folders, each named after a genre, with audio files in them"


def matches(folder: Path) -> bool:
    """Whether at least two folders hold audio."""
    with_audio = (genre for genre in _genres(folder) if _has_audio(genre))
    return next(with_audio, None) is not None and next(with_audio, None) is not None


def read(folder: Path) -> Listing:
    """The target ``genre``: names of the folders."""
    entries = tuple(
        _entry(folder, path, genre.name) for genre in _genres(folder) for path in sorted(_audio(genre))
    )
    return Listing(folder.resolve().name, entries)


def _genres(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _audio(folder: Path) -> list[Path]:
    return [Path(place, name) for place, _, names in os.walk(folder) for name in names if _is_audio(name)]


def _has_audio(folder: Path) -> bool:
    return any(_is_audio(name) for _, _, names in os.walk(folder) for name in names)


def _is_audio(name: str) -> bool:
    return Path(name).suffix.lower() in AUDIO_SUFFIXES and not name.startswith(".")


def _entry(folder: Path, path: Path, genre: str) -> Entry:
    track = path.relative_to(folder).as_posix()
    try:
        tags = read_tags(path)
    except AudioError:
        return Entry(track, path, classes={"genre": genre})  # whoever hears it says what is the matter
    return Entry(
        track=track,
        audio=path,
        title=tags.title or "",
        artist=tags.artist or tags.album_artist or "",
        album=tags.album or "",
        classes={"genre": genre},
    )
