"""The pool that an answer is chosen from: the nearest tracks that filters leave, with hubs corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.ranking.recordings import Sounds, repeats, sounds_of
from segue.ranking.space import Floats, Ids, Seed, Space


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidates of one question.

    Attributes
    ----------
    positions
        ``(m,)`` rows of the space, ascending by key.
    sounds
        Their vectors ``(m, dim)``, and what recordings are told apart by.
    cosines, scores
        ``(n_seeds, m)``: cosine, and similarity with hubs corrected, to each seed.
    exhausted
        Whether it holds all that the filters leave.
    """

    positions: Ids
    sounds: Sounds
    cosines: Floats
    scores: Floats
    exhausted: bool


def gather(space: Space, seeds: Sequence[Seed], mask: NDArray[np.bool_], size: int) -> Pool:
    """The `size` nearest rows of each seed among those of the mask, without the seeds and their repeats."""
    queries = np.stack([seed.vector for seed in seeds]).astype(np.float32)
    found, _ = space.neighbourhood.index.search(queries, size, allowed=mask)
    keys = np.unique(found)
    positions = space.positions(keys)
    sounds = sounds_of(space, positions)
    keep = np.ones(len(positions), dtype=np.bool_)
    for seed in seeds:
        keep &= ~repeats(space, seed, positions, sounds)
    positions = positions[keep]
    sounds = sounds.at(keep)
    vectors, neighbourhood = sounds.vectors, space.neighbourhood
    scores = [neighbourhood.similarity(query[None], vectors, positions) for query in queries]
    cosines = [np.einsum("ij,j->i", vectors, query) for query in queries]
    return Pool(positions, sounds, np.stack(cosines), np.stack(scores), found.shape[1] < size)
