"""Import what was played, and say what the library has of it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segue.catalogue import (
    HOW,
    Catalogue,
    HistorySource,
    Imported,
    has_heard,
    heard_table,
    import_listens,
    listen_table,
    match_fingerprint,
    match_table,
    matched_state,
    open_catalogue,
    plays_of_heard,
    revision,
    store_matches,
)
from segue.errors import CatalogueBusy, CatalogueReadOnly, NothingFound, UsageError
from segue.listening import RowReport, RowTally, match_recordings, read_history, sniff
from segue.listening.sources import files_below
from segue.progress import Progress, Silent
from segue.settings import DataFolder
from segue.types import BadRow, Listen

_MATCHING = 2
"""The version of the rules of matching: after a change all recordings are looked for again."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of all that was played is in the library.

    Attributes
    ----------
    recordings, plays
        Different recordings that histories name, and plays and places in playlists of them.
    matched, matched_plays
        Those found in the library.
    near
        Recordings not found for which there is a near miss.
    """

    recordings: int
    plays: int
    matched: int
    matched_plays: int
    near: int


@dataclass(frozen=True, slots=True)
class HistoryReport:
    """What an import did.

    Attributes
    ----------
    formats
        Names of formats with the number of files in each.
    stored
        What changed in the catalogue.
    skips
        Rows of plays that were skipped.
    rows
        Rows that were read, and those that could not be used.
    coverage
        Of the whole history, after the import.
    """

    formats: dict[str, int]
    stored: Imported
    skips: int
    rows: RowReport
    coverage: Coverage


def import_history(
    data: DataFolder,
    paths: Sequence[Path],
    *,
    listener: str = "",
    own: Mapping[Path, str] | None = None,
    progress: Progress | None = None,
) -> HistoryReport:
    """Read histories of any known format and store them: all of them or, after an error, nothing.

    Parameters
    ----------
    paths
        Files, zips, or folders of them. In a folder, what is no history is left out and counted.
    listener
        Whose it is where a history does not say; empty is the owner of the library.
    own
        For files that came from elsewhere: under which name each is known when it comes again. Then all
        rows are this listener's, whatever name stands in them.

    Raises
    ------
    UsageError
        If a path is no history, or is damaged; with `own`, if a history is of several people.
    CatalogueBusy, CatalogueReadOnly, DiskFull, CatalogueDamaged
        As their names say; nothing was stored then.
    """
    progress = progress or Silent()
    tally, skips = RowTally(), [0]
    files = _files_with_formats(paths, tally)
    with open_catalogue(data, write=True, create=True) as catalogue:
        bytes_read = _Reading(progress)
        progress.start("reading (kB)", sum(file.stat().st_size for file, _ in files) // 1_000)
        histories = (
            (
                HistorySource(kind, str(file) if own is None else own[file]),
                _good_rows(
                    _of_one(read_history(file, progress=bytes_read), None if own is None else own[file]),
                    tally,
                    skips,
                ),
            )
            for file, kind in files
        )
        stored = import_listens(catalogue, histories, listener=listener)
        progress.finish()
        match_history(catalogue, progress=progress)
        kinds = sorted(kind for _, kind in files)
        return HistoryReport(
            formats={kind: len(list(same)) for kind, same in groupby(kinds)},
            stored=stored,
            skips=skips[0],
            rows=tally.report(),
            coverage=coverage(catalogue, None if own is None else listener),
        )


class _Reading(Silent):
    """Passes on the bytes of many files as the kilobytes of one job."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._left = progress, 0

    def advance(self, steps: int = 1) -> None:
        whole, self._left = divmod(self._left + steps, 1_000)
        if whole:
            self._progress.advance(whole)


def _files_with_formats(paths: Sequence[Path], tally: RowTally) -> list[tuple[Path, str]]:
    """Every file once, with its format; each is a source of its own, so that it can be imported again."""
    found: dict[Path, str] = {}
    for path in paths:
        # Not pathlib's own: that raises for an unknown user and for a loop of links.
        place = Path(os.path.realpath(os.path.expanduser(path)))  # noqa: PTH111
        if not place.is_dir():
            found[place] = sniff(place)
            continue
        for file in sorted(files_below(place)):
            try:
                found[file] = sniff(file)
            except UsageError as no_history:
                tally.bad(BadRow(str(file), "no-history", str(no_history)))
    if not found:
        raise UsageError(f"no history that Segue knows is in {', '.join(map(str, paths))}")
    return list(found.items())


def _of_one(rows: Iterator[Listen | BadRow], named: str | None) -> Iterator[Listen | BadRow]:
    """With `named`, rows without a name of a listener; those of two are refused."""
    if named is None:
        yield from rows
        return
    whose: set[str] = set()
    for row in rows:
        if isinstance(row, Listen) and row.listener:
            whose.add(row.listener)
            if len(whose) > 1:
                raise UsageError(
                    f"{named} holds the histories of several people: `segue history import` takes it"
                )
            yield row._replace(listener="")
        else:
            yield row


def _good_rows(rows: Iterator[Listen | BadRow], tally: RowTally, skips: list[int]) -> Iterator[Listen]:
    for row in rows:
        if isinstance(row, BadRow):
            tally.bad(row)
            continue
        tally.good()
        if row.skipped:
            skips[0] += 1
        yield row


def coverage(catalogue: Catalogue, listener: str | None = None) -> Coverage:
    """How much of what was played, by all or by one listener, is in the library."""
    heard = heard_table(catalogue)
    of_each, in_library = plays_of(catalogue, listener)[heard.ids], heard.track_key >= 0
    met = (of_each > 0) | (listener is None)
    return Coverage(
        recordings=int(met.sum()),
        plays=int(of_each.sum()),
        matched=int((met & in_library).sum()),
        matched_plays=int(of_each[in_library].sum()),
        near=int((met & (heard.near_key >= 0) & ~in_library).sum()),
    )


def plays_of(catalogue: Catalogue, listener: str | None) -> NDArray[np.int64]:
    """Plays and places in playlists of each recording by its id; of all listeners, or of one."""
    plays = plays_of_heard(catalogue)
    if listener is None:
        return plays
    table = listen_table(catalogue, listener)
    return np.bincount(table.heard, table.count, len(plays)).astype(np.int64)


def refresh_matches(data: DataFolder, *, progress: Progress | None = None) -> bool:
    """Look again for what was played where the library or the history has changed since; whether it did.

    A catalogue that cannot be written now stays as it is.
    """
    try:
        with open_catalogue(data) as catalogue:
            if _is_fresh(catalogue):
                return False
        with open_catalogue(data, write=True) as catalogue:
            return match_history(catalogue, progress=progress)
    except (CatalogueReadOnly, CatalogueBusy, NothingFound):
        return False


def _is_fresh(catalogue: Catalogue) -> bool:
    state = matched_state(catalogue).split(":")
    is_same = state[:2] == [str(_MATCHING), str(revision(catalogue))]
    return (is_same and not has_heard(catalogue, only_new=True)) or not has_heard(catalogue)


def match_history(catalogue: Catalogue, *, progress: Progress | None = None) -> bool:
    """Find the tracks of new recordings, or of all if the library has changed; whether that changed any."""
    if _is_fresh(catalogue):
        return False
    # The state comes before the tracks: what changes in between is then seen the next time.
    fingerprint = match_fingerprint(catalogue)
    known = matched_state(catalogue).split(":")
    same_library = known[0] == str(_MATCHING) and known[-1] == fingerprint
    state = f"{_MATCHING}:{revision(catalogue)}:{fingerprint}"
    heard = heard_table(catalogue, only_new=same_library)
    found = match_recordings(heard, match_table(catalogue, with_files=any(heard.path)), progress=progress)
    changed = (
        (found.track_key != heard.track_key)
        | (found.how != heard.how)
        | (found.near_key != heard.near_key)
        | (np.abs(found.score - heard.score) > 1e-9)
    ) & (heard.how != HOW.index("by hand"))
    store_matches(
        catalogue,
        heard.ids[changed],
        found.track_key[changed],
        found.how[changed],
        found.score[changed],
        found.near_key[changed],
        state=state,
    )
    return bool(changed.any())
