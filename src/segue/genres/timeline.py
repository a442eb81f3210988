"""How genres move through a song: probabilities for every few seconds, given while the sound arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from segue.genres.model import Classifier

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Samples, Vector

STEP_S = 3.0
"""Of the timeline; also the shortest sound that the default encoder hears without repeating it."""
_SHORTEST_S = 1.0
_KEPT = 0.6


class Moment(NamedTuple):
    """One step of a timeline.

    Attributes
    ----------
    start_s
        Where it begins, in seconds.
    probabilities
        (n_classes,) float32, smoothed over the steps before.
    """

    start_s: float
    probabilities: NDArray[np.float32]


def timeline(
    stretches: Iterable[Samples],
    hear: Callable[[Samples], Vector],
    model: Classifier,
    *,
    sample_rate: int,
    step_s: float = STEP_S,
    kept: float = _KEPT,
) -> Iterator[Moment]:
    """Yield a moment as soon as its sound is complete.

    The smoothed probabilities are those of the step and `kept` of what was smoothed before: an exponential
    average, which never looks ahead. The first steps are averaged as far as they go.

    Parameters
    ----------
    stretches
        Mono samples in pieces of any length, in order.
    hear
        The vector ``(dim,)`` of a step's samples.
    model
        What tells genres from such vectors.
    sample_rate
        In Hz.
    step_s
        In seconds. A last step that is shorter than one second is left out, unless it is the only one.
    kept
        From 0, no smoothing, to below 1.

    Yields
    ------
    Moment
    """
    smoothed, weight = np.zeros(len(model.classes)), 0.0
    for number, samples in enumerate(_steps(stretches, round(step_s * sample_rate), sample_rate)):
        said = model.predict_proba(hear(samples)[None])[0].astype(np.float64)
        smoothed, weight = kept * smoothed + said, kept * weight + 1
        yield Moment(number * step_s, (smoothed / weight).astype(np.float32))


def _steps(stretches: Iterable[Samples], length: int, sample_rate: int) -> Iterator[Samples]:
    """Pieces of `length` samples, whatever the stretches are."""
    left, n_given = np.zeros(0, np.float32), 0
    for stretch in stretches:
        left = np.concatenate([left, stretch]) if left.size else stretch
        while left.size >= length:
            yield left[:length]
            left, n_given = left[length:], n_given + 1
    if left.size >= _SHORTEST_S * sample_rate or (left.size and not n_given):
        yield left
