"""What goes with all of these?"""

from __future__ import annotations

from collections.abc import Sequence

from segue import ranking
from segue.catalogue import open_catalogue
from segue.operations.answers import Choices, Recommendation, recommendations
from segue.operations.opening import answering_encoder
from segue.operations.seeds import seed_of
from segue.operations.space import library_space
from segue.operations.told_genres import genre_filters, told_genres
from segue.progress import Progress
from segue.settings import DataFolder


def mix(
    data: DataFolder,
    seeds: Sequence[str],
    *,
    choices: Choices | None = None,
    with_seeds: bool = False,
    progress: Progress | None = None,
) -> list[Recommendation]:
    """Tracks that go with several, near to all of them or to each in turn.

    Parameters
    ----------
    data
        The library.
    seeds
        Each as in `similar`.
    choices
        How many, and which.
    with_seeds
        Begin with those seeds that are in the library.
    progress
        Is told what genres told by ear have left out.

    Raises
    ------
    AmbiguousTrack, NothingFound
        If a seed names several tracks, or none.
    AudioError
        If a seed is a file that cannot be heard.
    """
    choices = choices or Choices()
    with open_catalogue(data) as catalogue:
        encoder = answering_encoder(catalogue, data, choices.encoder)
        told = told_genres(catalogue, data)
        space = library_space(catalogue, data, encoder, speech="speech" in choices.kinds, told=told)
        asked = [seed_of(catalogue, space, encoder, seed, told=told) for seed in seeds]
        filters = genre_filters(
            space, choices, catalogue=catalogue, data=data, told=told, seeds=asked, progress=progress
        )
        ranked = ranking.mix(space, asked, choices.number, filters=filters, limits=choices.limits)
        rows = [seed.position for seed in asked if with_seeds and seed.position is not None]
        return recommendations(catalogue, ranked, seeds=[int(space.keys[row]) for row in dict.fromkeys(rows)])
