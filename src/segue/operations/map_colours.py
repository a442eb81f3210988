"""More to colour a library's map by: the kinds of music that are kept, and genres told by ear."""

from __future__ import annotations

import contextlib

from segue.catalogue import open_catalogue
from segue.errors import NothingFound
from segue.operations.clusters import KindsOfMusic, clustering_file, kinds_of_music
from segue.operations.genre_model import library_genres, the_genre_model
from segue.operations.opening import answering_encoder
from segue.settings import DataFolder


def labels_by_ear(
    data: DataFolder, encoder: str | None, *, kinds: KindsOfMusic | None = None
) -> dict[str, dict[int, str]]:
    """Labels of tracks by key: ``kind``, where `segue clusters` was used, and ``genre by ear``.

    Parameters
    ----------
    kinds
        Those of the library, where they are at hand already.

    Raises
    ------
    NothingFound
        If the library is empty.
    """
    labels: dict[str, dict[int, str]] = {}
    with open_catalogue(data) as catalogue:
        kept = clustering_file(data, answering_encoder(catalogue, data, encoder)).exists()
        model = the_genre_model(data)
        with contextlib.suppress(NothingFound):  # its encoder has heard nothing of this library
            keys, said = library_genres(catalogue, data, model)
            told = (names[0] for names in model.told(said))
            labels["genre by ear"] = dict(zip(keys.tolist(), told, strict=True))
    if kinds is None and kept:
        kinds = kinds_of_music(data, encoder=encoder)
    if kinds is not None:
        labels["kind"] = {int(key): one.name for one in kinds.kinds for key in one.keys}
    return labels
