"""A look over all folders: what is new waits in the spool, what is gone is forgotten."""

# Entries are met as plain strings: a Path for each of a million would cost seconds.
# ruff: noqa: PTH118

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from segue.catalogue import (
    Catalogue,
    FileStat,
    files_lacking,
    forget_paths,
    known_files,
    known_folders,
    record_problem,
)
from segue.errors import UsageError
from segue.progress import Progress
from segue.scanning.compare import compare
from segue.scanning.ignore import is_hidden
from segue.scanning.report import ScanSettings, Tally
from segue.scanning.spool import Spool
from segue.scanning.walk import Refused, SeenFolder, absolute, is_music_name


@dataclass(frozen=True, slots=True)
class Roots:
    """Where music is looked for.

    Attributes
    ----------
    online
        Roots that can be looked into.
    offline
        Roots that are known but not there now.
    """

    online: tuple[Path, ...]
    offline: tuple[Path, ...]


def sort_roots(cat: Catalogue, roots: Sequence[Path], progress: Progress) -> Roots:
    """Tell the roots that are there from those that are not, with a clear word about the latter.

    Raises
    ------
    UsageError
        If a root is not there and never was, or is a file that is not music.
    """
    online: list[Path] = []
    offline: list[Path] = []
    for root in dict.fromkeys(Path(absolute(root)) for root in roots):
        trouble = _trouble(root)
        known = trouble is not None and any(True for _ in known_folders(cat, root))
        if trouble is None or (trouble == _EMPTY and not known):
            online.append(root)
        elif root.parent.is_dir() and root.name in known_files(cat, root.parent):
            online.append(root)  # a single file that was deleted
        elif known:
            offline.append(root)
            progress.note(f"{root} {trouble}: is it mounted? What is known of it stays as it is.")
        else:
            raise UsageError(f"{root} {trouble}: give a folder of music, or a music file")
    return Roots(tuple(online), tuple(offline))


def survey(
    cat: Catalogue,
    seen: Iterable[SeenFolder],
    roots: Roots,
    *,
    settings: ScanSettings,
    spool: Spool,
    tally: Tally,
    progress: Progress,
    within: Mapping[Path, bool],
) -> Iterator[None]:
    """Compare folders with the catalogue, one at each step of the iterator.

    Parameters
    ----------
    cat
        Written to: problems of entries that cannot be heard, and what is gone.
    seen
        Folders as `walk` or `walk_parts` meets them.
    roots
        Files of those that are offline are left alone.
    settings
        What is wanted of every track.
    spool
        Receives the files to hear.
    tally
        Counts.
    progress
        Told of problems.
    within
        Where a known folder that is not met any more is gone, and whether `seen` goes down from there.
    """
    unmet = {
        os.fspath(folder)
        for place, deep in within.items()
        for folder in known_folders(cat, place)
        if deep or folder == place or not folder.is_dir()
    }
    sheltered = [os.fspath(root) for root in roots.offline]
    for folder in seen:
        unmet.discard(folder.path)
        for remark in folder.remarks:
            progress.note(remark)
        if folder.blocked is not None:
            sheltered.append(folder.path)
            _refuse(cat, Path(folder.path), folder.blocked, tally, progress)
        else:
            _take(cat, folder, settings, spool, tally, progress)
        yield
    for path in sorted(unmet):
        if not any(
            path == shelter or path.startswith(shelter.rstrip(os.sep) + os.sep) for shelter in sheltered
        ):
            names = known_files(cat, Path(path))
            tally.removed += forget_paths(cat, [Path(path, name) for name in names])
            yield


def _take(
    cat: Catalogue,
    folder: SeenFolder,
    settings: ScanSettings,
    spool: Spool,
    tally: Tally,
    progress: Progress,
) -> None:
    """Do for one folder what its comparison asks for."""
    here = Path(folder.path)
    known = known_files(cat, here)
    if not (known or folder.files or folder.refused):
        return
    lacking = files_lacking(cat, here, settings.encoders) if known else frozenset()
    changes = compare(folder, known, lacking=lacking, retry=settings.retry)
    for name in changes.hear:
        size, mtime_ns = folder.files[name]
        spool.put(os.path.join(folder.path, name), size, mtime_ns, known=name in known)
    for name, refused in changes.refused.items():
        _refuse(cat, here / name, refused, tally, progress)
    if changes.gone:
        tally.removed += forget_paths(cat, [here / name for name in changes.gone])
    tally.found += len(folder.files) + len(folder.refused)
    tally.unchanged += changes.unchanged
    tally.known_problems += changes.known_problems


def _refuse(cat: Catalogue, path: Path, refused: Refused, tally: Tally, progress: Progress) -> None:
    record_problem(cat, FileStat(path, refused.size, refused.mtime_ns), refused.reason, refused.detail)
    tally.problem(path, refused.reason, refused.detail)
    progress.problem(path, refused.reason, refused.detail)


_EMPTY = "is empty"


def _trouble(root: Path) -> str | None:
    """Why nothing can be read from a root, or None."""
    try:
        if not root.is_dir():
            root.stat()
            return None if is_music_name(root.name) else "is neither a folder nor a music file"
        with os.scandir(root) as scan:
            if all(is_hidden(entry.name) for entry in scan):
                return _EMPTY
    except PermissionError:
        return "may not be read by this user"
    except FileNotFoundError:
        return "is not there"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return None
