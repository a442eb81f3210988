"""M3U and M3U8: a line a file, with durations and names in comments before them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from segue.playlists.entries import Entry, Playlist, clean_text, plausible_seconds
from segue.playlists.locations import path_to_uri, place_of_path, written_path

_BREAKS = (b"\n", b"\r")


def to_m3u(entries: Sequence[Entry], *, title: str | None, folder: Path, relative: bool) -> bytes:
    """The bytes of an M3U8 file in `folder`: UTF-8, but for file names that are not."""
    lines = [b"#EXTM3U"]
    name = clean_text(title)
    if name:
        lines.append(f"#PLAYLIST:{name}".encode())
    for entry in entries:
        if entry.path is not None:
            place = _path_line(entry.path, folder, relative=relative)
        elif clean_text(entry.location):
            place = str(clean_text(entry.location)).encode()
        else:
            continue
        seconds = -1 if entry.duration_s is None else round(entry.duration_s)
        names = " - ".join(text for text in (clean_text(entry.artist), clean_text(entry.title)) if text)
        lines += [f"#EXTINF:{seconds},{names}".encode(), place]
    return b"\n".join(lines) + b"\n"


def _path_line(path: Path, folder: Path, *, relative: bool) -> bytes:
    """One line that can only be read as this path."""
    written = written_path(path, folder, relative=relative)
    raw = os.fsencode(written)
    if any(mark in raw for mark in _BREAKS) or raw != raw.strip():
        return path_to_uri(path.absolute()).encode()
    # A name such as "#1.mp3", "a:b.mp3" or "a\b.mp3" must not pass for a comment, a URL, a Windows path.
    if not written.is_absolute() and (raw.startswith(b"#") or b":" in raw or b"\\" in raw):
        return b"./" + raw
    return raw


def from_m3u(content: bytes, *, folder: Path, legacy: bool) -> Playlist:
    """Read an M3U file that lies in `folder`.

    Parameters
    ----------
    content
        The bytes; a byte order mark and any line ends are understood.
    folder
        Relative paths are relative to it.
    legacy
        Lines that are not UTF-8 are Latin-1 (``.m3u``) unless a file of these very bytes is there;
        otherwise they are file names that are not UTF-8.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = content.decode("utf-16", "replace").encode("utf-8", "replace")
    title, entries, said = None, [], Entry()
    for raw in content.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b"\n").split(b"\n"):
        raw = raw.strip()
        if raw.startswith(b"#"):
            key, _, text = _decoded(raw, legacy).partition(":")
            key = key.upper()
            if key == "#EXTINF":
                said = _extinf(text)
            elif key == "#PLAYLIST":
                title = clean_text(text)
            continue
        path, location = _place(raw, folder, legacy)
        if path is not None or location is not None:
            entries.append(
                Entry(
                    path=path,
                    location=location,
                    title=said.title,
                    artist=said.artist,
                    duration_s=said.duration_s,
                )
            )
        if raw:
            said = Entry()
    return Playlist(title, tuple(entries))


def _decoded(raw: bytes, legacy: bool) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252" if legacy else "utf-8", "replace")


def _place(raw: bytes, folder: Path, legacy: bool) -> tuple[Path | None, str | None]:
    as_named = place_of_path(os.fsdecode(raw), folder)
    if not legacy or as_named[0] is None:
        return _printable(as_named)
    try:
        raw.decode()
    except UnicodeDecodeError:
        # lexists, because a dangling link is still what was meant; the name may be too long to ask for.
        return as_named if os.path.lexists(as_named[0]) else place_of_path(raw.decode("latin-1"), folder)
    return as_named


def _printable(place: tuple[Path | None, str | None]) -> tuple[Path | None, str | None]:
    return place[0], clean_text(place[1])


def _extinf(text: str) -> Entry:
    """Duration, artist and title of ``#EXTINF:123 key="value",Artist - Title``."""
    head, _, names = text.partition(",")
    seconds = None
    with suppress(IndexError, ValueError):
        seconds = plausible_seconds(float(head.split()[0]))
    artist, dash, title = names.partition(" - ")
    if not dash:
        artist, title = "", names
    return Entry(title=clean_text(title), artist=clean_text(artist), duration_s=seconds)
