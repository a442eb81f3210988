"""Between paths and the ways in which playlists write them: relative, percent-encoded, with backslashes."""

from __future__ import annotations

import os
import re
from pathlib import Path, PureWindowsPath
from urllib.parse import quote, unquote_to_bytes

_DRIVE = re.compile(r"^[A-Za-z]:[\\/]")
# Identifiers without slashes that stand in location; any other colon is part of a sloppy file name.
_OPAQUE = re.compile(r"^(spotify|urn|magnet):", re.IGNORECASE)
_URL = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")
# What RFC 3986 allows in a path beside letters and digits, but for the colon, which a relative one may lack.
_SAFE = "/!$&'()*+,;=@~"


def written_path(path: Path, folder: Path, *, relative: bool) -> Path:
    """`path` as it is to stand in a playlist in `folder`: absolute, or relative to it."""
    absolute = path.absolute()
    if not relative:
        return absolute
    # ".." is followed on the disk, not in the text: links among the folders must be out of the way.
    return Path(
        os.path.relpath(Path(os.path.realpath(absolute.parent)) / absolute.name, os.path.realpath(folder))
    )


def path_to_uri(path: Path) -> str:
    """A ``file`` URI of an absolute path, a relative reference of a relative one; bytes are kept.

    Examples
    --------
    >>> path_to_uri(Path("/music/Été #1.mp3"))
    'file:///music/%C3%89t%C3%A9%20%231.mp3'
    """
    quoted = quote(os.fsencode(path), safe=_SAFE)
    if path.is_absolute():
        return f"file://{quoted}"
    # Else "C:/1.mp3" and "a\\b.mp3", unquoted, would pass for Windows paths.
    return f"./{quoted}" if ":" in str(path) or "\\" in str(path) else quoted


def place_of_uri(text: str, folder: Path) -> tuple[Path | None, str | None]:
    """Path or URL that a URI (or what sloppy programs write instead) means in a playlist in `folder`.

    Examples
    --------
    >>> place_of_uri("a%20b.mp3", Path("/music"))
    (PosixPath('/music/a b.mp3'), None)
    >>> place_of_uri("https://example.org/a.mp3", Path("/music"))
    (None, 'https://example.org/a.mp3')
    """
    if not text:
        return None, None
    if text[:5].lower() == "file:":
        return place_of_path(_file_uri_path(text[5:]), folder)
    if _URL.match(text) or _OPAQUE.match(text):
        return None, text
    return place_of_path(_unquoted(text), folder)


def place_of_path(text: str, folder: Path) -> tuple[Path | None, str | None]:
    """Path or URL that a line of an M3U file means in a playlist in `folder`.

    Backslashes are separators when there is no slash: then the playlist comes from Windows.

    Examples
    --------
    >>> place_of_path("Album\\\\01.mp3", Path("/music"))
    (PosixPath('/music/Album/01.mp3'), None)
    >>> place_of_path("C:\\\\Music\\\\01.mp3", Path("/music"))
    (PosixPath('C:/Music/01.mp3'), None)
    """
    if not text or "\0" in text:
        return None, None
    if text[:7].lower() == "file://":
        return place_of_path(_file_uri_path(text[5:]), folder)
    if _URL.match(text):
        return None, text
    if _DRIVE.match(text):
        # Another machine's path: kept as it is, because its end still tells which file was meant.
        return Path(PureWindowsPath(text).as_posix()), None
    if "\\" in text and "/" not in text:
        text = text.replace("\\", "/")
    path = folder.absolute() / text
    if ".." in path.parts and not text.startswith("/"):
        path = Path(os.path.normpath(Path(os.path.realpath(folder)) / text))
    return path, None


def _file_uri_path(rest: str) -> str:
    """The path in what follows ``file:``; a host is dropped, ``/C:/`` becomes ``C:/``."""
    if rest.startswith("//"):
        _, _, rest = rest[2:].partition("/")
        rest = "/" + rest
    path = _unquoted(rest)
    return path[1:] if _DRIVE.match(path[1:]) else path


def _unquoted(text: str) -> str:
    try:
        raw = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = text.encode("utf-8", "replace")  # half a surrogate pair from JSON stands for no byte
    return os.fsdecode(unquote_to_bytes(raw))
