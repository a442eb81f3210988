"""How well scores rank plays that were held out: the figure by which settings are chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segue.factors.scorers import Scorer

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

TOP = 50
_BLOCK = 256
_MOST_LISTENERS = 2_000


@dataclass(frozen=True, slots=True)
class Judgement:
    """Means over listeners.

    Attributes
    ----------
    auc
        How often a held-out track stands above one never played, all tracks that the listener is not known
        to play being compared; 0.5 is chance.
    recall
        Share of the held-out tracks among the first 50.
    n_listeners
        How many were judged.
    """

    auc: float
    recall: float
    n_listeners: int

    @property
    def figure(self) -> float:
        """What is to be high: `auc` and `recall` added, since either alone is bought with the other."""
        return self.auc + self.recall


def area(
    rank_sum: float | NDArray[np.float64],
    n_relevant: int | NDArray[np.int64],
    n_ranked: int | NDArray[np.int64],
) -> NDArray[np.float64]:
    """Chance that a relevant track stands above one that is not; NaN where there is no such pair.

    Parameters
    ----------
    rank_sum
        Ranks of the relevant tracks, added up: 1 for the lowest score, equal scores share their mean.
    n_relevant, n_ranked
        How many tracks are relevant, and how many were ranked.

    References
    ----------
    Mann and Whitney 1947: the area under the ROC curve is their U divided by the number of pairs.

    Examples
    --------
    >>> area(np.array([4 + 2.5, 1.0]), np.array([2, 1]), np.array([4, 1]))
    array([0.875,   nan])
    """
    n_relevant = np.asarray(n_relevant)
    won = rank_sum - n_relevant * (n_relevant + 1) / 2
    n_pairs = n_relevant * (n_ranked - n_relevant)
    return np.where(n_pairs > 0, won / np.maximum(n_pairs, 1), np.nan)


def judge(
    scorer: Scorer,
    train: csr_array,
    held: csr_array,
    *,
    most: int = _MOST_LISTENERS,
    seed: int = 0,
) -> Judgement:
    """Rank the held-out plays of listeners among all tracks that they do not play in `train`.

    Parameters
    ----------
    train, held
        (n_listeners, n_tracks) CSR; listeners without held-out plays are not judged.
    most
        A random sample of this many listeners is judged.

    Returns
    -------
    Judgement
        AUC 0.5 and recall 0 if nobody has held-out plays.
    """
    rows = np.flatnonzero(np.diff(held.indptr) > 0)
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
    if not len(rows):
        return Judgement(0.5, 0.0, 0)
    areas, recalls = [], []
    for first in range(0, len(rows), _BLOCK):
        block = rows[first : first + _BLOCK]
        for row, scores in zip(block, scorer.scores(block), strict=True):
            found = _listener(scores, _tracks(train, row), _tracks(held, row))
            areas.append(found[0])
            recalls.append(found[1])
    return Judgement(float(np.nanmean(areas)), float(np.mean(recalls)), len(rows))


def _tracks(matrix: csr_array, row: int) -> NDArray[np.int64]:
    return np.asarray(matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]])


def _listener(
    scores: NDArray[np.float32], known: NDArray[np.int64], held: NDArray[np.int64]
) -> tuple[float, float]:
    """AUC and recall of one listener; ties count half."""
    n_others = len(scores) - len(known)
    ordered = np.sort(np.delete(scores, known))
    mine = scores[held]
    below, upto = np.searchsorted(ordered, mine, "left"), np.searchsorted(ordered, mine, "right")
    # A group of equal scores that straddles the border is counted in part.
    places = np.clip(TOP - (n_others - upto), 0, upto - below) / (upto - below)
    return float(area(np.sum(below + upto + 1) / 2, len(held), n_others)), float(places.mean())
