"""Which folders of music are sources of their own: one folder is one source, whatever it is called."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from segue.catalogue import Catalogue, add_root
from segue.catalogue import roots as known_roots
from segue.scanning.walk import absolute, reaches


def known_as(folder: Path, known: Iterable[Path]) -> Path:
    """The name by which a library knows a folder that it may know by another; else its own, absolute.

    Parameters
    ----------
    known
        The sources: folders, which links may lead to as to `folder`.
    """
    place = Path(absolute(folder))
    sources = list(known)
    if place in sources:
        return place
    real = Path(os.path.realpath(place))
    for source in sources:
        beginning = Path(os.path.realpath(source))
        if real == beginning or beginning in real.parents:
            return source / real.relative_to(beginning)
    return place


def remember_roots(cat: Catalogue, folders: Sequence[Path]) -> None:
    """Make sources of folders, but for those that a scan of another source looks into anyway.

    A folder that is mounted inside another stays a source of its own: what is known of it is left alone while
    it is not there. So does one that the other leaves out by a rule.
    """
    known = known_roots(cat)
    for folder in dict.fromkeys(folders):
        others = [other for other in (*known, *folders) if other != folder]
        if os.path.ismount(folder) or not reaches(others, folder):
            add_root(cat, folder)
