"""Judge how well tracks that nobody has played are placed by their content: files in, a report out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from segue.errors import UsageError
from segue.operations.cold_content import Sources, contents
from segue.operations.track_tables import TrackTable, positions, read_track_table
from segue.operations.usage_tables import WrittenFactors, lined_up, read_usage
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.evaluation import ColdTask, RankingReport
    from segue.evaluation.cold import ColdStartFit
    from segue.listening import Plays
    from segue.training.datasets.columns import Labels

    Ints = NDArray[np.int64]

DEFAULT_IGNORE = ("averaged_tracks",)
"""Columns that are no content unless asked otherwise: how many tracks were averaged tells of popularity."""


@dataclass(frozen=True, slots=True)
class ColdStartFiles:
    """What `evaluate_cold_start` reads.

    Attributes
    ----------
    plays, tracks
        The training part: who played what, and the content of those tracks.
    test_plays, test_tracks
        The new tracks and their plays; both None: whole artists of the training part are held out.
    ignore
        Numeric columns that are no content.
    content
        Vectors to use instead of the numeric columns (an ``.npz`` with ``names`` and ``vectors``).
    tags, test_tags
        Who tagged which track with what, as further content.
    """

    plays: Path
    tracks: Path
    test_plays: Path | None = None
    test_tracks: Path | None = None
    ignore: tuple[str, ...] = DEFAULT_IGNORE
    content: Path | None = None
    tags: Path | None = None
    test_tags: Path | None = None


class _Parts(NamedTuple):
    """Training plays, the table of new tracks, and their plays by the same listeners."""

    training: Plays
    new: TrackTable
    test: Plays


def evaluate_cold_start(
    files: ColdStartFiles,
    *,
    held_out: float = 0.2,
    min_plays: int = 5,
    seed: int = 0,
    fit: ColdStartFit | None = None,
    progress: Progress | None = None,
) -> tuple[RankingReport, WrittenFactors]:
    """Fit on the training part, place the new tracks by content, and judge.

    Parameters
    ----------
    files
        What to read.
    held_out
        Share of the tracks that are held out, by artist, where no test part is given.
    min_plays
        How many training tracks a listener needs to count.
    seed
        Of everything drawn.
    fit
        The model; by default `segue.factors.cold_start.fit_cold_start`.
    progress
        Of reading, fitting and judging.

    Returns
    -------
    report, factors
        The factors are those of the report's first line, for the new tracks with content.

    Raises
    ------
    UsageError
        If a file cannot be read, lacks what is needed, or the parts do not fit each other.
    NothingFound
        If no listener can be judged.
    """
    from segue.evaluation import evaluate_cold
    from segue.factors.cold_start import fit_cold_start
    from segue.factors.wmf import fit_wmf

    progress = progress or Silent()
    task, listeners, new, notes = _task(files, held_out, seed, progress)
    result = evaluate_cold(
        task, fit=fit or fit_cold_start, warm_fit=fit_wmf, min_plays=min_plays, seed=seed, progress=progress
    )
    report = replace(result.report, notes=(*notes, *result.report.notes))
    return report, WrittenFactors(listeners, result.listener_factors, new, result.track_factors)


def _task(
    files: ColdStartFiles, held_out: float, seed: int, progress: Progress
) -> tuple[ColdTask, Labels, Labels, list[str]]:
    """Everything that is read, lined up; labels of listeners and of new tracks with content; notes."""
    from segue.evaluation import ColdTask

    parts, table, notes = _parts(files, held_out, seed, progress)
    sources = Sources(files.ignore, files.content, tuple(filter(None, (files.tags, files.test_tags))))
    found = contents(sources, table, parts.training, parts.new)
    new = parts.new.tracks[np.flatnonzero(found.has_content)]
    test, said = lined_up(parts.test, parts.training.listeners, new)
    task = ColdTask(
        training=parts.training.matrix,
        content=found.training,
        groups=_artists(table, parts.training.tracks),
        test=test,
        test_content=found.test,
        given=found.given,
    )
    return task, parts.training.listeners, new, [*notes, *found.notes, *said]


def _parts(
    files: ColdStartFiles, held_out: float, seed: int, progress: Progress
) -> tuple[_Parts, TrackTable, list[str]]:
    """Read the tables of plays and tracks; where there is no test part, hold out artists."""
    if (files.test_plays is None) != (files.test_tracks is None):
        raise UsageError("give both --test-plays and --test-tracks, or neither to hold out artists")
    plays, notes = read_usage(files.plays, progress)
    table = read_track_table(files.tracks, ignore=files.ignore)
    notes += table.notes
    if files.test_plays is None or files.test_tracks is None:
        _check_ignored(files, table, None)
        parts = _held_out(plays, table, held_out, seed)
        return parts, table, notes
    test, said = read_usage(files.test_plays, progress)
    new = read_track_table(files.test_tracks, ignore=files.ignore)
    _check_ignored(files, table, new)
    notes += [*said, *new.notes]
    known = positions(new.tracks, plays.tracks) >= 0
    if known.all():
        raise UsageError(f"every track of {files.test_tracks} is in {files.plays} too: none of them is new")
    if known.any():
        notes.append(f"{known.sum():,} test tracks are in the training plays too: left out with their plays")
        new = chosen_rows(new, np.flatnonzero(~known))
    notes += _same_songs(table, plays, new)
    return _Parts(plays, new, test), table, notes


def _held_out(plays: Plays, table: TrackTable, share: float, seed: int) -> _Parts:
    from segue.evaluation import split_by_artist
    from segue.listening import Plays

    artists = _artists(table, plays.tracks)
    if len(np.unique(artists)) < 2:
        raise UsageError("all tracks are by one artist: give --test-plays and --test-tracks")
    out = split_by_artist(artists, share, seed=seed)
    rows = positions(plays.tracks[out], table.tracks)
    if not (rows >= 0).any():
        raise UsageError(f"no track of the plays is in {table.path}: their column track must be the same")
    test = Plays(plays.listeners, plays.tracks[out], plays.matrix[:, np.flatnonzero(out)])
    training = Plays(plays.listeners, plays.tracks[~out], plays.matrix[:, np.flatnonzero(~out)])
    return _Parts(training, chosen_rows(table, np.sort(rows[rows >= 0])), test)


def chosen_rows(table: TrackTable, rows: Ints) -> TrackTable:
    """Some rows of a table of tracks.

    Parameters
    ----------
    table
        All rows.
    rows : (n,) int64
        Which ones, in the order wished for.
    """

    def of(texts: Sequence[str] | None) -> tuple[str, ...] | None:
        return None if texts is None else tuple(texts[row] for row in rows)

    return replace(
        table,
        tracks=table.tracks[rows],
        numeric={name: values[rows] for name, values in table.numeric.items()},
        artists=of(table.artists),
        files=of(table.files),
        songs=of(table.songs),
    )


def _artists(table: TrackTable, tracks: Labels) -> Ints:
    """A number for each track's artist; a track whose artist is unknown is an artist of its own."""
    rows = positions(tracks, table.tracks)
    names = [
        (table.artists[row] if row >= 0 and table.artists is not None else "") or f"\0{at}"
        for at, row in enumerate(rows)
    ]
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def _check_ignored(files: ColdStartFiles, table: TrackTable, new: TrackTable | None) -> None:
    """Complain of columns to be ignored that no table has; the default ones need not be there."""
    for name in files.ignore:
        there = name in table.columns or (new is not None and name in new.columns)
        if not there and name not in DEFAULT_IGNORE:
            columns = ", ".join(table.columns)
            raise UsageError(f"no table of tracks has a column {name!r} to ignore, but {columns}")


def _same_songs(table: TrackTable, plays: Plays, new: TrackTable) -> list[str]:
    """Say how many new tracks share a song with a training track: another id of a recording is no new one."""
    if table.songs is None or new.songs is None:
        return []
    rows = positions(plays.tracks, table.tracks)
    known = {table.songs[row] for row in rows if row >= 0} - {""}
    n = sum(song in known for song in new.songs)
    return [f"{n:,} test tracks have the song of a training track under another id: kept"] if n else []
