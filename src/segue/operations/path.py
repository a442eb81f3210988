"""A way from one song to another."""

from __future__ import annotations

from segue import ranking
from segue.catalogue import open_catalogue
from segue.operations.answers import Recommendation, recommendations
from segue.operations.opening import answering_encoder
from segue.operations.seeds import seed_of
from segue.operations.space import library_space
from segue.operations.told_genres import told_genres
from segue.settings import DataFolder


def path(
    data: DataFolder, start: str, end: str, *, number: int = 25, encoder: str | None = None
) -> list[Recommendation]:
    """Tracks that lead from `start` to `end` in small steps, both included; the match is with `start`.

    Raises
    ------
    AmbiguousTrack, NothingFound
        If one of the ends names several tracks, or none.
    UsageError
        If the ends are one track, or not in the library.
    """
    with open_catalogue(data) as catalogue:
        answering = answering_encoder(catalogue, data, encoder)
        space = library_space(catalogue, data, answering, told=told_genres(catalogue, data))
        ends = [seed_of(catalogue, space, answering, name) for name in (start, end)]
        return recommendations(catalogue, ranking.path(space, ends[0], ends[1], number))
