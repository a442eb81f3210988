"""Read plays for an evaluation, line up the test part with the training part, and write factors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import NothingFound
from segue.files import whole_file
from segue.operations.track_tables import positions

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from segue.listening import Plays, RowReport
    from segue.progress import Progress
    from segue.training.datasets.columns import Labels

_NAMED = 3


@dataclass(frozen=True, slots=True)
class WrittenFactors:
    """Factors by which anybody can make the report's figures again: scores are dot products.

    Attributes
    ----------
    listeners, tracks
        Labels as in the tables.
    listener_factors : (n_listeners, n_factors) float32 or float64
        One row a listener.
    track_factors : (n_tracks, n_factors) float32 or float64
        One row a track.
    """

    listeners: Labels
    listener_factors: NDArray[np.floating]
    tracks: Labels
    track_factors: NDArray[np.floating]

    def save(self, path: Path) -> None:
        """Write an ``.npz`` with the arrays by their names here; it appears when it is whole."""
        with whole_file(path) as out:
            np.savez_compressed(
                out,
                listeners=self.listeners,
                listener_factors=self.listener_factors,
                tracks=self.tracks,
                track_factors=self.track_factors,
            )


def read_usage(path: Path, progress: Progress) -> tuple[Plays, list[str]]:
    """Read plays of many listeners, and say in a line what could not be used.

    Raises
    ------
    UsageError
        If there is no usable row.
    """
    from segue.listening import read_plays

    plays, rows = read_plays(path, progress=progress)
    return plays, rows_left_out(path, rows)


def rows_left_out(path: Path, rows: RowReport) -> list[str]:
    """A line that counts the rows of a file that could not be used and names some; none if all could."""
    if not rows.n_bad:
        return []
    reasons = ", ".join(f"{n:,} {reason}" for reason, n in rows.reasons)
    first = "; ".join(f"{row.where}: {row.detail}" for row in rows.samples[:_NAMED])
    return [f"{path.name}: {rows.n_bad:,} of {rows.n_rows:,} rows left out: {reasons} ({first})"]


def lined_up(test: Plays, listeners: Labels, tracks: Labels) -> tuple[csr_array, list[str]]:
    """Plays of the test part in the rows of `listeners` and the columns of `tracks`.

    Parameters
    ----------
    test
        As read.
    listeners, tracks
        Those of the training part, and those that are ranked.

    Returns
    -------
    matrix, notes
        ``(n_listeners, n_tracks) csr_array float32``, and what was left out, counted.

    Raises
    ------
    NothingFound
        If no play is left.
    """
    from scipy.sparse import coo_array

    row_of, column_of = positions(test.listeners, listeners), positions(test.tracks, tracks)
    pairs = test.matrix.tocoo()
    rows, columns = row_of[pairs.row], column_of[pairs.col]
    used = (rows >= 0) & (columns >= 0)
    notes = []
    strangers = int(np.sum(row_of < 0))
    if strangers:
        n = int(np.sum(rows < 0))
        notes.append(
            f"{strangers:,} listeners of the test plays have no training plays: {n:,} plays left out"
        )
    if (unranked := int(np.sum((rows >= 0) & (columns < 0)))) > 0:
        notes.append(f"{unranked:,} test plays are of tracks that are not ranked: left out")
    if not used.any():
        raise NothingFound(
            "no test play is of a listener of the training plays and a test track with content: "
            "the columns listener and track must be the same in all tables"
        )
    entries = (pairs.data[used].astype(np.float32), (rows[used], columns[used]))
    matrix = coo_array(entries, shape=(len(listeners), len(tracks))).tocsr()
    return matrix, notes
