"""Music folders, one at a time: what lies in each, without opening a file."""

# Entries are met as plain strings: a Path for each of a million would cost seconds.
# ruff: noqa: PTH100, PTH112, PTH115, PTH116, PTH118, PTH122

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from segue.audio import AUDIO_SUFFIXES
from segue.scanning.ignore import EXCLUDE_FILE, IGNORE_FILE, Rules, is_hidden


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that looks like music by its name but cannot be read.

    Attributes
    ----------
    size, mtime_ns
        Of the entry itself, so that a later look sees whether it changed.
    reason
        A short stable word, as in `AudioError.reason`.
    detail
        What was seen, in words.
    """

    size: int
    mtime_ns: int
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class SeenFolder:
    """One folder as it lies on the disk.

    Attributes
    ----------
    path
        Absolute; a name that is not UTF-8 holds surrogates, as `os.fsdecode` makes them.
    files
        Size in bytes and modification time in ns of each music file, by name.
    refused
        Entries named like music that cannot be, by name.
    blocked
        Why the folder cannot be listed, or None; its files are then unknown, not gone.
    complete
        Whether everything in the folder was looked at; a root that is one file is a folder seen in part.
    remarks
        Lines for the person, such as a pattern that is none.
    """

    path: str
    files: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    refused: Mapping[str, Refused] = field(default_factory=dict)
    blocked: Refused | None = None
    complete: bool = True
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class _Listing:
    """What one look into a folder finds."""

    files: dict[str, tuple[int, int]] = field(default_factory=dict)
    refused: dict[str, Refused] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder that is still to be looked into."""

    path: str
    rules: Rules
    deep: bool = True


def walk(roots: Sequence[Path]) -> Iterator[SeenFolder]:
    """Every music folder beneath `roots`, sorted, each once.

    Links to folders are followed after everything that is there in its own right, and never to a place
    already seen, so a link loop ends and a linked folder is met under its real name where it has one.
    Only the list of folders is kept in memory.

    Parameters
    ----------
    roots
        Folders or single files, which may lie in one another.
    """
    places: list[_Place] = []
    for root in roots:
        path = absolute(root)
        if os.path.isdir(path):
            places.append(_Place(path, Rules()))
        else:
            yield _single(path)
    yield from _walk(places)


def walk_parts(roots: Sequence[Path], parts: Mapping[Path, bool]) -> Iterator[SeenFolder]:
    """The folders of `parts` as `walk` would see them from `roots`.

    Parameters
    ----------
    roots
        Where the rules begin; a part outside them, or left out by a rule, is not looked at.
    parts
        Folders, and whether to go down from each.
    """
    places = []
    for part, deep in sorted(parts.items()):
        place = _reach([absolute(root) for root in roots], absolute(part), deep)
        if place is not None:
            places.append(place)
    yield from _walk(places)


def absolute(path: Path) -> str:
    """`path` from the root of the file system, without ``..``; links stay as they are."""
    return os.path.abspath(os.fspath(path))


def reaches(roots: Sequence[Path], place: Path) -> bool:
    """Whether a walk from other folders meets a folder or file, unless it is gone by then."""
    folder = absolute(place if place.is_dir() else place.parent)
    return _reach([absolute(root) for root in roots], folder, True) is not None


def is_music_name(name: str) -> bool:
    """Whether a name ends like a music file's.

    Examples
    --------
    >>> [is_music_name(name) for name in ("a.MP3", "cover.jpg", "mp3")]
    [True, False, False]
    """
    return os.path.splitext(name)[1].lower() in AUDIO_SUFFIXES


def _walk(places: Sequence[_Place]) -> Iterator[SeenFolder]:
    seen: set[tuple[int, int]] = set()
    links: list[_Place] = []
    stack = list(reversed(places))
    while stack or links:
        if not stack:
            links.sort(key=lambda place: place.path, reverse=True)
            stack.append(links.pop())
        place = stack.pop()
        try:
            identity = _identity(place.path)
            if identity in seen:
                continue
            seen.add(identity)
            listed = _list(place)
        except FileNotFoundError:
            continue  # gone since its parent was listed
        except OSError as error:
            yield SeenFolder(place.path, blocked=_blocked(error), complete=False)
            continue
        if listed is None:
            continue
        found, rules, remarks = listed
        yield SeenFolder(place.path, found.files, found.refused, remarks=remarks)
        if place.deep:
            stack.extend(_Place(path, rules) for path in sorted(found.folders, reverse=True))
            links.extend(_Place(path, rules) for path in found.links)


def _identity(path: str) -> tuple[int, int]:
    state = os.stat(path)
    # Some network file systems number nothing; the resolved name then tells places apart.
    return (state.st_dev, state.st_ino or hash(os.path.realpath(path)))


def _list(place: _Place) -> tuple[_Listing, Rules, tuple[str, ...]] | None:
    """What lies in a folder, or None when it is marked as not music."""
    with os.scandir(place.path) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    names = {entry.name for entry in entries if entry.name.startswith(".")}
    if EXCLUDE_FILE in names:
        return None
    rules, remarks = place.rules, tuple[str, ...]()
    if IGNORE_FILE in names:
        rules, remarks = _rules_beneath(rules, place.path)
    found = _Listing()
    for entry in entries:
        if not is_hidden(entry.name):
            _sort_in(entry, rules, found)
    return found, rules, remarks


def _rules_beneath(rules: Rules, folder: str) -> tuple[Rules, tuple[str, ...]]:
    path = os.path.join(folder, IGNORE_FILE)
    try:
        rules, complaints = rules.beneath(folder)
    except OSError as error:
        return rules, (f"{path} cannot be read and is not followed: {error.strerror}",)
    return rules, tuple(f"{path}: {complaint}" for complaint in complaints)


def _sort_in(entry: os.DirEntry[str], rules: Rules, found: _Listing) -> None:
    """Put one entry where it belongs in `found`."""
    if entry.is_dir(follow_symlinks=False):
        if not rules.ignores(entry.path, folder=True):
            found.folders.append(entry.path)
        return
    musical = is_music_name(entry.name)
    if not musical and not entry.is_symlink():
        return
    try:
        state = entry.stat()
    except OSError as error:
        if entry.is_symlink():
            if musical and not rules.ignores(entry.path, folder=False):
                found.refused[entry.name] = _dangling(entry, error)
        elif not isinstance(error, FileNotFoundError):
            raise  # the folder does not let its entries be looked at
        return
    if rules.ignores(entry.path, folder=stat.S_ISDIR(state.st_mode)):
        return
    if stat.S_ISDIR(state.st_mode):
        found.links.append(entry.path)
    elif musical and stat.S_ISREG(state.st_mode):
        found.files[entry.name] = (state.st_size, state.st_mtime_ns)
    elif musical:
        found.refused[entry.name] = Refused(
            state.st_size, state.st_mtime_ns, "not-a-file", "is a pipe, socket or device, not a file"
        )


def _dangling(entry: os.DirEntry[str], error: OSError) -> Refused:
    own = entry.stat(follow_symlinks=False)
    try:
        target = os.readlink(entry.path)
    except OSError:
        target = "somewhere"
    if isinstance(error, PermissionError):
        return Refused(
            own.st_size, own.st_mtime_ns, "no-permission", f"links to {target!r}, which may not be read"
        )
    if isinstance(error, FileNotFoundError):
        return Refused(own.st_size, own.st_mtime_ns, "missing", f"links to {target!r}, which is not there")
    return Refused(own.st_size, own.st_mtime_ns, "missing", f"links to {target!r}: {error.strerror}")


def _blocked(error: OSError) -> Refused:
    if isinstance(error, PermissionError):
        return Refused(0, 0, "no-permission", "the folder may not be read by this user")
    return Refused(0, 0, "unreadable", f"the folder cannot be read: {error.strerror or error}")


def _single(path: str) -> SeenFolder:
    """A root that is one file (or nothing), as a folder seen in part."""
    folder, name = os.path.split(path)
    try:
        state = os.stat(path)
    except OSError:
        return SeenFolder(folder, complete=False)
    if not stat.S_ISREG(state.st_mode) or not is_music_name(name):
        return SeenFolder(folder, complete=False)
    return SeenFolder(folder, {name: (state.st_size, state.st_mtime_ns)}, complete=False)


def _reach(roots: Sequence[str], part: str, deep: bool) -> _Place | None:
    """`part` with the rules above it, or None when no root leads there."""
    above = [root for root in roots if part == root or part.startswith(root.rstrip(os.sep) + os.sep)]
    for root in sorted(above, key=len):
        rules = _rules_between(root, part)
        if rules is not None:
            return _Place(part, rules, deep)
    return None


def _rules_between(root: str, part: str) -> Rules | None:
    rules, here = Rules(), root
    for name in Path(part).relative_to(root).parts:
        if os.path.lexists(os.path.join(here, EXCLUDE_FILE)):
            return None
        if os.path.lexists(os.path.join(here, IGNORE_FILE)):
            rules, _ = _rules_beneath(rules, here)
        here = os.path.join(here, name)
        if is_hidden(name) or rules.ignores(here, folder=True):
            return None
    return rules
