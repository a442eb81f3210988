"""The whole study of a table: what is in it, what says the same, what tells classes apart, what may go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segue.atlas.study.cleaning import Cleaned, clean, filled
from segue.atlas.study.correlations import Correlations, correlate
from segue.atlas.study.distributions import (
    Distribution,
    Plane,
    Spread,
    distribution_of,
    plane_of_two,
    spread_of,
)
from segue.atlas.study.dropping import Cost, Drop, cost_of_dropping, propose
from segue.atlas.study.outliers import Outliers, find_outliers
from segue.atlas.study.separation import Separation, separate
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.features.table import DescriptorTable

_TELLING, _PAIRED, _LEAST, _OF_FAMILIES = 8, 2, 2, 12
_BOXES = 12
_NEAREST_BY = 60
_NOT_JUDGED = (
    "no classifier was judged: fewer than two classes have tracks in two groups, such as two artists"
)


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """Everything that was found in a table.

    Attributes
    ----------
    table
        What was studied: without constant columns and empty tracks.
    names, counts
        Of the classes with at least two tracks; none where they are not known.
    labels : (n_tracks,) int64
        Position in `names`, -1 where not known.
    missing : (n_columns,) int64
        Values that are not known.
    spread, correlations, outliers
        Of all columns.
    separation
        Of all columns; None without classes.
    drops
        What may go.
    cost
        What that costs; None where it cannot be known.
    distributions, planes
        Of the columns that are shown.
    typical
        The track nearest to the median of each class; without classes, the one nearest to all.
    seed
        Of everything drawn.
    notes
        What was left out, counted.
    """

    table: DescriptorTable
    names: tuple[str, ...]
    counts: tuple[int, ...]
    labels: NDArray[np.int64]
    missing: NDArray[np.int64]
    spread: Spread
    correlations: Correlations
    outliers: Outliers
    separation: Separation | None
    drops: tuple[Drop, ...]
    cost: Cost | None
    distributions: tuple[Distribution, ...]
    planes: tuple[Plane, ...]
    typical: tuple[int, ...]
    seed: int
    notes: tuple[str, ...]


def study_table(
    table: DescriptorTable, *, threshold: float = 0.9, seed: int = 0, progress: Progress | None = None
) -> Study:
    """Study a table of descriptors.

    Parameters
    ----------
    table
        At least three tracks and one column that moves; with classes, they are compared, too.
    threshold
        From which absolute correlation on two columns say the same.
    seed
        Of folds and of what is drawn.
    progress
        Is told how far it is.

    Raises
    ------
    UsageError
        If there is too little to study.
    """
    progress = progress or Silent()
    progress.start("Studying", 5)
    cleaned = clean(table)
    values, labels, names = cleaned.table.values, cleaned.labels, cleaned.names
    spread = spread_of(values)
    progress.advance()
    correlations = correlate(values, cleaned.medians, threshold=threshold)
    progress.advance()
    separation = separate(values, labels, len(names)) if names else None
    progress.advance()
    outliers = find_outliers(values, spread.quartiles)
    progress.advance()
    drops = propose(correlations.pearson, separation, threshold=threshold)
    groups = cleaned.table.groups
    cost = cost_of_dropping(values, labels, groups, threshold=threshold, seed=seed) if names else None
    judging = cost.notes if cost else ((_NOT_JUDGED,) if names else ())
    progress.advance()
    progress.finish()
    counts = tuple(int((labels == at).sum()) for at in range(len(names)))
    return Study(
        table=cleaned.table,
        names=names,
        counts=counts,
        labels=labels,
        missing=cleaned.missing,
        spread=spread,
        correlations=correlations,
        outliers=outliers,
        separation=separation,
        drops=drops,
        cost=cost,
        distributions=_shown(cleaned, correlations, separation, counts),
        planes=_planes(cleaned, correlations, separation, counts),
        typical=_typical(cleaned, spread, separation),
        seed=seed,
        notes=(*table.notes, *cleaned.notes, *judging),
    )


def _telling(correlations: Correlations, separation: Separation, most: int) -> list[int]:
    """The columns that separate best, none a copy of one before."""
    chosen: list[int] = []
    for column in separation.ranking().tolist():
        strength = np.abs(correlations.pearson[column, chosen])
        if not chosen or strength.max() < correlations.threshold:
            chosen.append(column)
        if len(chosen) == most:
            break
    return chosen


def _shown(
    cleaned: Cleaned,
    correlations: Correlations,
    separation: Separation | None,
    counts: tuple[int, ...],
) -> tuple[Distribution, ...]:
    names, labels = _largest(cleaned, counts)
    columns = cleaned.table.columns
    why: dict[int, str] = {}
    if separation is None:
        for column in _of_families(cleaned.table.families, correlations)[:_OF_FAMILIES]:
            why.setdefault(column, f"stands for its family, {cleaned.table.families[column]}")
    else:
        for place, column in enumerate(_telling(correlations, separation, _TELLING), start=1):
            why.setdefault(column, f"no. {place} of those that tell the classes apart")
    for one, other in _strongest(correlations)[:_PAIRED]:
        for column, partner in ((one, other), (other, one)):
            r = correlations.pearson[one, other]
            why.setdefault(column, f"goes with {columns[partner]} (r = {r:.2f})")
    if separation is not None:
        for column in separation.ranking()[::-1][:_LEAST].tolist():
            why.setdefault(column, "among those that tell least")
    return tuple(
        distribution_of(cleaned.table.values, column, words, labels, names) for column, words in why.items()
    )


def _largest(cleaned: Cleaned, counts: tuple[int, ...]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The largest classes, in their order; marks of more could not be read."""
    if len(counts) <= _BOXES:
        return cleaned.names, cleaned.labels
    kept = np.sort(np.argsort(-np.array(counts), kind="stable")[:_BOXES])
    place = np.full(len(counts) + 1, -1, np.int64)
    place[kept] = np.arange(len(kept))
    return tuple(cleaned.names[at] for at in kept), place[cleaned.labels]


def _strongest(correlations: Correlations) -> list[tuple[int, int]]:
    """The strongest pair of each group of correlated columns."""
    pairs = []
    for group in correlations.groups:
        strength = np.triu(np.abs(correlations.pearson[np.ix_(group, group)]), 1)
        one, other = np.unravel_index(int(strength.argmax()), strength.shape)
        pairs.append((group[int(one)], group[int(other)]))
    return pairs


def _of_families(families: tuple[str, ...], correlations: Correlations) -> list[int]:
    """Of each family the column that goes best with the rest of it."""
    best = []
    for family in dict.fromkeys(families):
        members = np.flatnonzero(np.array(families) == family)
        strength = np.abs(correlations.pearson[np.ix_(members, members)]).mean(axis=1)
        best.append(int(members[int(strength.argmax())]))
    return best


def _planes(
    cleaned: Cleaned,
    correlations: Correlations,
    separation: Separation | None,
    counts: tuple[int, ...],
) -> tuple[Plane, ...]:
    pairs: list[tuple[tuple[int, int], str]] = []
    if separation is not None:
        telling = _telling(correlations, separation, 2)
        if len(telling) == 2:
            pairs.append(((telling[0], telling[1]), "the two that tell most without saying the same"))
    for one, other in _strongest(correlations)[:1]:
        r = correlations.pearson[one, other]
        pairs.append(((one, other), f"two that say the same (r = {r:.2f})"))
    names, labels = _largest(cleaned, counts)
    return tuple(plane_of_two(cleaned.table.values, pair, why, labels, names) for pair, why in pairs)


def _typical(cleaned: Cleaned, spread: Spread, separation: Separation | None) -> tuple[int, ...]:
    """The track nearest to each class's median, over the columns that tell most, in robust units."""
    values = cleaned.table.values
    columns = np.arange(values.shape[1]) if separation is None else separation.ranking()
    columns = columns[:_NEAREST_BY]
    lower, middle, upper = spread.quartiles[:, columns]
    reach = np.where(upper > lower, upper - lower, np.inf)
    scaled = (filled(values[:, columns], cleaned.medians[columns]).astype(np.float64) - middle) / reach
    chosen = []
    for at in range(len(cleaned.names)) if cleaned.names else (-1,):
        rows = np.flatnonzero(cleaned.labels == at)
        away = np.abs(scaled[rows] - np.median(scaled[rows], axis=0)).sum(axis=1)
        chosen.append(int(rows[int(away.argmin())]))
    return tuple(chosen)
