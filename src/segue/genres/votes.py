"""Several classifiers that vote, as B let boosted trees, logistic regression and support vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from segue.genres.classifiers import classifier_kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Vote = Literal["soft", "hard"]

VOTERS = {
    "vote-soft": ("xgboost", "logistic", "linear-svm"),
    "vote-hard": ("xgboost", "logistic", "linear-svm"),
}
"""Who votes, by the name of the ensemble."""


def voters(name: str) -> tuple[str, ...]:
    """The classifiers behind a name: those of an ensemble, or the one of this name.

    >>> voters("vote-soft"), voters("logistic")
    (('xgboost', 'logistic', 'linear-svm'), ('logistic',))
    """
    return VOTERS.get(name, (name,))


def check_voters(name: str, *, balanced: bool = False) -> None:
    """Refuse a classifier, or an ensemble of them, that cannot be made.

    Raises
    ------
    UsageError
        If there is none of this name, or it cannot weigh classes and `balanced` asks for it.
    SegueError
        If its library is not installed.
    """
    for voter in voters(name):
        kind = classifier_kind(voter)
        kind.make(kind.settings[0], 0, balanced)


def vote_of(name: str) -> Vote:
    """How the classifiers of a name vote."""
    return "hard" if name == "vote-hard" else "soft"


def voted(said: Sequence[Floats], vote: Vote) -> Floats:
    """What several classifiers say together, ``(n, n_classes)``; each row adds up to 1.

    Parameters
    ----------
    said
        Probabilities ``(n, n_classes)`` of each.
    vote
        ``soft``: their mean. ``hard``: each has one vote, and where votes are equal the mean decides.

    Examples
    --------
    >>> a, b, c = np.array([[0.6, 0.4]]), np.array([[0.6, 0.4]]), np.array([[0.0, 1.0]])
    >>> voted([a, b, c], "soft").round(2), voted([a, b, c], "hard").argmax()
    (array([[0.4, 0.6]]), np.int64(0))
    """
    mean = np.mean(said, axis=0)
    if vote == "soft" or len(said) == 1:
        return np.asarray(mean)
    n_classes = mean.shape[1]
    votes = sum(np.eye(n_classes)[one.argmax(axis=1)] for one in said)
    return np.asarray((votes + mean) / (len(said) + 1))
