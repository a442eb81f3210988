"""Which format a history has, told by its first bytes, and the listens in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from segue.errors import UsageError
from segue.listening import (
    audio_tags,
    itunes,
    lastfm,
    lastfm_1k,
    listenbrainz,
    million_playlists,
    playlist_files,
    rekordbox,
    spotify,
    spotify_library,
    tables,
    taste_profile,
)
from segue.listening.rows import LATE_S
from segue.listening.sources import Source, size_of, sources_of
from segue.progress import Progress, Silent
from segue.types import BadRow, Listen


@dataclass(frozen=True)
class Format:
    """One kind of history.

    Attributes
    ----------
    name
        As `sniff` says it.
    matches
        Whether a source with this head (its first 64 kB) is one.
    read
        The listens of a source; times may not be later than the second argument.
    """

    name: str
    matches: Callable[[Source, bytes], bool]
    read: Callable[[Source, float], Iterator[Listen | BadRow]]


# The first that matches counts; those with unmistakable marks come first.
_FORMATS = (
    Format("spotify", spotify.matches, spotify.read),
    Format("spotify-library", spotify_library.matches, spotify_library.read),
    Format("listenbrainz", listenbrainz.matches, listenbrainz.read),
    Format("million-playlist-dataset", million_playlists.matches, million_playlists.read),
    Format("lastfm-json", lastfm.matches_json, lastfm.read_json),
    Format("itunes", itunes.matches, itunes.read),
    Format("rekordbox", rekordbox.matches, rekordbox.read),
    Format("playlist", playlist_files.matches, playlist_files.read),
    Format("table", tables.matches, tables.read),
    Format("lastfm-1k", lastfm_1k.matches, lastfm_1k.read),
    Format("taste-profile", taste_profile.matches, taste_profile.read),
    Format("lastfm-csv", lastfm.matches_csv, lastfm.read_csv),
    Format("audio-tags", audio_tags.matches, audio_tags.read),
)


def format_of(source: Source) -> Format | None:
    """The format of one source, None if it is no history."""
    head = source.head()
    return next((one for one in _FORMATS if one.matches(source, head)), None)


def known_sources(path: Path, progress: Progress | None = None) -> Iterator[tuple[Source, Format]]:
    """The streams below `path` that are histories, each with its format.

    Raises
    ------
    UsageError
        If there is none.
    """
    n_known = 0
    columns: list[str] = []
    for source in sources_of(path, progress):
        known = format_of(source)
        if known is not None:
            n_known += 1
            yield source, known
        else:
            columns = columns or tables.columns_of(source)
            source.advance_share(1.0)
    if n_known == 0:
        names = ", ".join(one.name for one in _FORMATS)
        words = f"{path} is not a history that Segue knows: it reads {names}"
        if columns:
            words += (
                f"; a table needs columns listener and track, or artist and title, not {_listed(columns)}"
            )
        raise UsageError(words)


def _listed(columns: list[str]) -> str:
    said = ", ".join(column[:40] for column in columns[:12])
    return f"{said}, …" if len(columns) > 12 else said


def sniff(path: Path) -> str:
    """The name of the format of a history; of a folder or zip with several, joined by "and".

    Raises
    ------
    UsageError
        If nothing in it is a history, or it cannot be read.
    """
    return " and ".join(sorted({known.name for _, known in known_sources(path)}))


def read_history(path: Path, *, progress: Progress | None = None) -> Iterator[Listen | BadRow]:
    """What a history says, whatever its format: a file, a folder of files, or a zip; gzipped or not.

    Parameters
    ----------
    path
        The file or folder.
    progress
        Told of bytes of the files on disk.

    Yields
    ------
    Listen or BadRow
        In the order of the file, while it is read; memory does not grow with the file.

    Raises
    ------
    UsageError
        If nothing in it is a history, or it is damaged or cut off: then what was yielded before should
        not be kept.
    """
    progress = progress or Silent()
    latest_s = time.time() + LATE_S
    progress.start(f"reading {path.name}", size_of(path))
    for source, known in known_sources(path, progress):
        yield from known.read(source, latest_s)
    progress.finish()
