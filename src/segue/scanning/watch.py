"""Keep up with changes: a full scan first, then the folders where something happened."""

# `Path.is_dir` raises where a folder above may not be entered.
# ruff: noqa: PTH112

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from segue.errors import CatalogueBusy
from segue.progress import Progress
from segue.scanning.ignore import EXCLUDE_FILE, IGNORE_FILE, is_hidden
from segue.scanning.report import ScanReport, ScanSettings
from segue.scanning.scan import scan, scan_parts
from segue.scanning.walk import absolute, is_music_name
from segue.settings import DataFolder

_QUIET_S = 2.0
_PATIENCE_S = 60.0
_FULL_SCAN_S = 3600.0
_WITHOUT_EVENTS_S = 60.0
_LOOK_MS = 500


def watch(folder: DataFolder, roots: Sequence[Path], settings: ScanSettings, *, progress: Progress) -> None:
    """Scan, then stay and scan what changes, until Ctrl-C.

    A folder is scanned when nothing has happened in it for two seconds, so that a file which is still
    being copied is not heard half. Once an hour everything is looked over, because the system does not tell
    of every change (network shares, linked folders). Where it tells of none, that is done every minute.

    Parameters
    ----------
    folder, roots, settings, progress
        As for `scan`.

    Raises
    ------
    SegueError
        As `scan` does, except that another scan at work is waited for after the first.
    """
    places = [Path(absolute(root)) for root in roots]
    if scan(folder, places, settings, progress=progress).stopped:
        return
    unsettled = Unsettled()
    last_full = time.monotonic()
    try:
        progress.note("Watching for changes.")
        for paths, full_scan_s in _events(places, progress):
            now = time.monotonic()
            unsettled.add(paths, now)
            if now - last_full > full_scan_s:
                parts, last_full = None, now
            elif not (parts := unsettled.take(now)):
                continue
            if _scan_again(folder, places, parts, settings, unsettled, progress):
                return
    except KeyboardInterrupt:
        return


def _scan_again(
    folder: DataFolder,
    places: Sequence[Path],
    parts: dict[Path, bool] | None,
    settings: ScanSettings,
    unsettled: Unsettled,
    progress: Progress,
) -> bool:
    """Scan `parts`, or everything; whether Ctrl-C came meanwhile."""
    try:
        report = scan_parts(folder, places, parts, settings, progress=progress)
    except CatalogueBusy:
        unsettled.put_back(parts if parts is not None else dict.fromkeys(places, True), time.monotonic())
        return False
    if line := _summary(report):
        progress.note(line)
    return report.stopped


def _summary(report: ScanReport) -> str:
    counts = (
        (report.analysed, "heard"),
        (report.moved, "moved"),
        (report.copies, "copies"),
        (report.updated, "retagged"),
        (report.removed, "gone"),
        (report.problem_count, "left out"),
    )
    return ", ".join(f"{count:,} {what}" for count, what in counts if count)


@dataclass(slots=True)
class _Stir:
    """A folder where something happened."""

    deep: bool
    first_s: float
    last_s: float


class Unsettled:
    """Folders where something happened lately."""

    def __init__(self) -> None:
        self._stirs: dict[Path, _Stir] = {}

    def add(self, paths: Mapping[str, bool], now_s: float) -> None:
        """Something happened to `paths` at `now_s`; true for those that are new."""
        for path, is_new in paths.items():
            if (affected := affected_folder(Path(path), is_new=is_new)) is not None:
                self._touch(*affected, now_s)

    def put_back(self, parts: dict[Path, bool], now_s: float) -> None:
        """`parts` could not be scanned."""
        for folder, deep in parts.items():
            self._touch(folder, deep, now_s)

    def take(self, now_s: float) -> dict[Path, bool]:
        """The folders that have come to rest, or have kept on too long, and whether to go down from each."""
        ripe = {
            folder: stir.deep
            for folder, stir in self._stirs.items()
            if now_s - stir.last_s >= _QUIET_S or now_s - stir.first_s >= _PATIENCE_S
        }
        for folder in ripe:
            del self._stirs[folder]
        return ripe

    def _touch(self, folder: Path, deep: bool, now_s: float) -> None:
        stir = self._stirs.setdefault(folder, _Stir(deep, now_s, now_s))
        stir.deep, stir.last_s = stir.deep or deep, now_s


def affected_folder(path: Path, *, is_new: bool) -> tuple[Path, bool] | None:
    """The folder to look into after something happened to `path`, and whether to go down from it.

    None where it cannot matter: to a file that is neither music nor a rule, or to what systems hide.
    """
    if path.name in (IGNORE_FILE, EXCLUDE_FILE):
        return path.parent, True
    if is_hidden(path.name):
        return None
    if os.path.isdir(path):
        return path, is_new
    if is_music_name(path.name) or not os.path.lexists(path):
        return path.parent, False
    return None


def _events(places: Sequence[Path], progress: Progress) -> Iterator[tuple[dict[str, bool], float]]:
    """Paths to which something happened and whether they are new, and how often to look everything over.

    Comes round every half second, mostly with nothing.
    """
    import watchfiles

    watched = [place for place in places if os.path.isdir(place)]
    try:
        for changes in watchfiles.watch(
            *watched,
            watch_filter=None,
            rust_timeout=_LOOK_MS,
            yield_on_timeout=True,
            debounce=_LOOK_MS,
            ignore_permission_denied=True,
        ):
            yield {path: change is watchfiles.Change.added for change, path in changes}, _FULL_SCAN_S
    except (OSError, RuntimeError) as error:
        progress.note(
            f"The system does not tell of changes ({error}): everything is looked over every minute."
        )
    while True:
        time.sleep(_LOOK_MS / 1000)
        yield {}, _WITHOUT_EVENTS_S
