"""Genres told by ear, written into files' genre tags, and put back as they were."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from segue.audio import (
    AudioInfo,
    GenreFields,
    payload_digest,
    read_genre_fields,
    read_tags,
    restore_genre_fields,
    same_genre_fields,
    write_genres,
)
from segue.catalogue import (
    Analysis,
    Catalogue,
    FileStat,
    Track,
    open_catalogue,
    record_analysis,
    scan_lock,
    track_by_path,
)
from segue.errors import AudioError, CatalogueError, NothingFound, SegueError
from segue.files import changed_copy
from segue.operations.genre_journal import (
    Written,
    held_before,
    keep_undone,
    keep_written,
    made_draft,
    read_journal,
    remove_left_draft,
)
from segue.operations.genre_plan import GenreChange, LeftAlone, check_replaceable
from segue.progress import Progress, Silent
from segue.settings import DataFolder


@dataclass(frozen=True, slots=True)
class GenresWritten:
    """What was written or put back.

    Attributes
    ----------
    changes, left_alone
        File by file.
    stopped
        Whether Ctrl-C ended it; the rest is as it was.
    """

    changes: tuple[GenreChange, ...]
    left_alone: tuple[LeftAlone, ...]
    stopped: bool = False


def write_planned(
    data: DataFolder, changes: Sequence[GenreChange], *, progress: Progress | None = None
) -> GenresWritten:
    """Write genres into files, each whole or not at all, and bring the catalogue up to date.

    What a file holds is kept on the disk before the file is touched, see `undo_written`. The audio payload is
    compared before a file is replaced. Ctrl-C and kills leave each file as it was or as it shall be.

    Parameters
    ----------
    data
        The library.
    changes
        Of `segue.operations.genre_plan.plan_genres`.
    progress
        Is told how far it is.

    Raises
    ------
    CatalogueError
        If a scan is at work, or what is in the files cannot be kept; what was written before stays and can
        be undone.
    """
    progress = progress or Silent()
    done: list[GenreChange] = []
    left: list[LeftAlone] = []
    stopped = False
    with scan_lock(data), open_catalogue(data, write=True) as catalogue:
        remove_left_draft(data)
        progress.start("Writing", len(changes))
        try:
            for change in changes:
                try:
                    _write(catalogue, data, change)
                except CatalogueError:
                    raise
                except SegueError as error:
                    left.append(_left_alone(change.path, error))
                else:
                    done.append(change)
                progress.advance()
        except KeyboardInterrupt:
            stopped = True
        finally:
            remove_left_draft(data)
            progress.finish()
    return GenresWritten(tuple(done), tuple(left), stopped)


def undo_written(data: DataFolder, *, progress: Progress | None = None) -> GenresWritten:
    """Put back what files held before genres were first written into them.

    Only into files whose genre still is what was written; others are left alone, and may be undone later.

    Raises
    ------
    NothingFound
        If nothing was written that is not undone.
    CatalogueError
        As `write_planned`.
    SegueError
        If what was kept cannot be read.
    """
    progress = progress or Silent()
    done: list[GenreChange] = []
    left: list[LeftAlone] = []
    stopped = False
    with scan_lock(data), open_catalogue(data, write=True) as catalogue:
        remove_left_draft(data)
        kept, damaged = read_journal(data)
        if damaged:
            progress.note(f"{damaged} damaged lines of what was written cannot be undone")
        if not kept:
            raise NothingFound("no genre was written into a file, or all were put back")
        progress.start("Putting back", len(kept))
        try:
            for path, entries in kept.items():
                try:
                    change = _put_back(catalogue, data, path, entries)
                except CatalogueError:
                    raise
                except SegueError as error:
                    left.append(_left_alone(path, error))
                else:
                    done += [change] if change else []
                progress.advance()
        except KeyboardInterrupt:
            stopped = True
        finally:
            remove_left_draft(data)
            progress.finish()
    return GenresWritten(tuple(done), tuple(left), stopped)


def _left_alone(path: Path, error: SegueError) -> LeftAlone:
    if isinstance(error, AudioError):
        return LeftAlone(path, error.reason, error.detail)
    return LeftAlone(path, "unwritable", "it " + str(error).removeprefix(f"{path.resolve()} "))


def _write(catalogue: Catalogue, data: DataFolder, change: GenreChange) -> None:
    """One file: a changed copy, what is kept, the rename, the catalogue."""
    path, track = change.path, track_by_path(catalogue, change.path)
    if track is None or track.id != change.track:
        raise AudioError(path, "changed", "it is no longer this track: scan again")
    check_replaceable(path)
    if read_tags(path).genres != change.old:
        raise AudioError(path, "changed", "its genre was changed meanwhile")
    before = read_genre_fields(path)
    real = path.resolve()
    draft = made_draft(data, real)
    with changed_copy(real, draft):
        write_genres(draft, change.new)
        if payload_digest(draft) != track.digest:
            raise AudioError(path, "changed", "its sound is not what was scanned: scan again")
        after = read_genre_fields(draft)
        keep_written(
            data, Written(path, track.id, before, after, change.old, change.new, round(time.time(), 3))
        )
    _keep_tags(catalogue, track, path)


def _put_back(
    catalogue: Catalogue, data: DataFolder, path: Path, entries: Sequence[Written]
) -> GenreChange | None:
    """One file as it was before; None where it is so already."""
    check_replaceable(path)
    now, genres = read_genre_fields(path), read_tags(path).genres
    target = held_before(entries, now)
    if target is None:
        raise AudioError(
            path, "changed", f"its genre was changed since it was written ({', '.join(genres) or 'none now'})"
        )
    change = None
    if not same_genre_fields(target, now):
        _restore(data, path, target)
        change = GenreChange(path, entries[-1].track, genres, read_tags(path).genres, float("nan"))
        track = track_by_path(catalogue, path)
        if track is not None:
            _keep_tags(catalogue, track, path)
    keep_undone(data, path)
    return change


def _restore(data: DataFolder, path: Path, target: GenreFields) -> None:
    real = path.resolve()
    digest = payload_digest(real)
    draft = made_draft(data, real)
    with changed_copy(real, draft):
        restore_genre_fields(draft, target)
        if payload_digest(draft) != digest:
            raise AudioError(path, "changed", "its sound would change")


def _keep_tags(catalogue: Catalogue, track: Track, path: Path) -> None:
    """Bring the catalogue up to date with a file whose tags alone have changed, as a scan would."""
    status = path.stat()
    record_analysis(
        catalogue,
        Analysis(
            path=path,
            stat=FileStat(path, status.st_size, status.st_mtime_ns),
            digest=track.digest,
            tags=read_tags(path),
            info=AudioInfo(
                track.duration_s, track.sample_rate, track.channels, track.codec, track.bitrate_bps
            ),
        ),
    )
