"""What sounds like this?"""

from __future__ import annotations

from segue import ranking
from segue.operations.answers import Choices, Recommendation, recommendations
from segue.operations.resident import Library, opened
from segue.operations.seeds import seed_of
from segue.operations.told_genres import genre_filters
from segue.progress import Progress


def similar(
    library: Library,
    seed: str,
    *,
    choices: Choices | None = None,
    with_seed: bool = False,
    progress: Progress | None = None,
) -> list[Recommendation]:
    """The tracks that sound most like one.

    Parameters
    ----------
    library
        What is asked.
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
    with opened(library) as at_hand, at_hand.turn:
        catalogue = at_hand.catalogue
        encoder = at_hand.encoder(choices.encoder)
        space = at_hand.space(encoder, speech="speech" in choices.kinds)
        asked = seed_of(catalogue, space, encoder, seed, told=at_hand.told)
        filters = genre_filters(
            space,
            choices,
            catalogue=catalogue,
            data=at_hand.data,
            told=at_hand.told,
            seeds=[asked],
            progress=progress,
        )
        ranked = ranking.similar(space, asked, choices.number, filters=filters, limits=choices.limits)
        first = [asked.position] if with_seed and asked.position is not None else []
        return recommendations(catalogue, ranked, seeds=[int(space.keys[row]) for row in first])
