"""A scan: look over the folders, hear what is new, keep each result as it comes."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from segue.catalogue import Catalogue, has_vectors, open_catalogue, scan_lock, set_tag_names
from segue.encoders import TaggingEncoder, load_encoder
from segue.progress import Progress
from segue.scanning.analyse import work_options
from segue.scanning.jobs import Limits, Outcome
from segue.scanning.pool import Pool
from segue.scanning.record import record
from segue.scanning.report import ScanReport, ScanSettings, Tally
from segue.scanning.roots import remember_roots
from segue.scanning.spool import Spool
from segue.scanning.survey import Roots, complete, sort_roots, survey
from segue.scanning.walk import walk, walk_parts
from segue.settings import DataFolder
from segue.types import EncoderId

TARGET = "segue.scanning.analyse:make_work"
LIMITS = Limits()
_LOOK_S = 0.02


def scan(
    folder: DataFolder, roots: Sequence[Path], settings: ScanSettings, *, progress: Progress
) -> ScanReport:
    """Bring the catalogue up to date with the music under `roots`.

    Unchanged files cost a look, moved and retagged ones a digest; the rest is heard by worker processes.
    Each file is stored in a commit of its own, so a scan that is killed goes on where it was.

    Parameters
    ----------
    folder
        Where the catalogue is, made when it is not there.
    roots
        Folders, or single files.
    settings
        How to hear.
    progress
        Told of everything; called from this thread.

    Returns
    -------
    ScanReport
        With `stopped` set when Ctrl-C ended the scan.

    Raises
    ------
    UsageError
        If a root is not there and never was.
    CatalogueError
        If another scan is at work (`CatalogueBusy`, naming its process), or nothing can be stored
        (`DiskFull`, `CatalogueReadOnly`, …); what was stored before stays.
    SegueError
        If the worker processes cannot start.
    """
    return scan_parts(folder, roots, None, settings, progress=progress)


def scan_parts(
    folder: DataFolder,
    roots: Sequence[Path],
    parts: Mapping[Path, bool] | None,
    settings: ScanSettings,
    *,
    progress: Progress,
) -> ScanReport:
    """`scan` of only some folders: `parts` tells each, and whether to go down from it; None means all."""
    started = time.monotonic()
    tally, places, stopped = Tally(), Roots((), ()), False
    try:
        with (
            scan_lock(folder),
            open_catalogue(folder, write=True, create=True) as cat,
            Spool(folder.cache) as spool,
        ):
            places = sort_roots(cat, roots, progress)
            looking = _look_over(cat, places, parts, settings, spool, tally, progress)
            progress.start("Hearing", None)
            with _pool(cat, settings) as pool:
                _run(looking, pool, spool, lambda outcome: record(cat, outcome, tally, progress), progress)
    except KeyboardInterrupt:
        stopped = True
    finally:
        progress.finish()
    return tally.report(offline_roots=places.offline, duration_s=time.monotonic() - started, stopped=stopped)


def _look_over(
    cat: Catalogue,
    places: Roots,
    parts: Mapping[Path, bool] | None,
    settings: ScanSettings,
    spool: Spool,
    tally: Tally,
    progress: Progress,
) -> Iterator[None]:
    """What finds the files to hear, a folder at a step."""
    remember_roots(cat, places.online)
    _name_tags(cat, settings.encoders)
    looking: Iterator[None] = survey(
        cat,
        walk(places.online) if parts is None else walk_parts(places.online, parts),
        places,
        settings=settings,
        spool=spool,
        tally=tally,
        progress=progress,
        within=dict.fromkeys(places.online, True) if parts is None else parts,
    )
    if parts is None:
        lacking = complete(cat, places, settings=settings, spool=spool, tally=tally)
        return itertools.chain(looking, lacking)
    return looking


def _name_tags(cat: Catalogue, encoders: Sequence[EncoderId]) -> None:
    for name in encoders:
        encoder = load_encoder(name)
        if isinstance(encoder, TaggingEncoder):
            set_tag_names(cat, name, encoder.tag_names)


def _run(
    looking: Iterator[None],
    pool: Pool,
    spool: Spool,
    keep: Callable[[Outcome], None],
    progress: Progress,
) -> None:
    """Look on while workers hear, until both have nothing left."""
    looks, done, total = True, 0, 0
    while looks or spool or pool.busy:
        if looks:
            looks = _look(looking)
            if done + pool.busy + len(spool) != total:
                total = done + pool.busy + len(spool)
                progress.grow(total)
        _feed(pool, spool)
        for outcome in pool.poll(0 if looks else 1):
            _feed(pool, spool)  # first, so that no worker waits while the catalogue writes
            keep(outcome)
            done += 1
            progress.advance()


def _look(looking: Iterator[None]) -> bool:
    """Look into folders for a moment; whether there are more."""
    until = time.monotonic() + _LOOK_S
    return any(time.monotonic() > until for _ in looking)


def _feed(pool: Pool, spool: Spool) -> None:
    while spool and pool.free:
        pool.submit(spool.take())


def _pool(cat: Catalogue, settings: ScanSettings) -> Pool:
    def answer(digest: str) -> list[str]:
        return [name for name in settings.encoders if has_vectors(cat, digest, [name])]

    return Pool(
        TARGET,
        work_options(settings.encoders, settings.plan),
        workers=settings.workers,
        nice=settings.nice,
        answer=answer,
        limits=LIMITS,
    )
