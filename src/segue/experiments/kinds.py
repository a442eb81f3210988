"""Kinds of music, as in system D: K-means of scaled attributes, joined to tracks by the name of the clip."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from segue.atlas import find_clusters
from segue.errors import UsageError
from segue.training.datasets.tables import read_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.training.datasets.contract import Dataset

TABLES = ("features_30_sec.csv", "data.csv")
"""Tables of attributes of the GTZAN clips, as they are usually called; the one with more columns first."""
KINDS_OF_D = ("melodic", "rhythmic", "popular")
"""D's three kinds, from the narrowest spectrum to the widest."""
_NO_ATTRIBUTES = ("filename", "length", "label")
_BANDWIDTH = ("spectral_bandwidth_mean", "spectral_bandwidth")


class Attributes(NamedTuple):
    """A table of attributes.

    Attributes
    ----------
    clips
        Names without endings, such as ``blues.00000``.
    columns
        Names of the attributes.
    values
        (n_clips, n_columns) float64.
    """

    clips: tuple[str, ...]
    columns: tuple[str, ...]
    values: NDArray[np.float64]


def kinds_by_track(
    dataset: Dataset, folder: Path, *, table: Path | None = None, n_kinds: int = 3, seed: int = 0
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The kind of music of each track.

    The kinds are a fact about all clips of the table, found once: what learns them hears the sound alone.

    Parameters
    ----------
    dataset
        Tracks that are called as the clips, whatever folder and ending they have.
    folder
        The data set's; the table is looked for in it, and in the folder and the folder ``gtzan-attributes``
        beside it.
    table
        Where the table is, if elsewhere.
    n_kinds
        How many.
    seed
        Of K-means.

    Returns
    -------
    kinds : (n_tracks,) int64
        Position in `names`; -1 for a track that the table lacks.
    names

    Raises
    ------
    UsageError
        If there is no such table, or it has none of the tracks.
    """
    path = table or _find(folder)
    attributes = read_attributes(path)
    kinds, names = find_kinds(attributes, n_kinds=n_kinds, seed=seed)
    of_clip = dict(zip(attributes.clips, kinds.tolist(), strict=True))
    # Tracks of the table itself have no ending: the dot in blues.00000 is part of the name.
    names_of = ((path.name, path.stem) for path in map(PurePosixPath, dataset.tracks))
    of_track = np.array([of_clip.get(name, of_clip.get(stem, -1)) for name, stem in names_of], np.int64)
    if (of_track < 0).all():
        raise UsageError(f"{path} has attributes of none of the tracks of {dataset.name}: their names differ")
    return of_track, names


def find_kinds(
    attributes: Attributes, *, n_kinds: int = 3, seed: int = 0
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """K-means of attributes, each scaled to mean 0 and deviation 1.

    Parameters
    ----------
    attributes
        At least `n_kinds` clips.
    n_kinds
        How many, at least 2.
    seed
        Of the ten first centres, of which the best is kept.

    Returns
    -------
    kinds : (n_clips,) int64
        From the narrowest mean spectrum to the widest, where the table says how wide it is.
    names
        Of three kinds those of D, else numbers.

    Raises
    ------
    UsageError
        If there are fewer clips than kinds.
    """
    values = attributes.values
    if not 2 <= n_kinds <= len(values):
        raise UsageError(f"{len(values)} clips cannot be put into {n_kinds} kinds")
    scaled = scaled_columns(values)
    clusters = find_clusters(scaled, n_kinds, seed=seed).labels
    width = next(
        (scaled[:, attributes.columns.index(name)] for name in _BANDWIDTH if name in attributes.columns), None
    )
    if width is None:
        return clusters, _numbered(n_kinds)
    order = np.argsort([width[clusters == cluster].mean() for cluster in range(n_kinds)])
    names = KINDS_OF_D if n_kinds == len(KINDS_OF_D) else _numbered(n_kinds)
    return np.argsort(order)[clusters].astype(np.int64), names


def scaled_columns(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each column with mean 0 and deviation 1; one that does not vary becomes 0.

    >>> scaled_columns(np.array([[1.0, 5.0], [3.0, 5.0]]))
    array([[-1.,  0.],
           [ 1.,  0.]])
    """
    deviation = values.std(axis=0)
    return np.asarray((values - values.mean(axis=0)) / np.where(deviation > 0, deviation, 1))


def _numbered(n_kinds: int) -> tuple[str, ...]:
    return tuple(f"kind {number}" for number in range(1, n_kinds + 1))


def read_attributes(path: Path) -> Attributes:
    """Read a table of attributes, such as ``features_30_sec.csv`` of the GTZAN collection.

    Parameters
    ----------
    path
        CSV with the column ``filename``; all columns but this one, ``length`` and ``label`` are attributes.

    Raises
    ------
    UsageError
        If it is no such table.
    """
    rows = read_table(path).rows
    if not rows or "filename" not in rows[0]:
        raise UsageError(f"{path} is no table of attributes: it has no column 'filename', or no rows")
    columns = tuple(name for name in rows[0] if name not in _NO_ATTRIBUTES)
    try:
        values = np.array([[float(row[name]) for name in columns] for row in rows])
    except (TypeError, ValueError) as error:
        raise UsageError(f"{path} has an attribute that is no number: {error}") from None
    if not columns or not np.isfinite(values).all():
        raise UsageError(f"{path} has no attributes, or some that are not finite")
    return Attributes(tuple(PurePosixPath(row["filename"]).stem for row in rows), columns, values)


def _find(folder: Path) -> Path:
    folder = folder.absolute()
    for place in (folder, folder.parent, folder.parent / "gtzan-attributes"):
        for name in TABLES:
            if (place / name).is_file():
                return place / name
    raise UsageError(
        f"the kinds of music need a table of attributes ({' or '.join(TABLES)}), and neither {folder} nor a "
        "folder beside it has one: say where it is with --set target.attributes=FILE"
    )
