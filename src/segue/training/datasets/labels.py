"""Labels as people write them, made equal where they mean the same; tracks that share a key, as groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from segue.catalogue import fold

if TYPE_CHECKING:
    from numpy.typing import NDArray


def one_spelling(labels: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """Labels that differ only by case, accents, signs or spaces get the most frequent of their spellings.

    Parameters
    ----------
    labels
        One a track; empty where not known.

    Returns
    -------
    labels
        In the same order.
    n_changed
        How many labels are spelled otherwise now.

    Examples
    --------
    >>> one_spelling(["Hip-Hop", "hip hop", "", "Hip-Hop", "chanson"])
    (('Hip-Hop', 'Hip-Hop', '', 'Hip-Hop', 'chanson'), 1)
    """
    bare = [label.strip() for label in labels]
    folded = {label: fold(label) for label in set(bare)}
    best: dict[str, str] = {}
    for label, _ in Counter(label for label in bare if label).most_common():
        best.setdefault(folded[label], label)  # of equally frequent ones, that which comes first
    spelled = tuple(best[folded[label]] if label else "" for label in bare)
    return spelled, sum(new != old for new, old in zip(spelled, bare, strict=True))


def groups_of(*keys: Sequence[str]) -> NDArray[np.int64] | None:
    """A number for each track, equal for tracks that share a key, also over others; None without any key.

    Parameters
    ----------
    *keys
        Such as the artist of each track and the recording that it is; empty where not known.

    Examples
    --------
    >>> groups_of(["A", "A", "B", ""], ["", "1", "1", ""])
    array([0, 0, 0, 1])
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    numbers: dict[tuple[int, str], int] = {}
    n_tracks = len(keys[0]) if keys else 0
    links = [
        (row, n_tracks + numbers.setdefault((kind, fold(name)), len(numbers)))
        for kind, names in enumerate(keys)
        for row, name in enumerate(names)
        if name
    ]
    if not links:
        return None
    size = n_tracks + len(numbers)
    ends = np.array(links).T
    graph = coo_array((np.ones(len(links), np.int8), (ends[0], ends[1])), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1][:n_tracks], np.int64)
