"""Settings of WMF chosen on plays held out of those given; nothing else is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from segue.factors.scorers import FactorScorer
from segue.factors.usage import checked, hold_out
from segue.factors.validation import Judgement, judge
from segue.factors.wmf import WMFSettings, fit_wmf, settled
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from scipy.sparse import csr_array

SHARE = 0.2
TRIALS = 24
_LEAST_STEP = 1.3


@dataclass(frozen=True, slots=True)
class Trial:
    """One set of settings, and how well it ranked the held-out plays."""

    settings: WMFSettings
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Tuning:
    """The best settings, and all that were tried, in order."""

    settings: WMFSettings
    trials: tuple[Trial, ...]


def tune(
    matrix: csr_array,
    start: WMFSettings | None = None,
    *,
    n_factors: Sequence[int] = (),
    n_trials: int = TRIALS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Tuning:
    """Look for alpha, lambda and the number of factors that rank a random fifth of the plays best.

    One setting at a time is made larger or smaller as long as that is better; when no change helps, the
    changes become smaller. Each trial stops early on the same plays.

    Parameters
    ----------
    matrix
        (n_listeners, n_tracks) CSR, plays.
    start
        Where to begin; its confidence, eps and popularity power stay.
    n_factors
        Numbers of factors to choose among, tried with the best of the other settings; none keeps that of
        `start`.
    n_trials
        How many fits at most; those of other numbers of factors come last.
    seed
        Of the held-out plays and the first factors.

    Returns
    -------
    Tuning
        `trials` begins with `start`; the best is what `Judgement.figure` says.
    """
    plays = checked(matrix)
    train, held = hold_out(plays, share=SHARE, seed=seed)
    first = settled(plays, start or WMFSettings())
    progress = progress or Silent()
    tried: dict[WMFSettings, Judgement] = {}

    sizes = [size for size in sorted(set(n_factors)) if size != first.n_factors]
    before_sizes = max(n_trials - len(sizes), 1)

    def figure(settings: WMFSettings) -> float:
        if settings not in tried:
            if len(tried) >= before_sizes and settings.n_factors == first.n_factors:
                return -1.0
            factors = fit_wmf(train, settings, seed=seed, validation=held)
            tried[settings] = judge(FactorScorer(*factors), train, held)
            progress.advance()
        return tried[settings].figure

    progress.start("tuning, trials", n_trials)
    best, step = first, 2.0
    while step >= _LEAST_STEP and len(tried) < before_sizes:
        better = _best_of([best, *(change(best, step) for change in _CHANGES)], figure)
        best, step = (better, step) if better != best else (best, step**0.5)
    best = _best_of([best, *(replace(best, n_factors=size) for size in sizes)], figure)
    progress.finish()
    return Tuning(best, tuple(Trial(*pair) for pair in tried.items()))


def _best_of(choices: Sequence[WMFSettings], figure: Callable[[WMFSettings], float]) -> WMFSettings:
    return max(choices, key=figure)


def _scaled(alpha: float, regularisation: float) -> Callable[[WMFSettings, float], WMFSettings]:
    """A change of alpha and lambda by powers of the step."""

    def change(settings: WMFSettings, step: float) -> WMFSettings:
        assert settings.regularisation is not None
        return replace(
            settings,
            alpha=settings.alpha * step**alpha,
            regularisation=settings.regularisation * step**regularisation,
        )

    return change


# Both together keep the balance of fit and smoothness and move only against the pairs never played.
_CHANGES = (_scaled(1, 1), _scaled(-1, -1), _scaled(0, 1), _scaled(0, -1))
