"""Fixed queries with every model's ten nearest side by side, as A and C show them: data for a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from segue.errors import UsageError
from segue.evaluation.list_metrics import top_k
from segue.evaluation.metrics import TrackLists

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.training.datasets.contract import Dataset
    from segue.types import Matrix

    Rows = NDArray[np.int64]

N_NEAREST = 10
"""As many as A and C list."""
_MOST_QUERIES = 8


class Neighbour(NamedTuple):
    """A track in a list.

    Attributes
    ----------
    track, title, artist, label
        Of the track; the label is its genre or other class, empty where there is none.
    cosine
        How near it is.
    agrees
        Whether it is among the nearest by the truth, or, where the truth is a class, of the query's class.
    """

    track: str
    title: str
    artist: str
    label: str
    cosine: float
    agrees: bool


@dataclass(frozen=True, slots=True)
class QueryLists:
    """One query and the lists that answer it.

    Attributes
    ----------
    track, title, artist, label
        Of the query.
    lists
        By the name of the model, nearest first; ``truth`` is the first of them where the target is values.
    """

    track: str
    title: str
    artist: str
    label: str
    lists: dict[str, tuple[Neighbour, ...]]


def choose_queries(dataset: Dataset, rows: Rows, *, label: str = "genre") -> Rows:
    """Queries chosen by a rule, not by looking: of each class the test track whose id has the lowest digest.

    Parameters
    ----------
    dataset
        The tracks; those with a title come before those without.
    rows
        The test tracks.
    label
        The class that queries shall be spread over; without it four tracks are taken from all.

    Returns
    -------
    queries : (n_queries,) int64
        Some of `rows`, at most eight, in the order of the classes' names.
    """
    order = sorted(rows.tolist(), key=lambda row: (not dataset.titles[row], _digest(dataset.tracks[row])))
    labels = _labels(dataset, label)
    if not any(labels[row] for row in order):
        return np.array(order[:4], dtype=np.int64)
    first: dict[str, int] = {}
    for row in order:
        if labels[row]:
            first.setdefault(labels[row], row)
    return np.array([first[name] for name in sorted(first)][:_MOST_QUERIES], dtype=np.int64)


def side_by_side(
    dataset: Dataset,
    rows: Rows,
    queries: Rows,
    models: Mapping[str, Matrix],
    *,
    truth: Matrix | None = None,
    label: str = "genre",
) -> tuple[QueryLists, ...]:
    """The test tracks nearest to each query, by every model.

    Parameters
    ----------
    dataset
        The tracks.
    rows : (n_rows,) int64
        The test tracks.
    queries : (n_queries,) int64
        Some of `rows`.
    models
        By name, ``(n_rows, dim)`` float32: embeddings or predicted factors of `rows`; nearness is the cosine.
    truth : (n_rows, dim) float32, optional
        The true values of `rows`.
    label
        The class whose name stands beside each track.

    Returns
    -------
    tuple of QueryLists
        One a query.

    Raises
    ------
    UsageError
        If a query is none of the test tracks.

    References
    ----------
    Systems A and C of Segue's documentation (fixed queries; the listening check).
    """
    places = {row: place for place, row in enumerate(rows.tolist())}
    lost = [dataset.tracks[row] for row in queries.tolist() if row not in places]
    if lost:
        raise UsageError(f"{lost[0]} is asked for, and is none of the test tracks")
    asked = np.array([places[row] for row in queries.tolist()], dtype=np.int64)
    all_models = models if truth is None else {"truth": truth, **models}
    found = {name: _nearest(vectors, asked) for name, vectors in all_models.items()}
    labels = _labels(dataset, label)
    answers = []
    for at, query in enumerate(queries.tolist()):
        truly = None if truth is None else set(rows[found["truth"][0][at]].tolist())
        lists = {
            name: tuple(
                _neighbour(dataset, labels, row, cosine, query, truly)
                for row, cosine in zip(rows[near[at]].tolist(), cosines[at].tolist(), strict=True)
            )
            for name, (near, cosines) in found.items()
        }
        answers.append(QueryLists(*_names(dataset, labels, query), lists))
    return tuple(answers)


def _nearest(vectors: Matrix, asked: Rows) -> tuple[Rows, NDArray[np.float32]]:
    """Places of the nearest but the query itself, and their cosines, ``(n_queries, n_nearest)`` each."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.asarray(vectors / np.where(length > 0, length, 1), dtype=np.float32)
    cosines = unit[asked] @ unit.T
    itself = TrackLists(np.arange(len(asked) + 1), asked)
    near = top_k(cosines, min(N_NEAREST, len(vectors) - 1), excluded=itself)
    return near, np.take_along_axis(cosines, near, axis=1)


def _neighbour(
    dataset: Dataset, labels: list[str], row: int, cosine: float, query: int, truly: set[int] | None
) -> Neighbour:
    agrees = row in truly if truly is not None else bool(labels[row]) and labels[row] == labels[query]
    return Neighbour(*_names(dataset, labels, row), cosine, agrees)


def _names(dataset: Dataset, labels: list[str], row: int) -> tuple[str, str, str, str]:
    return dataset.tracks[row], dataset.titles[row], dataset.artists[row], labels[row]


def _labels(dataset: Dataset, label: str) -> list[str]:
    target = dataset.targets.get(label)
    if target is None or target.kind != "class":
        return [""] * len(dataset)
    return [target.names[value] if value >= 0 else "" for value in target.values.tolist()]


def _digest(track: str) -> str:
    return blake2b(track.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
