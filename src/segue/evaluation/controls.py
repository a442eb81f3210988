"""What the same measure says of vectors that know nothing: the level that must be beaten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from segue.types import Matrix


def shuffled_vectors(vectors: Matrix, *, seed: int) -> Matrix:
    """The same vectors handed to the wrong tracks: all structure but the one that matters, ``(n, dim)``.

    Parameters
    ----------
    vectors : (n, dim) float32
        Any vectors.
    """
    return vectors[np.random.default_rng(seed).permutation(len(vectors))]


def random_vectors(n: int, dim: int, *, seed: int) -> Matrix:
    """Normally distributed vectors, ``(n, dim) float32``: for measures that shuffling leaves as they are."""
    return np.random.default_rng(seed).standard_normal((n, dim), dtype=np.float32)
