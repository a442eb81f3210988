"""What a person leaves out: `.segueignore` files (gitignore syntax), `.notmusic`, and what systems hide."""

# Entries are met as plain strings: a Path for each of a million would cost seconds.
# ruff: noqa: PTH118, PTH123

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE = ".segueignore"
EXCLUDE_FILE = ".notmusic"
_MOST_BYTES = 1 << 20
_SYSTEM_NAMES = frozenset(
    {
        "@eadir",
        "@recycle",
        "#recycle",
        "#snapshot",
        "$recycle.bin",
        "lost+found",
        "system volume information",
        "__macosx",
    }
)


@dataclass(frozen=True, slots=True)
class Rules:
    """The `.segueignore` files that apply at one place, outermost first.

    Attributes
    ----------
    levels
        Pairs of a folder (ending in a separator) and the rules written in it.
    """

    levels: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    def ignores(self, path: str, *, folder: bool) -> bool:
        """Whether `path`, which lies beneath every level, is left out; the innermost word wins."""
        for start, spec in reversed(self.levels):
            within = path[len(start) :] + ("/" if folder else "")
            verdict = spec.check_file(within).include
            if verdict is not None:
                return verdict
        return False

    def beneath(self, folder: str) -> tuple[Rules, tuple[str, ...]]:
        """The rules inside `folder`, which has an ignore file, and what could not be understood in it.

        Raises
        ------
        OSError
            If the ignore file cannot be read.
        """
        with open(os.path.join(folder, IGNORE_FILE), "rb") as file:
            return self.joined(folder, file.read(_MOST_BYTES))

    def joined(self, folder: str, written: bytes) -> tuple[Rules, tuple[str, ...]]:
        """The rules inside `folder`, whose ignore file says `written`, and what could not be understood."""
        spec, complaints = _spec(written)
        start = folder if folder.endswith(os.sep) else folder + os.sep
        return Rules((*self.levels, (start, spec))), complaints


def is_hidden(name: str) -> bool:
    """Whether systems keep such a name for themselves.

    Names that begin with a dot are hidden, except those of music: an ellipsis or a number follows.

    Examples
    --------
    >>> [is_hidden(name) for name in ("._song.mp3", ".Trash-1000", "@eaDir", "...And Oceans", ".38 Special")]
    [True, True, True, False, False]
    """
    if name.startswith("."):
        return not (name.startswith("..") or name[1:2].isdigit())
    return name.lower() in _SYSTEM_NAMES


def _spec(written: bytes) -> tuple[GitIgnoreSpec, tuple[str, ...]]:
    from pathspec import GitIgnoreSpec

    lines = written.decode("utf-8-sig", "surrogateescape").splitlines()
    good: list[str] = []
    complaints: list[str] = []
    for number, line in enumerate(lines, start=1):
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            complaints.append(f"line {number} is not a pattern: {line[:80]!r}")
        else:
            good.append(line)
    return GitIgnoreSpec.from_lines(good), tuple(complaints)
