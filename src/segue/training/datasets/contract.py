"""What a data set is to training: tracks, where their audio is, and what is known about each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from segue.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Matrix

Kind = Literal["class", "tags", "values"]
"""One class a track, any number of tags, or numbers (factors, moods)."""


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """What is known about each track, for a network to learn.

    Attributes
    ----------
    kind
        What `values` are.
    names
        Of the classes, of the tags, or of the dimensions.
    values
        ``class``: (n_tracks,) int64, position in `names`, -1 where not known. ``tags``: (n_tracks, n_names)
        float32, 0 or 1. ``values``: (n_tracks, n_names) float32. In the last two a row of NaN is not known,
        and among tags a single NaN neither.
    weights
        (n_tracks,) float32, at least 0: how much each track counts (such as its plays); None: all the same.
    """

    kind: Kind
    names: tuple[str, ...]
    values: NDArray[np.int64] | NDArray[np.float32]
    weights: NDArray[np.float32] | None = None

    @property
    def known(self) -> NDArray[np.bool_]:
        """(n_tracks,): whether anything is known about the track."""
        if self.kind == "class":
            return np.asarray(self.values >= 0)
        return np.asarray(~np.isnan(self.values).all(axis=1))

    def take(self, rows: NDArray[np.int64]) -> Target:
        """The same of some tracks."""
        weights = None if self.weights is None else self.weights[rows]
        return Target(self.kind, self.names, self.values[rows], weights)


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Tracks with what is known about them.

    Attributes
    ----------
    name
        Short, such as the name of the folder.
    tracks
        (n_tracks) ids, each once: usually the path from the folder.
    audio
        A file for each track; empty where the data are only numbers.
    titles, artists, albums
        One a track, empty text where not known.
    recordings
        Tracks with an equal key are the same recording; empty text: like no other.
    targets
        What can be learned, by name: ``genre``, ``artist``, ``mood``, ``tags``, ``factors`` …
    vectors
        Content that comes as numbers, ``(n_tracks, dim)`` float32, by name, such as ``attributes``.
    notes
        What a reader of a report must know, such as files that are missing.
    """

    name: str
    tracks: tuple[str, ...]
    audio: tuple[Path, ...]
    titles: tuple[str, ...]
    artists: tuple[str, ...]
    albums: tuple[str, ...]
    recordings: tuple[str, ...]
    targets: Mapping[str, Target]
    vectors: Mapping[str, Matrix] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.tracks)

    def target(self, name: str) -> Target:
        """What is known under a name.

        Raises
        ------
        UsageError
            If there is none; the message names the choices.
        """
        try:
            return self.targets[name]
        except KeyError:
            there = ", ".join(self.targets) or "nothing"
            raise UsageError(f"{self.name} has no {name!r}: it has {there}") from None

    def take(self, rows: NDArray[np.int64]) -> Dataset:
        """The same with some of the tracks."""

        def some(texts: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(texts[row] for row in rows)

        return Dataset(
            name=self.name,
            tracks=some(self.tracks),
            audio=tuple(self.audio[row] for row in rows) if self.audio else (),
            titles=some(self.titles),
            artists=some(self.artists),
            albums=some(self.albums),
            recordings=some(self.recordings),
            targets={name: target.take(rows) for name, target in self.targets.items()},
            vectors={name: matrix[rows] for name, matrix in self.vectors.items()},
            notes=self.notes,
        )
