"""Which genre model a library is asked with, and what it tells of the library's tracks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segue import genres
from segue.catalogue import Catalogue
from segue.errors import NothingFound, UsageError
from segue.genres import GenreModel, is_genre_folder, load_model
from segue.operations.opening import covered_keys, vector_loader
from segue.operations.own_encoders import know_own_encoders
from segue.settings import DataFolder
from segue.types import EncoderId

SHIPPED = Path(genres.__file__).parent / "shipped"
"""The genre model that comes with Segue."""

_BATCH = 16_384


def own_genre_folder(data: DataFolder) -> Path:
    """Where a library keeps the genre model that was trained for it."""
    return data.models / "genres"


def the_genre_model(data: DataFolder, folder: Path | None = None) -> GenreModel:
    """The model in `folder`, else the library's own where one was trained, else the one that ships.

    Raises
    ------
    UsageError
        If there is none in `folder`.
    SegueError
        If it is damaged.
    """
    know_own_encoders(data)
    if folder is not None:
        return load_model(folder)
    own = own_genre_folder(data)
    return load_model(own if is_genre_folder(own) else SHIPPED)


def library_genres(
    catalogue: Catalogue,
    data: DataFolder,
    model: GenreModel | None = None,
    *,
    keys: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """How likely each genre is for the library's tracks; nothing is heard, stored vectors are asked.

    Parameters
    ----------
    catalogue, data
        The library.
    model
        Asked; None for `the_genre_model`.
    keys
        ``(m,)`` int64: only of these tracks.

    Returns
    -------
    keys : (n,) int64
        The tracks that have the vectors that the model takes, ascending.
    probabilities : (n, n_classes) float32

    Raises
    ------
    NothingFound
        If no track has such vectors, or there is no model.
    SegueError
        If the model is damaged.
    """
    model = model or the_genre_model(data)
    try:
        if not len(covered_keys(catalogue, EncoderId(model.encoder))):
            raise NothingFound(_lacking(model))
        found, vectors = vector_loader(catalogue, EncoderId(model.encoder))(keys)
    except UsageError:
        raise NothingFound(_unknown(model)) from None
    told = [model.predict_proba(vectors[at : at + _BATCH]) for at in range(0, len(vectors), _BATCH)]
    return found, np.concatenate(told or [np.zeros((0, len(model.classes)), np.float32)])


def _unknown(model: GenreModel) -> str:
    return (
        f"genres are told by {model.id}, which takes vectors of {model.encoder}, and no such encoder is "
        "known here: train genres on this library with `segue genres train`"
    )


def _lacking(model: GenreModel) -> str:
    """What to say where a library has no vectors of a model's encoder."""
    return (
        f"genres are told by {model.id}, which takes vectors of {model.encoder}, and no track has them yet: "
        f"run `segue scan --encoder {model.encoder}`, or train genres on this library's own vectors with "
        "`segue genres train`"
    )
