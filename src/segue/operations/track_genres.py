"""What genres one track of the library is told to be of."""

from __future__ import annotations

import numpy as np

from segue.catalogue import Track
from segue.errors import NothingFound
from segue.operations.genre_model import library_genres
from segue.operations.resident import Library, opened


def genres_of_track(library: Library, track: Track) -> tuple[str, list[tuple[str, float]]]:
    """The genres of one track by its stored vector, most likely first; nothing is heard.

    Returns
    -------
    model : str
        Who tells it.
    genres : list of (name, probability)

    Raises
    ------
    NothingFound
        If there is no model, or the track has not been heard by its encoder.
    """
    with opened(library) as at_hand:
        model = at_hand.genre_model
        keys, said = library_genres(
            at_hand.catalogue, at_hand.data, model, keys=np.array([track.key], dtype=np.int64)
        )
    if not len(keys):
        raise NothingFound(
            f"{track.tags.title or track.id} has not been heard for {model.id} yet: scan again"
        )
    order = np.argsort(-said[0], kind="stable")
    return model.id, [(model.classes[place], float(said[0][place])) for place in order]
