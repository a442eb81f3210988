"""Which genre model answers: one taught on the library, else the one that ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segue.catalogue import Catalogue
from segue.errors import NothingFound
from segue.genres import GenreModel, is_genre_folder, load_model
from segue.operations.opening import answering_keys, raw_vectors
from segue.settings import DataFolder
from segue.types import EncoderId

SHIPPED = Path(__file__).resolve().parents[1] / "genres" / "shipped"


def own_model_folder(data: DataFolder) -> Path:
    """Where a model that was taught on the library lies."""
    return data.models / "genres"


def the_genre_model(data: DataFolder, folder: Path | None = None) -> GenreModel:
    """The model in `folder`, else the library's own, else the one that ships.

    Raises
    ------
    UsageError
        If `folder` holds none.
    SegueError
        If the model is damaged.
    """
    if folder is not None:
        return load_model(folder)
    own = own_model_folder(data)
    return load_model(own if is_genre_folder(own) else SHIPPED)


def library_genres(catalogue: Catalogue, model: GenreModel) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """What a model tells of the tracks of a library by their stored vectors.

    Returns
    -------
    keys : (n,) int64
        The tracks that have vectors of the model's encoder, ascending.
    probabilities : (n, n_classes) float32

    Raises
    ------
    NothingFound
        If no track has such vectors.
    """
    encoder = EncoderId(model.encoder)
    keys = answering_keys(catalogue, encoder)
    if not len(keys):
        raise NothingFound(
            f"no track has vectors of {encoder}, from which genres are told: "
            f"run `segue scan --encoder {encoder}`"
        )
    return keys, model.predict_proba(raw_vectors(catalogue, encoder, keys))
