"""What one folder asks for: its files as they lie there against what the catalogue knows of them."""

# Entries are met as plain strings: a Path for each of a million would cost seconds.
# ruff: noqa: PTH112, PTH118

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from segue.scanning.walk import Refused, SeenFolder


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalogue has of one entry.

    Attributes
    ----------
    size
        In bytes, when it was last read.
    mtime_ns
        Time of change in ns, then.
    problem
        The short word for why it could not be heard, or None.
    """

    size: int
    mtime_ns: int
    problem: str | None = None


@dataclass(slots=True)
class Changes:
    """What is to be done for one folder; names are of entries in it.

    Attributes
    ----------
    hear
        Files to analyse.
    refused
        Entries to record as problems.
    gone
        To forget.
    unchanged
        How many files are known as they are.
    known_problems
        How many are known to be broken as they are.
    """

    hear: list[str] = field(default_factory=list)
    refused: dict[str, Refused] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    unchanged: int = 0
    known_problems: int = 0


def compare(seen: SeenFolder, known: Mapping[str, Known], *, retry: bool) -> Changes:
    """What changed in a folder.

    Parameters
    ----------
    seen
        The folder as it lies there.
    known
        What the catalogue has of it, by name.
    retry
        Whether known problems are tried again.
    """
    changes = Changes()
    for name, (size, mtime_ns) in seen.files.items():
        before = known.get(name)
        if before is None or (before.size, before.mtime_ns) != (size, mtime_ns):
            changes.hear.append(name)
        elif before.problem is not None:
            if retry or _became_readable(os.path.join(seen.path, name), before.problem):
                changes.hear.append(name)
            else:
                changes.known_problems += 1
        else:
            changes.unchanged += 1
    for name, refused in seen.refused.items():
        before = known.get(name)
        if before is None or retry or not _is_same(before, refused):
            changes.refused[name] = refused
        else:
            changes.known_problems += 1
    if seen.complete:
        changes.gone = [
            name
            for name, before in known.items()
            if name not in seen.files
            and name not in seen.refused
            and not _is_blocked_folder(seen, name, before)
        ]
    return changes


def _is_same(before: Known, refused: Refused) -> bool:
    return (before.size, before.mtime_ns, before.problem) == (refused.size, refused.mtime_ns, refused.reason)


def _became_readable(path: str, problem: str) -> bool:
    """A change of permissions leaves size and time as they were, so it is asked for."""
    return problem == "no-permission" and os.access(path, os.R_OK)


def _is_blocked_folder(seen: SeenFolder, name: str, before: Known) -> bool:
    """Whether a known problem is a folder beneath that still cannot be listed."""
    path = os.path.join(seen.path, name)
    return before.problem is not None and os.path.isdir(path) and not os.access(path, os.R_OK | os.X_OK)
