"""What was written into files' genre tags, kept so that it can be undone: one line of JSON a file (format 1).

A line is on the disk before its file is touched. A line that a kill cut short, or that was damaged, is passed
over: its file was not touched, or can no longer be put back.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segue.audio import GenreFields, same_genre_fields
from segue.errors import CatalogueReadOnly, DiskFull, SegueError
from segue.settings import DataFolder

FORMAT = 1
_DRAFT = ".segue-genres.{}.partial"


@dataclass(frozen=True, slots=True)
class Written:
    """One file that was to be written.

    Attributes
    ----------
    path
        Absolute, as the catalogue has it.
    track
        Id of the track.
    before, after
        What its tags hold of the genre, see `segue.audio.read_genre_fields`.
    old, new
        The genres as they are read.
    time_s
        UTC epoch seconds.
    """

    path: Path
    track: str
    before: GenreFields
    after: GenreFields
    old: tuple[str, ...]
    new: tuple[str, ...]
    time_s: float


def journal_file(data: DataFolder) -> Path:
    """Where it is kept."""
    return data.path / "genres-written.jsonl"


def keep_written(data: DataFolder, written: Written) -> None:
    """Keep what a file holds before it is touched; it is on the disk when this returns.

    Raises
    ------
    CatalogueReadOnly, DiskFull
        If it cannot be kept.
    """
    _append(
        data,
        {
            "format": FORMAT,
            "path": str(written.path),
            "track": written.track,
            "before": written.before,
            "after": written.after,
            "old": list(written.old),
            "new": list(written.new),
            "digest": _digest(written.before, written.after),
            "time_s": written.time_s,
        },
    )


def keep_undone(data: DataFolder, path: Path) -> None:
    """Keep that a file is as it was before; nothing of it is to be undone any more.

    Raises
    ------
    CatalogueReadOnly, DiskFull
        If it cannot be kept.
    """
    _append(data, {"format": FORMAT, "path": str(path), "undone": True})


def read_journal(data: DataFolder) -> tuple[dict[Path, list[Written]], int]:
    """What is not undone yet, by file in the order in which it was written; and how many lines are damaged.

    Raises
    ------
    SegueError
        If it cannot be read, or a later Segue wrote it.
    """
    try:
        lines = journal_file(data).read_bytes().split(b"\n")
    except FileNotFoundError:
        return {}, 0
    except OSError as error:
        raise SegueError(f"{journal_file(data)} cannot be read: {error.strerror}") from error
    open_: dict[Path, list[Written]] = {}
    damaged = 0
    for line in filter(None, lines):
        try:
            stored = json.loads(line)
            if stored["format"] > FORMAT:
                raise SegueError(
                    f"{journal_file(data)} has format {stored['format']}, this Segue reads {FORMAT}: "
                    "update Segue"
                )
            path = Path(stored["path"])
            if stored.get("undone"):
                open_.pop(path, None)
            else:
                open_.setdefault(path, []).append(_written(path, stored))
        except (ValueError, KeyError, TypeError, AttributeError):
            damaged += 1
    return open_, damaged


def _written(path: Path, stored: Mapping[str, Any]) -> Written:
    if _digest(stored["before"], stored["after"]) != stored["digest"]:
        raise ValueError("the digest does not fit")
    return Written(
        path,
        str(stored["track"]),
        stored["before"],
        stored["after"],
        tuple(stored["old"]),
        tuple(stored["new"]),
        float(stored["time_s"]),
    )


def _digest(before: GenreFields, after: GenreFields) -> str:
    text = json.dumps([before, after], sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _append(data: DataFolder, line: Mapping[str, Any]) -> None:
    path = journal_file(data)
    # All ASCII: names that are no UTF-8 are kept as the escapes that they are in Python.
    text = json.dumps(line).encode("ascii") + b"\n"
    try:
        new = not path.exists()
        with path.open("ab+") as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # a kill cut the last line short
                    text = b"\n" + text
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if new:
            _sync(path.parent)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"{path} cannot be written: no space left on the disk") from error
        raise CatalogueReadOnly(
            f"{path} cannot be written ({error.strerror}): no file was touched after that"
        ) from error


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def made_draft(data: DataFolder, path: Path) -> Path:
    """Where a copy of a file is made beside it; remembered, so that a kill leaves no copy lying about."""
    draft = path.with_name(_DRAFT.format(os.getpid()))
    with contextlib.suppress(OSError):
        _draft_file(data).write_bytes(os.fsencode(draft))
    return draft


def remove_left_draft(data: DataFolder) -> None:
    """Remove the copy that was being made when an earlier run was killed."""
    try:
        draft = Path(os.fsdecode(_draft_file(data).read_bytes()))
    except OSError:
        return
    beginning, ending = _DRAFT.split("{}")
    with contextlib.suppress(OSError, ValueError):
        if draft.is_absolute() and draft.name.startswith(beginning) and draft.name.endswith(ending):
            draft.unlink()
    with contextlib.suppress(OSError):
        _draft_file(data).unlink()


def _draft_file(data: DataFolder) -> Path:
    return data.path / "genres-written.draft"


def held_before(entries: Sequence[Written], now: GenreFields) -> GenreFields | None:
    """What a file held before it was first written, from what it holds `now`.

    None where it holds something that was not written here. An entry whose writing was stopped, so that the
    file never held it, is passed over.

    Parameters
    ----------
    entries
        Of one file, in order.
    """
    if same_genre_fields(entries[0].before, now):
        return now  # put back by a run that was stopped before it could say so
    for entry in reversed(entries):
        if same_genre_fields(entry.after, now):
            now = entry.before
        elif not same_genre_fields(entry.before, now):
            return None
    return now
