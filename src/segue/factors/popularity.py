"""Popularity: the same list for everyone, which a model has to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segue.factors.scorers import FactorScorer
from segue.factors.usage import checked, listeners_of

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def fit_popularity(matrix: csr_array) -> FactorScorer:
    """A track's score is the number of its listeners; as factors, so one of length 1."""
    plays = checked(matrix)
    ones = np.ones((plays.shape[0], 1), dtype=np.float32)
    return FactorScorer(ones, listeners_of(plays)[:, None].astype(np.float32))
