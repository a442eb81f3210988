"""Put together what a question is asked of: index, columns, and what explains the answer."""

from __future__ import annotations

import numpy as np

from segue.catalogue import Catalogue, load_tag_probabilities, load_vectors, tag_names, track_table
from segue.encoders import TIMBRE_BLOCKS, members, published_scaling, speech_likeness
from segue.neighbours import fit_scaling
from segue.operations.opening import SCALED_BY_ITSELF_FROM, library_neighbourhood
from segue.ranking import ByKey, Descriptors, Space, Words, make_space
from segue.settings import DataFolder
from segue.types import EncoderId

EXPLAINS = members("timbre")[0]
"""Its blocks say in what two tracks agree, and whether a track is speech."""
TAGS = members("musicnn")[0]
"""Its words are what two tracks share."""


def library_space(
    catalogue: Catalogue, data: DataFolder, encoder: EncoderId, *, speech: bool = False
) -> Space:
    """The library as one encoder hears it. Memory grows with the library.

    Parameters
    ----------
    speech
        Whether it shall be known which tracks are speech.

    Raises
    ------
    NothingFound
        If no track has a vector of this encoder.
    """
    keys, vectors = load_vectors(catalogue, EXPLAINS)
    described = ByKey(keys, vectors)
    return make_space(
        library_neighbourhood(catalogue, data, encoder),
        track_table(catalogue),
        descriptors=_descriptors(described),
        words=_words(catalogue),
        speech=_speech(described) if speech else None,
    )


def _descriptors(described: ByKey) -> Descriptors | None:
    if not len(described.keys):
        return None
    by_itself = len(described.keys) >= SCALED_BY_ITSELF_FROM
    scaling = fit_scaling(described.values) if by_itself else published_scaling(EXPLAINS)
    return Descriptors(described, TIMBRE_BLOCKS, scaling)


def _words(catalogue: Catalogue) -> Words | None:
    keys, probabilities = load_tag_probabilities(catalogue, TAGS)
    return Words(ByKey(keys, probabilities), tag_names(catalogue, TAGS)) if len(keys) else None


def _speech(described: ByKey) -> ByKey:
    likeness = np.array([speech_likeness(vector) for vector in described.values], dtype=np.float32)
    return ByKey(described.keys, likeness)
