"""A genre model: vectors of one encoder in, probabilities of genres out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from segue.genres.calibration import probabilities, probabilities_of_each
from segue.genres.votes import Vote, voted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Matrix

    Floats = NDArray[np.float64]


class Classifier(Protocol):
    """What tells classes from vectors."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Their names, in the order of the probabilities."""

    def predict_proba(self, vectors: Matrix) -> NDArray[np.float32]:
        """``(n, n_classes)`` float32, of vectors ``(n, dim)`` float32."""


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One classifier of a model.

    Attributes
    ----------
    classifier
        Its kind.
    scores
        From ``(n, n_kept)`` float32 to ``(n, n_classes)`` float64.
    temperature
        By which scores are divided.
    columns
        (n_kept,) int64: of the vectors; None for all.
    """

    classifier: str
    scores: Callable[[Matrix], Floats]
    temperature: float = 1.0
    columns: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class GenreModel:
    """Behind the contract of `Classifier`.

    Attributes
    ----------
    id
        Its name and a digest of what makes its answers.
    encoder
        Whose vectors it takes: an id, or a sum of them.
    classes
        Names of the genres.
    members
        One classifier, or several that vote.
    vote
        How.
    several
        Whether a track may be of several genres, each with a probability of its own.
    thresholds
        (n_classes,) float32: from which probability a genre counts as told, where `several`.
    parents
        Of genres in a tree, by name; a genre is at least as likely as each of its children.
    card
        What else is known: target, data, figures, licence.
    """

    id: str
    encoder: str
    classes: tuple[str, ...]
    members: tuple[Member, ...]
    vote: Vote = "soft"
    several: bool = False
    thresholds: NDArray[np.float32] | None = None
    parents: Mapping[str, str] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)

    def predict_proba(self, vectors: Matrix) -> NDArray[np.float32]:
        """How likely each genre is, ``(n, n_classes)`` float32; rows add up to 1 unless `several`.

        Parameters
        ----------
        vectors : (n, dim) float32
            As the encoder gave them.
        """
        if not len(vectors):
            return np.zeros((0, len(self.classes)), np.float32)
        squash = probabilities_of_each if self.several else probabilities
        said = [
            squash(
                member.scores(vectors if member.columns is None else vectors[:, member.columns]),
                member.temperature,
            )
            for member in self.members
        ]
        together = np.mean(said, axis=0) if self.several else voted(said, self.vote)
        return up_the_tree(together, self.classes, self.parents).astype(np.float32)

    def told(self, probabilities: NDArray[np.float32]) -> list[tuple[str, ...]]:
        """The genres that each row of probabilities tells, most likely first; at least one."""
        least = self.thresholds if self.several else None
        rows = []
        for row in probabilities:
            order = np.argsort(-row, kind="stable")
            kept = order[:1] if least is None else [at for at in order if row[at] >= least[at]]
            rows.append(tuple(self.classes[at] for at in (kept if len(kept) else order[:1])))
        return rows


def up_the_tree(said: Floats, names: tuple[str, ...], parents: Mapping[str, str]) -> Floats:
    """Probabilities in which each genre is at least as likely as its children, ``(n, n_genres)``.

    Parameters
    ----------
    said : (n, n_genres) float64
        Of each genre by itself.
    names
        Of the genres.
    parents
        By name of the child; those that are no genre here, and circles, are passed over.

    Examples
    --------
    >>> up_the_tree(np.array([[0.2, 0.7]]), ("Rock", "Punk"), {"Punk": "Rock"})
    array([[0.7, 0.7]])
    """
    if not parents:
        return said
    position = {name: at for at, name in enumerate(names)}
    raised = said.copy()
    for name in names:
        seen, child = {name}, name
        while (parent := parents.get(child, "")) and parent not in seen:
            if parent in position:
                raised[:, position[parent]] = np.maximum(raised[:, position[parent]], said[:, position[name]])
            seen.add(parent)
            child = parent
    return raised
