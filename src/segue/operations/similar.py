"""What sounds like this?"""

from __future__ import annotations

from segue import ranking
from segue.catalogue import open_catalogue
from segue.operations.answers import Choices, Recommendation, recommendations
from segue.operations.opening import answering_encoder
from segue.operations.seeds import seed_of
from segue.operations.space import library_space
from segue.operations.told_genres import genre_filters, told_genres
from segue.progress import Progress
from segue.settings import DataFolder


def similar(
    data: DataFolder,
    seed: str,
    *,
    choices: Choices | None = None,
    with_seed: bool = False,
    progress: Progress | None = None,
) -> list[Recommendation]:
    """The tracks that sound most like one.

    Parameters
    ----------
    data
        The library.
    seed
        "Artist - Title", part of a title, an id, or a path, also of a file outside the library.
    choices
        How many, and which.
    with_seed
        Begin with the seed, if it is in the library.
    progress
        Is told what genres told by ear have left out.

    Raises
    ------
    AmbiguousTrack, NothingFound
        If the seed names several tracks, or none.
    AudioError
        If the seed is a file that cannot be heard.
    """
    choices = choices or Choices()
    with open_catalogue(data) as catalogue:
        encoder = answering_encoder(catalogue, data, choices.encoder)
        told = told_genres(catalogue, data)
        space = library_space(catalogue, data, encoder, speech="speech" in choices.kinds, told=told)
        asked = seed_of(catalogue, space, encoder, seed, told=told)
        filters = genre_filters(
            space, choices, catalogue=catalogue, data=data, told=told, seeds=[asked], progress=progress
        )
        ranked = ranking.similar(space, asked, choices.number, filters=filters, limits=choices.limits)
        first = [asked.position] if with_seed and asked.position is not None else []
        return recommendations(catalogue, ranked, seeds=[int(space.keys[row]) for row in first])
