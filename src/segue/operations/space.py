"""Put together what a question is asked of: index, columns, and what explains the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from segue.catalogue import (
    Catalogue,
    load_tag_probabilities,
    load_vectors,
    tag_names,
    track_table,
    vector_keys,
)
from segue.encoders import TIMBRE_BLOCKS, members, published_scaling, speech_likeness
from segue.operations.opening import library_neighbourhood
from segue.ranking import ByKey, Descriptors, Genres, Space, Table, Words, make_space, usual_of
from segue.settings import DataFolder
from segue.types import EncoderId

EXPLAINS = members("timbre")[0]
"""Its blocks say in what two tracks agree, and whether a track is speech."""
TAGS = members("musicnn")[0]
"""Its words are what two tracks share."""
IDENTIFIES = members("fingerprint")[0]
"""Says which tracks are one recording."""

MOST_PRINTS = 200_000
"""Tracks whose fingerprints are kept in memory by a library that is held open."""
_AT_ONCE = 5_000

_Load = Callable[..., tuple[NDArray[np.int64], NDArray[np.float32]]]


@dataclass(frozen=True, slots=True)
class Stored:
    """A `Table` that is read when it is asked, so that a question does not cost memory for every track."""

    load: _Load
    all_keys: Callable[[], NDArray[np.int64]]

    def rows(self, keys: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """See `segue.ranking.Table`."""
        return ByKey(*self.load(keys=keys)).rows(keys)

    def sample(self, n: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """See `segue.ranking.Table`."""
        keys = self.all_keys()
        return self.load(keys=rng.choice(keys, min(n, len(keys)), replace=False))[1]


@dataclass(frozen=True, slots=True)
class Core:
    """What of a library's space does not hang on one open catalogue, so that several threads may share it.

    Attributes
    ----------
    space
        Without what explains answers.
    explains, identifies
        Whether any track has the vectors of `EXPLAINS` and of `IDENTIFIES`.
    words
        The words of `TAGS`; empty when no track has their probabilities.
    """

    space: Space
    explains: bool
    identifies: bool
    words: tuple[str, ...]


def space_core(catalogue: Catalogue, data: DataFolder, encoder: EncoderId) -> Core:
    """Read what a library's space is made of. Takes time and memory that grow with the library.

    Raises
    ------
    NothingFound
        If no track has a vector of this encoder.
    """
    core = Core(
        make_space(library_neighbourhood(catalogue, data, encoder), track_table(catalogue)),
        explains=_any(catalogue, EXPLAINS),
        identifies=_any(catalogue, IDENTIFIES),
        words=tag_names(catalogue, TAGS) if _any(catalogue, TAGS) else (),
    )
    usual = usual_of(explained(core, catalogue))
    return replace(core, space=replace(core.space, usual=usual))


def explained(
    core: Core,
    catalogue: Catalogue,
    *,
    speech: ByKey | None = None,
    told: Genres | None = None,
    prints: ByKey | None = None,
) -> Space:
    """The space with what explains answers, read through one open catalogue when an answer wants it.

    Parameters
    ----------
    speech
        Which tracks are speech, see `speech_of`.
    told
        Genres told by ear.
    prints
        Fingerprints in memory, see `prints_of`; read when they are wanted by default.
    """
    described = Descriptors(_stored(catalogue, EXPLAINS), TIMBRE_BLOCKS, published_scaling(EXPLAINS))
    probabilities = Stored(
        partial(load_tag_probabilities, catalogue, TAGS), partial(vector_keys, catalogue, TAGS)
    )
    return replace(
        core.space,
        descriptors=described if core.explains else None,
        words=Words(probabilities, core.words) if core.words else None,
        fingerprints=prints or (_stored(catalogue, IDENTIFIES) if core.identifies else None),
        speech=speech,
        told=told,
    )


def _any(catalogue: Catalogue, encoder: EncoderId) -> bool:
    return len(vector_keys(catalogue, encoder)) > 0


def _stored(catalogue: Catalogue, encoder: EncoderId) -> Table:
    return Stored(partial(load_vectors, catalogue, encoder), partial(vector_keys, catalogue, encoder))


def prints_of(catalogue: Catalogue) -> ByKey | None:
    """The fingerprints of a library that is not too large for it, half as exact; half a kilobyte a track.

    Whatever is asked, hundreds of them are compared: read one by one they take half the time of an answer.
    """
    keys = vector_keys(catalogue, IDENTIFIES)
    if not 0 < len(keys) <= MOST_PRINTS:
        return None
    prints = None
    for at in range(0, len(keys), _AT_ONCE):
        vectors = load_vectors(catalogue, IDENTIFIES, keys=keys[at : at + _AT_ONCE])[1]
        if prints is None:
            prints = np.empty((len(keys), vectors.shape[1]), dtype=np.float16)
        prints[at : at + len(vectors)] = vectors
    return None if prints is None else ByKey(keys, prints)


def speech_of(catalogue: Catalogue) -> ByKey:
    """How much like speech each track is; memory grows with the library."""
    keys, vectors = load_vectors(catalogue, EXPLAINS)
    return ByKey(keys, np.array([speech_likeness(vector) for vector in vectors], dtype=np.float32))
