"""BPR: factors that put what was played above what was not, pair by pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segue.factors.scorers import FactorScorer
from segue.factors.usage import checked

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def fit_bpr(
    matrix: csr_array,
    *,
    n_factors: int = 64,
    learning_rate: float = 0.05,
    regularisation: float = 0.01,
    n_iterations: int = 60,
    seed: int = 0,
) -> FactorScorer:
    """Bayesian personalised ranking, solved by `implicit` on one thread, so that a seed gives one answer.

    Parameters
    ----------
    matrix
        (n_listeners, n_tracks) CSR, plays; only whether a pair was played counts.

    Returns
    -------
    FactorScorer
        One of the `n_factors` + 1 columns is the track's bias.

    References
    ----------
    Rendle et al., "BPR: Bayesian personalized ranking from implicit feedback", UAI 2009.
    """
    import threadpoolctl
    from implicit.cpu.bpr import BayesianPersonalizedRanking
    from scipy.sparse import csr_matrix

    plays = checked(matrix)
    with threadpoolctl.threadpool_limits(1, "blas"):
        model = BayesianPersonalizedRanking(
            factors=n_factors,
            learning_rate=learning_rate,
            regularization=regularisation,
            iterations=n_iterations,
            num_threads=1,
            random_state=seed,
        )
        model.fit(csr_matrix(plays), show_progress=False)
    return FactorScorer(np.asarray(model.user_factors), np.asarray(model.item_factors))
