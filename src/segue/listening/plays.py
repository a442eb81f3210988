"""Plays of many listeners as a sparse matrix: how often each listener played each track."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segue.errors import UsageError
from segue.listening.batches import Labels, Problem, counts_of, label_problems, listen_batches, reject
from segue.listening.columns import Batch
from segue.listening.formats import Format, known_sources
from segue.listening.rows import LATE_S, RowReport, RowTally
from segue.listening.sources import Source, size_of
from segue.listening.tables import play_batches
from segue.progress import Progress, Silent
from segue.types import Listen

if TYPE_CHECKING:
    import pyarrow
    from scipy.sparse import csr_array

ROLES = ("listener", "track", "plays", "skipped")
"""Columns of a table of plays that count; the last two may be missing."""
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Plays:
    """Who played what how often.

    Attributes
    ----------
    listeners, tracks
        (n_listeners,) and (n_tracks,), sorted, each once: int64 where all of them are whole numbers in the
        file, else text.
    matrix
        (n_listeners, n_tracks) CSR, float32: plays, above 0; in each row the tracks ascend.
    """

    listeners: NDArray[np.int64] | NDArray[np.str_]
    tracks: NDArray[np.int64] | NDArray[np.str_]
    matrix: csr_array


def read_plays(path: Path, *, progress: Progress | None = None) -> tuple[Plays, RowReport]:
    """Read plays of many listeners.

    Parameters
    ----------
    path
        A table (Parquet or text) with the columns listener, track[, plays]; Taste Profile triplets; slices
        of the Million Playlist Dataset (each playlist is a listener); or any other history that names
        listeners. A file, a folder of files, or a zip; gzipped or not. Rows without a number of plays are
        one play each; plays of one pair are added up.
    progress
        Told of bytes of the files on disk.

    Returns
    -------
    Plays, RowReport
        The report counts the rows that could not be used.

    Raises
    ------
    UsageError
        If it is no history, is damaged, names no listeners, or holds no usable row.

    Notes
    -----
    Memory: 12 bytes a row, the labels, and the matrix.
    """
    progress = progress or Silent()
    tally, rows = RowTally(), _Rows(Labels(), Labels(), [], [], [])
    for source, batch in read_batches(path, ROLES, _of_listens, tally, progress):
        _add(source, batch, rows, tally)
    report = tally.report()
    if not rows.plays:
        raise nothing_usable(path, "plays of listeners", report)
    return _assembled(rows), report


def read_batches(
    path: Path,
    roles: tuple[str, ...],
    of_listens: Callable[[Source, Format, RowTally], Iterator[Batch]],
    tally: RowTally,
    progress: Progress,
) -> Iterator[tuple[Source, Batch]]:
    """The rows of a file, folder or zip: tables by their columns `roles`, all else by `of_listens`."""
    progress.start(f"reading {path.name}", size_of(path))
    for source, known in known_sources(path, progress):
        batches = play_batches(source, roles, tally.bad)
        for batch in of_listens(source, known, tally) if batches is None else batches:
            yield source, batch
    progress.finish()


def nothing_usable(path: Path, what: str, report: RowReport) -> UsageError:
    """The error for a file without one usable row; it says why the rows could not be used."""
    reasons = ", ".join(f"{n:,} {reason}" for reason, n in report.reasons) or "it has no rows"
    return UsageError(f"{path} holds no usable {what}: {reasons}")


@dataclass(frozen=True)
class _Rows:
    listener_labels: Labels
    track_labels: Labels
    listener: list[NDArray[np.int32]]
    track: list[NDArray[np.int32]]
    plays: list[NDArray[np.float32]]


def judged(batch: Batch) -> tuple[NDArray[np.float64], list[Problem]]:
    """The plays in each row, none in those that were skipped, and the rows that cannot be used."""
    problems = label_problems(batch, ("listener", "track"))
    if "plays" in batch.columns:
        plays, wrong = counts_of(batch.columns["plays"])
        return plays, problems + wrong
    plays = np.ones(len(batch.lines))
    if "skipped" in batch.columns:
        plays[_skips(batch.columns["skipped"])] = 0
    return plays, problems


def _add(source: Source, batch: Batch, rows: _Rows, tally: RowTally) -> None:
    plays, problems = judged(batch)
    good = reject(source, batch, problems, tally)
    tally.good(int(good.sum()))
    good &= plays > 0
    if not good.any():
        return
    rows.listener.append(rows.listener_labels.codes(batch.columns["listener"], good))
    rows.track.append(rows.track_labels.codes(batch.columns["track"], good))
    rows.plays.append(plays[good].astype(np.float32))


def _skips(column: pyarrow.Array) -> NDArray[np.bool_]:
    words = (str(value).lower() for value in column.to_pylist())
    return np.fromiter((word in ("true", "1", "yes") for word in words), np.bool_, len(column))


def _assembled(rows: _Rows) -> Plays:
    from scipy.sparse import coo_array

    listeners, listener_codes = rows.listener_labels.sorted()
    tracks, track_codes = rows.track_labels.sorted()
    plays = np.concatenate(rows.plays)
    places = (listener_codes[np.concatenate(rows.listener)], track_codes[np.concatenate(rows.track)])
    # Adds up plays of one pair, and orders the tracks of each row.
    matrix = coo_array((plays, places), shape=(len(listeners), len(tracks))).tocsr()
    matrix.sum_duplicates()
    return Plays(listeners, tracks, matrix)


def _of_listens(source: Source, known: Format, tally: RowTally) -> Iterator[Batch]:
    """Batches of what any other format says; opinions and skips are no plays."""

    def row(listen: Listen) -> tuple[str, str, int] | None:
        if not listen.listener:
            raise UsageError(
                f"{source.name} is the history of one person: plays of many listeners are needed"
            )
        return (listen.listener, track_name(listen), listen.count) if listen.count > 0 else None

    listens = known.read(source, time.time() + LATE_S)
    return listen_batches(listens, ("listener", "track", "plays"), row, tally)


def track_name(listen: Listen) -> str:
    """What a listen's track is called where it needs one name: a URI, a MusicBrainz id, or artist and title.

    >>> track_name(Listen("Nina Simone", "Feeling Good"))
    'Nina Simone - Feeling Good'
    """
    names = listen.uri or listen.recording_mbid or f"{listen.artist} - {listen.title}"
    return names[:_LONGEST_NAME]
