"""WMF as one reads it in the paper, in NumPy and slow: what the fast one is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segue.factors.wmf import WMFSettings, strength

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Dense = NDArray[np.float64]


def confidence_and_preference(plays: Dense, settings: WMFSettings) -> tuple[Dense, Dense]:
    """c and p of every pair, ``(n_listeners, n_tracks)`` each (Hu, Koren, Volinsky 2008, section 4)."""
    p = (plays > 0).astype(np.float64)
    grown = plays if settings.confidence == "linear" else np.log(1 + plays / settings.eps)
    listeners, tracks = np.maximum(p.sum(axis=0), 1), np.maximum(p.sum(axis=1), 1)
    popular = (listeners / _median_over_plays(listeners, p)) ** -settings.popularity_power
    busy = (tracks / _median_over_plays(tracks, p.T)) ** -settings.listener_power
    return 1 + settings.alpha * grown * popular * busy[:, None], p


def _median_over_plays(numbers: Dense, p: Dense) -> float:
    each_play = np.sort(np.broadcast_to(numbers, p.shape)[p > 0])
    return float(each_play[(len(each_play) - 1) // 2])


def loss(plays: Dense, x: Dense, y: Dense, settings: WMFSettings) -> float:
    """Equation 3, all pairs written out."""
    c, p = confidence_and_preference(plays, settings)
    sizes = float((x**2).sum() + (y**2).sum())
    return float((c * (p - x @ y.T) ** 2).sum()) + strength(settings) * sizes


def half_step(c: Dense, p: Dense, y: Dense, regularisation: float) -> Dense:
    """Equation 4 for each row: the best x while y stands."""
    rows = []
    for weights, wanted in zip(c, p, strict=True):
        system = y.T @ np.diag(weights) @ y + regularisation * np.eye(y.shape[1])
        rows.append(np.linalg.solve(system, y.T @ (weights * wanted)))
    return np.array(rows)


def factorise(plays: Dense, x: Dense, y: Dense, settings: WMFSettings) -> tuple[Dense, Dense]:
    """Alternate from first factors x and y: listeners first, then tracks, `n_iterations` times."""
    c, p = confidence_and_preference(plays, settings)
    for _ in range(settings.n_iterations):
        x = half_step(c, p, y, strength(settings))
        y = half_step(c.T, p.T, x, strength(settings))
    return x, y
