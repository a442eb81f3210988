"""Fold-in: the taste of one listener, solved from plays, skips and dislikes against given track factors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import UsageError
from segue.factors.wmf import WMFSettings, check_settings, strength, trust

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Solver:
    """Solves listeners against track factors: learned, predicted from content, or plain embeddings.

    Attributes
    ----------
    track_factors : (n_tracks, n_factors) float32
        One row a track.
    settings : WMFSettings
        Confidence and regularisation; the number of factors is that of `track_factors`.
    """

    track_factors: Floats
    settings: WMFSettings

    @cached_property
    def gram(self) -> NDArray[np.float64]:
        """What all tracks that were not played say together: ``YᵀY + lambda I``."""
        check_settings(self.settings)
        factors = np.asarray(self.track_factors, dtype=np.float32)
        if factors.ndim != 2 or not np.isfinite(factors).all():
            raise UsageError("track factors must be a matrix of finite numbers, one row a track")
        whole = (factors.T @ factors).astype(np.float64)
        return whole + strength(self.settings) * np.eye(factors.shape[1])

    def solve(
        self,
        tracks: ArrayLike,
        plays: ArrayLike,
        *,
        disliked: ArrayLike = (),
        dislikes: ArrayLike | float = 1.0,
    ) -> Floats:
        """The listener's factors: ``(YᵀCY + lambda I)⁻¹ YᵀCp`` (Hu et al. 2008, equation 4).

        Parameters
        ----------
        tracks : (n,) int64
            Rows of `track_factors` that were played or liked; a row given twice counts as two.
        plays : (n,) float
            How often, above 0; a like is as many plays as it is worth.
        disliked : (m,) int64
            Rows that were skipped or disliked: p = 0, but with the confidence of that many plays.
        dislikes : (m,) float or one number
            How strongly, in plays.

        Returns
        -------
        (n_factors,) float32
            All 0 if nothing was played. Its dot products with track factors are the scores.

        Raises
        ------
        UsageError
            If a row is not there, or a number of plays is negative or not finite.

        Examples
        --------
        >>> rock_and_jazz = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
        >>> solver = Solver(rock_and_jazz, WMFSettings(regularisation=0.1))
        >>> (solver.solve([0], [5]) @ rock_and_jazz.T).round(1)
        array([1., 1., 0.], dtype=float32)
        """
        liked, for_it = self._given(tracks, plays)
        put_off, against = self._given(disliked, dislikes)
        rows = np.concatenate([liked, put_off])
        chosen = np.asarray(self.track_factors[rows], dtype=np.float32)
        added = np.concatenate([for_it, against])
        system = self.gram + (chosen * added[:, None]).T @ chosen
        wanted = chosen[: len(liked)].T @ (for_it + 1)
        return np.linalg.solve(system, wanted.astype(np.float64)).astype(np.float32)

    def _given(self, tracks: ArrayLike, plays: ArrayLike) -> tuple[NDArray[np.int64], Floats]:
        rows = np.atleast_1d(np.asarray(tracks, dtype=np.int64))
        counts = np.broadcast_to(np.asarray(plays, dtype=np.float64), rows.shape)
        n_tracks = len(self.track_factors)
        if rows.size and (rows.min() < 0 or rows.max() >= n_tracks):
            raise UsageError(f"row {rows.max()} is not among {n_tracks:,} track factors")
        if not (np.isfinite(counts).all() and (counts >= 0).all()):
            raise UsageError("plays must be numbers that are not negative")
        return rows, trust(counts, self.settings)


def fold_in(
    track_factors: Floats, tracks: ArrayLike, plays: ArrayLike, settings: WMFSettings | None = None
) -> Floats:
    """One listener's factors, ``(n_factors,)``; for several listeners make one `Solver` and ask it often."""
    return Solver(track_factors, settings or WMFSettings()).solve(tracks, plays)
