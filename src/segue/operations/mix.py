"""What goes with all of these?"""

from __future__ import annotations

from collections.abc import Sequence

from segue import ranking
from segue.operations.answers import Choices, Recommendation, recommendations
from segue.operations.resident import Library, opened
from segue.operations.seeds import seed_of
from segue.operations.told_genres import genre_filters
from segue.progress import Progress


def mix(
    library: Library,
    seeds: Sequence[str],
    *,
    choices: Choices | None = None,
    with_seeds: bool = False,
    progress: Progress | None = None,
) -> list[Recommendation]:
    """Tracks that go with several, near to all of them or to each in turn.

    Parameters
    ----------
    library
        What is asked.
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
    with opened(library) as at_hand, at_hand.turn:
        catalogue = at_hand.catalogue
        encoder = at_hand.encoder(choices.encoder)
        space = at_hand.space(encoder, speech="speech" in choices.kinds)
        asked = [seed_of(catalogue, space, encoder, seed, told=at_hand.told) for seed in seeds]
        filters = genre_filters(
            space,
            choices,
            catalogue=catalogue,
            data=at_hand.data,
            told=at_hand.told,
            seeds=asked,
            progress=progress,
        )
        ranked = ranking.mix(space, asked, choices.number, filters=filters, limits=choices.limits)
        rows = [seed.position for seed in asked if with_seeds and seed.position is not None]
        return recommendations(catalogue, ranked, seeds=[int(space.keys[row]) for row in dict.fromkeys(rows)])
