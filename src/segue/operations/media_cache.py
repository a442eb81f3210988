"""What a player asks for again and again, kept in the cache folder: whole, and made anew if damaged."""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from segue.errors import SegueError
from segue.files import whole_file
from segue.settings import DataFolder

Kind = Literal["peaks", "mel", "covers"]

KINDS: tuple[Kind, ...] = ("peaks", "mel", "covers")
"""The folders of the cache that are kept here, and that `tidy_cache` looks after."""

_MAGIC = b"SGM1"  # the version; then the checksum (CRC-32, little-endian), then the content
_HEAD = 8
_TOUCHED_S = 3600.0  # the time of last use is not written more often
_OLD_DRAFT_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Tidied:
    """What `tidy_cache` did.

    Attributes
    ----------
    removed_files, removed_bytes
        That were not used for the longest time.
    kept_bytes
        That are left.
    """

    removed_files: int
    removed_bytes: int
    kept_bytes: int


def cached(data: DataFolder, kind: Kind, name: str, make: Callable[[], bytes]) -> bytes:
    """An entry of the cache, made and kept where it is missing or damaged.

    Several may ask at once: each gets the whole content. Where the cache cannot be written, nothing is kept.

    Parameters
    ----------
    name
        A file name that begins with the track's digest.
    make
        Gives the content; what it raises is passed on.
    """
    path = data.cache / kind / name[:2] / name
    content = _read(path)
    if content is None:
        content = make()
        with suppress(SegueError), whole_file(path) as out:
            out.write(_MAGIC + zlib.crc32(content).to_bytes(4, "little") + content)
    return content


def tidy_cache(data: DataFolder, most_bytes: int) -> Tidied:
    """Remove what was not used for the longest time until no more than `most_bytes` are left."""
    entries: list[tuple[float, int, Path]] = []
    for path, status in _files(data):
        if path.name.startswith("."):  # a draft; an old one was left by a process that died
            if time.time() - status.st_mtime > _OLD_DRAFT_S:
                with suppress(OSError):
                    path.unlink()
            continue
        entries.append((status.st_mtime, status.st_size, path))
    left = sum(size for _, size, _ in entries)
    removed_files = removed_bytes = 0
    for _, size, path in sorted(entries):
        if left <= most_bytes:
            break
        with suppress(OSError):
            path.unlink(missing_ok=True)
            left -= size
            removed_files += 1
            removed_bytes += size
    return Tidied(removed_files, removed_bytes, left)


def _read(path: Path) -> bytes | None:
    """The content, None where it is missing or damaged; its time of change says when it was last used."""
    try:
        stored = path.read_bytes()
    except OSError:
        return None
    content = stored[_HEAD:]
    if stored[:_HEAD] != _MAGIC + zlib.crc32(content).to_bytes(4, "little"):
        return None
    with suppress(OSError):
        if time.time() - path.stat().st_mtime > _TOUCHED_S:
            os.utime(path)
    return content


def _files(data: DataFolder) -> Iterator[tuple[Path, os.stat_result]]:
    for kind in KINDS:
        for folder, _, names in os.walk(data.cache / kind):
            for name in names:
                path = Path(folder, name)
                with suppress(OSError):
                    yield path, path.stat()
