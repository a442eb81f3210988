"""Kinds of music: K-means of scaled vectors, and how many kinds there should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from segue.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows: TypeAlias = NDArray[np.floating[Any]]
    Ids: TypeAlias = NDArray[np.int64]

MOST_KINDS = 12
"""The most that are tried when the number is to be found."""

# Beyond so many rows the first centres are found on a sample, and the curve is drawn of that sample.
_SAMPLE = 20_000
_SILHOUETTE_SAMPLE = 3_000
_STABILITY_SAMPLE = 6_000
_STABILITY_PAIRS = 5
_TRIES = 10
_TRIES_OF_HALVES = 3


@dataclass(frozen=True, slots=True)
class Clusters:
    """Centres, and which row belongs to which.

    Attributes
    ----------
    centres
        ``(k, dim)``, in the precision of the rows.
    labels
        ``(n,)`` int64: the nearest centre of each row.
    inertia
        Sum of squared distances to it.
    """

    centres: Rows
    labels: Ids
    inertia: float


@dataclass(frozen=True, slots=True)
class Curve:
    """What each number of clusters gives, and what three ways to read it would take.

    Attributes
    ----------
    inertia
        Of 1, 2, … clusters: mean squared distance of a row to its centre.
    silhouette, stability
        Of the same numbers; NaN for one cluster, of which neither says anything.
    """

    inertia: tuple[float, ...]
    silhouette: tuple[float, ...]
    stability: tuple[float, ...]

    @property
    def elbow(self) -> int:
        """Where the inertia bends most."""
        return elbow(self.inertia)

    @property
    def by_silhouette(self) -> int:
        """The number whose clusters stand apart best."""
        return _best(self.silhouette)

    @property
    def by_stability(self) -> int:
        """The number that comes out most alike whatever half of the rows is looked at."""
        return _best(self.stability)


def find_clusters(rows: Rows, k: int, *, seed: int = 0) -> Clusters:
    """K-means; the best of ten first centres is kept.

    Of more than 20,000 rows a seeded sample finds the centres, and all rows move them from there.

    Parameters
    ----------
    rows : (n, dim) float
        Scaled and finite.
    k
        At least 1.
    seed
        Of the first centres and the sample.

    Raises
    ------
    UsageError
        If there are fewer different rows than clusters.
    """
    from sklearn.cluster import KMeans

    check_number(rows, k)
    if len(rows) <= _SAMPLE:
        return _clusters(KMeans(k, n_init=_TRIES, random_state=seed).fit(rows))
    first = KMeans(k, n_init=_TRIES, random_state=seed).fit(_sample(rows, _SAMPLE, seed))
    return _clusters(KMeans(k, init=first.cluster_centers_, n_init=1).fit(rows))


def nearest_centres(rows: Rows, centres: Rows) -> Ids:
    """Which centre is nearest to each row, ``(n,)`` int64; of equally near ones the first."""
    squares = (centres * centres).sum(axis=1)
    nearest = [
        np.argmin(squares - 2 * (some @ centres.T), axis=1)
        for some in np.array_split(rows, max(1, len(rows) // _SAMPLE))
    ]
    return np.concatenate(nearest).astype(np.int64)


def check_number(rows: Rows, k: int) -> None:
    """Refuse more clusters than there are different rows.

    Raises
    ------
    UsageError
        Saying how many there could be.
    """
    if k < 1:
        raise UsageError(f"there must be 1 kind or more, not {k}")
    if k > len(rows):
        raise UsageError(f"{len(rows):,} tracks cannot be put into {k:,} kinds: take {len(rows):,} or fewer")
    different = _different(rows, k)
    if different < k:
        raise UsageError(
            f"{len(rows):,} tracks of which only {different:,} differ cannot be put into {k:,} kinds"
        )


def draw_curve(rows: Rows, *, most: int = MOST_KINDS, seed: int = 0) -> Curve:
    """Inertia, silhouette and stability of 1, 2, … clusters.

    At most half as many clusters are tried as there are different rows: a cluster of one says nothing of a
    kind. Of many rows, seeded samples are looked at.

    Parameters
    ----------
    rows : (n, dim) float
        Scaled and finite, at least one.
    most
        The largest number tried.
    seed
        Of samples and first centres.

    References
    ----------
    P. J. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis",
    Journal of Computational and Applied Mathematics 20, 1987.
    A. Ben-Hur, A. Elisseeff, I. Guyon, "A stability based method for discovering structure in clustered
    data", Pacific Symposium on Biocomputing, 2002: here with K-means and the adjusted Rand index.
    """
    sample = _sample(rows, _SAMPLE, seed)
    numbers = range(1, max(1, min(most, _different(sample, 2 * most) // 2)) + 1)
    found = {k: find_clusters(sample, k, seed=seed) for k in numbers}
    silhouettes = [_silhouette(sample, found[k].labels, seed) for k in numbers]
    stabilities = [_stability(sample, k, seed) for k in numbers]
    inertia = tuple(found[k].inertia / len(sample) for k in numbers)
    return Curve(inertia, tuple(silhouettes), tuple(stabilities))


def elbow(inertia: tuple[float, ...]) -> int:
    """The number of clusters at which the inertia bends most: farthest below the chord of its curve.

    Both axes are brought to 0..1 first; a curve without a bend gives 1.

    Parameters
    ----------
    inertia
        Of 1, 2, … clusters.

    References
    ----------
    V. Satopää, J. Albrecht, D. Irwin, B. Raghavan, "Finding a 'kneedle' in a haystack: detecting knee points
    in system behavior", ICDCS workshops, 2011.

    Examples
    --------
    >>> elbow((10.0, 4.0, 1.0, 0.8, 0.7, 0.6))
    3
    """
    curve = np.asarray(inertia, dtype=np.float64)
    if len(curve) < 3 or curve[0] <= curve[-1]:
        return 1
    fall = curve[0] - curve[-1]
    below = np.linspace(1, 0, len(curve)) - (curve - curve[-1]) / fall
    return int(below.argmax()) + 1 if below.max() > 1e-9 else 1


def _best(values: tuple[float, ...]) -> int:
    """The number with the largest value, to two decimals; of equal ones the largest number."""
    rounded = np.round(np.nan_to_num(values, nan=-2.0), 2)
    return int(len(rounded) - rounded[::-1].argmax())


def _clusters(fitted: Any) -> Clusters:
    return Clusters(fitted.cluster_centers_, fitted.labels_.astype(np.int64), float(fitted.inertia_))


def _sample(rows: Rows, size: int, seed: int) -> Rows:
    if len(rows) <= size:
        return rows
    return rows[np.sort(np.random.default_rng(seed).choice(len(rows), size, replace=False))]


def _different(rows: Rows, enough: int) -> int:
    """How many rows differ, counted up to `enough` among the first rows before all are compared."""
    few = len(np.unique(rows[: 4 * enough], axis=0))
    return few if few >= enough or len(rows) <= 4 * enough else len(np.unique(rows, axis=0))


def _silhouette(rows: Rows, labels: Ids, seed: int) -> float:
    from sklearn.metrics import silhouette_score

    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(rows), min(len(rows), _SILHOUETTE_SAMPLE), replace=False)
    n_labels = len(np.unique(labels[chosen]))
    if not 2 <= n_labels < len(chosen):
        return float("nan")
    return float(silhouette_score(rows[chosen], labels[chosen]))


def _stability(rows: Rows, k: int, seed: int) -> float:
    """How alike two clusterings are that saw two different halves, on all rows; 1 for the same."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    if k == 1:
        return float("nan")
    rng = np.random.default_rng([seed, k])
    rows = _sample(rows, _STABILITY_SAMPLE, seed)
    agreements = []
    for _ in range(_STABILITY_PAIRS):
        places = rng.permutation(len(rows))
        halves = places[: len(rows) // 2], places[len(rows) // 2 :]
        if any(_different(rows[half], k) < k for half in halves):
            continue  # too few rows, or copies: half of them cannot be put into k
        centres = [
            KMeans(k, n_init=_TRIES_OF_HALVES, random_state=int(rng.integers(2**31)))
            .fit(rows[half])
            .cluster_centers_
            for half in halves
        ]
        first, second = (nearest_centres(rows, some) for some in centres)
        agreements.append(adjusted_rand_score(first, second))
    return float(np.mean(agreements)) if agreements else float("nan")
