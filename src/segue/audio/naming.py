"""Title, artist and track number from a file's path, for files without tags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from segue.audio.tagfields import clean_text

_NUMBERED = re.compile(
    r"^(?:(?P<disc>\d{1,2})[-.](?=\d{2}\D))?(?P<track>\d{1,3})(?:\s*[-._)\]]+\s*|\s+)(?=\S)"
)
_SPARSE_WORDS = re.compile(r"[_]+")
_NO_ARTISTS = frozenset(
    {"music", "audio", "downloads", "download", "media", "songs", "tracks", "mp3", "flac", "tmp", "home",
     "users", "desktop", "documents", "library", "unsorted", "various artists", "various",
     "compilations", "my music"}
)  # fmt: skip
_DISC_FOLDER = re.compile(r"^(?:cd|disc|disk)\s*[-_]?\s*(\d{1,2})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NameParts:
    """What a path tells; the title is never empty."""

    title: str
    artist: str | None = None
    album: str | None = None
    track_number: int | None = None
    disc_number: int | None = None


def is_disc_folder(name: str) -> bool:
    """Whether a folder is one disc of an album by its name.

    Examples
    --------
    >>> is_disc_folder("CD 1"), is_disc_folder("Discovery")
    (True, False)
    """
    return _DISC_FOLDER.match(name) is not None


def name_parts(path: Path) -> NameParts:
    """Read "03 - Artist - Title.mp3", "Artist - Title.mp3" and "Artist/Album/03 Title.mp3".

    Folders name artist and album only for a file named with a track number: others lie anywhere.

    Examples
    --------
    >>> name_parts(Path("03 - Nina Simone - Sinnerman.mp3"))
    NameParts(title='Sinnerman', artist='Nina Simone', album=None, track_number=3, disc_number=None)
    >>> name_parts(Path("Nina Simone/Pastel Blues/10 Sinnerman.flac")).album
    'Pastel Blues'
    """
    stem = clean_text(_SPARSE_WORDS.sub(" ", path.stem) if " " not in path.stem else path.stem) or ""
    track_number = disc_number = None
    match = _NUMBERED.match(stem)
    if match:
        track_number = int(match["track"]) or None
        disc_number = int(match["disc"]) if match["disc"] else None
        stem = stem[match.end() :]
    parts = [part for part in (piece.strip() for piece in re.split(r"\s+[-–—]\s+", stem)) if part]
    artist = album = None
    if len(parts) == 2:
        artist, title = parts
    elif len(parts) >= 3:
        artist, title = parts[0], parts[-1]
        if parts[-2].isdigit():  # Artist - Album - 03 - Title
            track_number = track_number or int(parts[-2][:6]) or None
            album = parts[1] if len(parts) >= 4 else None
        else:
            title = " - ".join(parts[1:])
    else:
        title = stem.strip() or clean_text(path.name) or "?"
    if artist is None and match:
        artist, album, folder_disc = _from_folders(path)
        disc_number = disc_number or folder_disc
    return NameParts(title, artist, album, track_number, disc_number)


def _from_folders(path: Path) -> tuple[str | None, str | None, int | None]:
    """Artist, album and disc from the two (or three) folders above."""
    folders = [clean_text(part) or "" for part in path.parent.parts if part not in ("/", ".", "..")]
    disc = None
    if folders and (match := _DISC_FOLDER.match(folders[-1])):
        disc = int(match[1])
        folders.pop()
    if len(folders) < 2:
        return None, None, disc
    artist, album = folders[-2], folders[-1]
    if artist.casefold() in _NO_ARTISTS or album.casefold() in _NO_ARTISTS:
        return None, None, disc
    return artist, album, disc
