"""Every error that Segue raises on purpose, as one tree; `exit_code` is what the command line returns.

::

    SegueError                   1  something failed that a person can mend
    ├── UsageError               2  a wrong value was given
    ├── NothingFound             2  no track, file or vector answers the question
    │   └── AmbiguousTrack       2  several tracks do; `candidates` lists them
    ├── AudioError               1  one file cannot be heard; `reason` is a short word
    ├── CatalogueError           1  the catalogue cannot be used
    │   ├── CatalogueTooNew      1  written by a later version of Segue
    │   ├── CatalogueDamaged     1  not a catalogue, or corrupted
    │   ├── CatalogueReadOnly    1  cannot be written where it is
    │   ├── CatalogueBusy        1  another scan, or another writer, is at work
    │   └── DiskFull             1  no space left
    ├── VectorsError             1  an index or a file of vectors cannot be used
    ├── Conflict                 1  somebody else changed the same thing meanwhile
    ├── NotAllowed               1  it belongs to somebody else
    ├── SealBroken               1  a secret cannot be read: another key, or damaged
    └── ServiceError             1  another's web service did not do what it was asked for
        ├── NotAuthorised        1  it does not accept the token: connect anew
        └── TryLater             1  it cannot now; `after_s` says when to ask again
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path


class SegueError(Exception):
    """Base of all errors that are one line for a person: what is wrong, where, and what to do."""

    exit_code = 1


class UsageError(SegueError):
    """A value given by the caller is wrong."""

    exit_code = 2


class NothingFound(SegueError):
    """Nothing answers the question."""

    exit_code = 2


class AmbiguousTrack(NothingFound):
    """A name fits several tracks.

    Attributes
    ----------
    seed
        The name as it was given.
    candidates
        The ids of the tracks that fit, best first.
    """

    def __init__(self, seed: str, candidates: Sequence[str]) -> None:
        super().__init__(f"{seed!r} fits {len(candidates)} tracks: give more of the name, a path or an id")
        self.seed = seed
        self.candidates = tuple(candidates)


class AudioError(SegueError):
    """One file cannot be heard.

    Attributes
    ----------
    path
        The file.
    reason
        A short stable word (``empty``, ``not-audio``, ``truncated``, ``too-short``, ``silent``,
        ``no-permission``, ``missing``, ``crashed``, ``timed-out``, ``out-of-memory``, ``unreadable``, …)
        by which problems are counted.
    detail
        What was seen, in words.
    """

    def __init__(self, path: Path, reason: str, detail: str) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.reason = reason
        self.detail = detail


class CatalogueError(SegueError):
    """The catalogue cannot be used."""


class CatalogueTooNew(CatalogueError):
    """The catalogue was written by a later version of Segue."""


class CatalogueDamaged(CatalogueError):
    """The file is not a catalogue, or it is corrupted."""


class CatalogueReadOnly(CatalogueError):
    """The data folder cannot be written."""


class CatalogueBusy(CatalogueError):
    """Another process is scanning or writing."""


class DiskFull(CatalogueError):
    """There is no space left for what had to be stored."""


class VectorsError(SegueError):
    """An index or a file of vectors cannot be used."""


class SealBroken(SegueError):
    """A sealed secret cannot be read: it was sealed with another key, or is damaged."""


class ServiceError(SegueError):
    """A web service of others refused, or answered what it does not document."""


class NotAuthorised(ServiceError):
    """A web service does not accept the token, or the token does not allow this."""


class TryLater(ServiceError):
    """A web service cannot answer now: too many requests, trouble of its own, or no network.

    Attributes
    ----------
    after_s
        How long to wait before asking again, in seconds.
    """

    def __init__(self, message: str, after_s: float) -> None:
        super().__init__(message)
        self.after_s = after_s


class Conflict(SegueError):
    """What was to be changed is not any more as the caller knew it."""


class NotAllowed(SegueError):
    """Whoever asks may see this, but not change it."""


def own_words(report: str) -> str | None:
    """The message of a `SegueError` that ended another process, from what that process wrote on stderr.

    None where something else ended it.

    Examples
    --------
    >>> own_words("Traceback …\\n  File …\\nsegue.errors.UsageError: nothing is there: give something\\n")
    'nothing is there: give something'
    """
    found = re.findall(r"^segue\.errors\.\w+: (.+)$", report, re.MULTILINE)
    return str(found[-1]) if found else None
