"""From scores to probabilities that mean what they say: one temperature, learned from held-out tracks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_TEMPERATURES = np.geomspace(0.02, 50, 161)


def fit_temperature(scores: Floats, classes: NDArray[np.int64]) -> float:
    """The temperature by which scores of held-out tracks are most likely.

    Parameters
    ----------
    scores : (n, n_classes) float64
        Given by classifiers that had not seen the track.
    classes : (n,) int64
        Their true classes.

    Returns
    -------
    temperature : float
        1 where there is no track.

    References
    ----------
    C. Guo et al., "On calibration of modern neural networks", ICML 2017.

    Examples
    --------
    >>> scores = np.array([[4.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 0.0]])
    >>> fit_temperature(scores, np.array([0, 0, 1, 1])) > 2  # sure, and wrong one time in four
    True
    """
    rows = np.arange(len(scores))
    return _likeliest(len(scores), lambda temperature: probabilities(scores, temperature)[rows, classes])


def fit_temperature_of_each(scores: Floats, there: NDArray[np.bool_]) -> float:
    """The same where a track may be of several genres, each with a probability of its own.

    Parameters
    ----------
    scores : (n, n_genres) float64
        Positive for, negative against.
    there : (n, n_genres) bool
        What is true.
    """

    def of_truth(temperature: float) -> Floats:
        said = probabilities_of_each(scores, temperature)
        return np.where(there, said, 1 - said)

    return _likeliest(len(scores), of_truth)


def _likeliest(n_tracks: int, of_truth: Callable[[float], Floats]) -> float:
    """The temperature that gives the truth the largest probability; 1 where there is no track."""
    if not n_tracks:
        return 1.0
    losses = [-np.log(np.maximum(of_truth(temperature), 1e-12)).mean() for temperature in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def probabilities(scores: Floats, temperature: float = 1.0) -> Floats:
    """Probabilities of classes of which one is true, ``(n, n_classes)``; each row adds up to 1.

    >>> probabilities(np.array([[0.0, np.log(3.0)]])).round(2)
    array([[0.25, 0.75]])
    """
    cooled = scores / temperature
    raised = np.exp(cooled - cooled.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def probabilities_of_each(scores: Floats, temperature: float = 1.0) -> Floats:
    """Probabilities of genres of which any number is true, ``(n, n_genres)``.

    >>> probabilities_of_each(np.array([[0.0, 100.0]])).round(2)
    array([[0.5, 1. ]])
    """
    return np.asarray(1 / (1 + np.exp(-np.clip(scores / temperature, -500, 500))))
