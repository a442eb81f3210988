"""Draw, for tracks, others that are like them or unlike them: by class, by tags, by nearness of values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

_BLOCK = 1024


def class_partners(classes: Ints, rng: np.random.Generator) -> Ints:
    """For each of n tracks the position of another of its class, or its own where it is alone.

    Parameters
    ----------
    classes : (n,) int64
        None unknown.
    rng
        Draws them.
    """
    ordered, start, count, rank = _blocks(classes)
    step = rng.integers(1, np.maximum(count, 2))
    return np.asarray(ordered[start + (rank + step) % count])


def class_strangers(classes: Ints, rng: np.random.Generator) -> Ints:
    """For each of n tracks the position of one of another class.

    Raises
    ------
    UsageError
        If there is one class only.
    """
    ordered, start, count, _ = _blocks(classes)
    others = len(classes) - count
    if not others.all():
        raise UsageError("there is one class only: triplets need tracks of another")
    return np.asarray(ordered[(start + count + rng.integers(0, others)) % len(classes)])


def _blocks(classes: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Positions ordered by class; of each track where its class begins there, its size, the rank in it."""
    ordered = np.argsort(classes, kind="stable")
    _, inverse, counts = np.unique(classes, return_inverse=True, return_counts=True)
    start = (np.cumsum(counts) - counts)[inverse]
    place = np.empty_like(ordered)
    place[ordered] = np.arange(len(ordered))
    return ordered, start, counts[inverse], place - start


def tag_partners(tags: Floats, rng: np.random.Generator) -> Ints:
    """For each of n tracks the position of another that shares one of its tags, or its own if there is none.

    Parameters
    ----------
    tags : (n, n_tags) float32
        1 where a track has the tag; NaN and 0 are not had.
    rng
        Draws a tag, then a track with it.
    """
    having = [np.flatnonzero(column == 1) for column in tags.T]
    partners = np.arange(len(tags))
    for at, row in enumerate(tags):
        shared = [tag for tag in np.flatnonzero(row == 1) if len(having[tag]) > 1]
        if shared:
            others = having[rng.choice(shared)]
            own = int(np.searchsorted(others, at))
            partners[at] = others[(own + rng.integers(1, len(others))) % len(others)]
    return partners


class Nearness:
    """The nearest and the farthest of each track by the cosine of their values.

    Parameters
    ----------
    values : (n, k) float32
        Such as factors.
    nearest, farthest
        How many of each; at most a tenth and a half of the others, so that small sets work too.

    Attributes
    ----------
    near, far
        (n, n_near) and (n, n_far) int64 positions, in no order.
    near_at
        (n,) float32: the cosine of the least alike of the near ones.
    middle_at
        (n,) float32: the median cosine to the others.
    """

    def __init__(self, values: Floats, nearest: int, farthest: int) -> None:
        others = len(values) - 1
        if others < 1:
            raise UsageError("there is one track only: neighbours need others")
        n_near, n_far = max(1, min(nearest, others // 10)), max(1, min(farthest, others // 2))
        self.near = np.empty((len(values), n_near), dtype=np.int64)
        self.far = np.empty((len(values), n_far), dtype=np.int64)
        self.near_at = np.empty(len(values), dtype=np.float32)
        self.middle_at = np.empty(len(values), dtype=np.float32)
        for part, likeness in _cosines(values):
            own = np.arange(part.start, part.stop)
            self.middle_at[part] = np.median(likeness, axis=1)
            likeness[np.arange(len(own)), own] = np.inf
            self.far[part] = np.argpartition(likeness, n_far - 1, axis=1)[:, :n_far]
            likeness[np.arange(len(own)), own] = -np.inf
            near = np.argpartition(-likeness, n_near - 1, axis=1)[:, :n_near]
            self.near[part] = near
            self.near_at[part] = np.take_along_axis(likeness, near, axis=1).min(axis=1)

    def partners(self, rng: np.random.Generator) -> Ints:
        """For each track the position of one of the near."""
        return self._drawn(self.near, rng)

    def strangers(self, rng: np.random.Generator) -> Ints:
        """For each track the position of one of the far."""
        return self._drawn(self.far, rng)

    def _drawn(self, choices: Ints, rng: np.random.Generator) -> Ints:
        at = rng.integers(0, choices.shape[1], size=len(choices))
        return np.asarray(choices[np.arange(len(choices)), at])


def _cosines(values: Floats) -> Iterator[tuple[slice, Floats]]:
    """(n_block, n) of some rows at a time."""
    lengths = np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-9)
    directions = (values / lengths).astype(np.float32)
    for start in range(0, len(values), _BLOCK):
        part = slice(start, min(start + _BLOCK, len(values)))
        yield part, directions[part] @ directions.T
