"""The steps that put a new library in the place of one: written down first, so that they are always ended.

In the data folder, while it happens::

    restoring/new/         the new library, whole and checked
    restoring/plan.json    what is to be moved; from the moment it is there the new library counts
    restoring/old/         what can be made again from a library, and is of no use to another

Whoever opens the catalogue while the plan is there carries it out first, however the process that wrote
it ended.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from segue.errors import CatalogueError
from segue.files import sync_folder, write_whole
from segue.settings import DataFolder

_PLACE = "restoring"
_PLAN = "plan.json"
_VERSION = 1
_SIDE_FILES = ("catalogue.sqlite-wal", "catalogue.sqlite-shm")
_MADE_AGAIN = {"index", "cache"}
_STAYS = {"backups", "log", "runs", "scan.lock", "serve.lock", _PLACE}


def library_names(folder: DataFolder) -> list[str]:
    """The files and folders of a data folder that are the library."""
    return [name for name in _names(folder.path) if is_of_library(name)]


def is_of_library(name: str) -> bool:
    """Whether a file or folder of a data folder is the library's own: no index, no cache, no logs, no runs.

    >>> is_of_library("catalogue.sqlite"), is_of_library("index"), is_of_library("scan.lock")
    (True, False, False)
    """
    return not name.startswith(".") and name not in _STAYS | _MADE_AGAIN | set(_SIDE_FILES)


def is_pending(folder: DataFolder) -> bool:
    """Whether a library waits to be put in place."""
    return (folder.path / _PLACE / _PLAN).exists()


def room_for_new(folder: DataFolder) -> Path:
    """An empty folder to put the new library into."""
    give_up(folder)
    new = folder.path / _PLACE / "new"
    new.mkdir(parents=True)
    return new


def give_up(folder: DataFolder) -> None:
    """Throw away a new library of which nothing was put in place yet."""
    (folder.path / _PLACE / _PLAN).unlink(missing_ok=True)
    shutil.rmtree(folder.path / _PLACE, ignore_errors=True)


def write_plan(folder: DataFolder, keep_as: str) -> None:
    """Let the new library count from now on; what was there goes to ``backups/keep_as``."""
    there = _names(folder.path)
    plan = {
        "version": _VERSION,
        "keep_as": keep_as,
        "old": library_names(folder) + list(_SIDE_FILES),
        "made_again": [name for name in there if name in _MADE_AGAIN],
        "new": _names(folder.path / _PLACE / "new"),
    }
    sync_folder(folder.path / _PLACE / "new")
    write_whole(folder.path / _PLACE / _PLAN, json.dumps(plan))
    sync_folder(folder.path / _PLACE)


def carry_out(folder: DataFolder) -> None:
    """Do what the plan says, or what is left of it. The caller holds the scan lock.

    Raises
    ------
    CatalogueError
        If something cannot be moved; the plan stays.
    """
    place = folder.path / _PLACE
    try:
        plan = json.loads((place / _PLAN).read_text(encoding="utf-8"))
        if plan["version"] != _VERSION:
            raise CatalogueError(f"{place}: a later Segue began to put a backup back: let it end that")
        kept = folder.path / "backups" / plan["keep_as"]
        _set_aside(plan["old"], folder.path, kept)
        _set_aside(plan["made_again"], folder.path, place / "old")
        for name in plan["new"]:
            if (place / "new" / name).exists():
                (place / "new" / name).replace(folder.path / name)
        sync_folder(folder.path)
        (place / _PLAN).unlink()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CatalogueError(
            f"{place}: the backup cannot be put in place ({error}): mend that, and try again"
        ) from error
    shutil.rmtree(place, ignore_errors=True)


def _set_aside(names: list[str], source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        # What an earlier try has moved is there; under its old name there may be what was put there since.
        if (source / name).exists() and not (target / name).exists():
            (source / name).rename(target / name)
    sync_folder(target)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
