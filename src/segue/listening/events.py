"""Plays of many listeners in time: who played what when."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segue.errors import UsageError
from segue.listening.batches import (
    Labels,
    Problem,
    label_problems,
    labels_of,
    listen_batches,
    reject,
    times_of,
)
from segue.listening.columns import Batch
from segue.listening.formats import Format
from segue.listening.plays import nothing_usable, read_batches, track_name
from segue.listening.rows import LATE_S, RowReport, RowTally
from segue.listening.sources import Source
from segue.progress import Progress, Silent
from segue.types import Listen

_ROLES = ("listener", "track", "time", "artist", "artist_id", "session")


@dataclass(frozen=True)
class Events:
    """Plays in the order of listener, then time; of the same time in the order of the file.

    Attributes
    ----------
    listeners, tracks
        (n_listeners,) and (n_tracks,), sorted, each once: int64 or text, as in `Plays`.
    listener, track
        (n_events,) int64: places in `listeners` and `tracks`.
    time_s
        (n_events,) float64: UTC epoch seconds.
    artist, session
        (n_events,) int64: the same number for the same artist, or session of one listener; -1 where it is
        not known.
    """

    listeners: NDArray[np.int64] | NDArray[np.str_]
    tracks: NDArray[np.int64] | NDArray[np.str_]
    listener: NDArray[np.int64]
    track: NDArray[np.int64]
    time_s: NDArray[np.float64]
    artist: NDArray[np.int64]
    session: NDArray[np.int64]


def read_events(path: Path, *, progress: Progress | None = None) -> tuple[Events, RowReport]:
    """Read plays in time of many listeners.

    Parameters
    ----------
    path
        A table (Parquet or text) with the columns listener, track and time (seconds, milliseconds or ISO),
        perhaps artist and session; or any other history that names listeners and times, such as
        Last.fm-1K. A file, a folder of files, or a zip; gzipped or not.
    progress
        Told of bytes of the files on disk.

    Returns
    -------
    Events, RowReport
        The report counts the rows that could not be used.

    Raises
    ------
    UsageError
        If it is no history, is damaged, names no listeners or times, or holds no usable row.
    """
    progress = progress or Silent()
    tally, rows = RowTally(), _Rows(Labels(), Labels(), Labels(), Labels(), [])
    latest_s = time.time() + LATE_S
    of_listens = partial(_of_listens, latest_s=latest_s)
    for source, batch in read_batches(path, _ROLES, of_listens, tally, progress):
        _add(source, batch, rows, tally, latest_s)
    report = tally.report()
    if not rows.parts:
        raise nothing_usable(path, "plays of listeners in time", report)
    return _assembled(rows), report


@dataclass(frozen=True)
class _Rows:
    listeners: Labels
    tracks: Labels
    artists: Labels
    sessions: Labels
    parts: list[tuple[NDArray[np.float64] | NDArray[np.int32], ...]]


def _add(source: Source, batch: Batch, rows: _Rows, tally: RowTally, latest_s: float) -> None:
    columns = batch.columns
    if "time" not in columns:
        raise UsageError(f"{source.name} has no column of times (time, timestamp, listened_at, …)")
    times, wrong = times_of(columns["time"], latest_s)
    problems: list[Problem] = label_problems(batch, ("listener", "track")) + wrong
    good = reject(source, batch, problems, tally)
    tally.good(int(good.sum()))
    if not good.any():
        return
    artist = columns.get("artist", columns.get("artist_id"))
    rows.parts.append(
        (
            rows.listeners.codes(columns["listener"], good),
            rows.tracks.codes(columns["track"], good),
            times[good],
            _codes_or_unknown(rows.artists, artist, good),
            _codes_or_unknown(rows.sessions, columns.get("session"), good),
        )
    )


def _codes_or_unknown(labels: Labels, column: object, good: NDArray[np.bool_]) -> NDArray[np.int32]:
    codes = np.full(int(good.sum()), -1, np.int32)
    if column is not None:
        known = np.asarray(labels_of(column).is_valid().to_numpy(zero_copy_only=False), np.bool_)
        codes[known[good]] = labels.codes(column, good & known)
    return codes


def _assembled(rows: _Rows) -> Events:
    listener, track, times, artist, session = (np.concatenate(part) for part in zip(*rows.parts, strict=True))
    listeners, listener_places = rows.listeners.sorted()
    tracks, track_places = rows.tracks.sorted()
    listener, track = listener_places[listener], track_places[track]
    order = np.lexsort((times, listener))
    return Events(
        listeners,
        tracks,
        listener[order].astype(np.int64),
        track[order].astype(np.int64),
        times[order],
        artist[order].astype(np.int64),
        session[order].astype(np.int64),
    )


def _of_listens(source: Source, known: Format, tally: RowTally, latest_s: float) -> Iterator[Batch]:
    """Batches of what any other format says in time."""

    def row(listen: Listen) -> tuple[str, str, float, str] | None:
        if not listen.listener or listen.time_s is None:
            raise UsageError(f"{source.name} does not say who played and when: both are needed")
        if listen.count == 0:
            return None
        return listen.listener, track_name(listen), listen.time_s, listen.artist

    return listen_batches(known.read(source, latest_s), ("listener", "track", "time", "artist"), row, tally)
