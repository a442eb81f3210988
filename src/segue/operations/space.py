"""Put together what a question is asked of: index, columns, and what explains the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
from segue.ranking import ByKey, Descriptors, Genres, Space, Table, Words, make_space
from segue.settings import DataFolder
from segue.types import EncoderId

EXPLAINS = members("timbre")[0]
"""Its blocks say in what two tracks agree, and whether a track is speech."""
TAGS = members("musicnn")[0]
"""Its words are what two tracks share."""
IDENTIFIES = members("fingerprint")[0]
"""Says which tracks are one recording."""

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


def library_space(
    catalogue: Catalogue,
    data: DataFolder,
    encoder: EncoderId,
    *,
    speech: bool = False,
    told: Genres | None = None,
) -> Space:
    """The library as one encoder hears it.

    Parameters
    ----------
    speech
        Whether it shall be known which tracks are speech; memory grows with the library then.
    told
        Genres told by ear, for reasons.

    Raises
    ------
    NothingFound
        If no track has a vector of this encoder.
    """
    described = _stored(catalogue, EXPLAINS)
    return make_space(
        library_neighbourhood(catalogue, data, encoder),
        track_table(catalogue),
        descriptors=Descriptors(described, TIMBRE_BLOCKS, published_scaling(EXPLAINS)) if described else None,
        words=_words(catalogue),
        fingerprints=_stored(catalogue, IDENTIFIES),
        speech=_speech(catalogue) if speech else None,
        told=told,
    )


def _stored(catalogue: Catalogue, encoder: EncoderId) -> Table | None:
    keys = partial(vector_keys, catalogue, encoder)
    return Stored(partial(load_vectors, catalogue, encoder), keys) if len(keys()) else None


def _words(catalogue: Catalogue) -> Words | None:
    names = tag_names(catalogue, TAGS)
    keys = partial(vector_keys, catalogue, TAGS)
    if not names or not len(keys()):
        return None
    return Words(Stored(partial(load_tag_probabilities, catalogue, TAGS), keys), names)


def _speech(catalogue: Catalogue) -> ByKey:
    keys, vectors = load_vectors(catalogue, EXPLAINS)
    return ByKey(keys, np.array([speech_likeness(vector) for vector in vectors], dtype=np.float32))
