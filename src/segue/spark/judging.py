"""What a worker does for an evaluation: judge the listeners of a partition by the code of one machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from segue.evaluation.judging import Exam, judge
from segue.evaluation.metrics import TrackLists
from segue.evaluation.ranking_report import Kind
from segue.evaluation.scorers import RandomScorer, SameForAll
from segue.factors import FactorScorer, Scorer
from segue.spark.columns import column_of, matrix_of, track_lists_of

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray
    from pyspark import Broadcast
    from scipy.sparse import csr_array

    Batches = Iterator[pa.RecordBatch]
    Ints = NDArray[np.int64]
    Floats = NDArray[np.float32]

LINES: tuple[tuple[str, Kind], ...] = (
    ("als", "model"),
    ("popularity", "control"),
    ("popularity (test)", "bound"),
    ("random", "control"),
)
"""What is judged, as the table of one machine calls it."""
JUDGED = "model int, known bigint, figures array<float>, tracks array<int>, times array<int>"
"""The columns of what `judge_partition` yields."""
LISTENER = -1
"""In the column model: a row of one listener."""


class Asked(NamedTuple):
    """What every worker holds.

    Attributes
    ----------
    tracks : (n_tracks, n_factors) float32
        Factors.
    n_players, n_later : (n_tracks,) int64
        Listeners of each track in the training plays, and in the test plays.
    likeness : (n_tracks, dim) float32
        Rows of length 1 whose cosines say who is played by the same listeners.
    n_listeners
        Of all plays.
    seed
        Of ties and of the random control.
    """

    tracks: Floats
    n_players: Ints
    n_later: Ints
    likeness: Floats
    n_listeners: int
    seed: int


def scorers(asked: Asked, factors: Floats, keys: Ints) -> tuple[Scorer, ...]:
    """What is judged for a block of listeners, in the order of `LINES`.

    Parameters
    ----------
    factors : (n, n_factors) float32
        Of the listeners.
    keys : (n,) int64
        Their numbers among all, by which the random control draws.
    """
    return (
        FactorScorer(factors, asked.tracks),
        SameForAll(asked.n_players.astype(np.float32)),
        SameForAll(asked.n_later.astype(np.float32)),
        _Renumbered(RandomScorer(len(asked.tracks), asked.seed), keys),
    )


@dataclass(frozen=True, slots=True)
class _Renumbered:
    """A scorer asked by place in a block, which knows listeners by their numbers."""

    scorer: Scorer
    keys: Ints

    def scores(self, rows: Ints) -> Floats:
        return self.scorer.scores(self.keys[rows])


def judge_partition(batches: Batches, sent: Broadcast[Asked]) -> Batches:
    """On a worker: figures of each listener, and at the end how many lists hold each track, by model."""
    asked = sent.value
    order = np.random.default_rng(asked.seed).permutation(len(asked.tracks))
    counts = np.zeros((len(LINES), len(asked.tracks)), dtype=np.int64)
    for batch in batches:
        factors = matrix_of(batch["factor"], "factors of listeners")
        if not len(factors):
            continue
        played, relevant = track_lists_of(batch["played"]), track_lists_of(batch["relevant"])
        keys = batch["listener"].to_numpy(zero_copy_only=False).astype(np.int64)
        exam = Exam(
            _matrix(relevant, len(asked.tracks)),
            _matrix(played, len(asked.tracks)),
            asked.n_players,
            asked.likeness,
            np.arange(len(keys)),
            order,
            asked.n_listeners,
        )
        found = [judge(scorer, exam) for scorer in scorers(asked, factors, keys)]
        counts += np.stack([one.counts for one in found])
        table = np.hstack([np.stack(list(one.values.values()), axis=1) for one in found])
        yield _listener_rows(np.diff(played.starts), table.astype(np.float32))
    if counts.any():
        yield _count_rows(counts)


def _matrix(lists: TrackLists, n_tracks: int) -> csr_array:
    from scipy.sparse import csr_array

    ones = np.ones(len(lists.tracks), dtype=np.float32)
    return csr_array((ones, lists.tracks, lists.starts), shape=(len(lists.starts) - 1, n_tracks))


def _listener_rows(known: Ints, figures: Floats) -> pa.RecordBatch:
    import pyarrow as pa

    nothing = pa.nulls(len(known), pa.list_(pa.int32()))
    return pa.RecordBatch.from_arrays(
        [
            pa.array(np.full(len(known), LISTENER, dtype=np.int32)),
            pa.array(known.astype(np.int64)),
            column_of(figures),
            nothing,
            nothing,
        ],
        ["model", "known", "figures", "tracks", "times"],
    )


def _count_rows(counts: Ints) -> pa.RecordBatch:
    import pyarrow as pa

    held = [np.flatnonzero(row) for row in counts]
    return pa.RecordBatch.from_arrays(
        [
            pa.array(np.arange(len(counts), dtype=np.int32)),
            pa.nulls(len(counts), pa.int64()),
            pa.nulls(len(counts), pa.list_(pa.float32())),
            pa.array([tracks.astype(np.int32) for tracks in held], pa.list_(pa.int32())),
            pa.array(
                [row[tracks].astype(np.int32) for row, tracks in zip(counts, held, strict=True)],
                pa.list_(pa.int32()),
            ),
        ],
        ["model", "known", "figures", "tracks", "times"],
    )
