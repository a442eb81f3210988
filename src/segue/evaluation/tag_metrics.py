"""How good the scores of a tag are: area under the ROC curve, average precision; ties share their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def roc_and_precision(
    truth: NDArray[np.bool_], scores: NDArray[np.floating], weights: Floats | None = None
) -> tuple[Floats, Floats]:
    """AUC and average precision of one tag.

    Parameters
    ----------
    truth : (n,) bool
        Who has the tag.
    scores : (n,)
        Higher means: has it.
    weights : (n_draws, n) float64, optional
        How often each track counts, one row a draw; once each by default.

    Returns
    -------
    auc, average_precision : (n_draws,) float64
        NaN where all tracks of a draw have the tag, or none.

    Examples
    --------
    >>> auc, precision = roc_and_precision(np.array([True, False, True]), np.array([0.9, 0.5, 0.2]))
    >>> auc, precision.round(3)
    (array([0.5]), array([0.833]))
    """
    weights = np.ones((1, len(truth))) if weights is None else weights
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    # Where a score differs from the one before it, a new group begins.
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    counts = weights[:, order]
    has, lacks = (
        np.add.reduceat(counts * (truth[order] == sought), starts, axis=1) for sought in (True, False)
    )
    n_has, n_lacks = has.sum(axis=1), lacks.sum(axis=1)
    asked = (n_has > 0) & (n_lacks > 0)
    pairs = np.where(asked, n_has * n_lacks, 1)
    lacks_before = np.cumsum(lacks, axis=1)
    won = n_lacks[:, None] - lacks_before + lacks / 2
    listed = np.cumsum(has + lacks, axis=1)
    precision = np.cumsum(has, axis=1) / np.where(listed > 0, listed, 1)
    auc = (has * won).sum(axis=1) / pairs
    average = (has * precision).sum(axis=1) / np.where(asked, n_has, 1)
    return np.where(asked, auc, np.nan), np.where(asked, average, np.nan)
