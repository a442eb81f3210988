"""WMF, weighted matrix factorisation: plays to factors of listeners and tracks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from segue.errors import SegueError, UsageError
from segue.factors.scorers import FactorScorer
from segue.factors.usage import checked, listeners_of
from segue.factors.validation import Judgement, judge
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float32]

Confidence = Literal["log", "linear"]
CONFIDENCES = ("log", "linear")

_PATIENCE = 2
_EVERY = 2  # iterations between two looks at the validation plays
_FIRST_SPREAD = 0.1
_POWER_STEPS = 10
_LEAST, _MOST = 1e-12, 1e12  # of settings that are multiplied: beyond, float32 loses them


@dataclass(frozen=True, slots=True)
class WMFSettings:
    """What is minimised, and for how long.

    Attributes
    ----------
    n_factors
        Length of a factor.
    alpha, eps
        Confidence in a pair played r times: ``1 + alpha log(1 + r / eps)``, or ``1 + alpha r`` where
        `confidence` is ``linear``. Van den Oord et al. (2013) have 2 and 1e-6.
    regularisation
        lambda. None takes the confidence of four plays, bounded by a tenth of the largest singular value of
        the matrix of added confidences: above the whole of it, factors of zero would be the best.
    n_iterations
        Of alternating least squares, at most.
    confidence
        ``log`` or ``linear``.
    popularity_power
        Takes popularity out: what a play adds to the confidence is multiplied by
        ``(n / median n) ** -popularity_power``, n the number of listeners of the track. 0 is the plain model.
    listener_power
        The same for listeners with many tracks.
    """

    n_factors: int = 256
    alpha: float = 12.0
    eps: float = 1e-6
    regularisation: float | None = None
    n_iterations: int = 12
    confidence: Confidence = "log"
    popularity_power: float = 0.3
    listener_power: float = 0.5


def check_settings(settings: WMFSettings) -> None:
    """
    Raises
    ------
    UsageError
        If a setting makes no sense; it says which.

    Examples
    --------
    >>> check_settings(WMFSettings(eps=0))
    Traceback (most recent call last):
    segue.errors.UsageError: eps must be above 0, not 0
    """
    if settings.confidence not in CONFIDENCES:
        raise UsageError(f"no confidence is called {settings.confidence!r}: {', '.join(CONFIDENCES)}")
    for name in ("n_factors", "alpha", "eps", "regularisation", "n_iterations"):
        value = getattr(settings, name)
        if value is not None and not (np.isfinite(value) and value > 0):
            raise UsageError(f"{name} must be above 0, not {value:g}")
        if value is not None and not _LEAST <= value <= _MOST:
            raise UsageError(f"{name} must lie between {_LEAST:g} and {_MOST:g}, not at {value:g}")
    for name in ("popularity_power", "listener_power"):
        value = getattr(settings, name)
        if not (np.isfinite(value) and value >= 0):
            raise UsageError(f"{name} must not be below 0, but is {value:g}")


def trust(plays: NDArray[np.floating], settings: WMFSettings) -> Floats:
    """What plays add to the confidence of 1 that every pair has: ``c - 1``.

    Parameters
    ----------
    plays
        r, any shape, at least 0.

    Examples
    --------
    >>> trust(np.array([0.0, 1.0, 3.0]), WMFSettings(alpha=2, confidence="linear"))
    array([0., 2., 6.], dtype=float32)
    >>> trust(np.array([1.0]), WMFSettings(alpha=2, eps=1e-6)).round(2)
    array([27.63], dtype=float32)
    """
    counts = np.asarray(plays, dtype=np.float64)
    grown = counts if settings.confidence == "linear" else np.log1p(counts / settings.eps)
    with np.errstate(over="ignore"):
        return (settings.alpha * grown).astype(np.float32)


def confidences(matrix: csr_array, settings: WMFSettings) -> csr_array:
    """c of the pairs that were played; all others have 1.

    Parameters
    ----------
    matrix
        (n_listeners, n_tracks) CSR, plays above 0.

    Returns
    -------
    csr_array
        float32, of the same pairs; it shares their places with `matrix`.

    Raises
    ------
    UsageError
        If plays are too many for float32.
    """
    from scipy.sparse import csr_array

    added = _added(matrix, settings)
    added += 1
    return csr_array((added, matrix.indices, matrix.indptr), shape=matrix.shape)


def _added(matrix: csr_array, settings: WMFSettings) -> Floats:
    """``c - 1`` of the pairs that were played."""
    added = trust(matrix.data, settings)
    if settings.popularity_power:
        n_listeners = listeners_of(matrix)
        weights = evened(np.maximum(n_listeners, 1), n_listeners, settings.popularity_power)
        added *= weights[matrix.indices]
    if settings.listener_power:
        n_tracks = np.diff(matrix.indptr)
        weights = evened(np.maximum(n_tracks, 1), n_tracks, settings.listener_power)
        added *= np.repeat(weights, n_tracks)
    if not np.isfinite(added).all():
        raise UsageError(f"plays of up to {matrix.data.max():g} are too many for alpha {settings.alpha:g}")
    return added


def evened(numbers: NDArray[Any], times: NDArray[Any], power: float) -> Floats:
    """``(n / median n) ** -power``; the median is over plays, so that half of them weigh more than 1."""
    return ((numbers / _median(numbers, times)) ** -power).astype(np.float32)


def _median(numbers: NDArray[Any], times: NDArray[Any]) -> float:
    """The median when each number stands there as often as `times` says (the lower one of two)."""
    order = np.argsort(numbers, kind="stable")
    reached = np.cumsum(times[order])
    return float(numbers[order[np.searchsorted(reached, reached[-1] / 2)]])


def settled(matrix: csr_array, settings: WMFSettings) -> WMFSettings:
    """The settings, checked, with a number for lambda, taken from the plays if none was given."""
    check_settings(settings)
    if settings.regularisation is not None:
        return settings
    from scipy.sparse import csr_array

    added = _added(matrix, settings)
    most = float(added.max())
    weights = csr_array((added / np.float32(most), matrix.indices, matrix.indptr), shape=matrix.shape)
    vector = np.ones(matrix.shape[1], dtype=np.float32)
    for _ in range(_POWER_STEPS):
        vector /= np.linalg.norm(vector)
        vector = weights.T @ (weights @ vector)
    bound = most * float(np.sqrt(np.linalg.norm(vector))) / 10
    return replace(settings, regularisation=min(_four_plays(settings), bound))


def strength(settings: WMFSettings) -> float:
    """lambda; that of four plays where the plays themselves cannot be asked."""
    return _four_plays(settings) if settings.regularisation is None else settings.regularisation


def _four_plays(settings: WMFSettings) -> float:
    return 4 * float(trust(np.ones(1), settings)[0])


def objective(
    matrix: csr_array, listener_factors: Floats, track_factors: Floats, settings: WMFSettings
) -> float:
    """What WMF minimises, over all pairs (Hu, Koren, Volinsky 2008, equation 3).

    ``sum c (p - x·y)² + lambda (sum |x|² + sum |y|²)``, p = 1 where there are plays; pairs without plays
    are summed through ``tr(XᵀX YᵀY)``, so it costs no more than one iteration.
    """
    plays = checked(matrix)
    settings = settled(plays, settings)
    c = confidences(plays, settings)
    x, y = listener_factors.astype(np.float64), track_factors.astype(np.float64)
    everywhere = float(np.sum((x.T @ x) * (y.T @ y)))
    lost = 0.0
    for first in range(0, plays.shape[0], 4096):
        part = c[first : first + 4096].tocoo()
        weight, given = part.data.astype(np.float64), np.einsum("ij,ij->i", x[first + part.row], y[part.col])
        lost += float(np.sum(weight * (1 - given) ** 2 - given**2))
    return everywhere + lost + strength(settings) * float(np.sum(x**2) + np.sum(y**2))


def first_factors(n: int, n_factors: int, rng: np.random.Generator) -> Floats:
    """Small random factors to begin with, ``(n, n_factors)``."""
    spread = _FIRST_SPREAD / np.sqrt(n_factors)
    return rng.standard_normal((n, n_factors), dtype=np.float32) * np.float32(spread)


def fit_wmf(
    matrix: csr_array,
    settings: WMFSettings | None = None,
    *,
    seed: int = 0,
    validation: csr_array | None = None,
    progress: Progress | None = None,
) -> tuple[Floats, Floats]:
    """Factors that explain who plays what, by alternating least squares (`implicit` solves it).

    Parameters
    ----------
    matrix
        (n_listeners, n_tracks) CSR, plays.
    settings
        What is minimised.
    seed
        Of the first factors; the same seed gives the same bytes on one machine, with any number of threads.
    validation
        Plays held out, of the same shape: the factors of the iteration that ranks them best are given, and
        it stops when two looks in a row are no better.
    progress
        Told of iterations.

    Returns
    -------
    listener_factors, track_factors
        (n_listeners, n_factors) and (n_tracks, n_factors), float32. A listener or track without plays has
        zeros.

    Raises
    ------
    UsageError
        If the plays or a setting cannot be used.

    References
    ----------
    Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM 2008; `SYSTEMS` A and
    C in the documentation of Segue.
    """
    settings = settings or WMFSettings()
    check_settings(settings)
    plays = checked(matrix)
    settings = settled(plays, settings)
    watch = _Watch(plays, validation) if validation is not None else None
    rng = np.random.default_rng(seed)
    listeners = first_factors(plays.shape[0], settings.n_factors, rng)
    tracks = first_factors(plays.shape[1], settings.n_factors, rng)
    _solve(confidences(plays, settings), listeners, tracks, settings, watch, progress or Silent())
    return watch.best if watch and watch.best else (listeners, tracks)


class _Enough(Exception):
    """Validation no longer gets better."""


class _Watch:
    """Looks at validation plays now and then, and keeps the best factors."""

    def __init__(self, train: csr_array, held: csr_array) -> None:
        self._train, self._held = train, held
        self._best = Judgement(-np.inf, -np.inf, 0)
        self._since = 0
        self.best: tuple[Floats, Floats] | None = None

    def look(self, iteration: int, listeners: Floats, tracks: Floats) -> None:
        if (iteration + 1) % _EVERY:
            return
        now = judge(FactorScorer(listeners, tracks), self._train, self._held)
        if now.figure > self._best.figure:
            self._best, self._since = now, 0
            self.best = (listeners.copy(), tracks.copy())
            return
        self._since += 1
        if self._since >= _PATIENCE:
            raise _Enough


def _solve(
    weights: csr_array,
    listeners: Floats,
    tracks: Floats,
    settings: WMFSettings,
    watch: _Watch | None,
    progress: Progress,
) -> None:
    """Alternate in place. `implicit` takes c itself of the played pairs, and 1 for all others."""
    import threadpoolctl
    from implicit.cpu.als import AlternatingLeastSquares
    from implicit.recommender_base import ModelFitError
    from scipy.sparse import csr_matrix

    # implicit's own threads are the faster ones; with BLAS's beside them both are slow.
    with threadpoolctl.threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=settings.n_factors,
            regularization=strength(settings),
            iterations=settings.n_iterations,
        )
        model.user_factors, model.item_factors = listeners, tracks
        progress.start("factorising, iterations", settings.n_iterations)
        try:
            model.fit(
                csr_matrix(weights, copy=False),
                show_progress=False,
                callback=_each_iteration(watch, listeners, tracks, progress),
            )
        except _Enough:
            pass
        except ModelFitError as error:
            raise SegueError(f"the factors grew without bound ({error}): raise the regularisation") from error
        finally:
            progress.finish()


def _each_iteration(
    watch: _Watch | None, listeners: Floats, tracks: Floats, progress: Progress
) -> Callable[[int, float, float | None], None]:
    def done(iteration: int, seconds: float, loss: float | None) -> None:
        progress.advance()
        if watch is not None:
            watch.look(iteration, listeners, tracks)

    return done
