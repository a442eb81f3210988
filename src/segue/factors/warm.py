"""Every model that learns from plays alone, under the name it has in tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from segue.factors.bpr import fit_bpr
from segue.factors.ease import fit_ease
from segue.factors.neighbourhoods import Metric, fit_item_knn, fit_listener_knn
from segue.factors.popularity import fit_popularity
from segue.factors.scorers import FactorScorer, Scorer
from segue.factors.wmf import WMFSettings, fit_wmf

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    Fit: TypeAlias = Callable[[csr_array, int], Scorer]

DEFAULT_WARM = "wmf"
_PLAIN = WMFSettings(n_factors=64, alpha=2.0, popularity_power=0.0, listener_power=0.0)
# A pair played once is then as sure as in the logarithmic model.
_LINEAR_ALPHA = 28.0


def warm_models() -> Mapping[str, Fit]:
    """Name to ``fit(matrix, seed) -> Scorer``, the default model first.

    Each chooses its settings, if any are chosen, inside the matrix that it is given.
    """
    return {
        DEFAULT_WARM: partial(_wmf, WMFSettings()),
        "wmf, 64 factors": partial(_wmf, WMFSettings(n_factors=64)),
        "wmf as van den Oord": partial(_wmf, _PLAIN),
        "wmf linear": partial(_wmf, replace(_PLAIN, confidence="linear", alpha=_LINEAR_ALPHA)),
        "ease": lambda matrix, seed: fit_ease(matrix),
        "bpr": lambda matrix, seed: fit_bpr(matrix, seed=seed),
        "item neighbours, cosine": partial(_items, "cosine"),
        "item neighbours, pearson": partial(_items, "pearson"),
        "item neighbours, adjusted cosine": partial(_items, "adjusted-cosine"),
        "listener neighbours, cosine": partial(_listeners, "cosine"),
        "listener neighbours, pearson": partial(_listeners, "pearson"),
        "listener neighbours, adjusted cosine": partial(_listeners, "adjusted-cosine"),
        "popularity": lambda matrix, seed: fit_popularity(matrix),
    }


def _wmf(settings: WMFSettings, matrix: csr_array, seed: int) -> Scorer:
    return FactorScorer(*fit_wmf(matrix, settings, seed=seed))


def _items(metric: Metric, matrix: csr_array, seed: int) -> Scorer:
    return fit_item_knn(matrix, metric=metric)


def _listeners(metric: Metric, matrix: csr_array, seed: int) -> Scorer:
    return fit_listener_knn(matrix, metric=metric)
