"""Ridge regression from sums: what parts of the rows say is added up, and no row is looked at twice."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import UsageError
from segue.factors.content.regression import LINEAR_PENALTIES
from segue.factors.content.ridge import solved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

N_FOLDS = 5
_FEWEST_ROWS = 10
_NO_DEVIATION = 1e-9


@dataclass(frozen=True, slots=True)
class Moments:
    """Rows of numbers, summed up.

    Attributes
    ----------
    n
        How many rows.
    mean : (width,) float64
        Of each column.
    scatter : (width, width) float64
        Sum over rows of the products of what each column differs from its mean.
    """

    n: int
    mean: Floats
    scatter: Floats


def moments_of(rows: NDArray[np.floating]) -> Moments:
    """The moments of some rows, ``(n, width)``, at least one."""
    wide = np.asarray(rows, dtype=np.float64)
    mean = wide.mean(axis=0)
    wide = wide - mean
    return Moments(len(wide), mean, wide.T @ wide)


def merged(one: Moments, other: Moments) -> Moments:
    """The moments of the rows of both.

    References
    ----------
    Chan, Golub, LeVeque, "Algorithms for computing the sample variance", The American Statistician 37, 1983:
    sums around each part's own mean lose no digits, however far the mean is from 0.

    Examples
    --------
    >>> merged(moments_of(np.array([[1.0]])), moments_of(np.array([[3.0]]))).scatter
    array([[2.]])
    """
    n = one.n + other.n
    apart = other.mean - one.mean
    scatter = one.scatter + other.scatter + np.outer(apart, apart) * (one.n * other.n / n)
    return Moments(n, one.mean + apart * (other.n / n), scatter)


def fold_of(names: Sequence[str]) -> NDArray[np.int64]:
    """The fold of each name, from 0 to `N_FOLDS` - 1: the same on every machine.

    >>> fold_of(["a", "b", "a"])
    array([2, 1, 2])
    """
    codes = (zlib.crc32(name.encode("utf-8", "surrogatepass")) for name in names)
    return np.fromiter(codes, np.int64, len(names)) % N_FOLDS


@dataclass(frozen=True, slots=True)
class LinearContent:
    """Predicts factors from content by one product; see `fit_linear`.

    Attributes
    ----------
    weights : (n_inputs + 1, n_factors) float64
        Of the vectors as they are, and of a constant.
    penalty
        lambda, as validation chose it.
    choices
        What each penalty explained of the factors of folds left out (R², 1 is all, 0 is their mean).
    n_learned
        From how many tracks it was learned.
    """

    weights: Floats
    penalty: float
    choices: Mapping[float, float]
    n_learned: int

    @property
    def method(self) -> str:
        """What it is, in words."""
        return f"ridge, penalty {self.penalty:g}"

    @property
    def explained(self) -> float:
        """Share of the variance of factors that content explains, on folds left out."""
        return self.choices[self.penalty]

    def predict(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Factors, ``(n, n_factors) float32``."""
        return np.asarray(vectors @ self.weights[:-1] + self.weights[-1], dtype=np.float32)


def fit_linear(
    folds: Sequence[Moments], n_inputs: int, penalties: Sequence[float] = LINEAR_PENALTIES
) -> LinearContent:
    """Fit standardised factors to standardised content; the penalty is chosen on folds left out.

    Parameters
    ----------
    folds
        Of the rows of each fold: the content of a track, then its factors.
    n_inputs
        How many columns are content.
    penalties
        lambda of each.

    Raises
    ------
    UsageError
        If there are fewer than ten tracks.
    """
    n = sum(fold.n for fold in folds)
    if n < _FEWEST_ROWS:
        raise UsageError(f"{n} tracks have both content and factors: at least {_FEWEST_ROWS} are needed")
    whole = reduce(merged, folds)
    deviation = np.sqrt(np.diagonal(whole.scatter) / whole.n)
    scale = np.where(deviation > _NO_DEVIATION, deviation, 1.0)
    parts = [_products(fold, whole.mean, scale) for fold in folds]
    total = np.sum(parts, axis=0)
    choices = _explained(parts, total, n_inputs, penalties)
    penalty = max(choices, key=lambda one: choices[one])
    standard = _fitted(total, n_inputs, (penalty,))[0]
    # Standardised content to standardised factors, as one product with the content as it is.
    weights = standard[:-1] / scale[:n_inputs, None] * scale[n_inputs:]
    constant = standard[-1] * scale[n_inputs:] + whole.mean[n_inputs:] - whole.mean[:n_inputs] @ weights
    return LinearContent(np.vstack([weights, constant]), penalty, choices, n)


def _products(fold: Moments, centre: Floats, scale: Floats) -> Floats:
    """``Z^T Z`` of standardised rows with a one at the end, ``(width + 1, width + 1)``."""
    apart = fold.mean - centre
    square = (fold.scatter + fold.n * np.outer(apart, apart)) / np.outer(scale, scale)
    sums = fold.n * apart / scale
    return np.block([[square, sums[:, None]], [sums[None, :], np.array([[float(fold.n)]])]])


def _fitted(products: Floats, n_inputs: int, penalties: Sequence[float]) -> list[Floats]:
    """Weights of the inputs and of a constant for each penalty, ``(n_inputs + 1, n_factors)``."""
    inputs = [*range(n_inputs), len(products) - 1]
    targets = range(n_inputs, len(products) - 1)
    gram, towards = products[np.ix_(inputs, inputs)], products[np.ix_(inputs, targets)]
    return [model.weights.astype(np.float64) for model in solved(gram, towards, penalties)]


def _explained(
    parts: Sequence[Floats], total: Floats, n_inputs: int, penalties: Sequence[float]
) -> dict[float, float]:
    """R² of each penalty, each fold predicted by what the others say."""
    lost, spread = np.zeros(len(penalties)), 0.0
    targets = slice(n_inputs, -1)
    for part in parts:
        others = total - part
        if others[-1, -1] < 1:
            continue
        mean = others[-1, targets] / others[-1, -1]
        own = np.trace(part[targets, targets])
        spread += own - 2 * mean @ part[-1, targets] + part[-1, -1] * (mean @ mean)
        for at, weights in enumerate(_fitted(others, n_inputs, penalties)):
            lost[at] += own + _missed(part, weights, n_inputs)
    return {
        penalty: float(1 - error / max(spread, 1e-12)) for penalty, error in zip(penalties, lost, strict=True)
    }


def _missed(part: Floats, weights: Floats, n_inputs: int) -> float:
    """The squared error of a prediction less the square of what was to be predicted, summed over rows."""
    inputs = [*range(n_inputs), len(part) - 1]
    gram, towards = part[np.ix_(inputs, inputs)], part[np.ix_(inputs, range(n_inputs, len(part) - 1))]
    return float(np.sum((gram @ weights) * weights) - 2 * np.sum(towards * weights))
