"""A way from one song to another."""

from __future__ import annotations

from segue import ranking
from segue.operations.answers import Recommendation, recommendations
from segue.operations.resident import Library, opened
from segue.operations.seeds import seed_of


def path(
    library: Library, start: str, end: str, *, number: int = 25, encoder: str | None = None
) -> list[Recommendation]:
    """Tracks that lead from `start` to `end` in small steps, both included; the match is with `start`.

    Raises
    ------
    AmbiguousTrack, NothingFound
        If one of the ends names several tracks, or none.
    UsageError
        If the ends are one track, or not in the library.
    """
    with opened(library) as at_hand, at_hand.turn:
        catalogue, answering = at_hand.catalogue, at_hand.encoder(encoder)
        space = at_hand.space(answering)
        ends = [seed_of(catalogue, space, answering, name) for name in (start, end)]
        return recommendations(catalogue, ranking.path(space, ends[0], ends[1], number))
