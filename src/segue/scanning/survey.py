"""A look over all folders: what is new waits in the spool, what is gone is forgotten."""

# Entries are met as plain strings: a Path for each of a million would cost seconds.
# ruff: noqa: PTH112, PTH118

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from segue.catalogue import (
    Catalogue,
    FileStat,
    file_stat,
    files_without_vectors,
    forget_paths,
    known_files,
    known_folders,
    known_problems,
    problem_for,
    record_problem,
)
from segue.catalogue import roots as known_roots
from segue.errors import UsageError
from segue.progress import Progress
from segue.scanning.compare import Known, compare
from segue.scanning.ignore import is_hidden
from segue.scanning.jobs import Errand, Job
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

    Roots of earlier scans that lie in the ones asked for count too: they may be mounted there.

    Raises
    ------
    UsageError
        If a root is not there and never was, or is a file that is not music.
    """
    online: list[Path] = []
    offline: list[Path] = []
    asked = [Path(absolute(root)) for root in roots]
    earlier = known_roots(cat)
    inside = [root for root in earlier if any(above in root.parents for above in asked)]
    for root in dict.fromkeys([*asked, *inside]):
        trouble = _trouble(root)
        holds = trouble is not None and any(True for _ in known_folders(cat, root))
        if trouble is None or (trouble == _EMPTY and not holds):
            online.append(root)
        elif os.path.isdir(root.parent) and file_stat(cat, root) is not None:
            online.append(root)  # a single file that was deleted
        elif holds or root in earlier:
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
        if deep or folder == place or _vanished(folder)
    }
    sheltered = [os.fspath(root) for root in roots.offline]
    for folder in seen:
        unmet.discard(folder.path)
        if folder.path in sheltered:
            continue  # the empty place where something is mounted at other times
        for remark in folder.remarks:
            progress.note(remark)
        if folder.blocked is not None:
            sheltered.append(folder.path)
            _refuse(cat, Path(folder.path), folder.blocked, tally, progress)
        else:
            _take(cat, folder, settings, spool, tally, progress)
        yield
    tally.removed += forget_paths(cat, [root for root in roots.online if not os.path.lexists(root)])
    for path in sorted(unmet):
        if not any(
            path == shelter or path.startswith(shelter.rstrip(os.sep) + os.sep) for shelter in sheltered
        ):
            names = _known(cat, Path(path))
            tally.removed += forget_paths(cat, [Path(path, name) for name in names])
            yield


def complete(
    cat: Catalogue, roots: Roots, *, settings: ScanSettings, spool: Spool, tally: Tally
) -> Iterator[None]:
    """Put unchanged files into the spool whose track lacks the vector of a wanted encoder."""
    online = tuple(f"{root}".rstrip(os.sep) + os.sep for root in roots.online)
    for state in files_without_vectors(cat, settings.encoders):
        path = os.fspath(state.path)
        if path.startswith(online) or state.path in roots.online:
            with contextlib.suppress(OSError):
                now = state.path.stat()
                if (now.st_size, now.st_mtime_ns) == (state.size, state.mtime_ns):
                    spool.put(Job(path, state.size, state.mtime_ns, Errand.INCOMPLETE))
                    tally.unchanged -= 1
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
    known = _known(cat, here)
    changes = compare(folder, known, retry=settings.retry)
    for name in changes.hear:
        errand = Errand.CHANGED if name in known else Errand.NEW
        spool.put(Job(os.path.join(folder.path, name), *folder.files[name], errand))
    for name, refused in changes.refused.items():
        _refuse(cat, here / name, refused, tally, progress)
    if changes.gone:
        tally.removed += forget_paths(cat, [here / name for name in changes.gone])
    tally.found += len(folder.files) + len(folder.refused)
    tally.unchanged += changes.unchanged
    tally.known_problems += changes.known_problems


def _known(cat: Catalogue, folder: Path) -> dict[str, Known]:
    known = {name: Known(*state) for name, state in known_files(cat, folder).items()}
    for name, state in known_problems(cat, folder).items():
        problem = problem_for(cat, folder / name)
        known[name] = Known(*state, problem=problem.reason if problem else "unreadable")
    return known


def _refuse(cat: Catalogue, path: Path, refused: Refused, tally: Tally, progress: Progress) -> None:
    record_problem(cat, FileStat(path, refused.size, refused.mtime_ns), refused.reason, refused.detail)
    tally.problem(path, refused.reason, refused.detail)
    progress.problem(path, refused.reason, refused.detail)


def _vanished(folder: Path) -> bool:
    """Whether a folder is surely gone; one that cannot be asked for is not."""
    try:
        return not stat.S_ISDIR(folder.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False


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
