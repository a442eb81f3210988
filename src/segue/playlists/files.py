"""Read and write playlist files: the format by suffix, sizes bounded, nothing half-written."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Sequence
from pathlib import Path

from segue.errors import UsageError
from segue.playlists.entries import Entry, Playlist
from segue.playlists.jspf import from_jspf, to_jspf
from segue.playlists.m3u import from_m3u, to_m3u
from segue.playlists.xspf import from_xspf, to_xspf

PLAYLIST_SUFFIXES = frozenset({".m3u8", ".m3u", ".xspf", ".jspf", ".json"})
"""Lower-case, with the dot; ``.json`` is JSPF."""

# A hundred thousand tracks take about 30 MB of XSPF.
_LARGEST = 50_000_000


def write_playlist(
    path: Path, entries: Sequence[Entry], *, title: str | None = None, relative: bool = False
) -> None:
    """Write a playlist in the format of the path's suffix.

    Parameters
    ----------
    path
        ``.m3u8``, ``.m3u``, ``.xspf``, ``.jspf`` or ``.json``. An earlier file is replaced whole or not.
    entries
        In order. M3U leaves out those without path and location.
    title
        The playlist's name.
    relative
        Whether paths are written relative to the playlist's folder; otherwise absolute.

    Raises
    ------
    UsageError
        If the suffix is unknown or the file cannot be written.
    """
    suffix = _suffix(path)
    # The file behind a link is replaced, not the link.
    target = Path(os.path.realpath(path))
    writer = {".xspf": to_xspf, ".jspf": to_jspf, ".json": to_jspf}.get(suffix, to_m3u)
    content = writer(entries, title=title, folder=target.parent, relative=relative)
    draft = target.parent / f".segue-{secrets.token_hex(8)}.tmp"
    try:
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None


def read_playlist(path: Path) -> Playlist:
    """Read a playlist in the format of the path's suffix.

    Relative paths are taken from the playlist's folder. Files need not exist.

    Parameters
    ----------
    path
        ``.m3u8``, ``.m3u``, ``.xspf``, ``.jspf`` or ``.json``, up to 50 MB.

    Returns
    -------
    Playlist

    Raises
    ------
    UsageError
        If the suffix is unknown, the file cannot be read, is too large, or is not a playlist.
    """
    suffix = _suffix(path)
    content = _content(path)
    folder = path.absolute().parent
    try:
        if suffix == ".xspf":
            return from_xspf(content, folder=folder)
        if suffix in (".jspf", ".json"):
            return from_jspf(content, folder=folder)
        return from_m3u(content, folder=folder, legacy=suffix == ".m3u")
    except UsageError as error:
        raise UsageError(f"{path} is {error}") from None


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in PLAYLIST_SUFFIXES:
        raise UsageError(f"{path} must end in one of {', '.join(sorted(PLAYLIST_SUFFIXES))}")
    return suffix


def _content(path: Path) -> bytes:
    try:
        # Asked before opening: opening a pipe would wait for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageError(f"{path} is not a file")
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > _LARGEST:
        raise UsageError(f"{path} is larger than any playlist ({_LARGEST // 1_000_000} MB)")
    return content
