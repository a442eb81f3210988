"""The outline of a recording for a player: how loud each bar of its waveform is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Samples


def outline(blocks: Iterable[Samples], samples_a_step: int) -> NDArray[np.float32]:
    """Peak and RMS of every step of a recording that comes in blocks.

    Parameters
    ----------
    blocks
        Mono samples, one block after the other, each ``(n_samples,) float32``.
    samples_a_step
        Length of a step; the last may be shorter.

    Returns
    -------
    steps : (n_steps, 2) float32
        Largest magnitude, and root of the mean square.

    Examples
    --------
    >>> outline([np.array([1, -1, 0.5], np.float32), np.array([0.5, 0], np.float32)], 2)
    array([[1. , 1. ],
           [0.5, 0.5],
           [0. , 0. ]], dtype=float32)
    """
    parts: list[NDArray[np.float32]] = []
    rest = np.zeros(0, np.float32)
    for block in blocks:
        joined = np.concatenate([rest, block]) if rest.size else block
        whole = joined.size // samples_a_step * samples_a_step
        if whole:
            parts.append(_steps(joined[:whole].reshape(-1, samples_a_step)))
        rest = joined[whole:].copy()
    if rest.size:
        parts.append(_steps(rest[None]))
    return np.concatenate(parts) if parts else np.zeros((0, 2), np.float32)


def bars(steps: NDArray[np.float32], n: int) -> NDArray[np.float32]:
    """An outline drawn with another number of bars.

    Parameters
    ----------
    steps : (n_steps, 2) float32
        Peak and RMS, as `outline` returns them.
    n
        How many bars; a step on the border of two counts in both. More bars than steps repeat steps.

    Returns
    -------
    bars : (n, 2) float32

    Examples
    --------
    >>> bars(np.array([[1, 0.5], [0.5, 0.5], [0.25, 0], [0, 0]], np.float32), 2)
    array([[1.  , 0.5 ],
           [0.25, 0.  ]], dtype=float32)
    """
    m = len(steps)
    if m == 0:
        return np.zeros((n, 2), np.float32)
    starts = np.arange(n) * m // n
    ends = np.maximum(-(-np.arange(1, n + 1) * m // n), starts + 1)
    drawn = np.empty((n, 2), np.float32)
    sums = np.concatenate([[0.0], np.cumsum(np.square(steps[:, 1], dtype=np.float64))])
    drawn[:, 1] = np.sqrt(np.maximum(0, sums[ends] - sums[starts]) / (ends - starts))
    # reduceat goes to the next start: a border step that two bars share is taken again by itself.
    drawn[:, 0] = np.maximum(np.maximum.reduceat(steps[:, 0], starts), steps[ends - 1, 0])
    return drawn


def _steps(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Peak and RMS of each row, (n, 2) float32."""
    largest = np.maximum(rows.max(axis=1), -rows.min(axis=1)) + 0  # no -0
    mean_square = np.einsum("ij,ij->i", rows, rows) / np.float32(rows.shape[1])
    return np.stack([largest, np.sqrt(mean_square)], axis=1)
