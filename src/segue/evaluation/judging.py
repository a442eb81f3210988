"""Judge one scorer: every per-listener figure and every figure of its lists, in blocks of listeners."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segue.evaluation import list_metrics, metrics
from segue.evaluation.metrics import TrackLists
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from segue.factors.scorers import Scorer

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Scores = NDArray[np.float32]

LIST_LENGTH = 50
"""How long the lists are whose novelty, diversity and popularity are measured."""
RECALL_AT = (1, 2, 5, 10, 20, 50, 100, 200, 500)
"""Where the curve of recall is taken."""
FIGURES = (
    "auc",
    *(f"recall@{k}" for k in RECALL_AT),
    *("precision@10", "precision@50", "map@10", "map@500", "ndcg@10", "ndcg@50", "ndcg@100"),
    *("novelty", "serendipity", "diversity", "popularity lift"),
)
"""What is measured of each listener, in this order."""
# Scores in memory at a time: 64 MB, and as much again sorted.
_BLOCK = 16_000_000


@dataclass(frozen=True, slots=True)
class Exam:
    """What a scorer is asked, and what is known of tracks and listeners beside it.

    Attributes
    ----------
    relevant : (n_listeners, n_tracks) csr_array
        Non-zero where a held-out play is.
    played : (n_listeners, n_tracks) csr_array or None
        Tracks that are no candidates, since the listener is known to play them; none of them relevant.
    n_players : (n_tracks,) int64
        How many listeners play each track, for novelty and popularity bias, and for the list that popularity
        would give.
    unit : (n_tracks, dim) float32
        Rows of length 1 that say which tracks are alike, for diversity.
    listeners : (n_asked,) int64
        Rows of those with something relevant, ascending.
    tie_order : (n_tracks,) int64
        A fixed random order that decides between equal scores.
    n_listeners
        Among how many `n_players` were counted.
    """

    relevant: csr_array
    played: csr_array | None
    n_players: Ints
    unit: Scores
    listeners: Ints
    tie_order: Ints
    n_listeners: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one scorer reached.

    Attributes
    ----------
    values
        Figure by name, ``(n_asked,) float64`` each, NaN for a listener who cannot be asked: those of
        `FIGURES`.
    counts : (n_tracks,) int64
        How many lists of `LIST_LENGTH` hold each track.
    seconds
        What scoring and ranking took.
    """

    values: Mapping[str, Floats]
    counts: Ints
    seconds: float


def make_exam(
    relevant: csr_array,
    *,
    played: csr_array | None = None,
    n_players: Ints,
    likeness: Scores,
    seed: int,
) -> Exam:
    """Prepare what is the same for all scorers.

    Parameters
    ----------
    relevant, played, n_players
        As in `Exam`.
    likeness : (n_tracks, dim) float32
        Any vectors in which tracks that are alike are near; 0 for what is not known.
    seed
        Of the order of ties.
    """
    length = np.linalg.norm(likeness, axis=1, keepdims=True)
    unit = (likeness / np.where(length > 0, length, 1)).astype(np.float32)
    asked = np.flatnonzero(np.diff(relevant.indptr) > 0)
    order = np.random.default_rng(seed).permutation(relevant.shape[1])
    return Exam(relevant, played, n_players, unit, asked, order, relevant.shape[0])


def judge(scorer: Scorer, exam: Exam, *, progress: Progress | None = None) -> Judgement:
    """Take every figure of one scorer; never more than a block of listeners is scored at a time.

    Parameters
    ----------
    scorer
        Anything with ``scores(rows)``.
    exam
        What is asked.
    progress
        Advances by listeners.

    Raises
    ------
    ValueError
        If a score is not finite.
    """
    progress = progress or Silent()
    began = time.perf_counter()
    parts: list[dict[str, Floats]] = []
    counts = np.zeros(exam.relevant.shape[1], dtype=np.int64)
    for rows in _blocks(exam.listeners, exam.relevant.shape[1]):
        scores = scorer.scores(rows)
        relevant, played = lists_of(exam.relevant, rows), None
        if exam.played is not None:
            played = lists_of(exam.played, rows)
        ordered = metrics.sorted_candidates(scores, played)
        lists = list_metrics.top_k(
            scores, LIST_LENGTH, excluded=played, tie_order=exam.tie_order, ordered=ordered
        )
        ranked = metrics.rank_relevant(
            scores, relevant, excluded=played, tie_order=exam.tie_order, ordered=ordered
        )
        parts.append(_of_ranks(ranked) | _of_lists(lists, relevant, played, exam))
        counts += list_metrics.occurrence_counts(lists, len(counts))
        progress.advance(len(rows))
    names = parts[0] if parts else {}
    values = {name: np.concatenate([part[name] for part in parts]) for name in names}
    return Judgement(values, counts, time.perf_counter() - began)


def lists_of(matrix: csr_array, rows: Ints) -> TrackLists:
    """The non-zero columns of some rows of a sparse matrix.

    Parameters
    ----------
    matrix : (n_listeners, n_tracks) csr_array
        Without stored zeros.
    rows : (n,) int64
        Which listeners.
    """
    part = matrix[rows]
    return TrackLists(part.indptr.astype(np.int64), part.indices.astype(np.int64))


def _of_ranks(ranked: metrics.Ranked) -> dict[str, Floats]:
    return {
        "auc": metrics.auc(ranked),
        **{f"recall@{k}": metrics.recall_at_k(ranked, k) for k in RECALL_AT},
        **{f"precision@{k}": metrics.precision_at_k(ranked, k) for k in (10, 50)},
        **{f"map@{k}": metrics.average_precision_at_k(ranked, k) for k in (10, 500)},
        **{f"ndcg@{k}": metrics.ndcg_at_k(ranked, k) for k in (10, 50, 100)},
    }


def _of_lists(lists: Ints, relevant: TrackLists, played: TrackLists | None, exam: Exam) -> dict[str, Floats]:
    popular = np.lexsort((exam.tie_order, -exam.n_players))
    expected = list_metrics.same_for_all(popular, LIST_LENGTH, played, len(lists))
    own = relevant if played is None else played
    return {
        "novelty": list_metrics.novelty(lists, exam.n_players, exam.n_listeners),
        "serendipity": list_metrics.serendipity(lists, expected, relevant),
        "diversity": list_metrics.diversity(lists, exam.unit),
        "popularity lift": list_metrics.popularity_lift(lists, own, exam.n_players),
    }


def _blocks(listeners: Ints, n_tracks: int) -> Iterator[Ints]:
    step = max(1, _BLOCK // max(1, n_tracks))
    for start in range(0, len(listeners), step):
        yield listeners[start : start + step]
