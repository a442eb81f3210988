"""Which tracks may be in an answer at all."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from segue.errors import UsageError
from segue.ranking.space import Ids, Space
from segue.ranking.titles import is_kind

KINDS = ("live", "remix", "karaoke", "skit", "speech")
"""What `Filters.kinds` may name: the first four by words in titles, the last by ear."""

_SPEECH_FROM = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What is left out, before the best are taken.

    Attributes
    ----------
    genres
        Tracks with one of these, whatever its case.
    kinds
        Of `KINDS`.
    min_duration_s, max_duration_s
        Shorter and longer tracks.
    years
        First and last year that may stay, None for open; a track without a year does not stay.
    tracks
        ``(m,)`` int64 keys of single tracks.
    """

    genres: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    min_duration_s: float | None = None
    max_duration_s: float | None = None
    years: tuple[int | None, int | None] | None = None
    tracks: Ids | None = field(default=None, compare=False)


def allowed(space: Space, filters: Filters) -> NDArray[np.bool_]:
    """Which rows of the space may be in an answer, ``(n,)`` bool.

    Raises
    ------
    UsageError
        If a kind is not one of `KINDS`.
    """
    unknown = set(filters.kinds) - set(KINDS)
    if unknown:
        raise UsageError(f"{sorted(unknown)[0]!r} is not a kind of track: one of {', '.join(KINDS)}")
    mask = space.present.copy()
    if filters.min_duration_s is not None:
        mask &= space.duration_s >= filters.min_duration_s
    if filters.max_duration_s is not None:
        mask &= space.duration_s <= filters.max_duration_s
    if filters.years is not None:
        first, last = filters.years
        mask &= space.year > 0
        mask &= space.year >= (first if first is not None else 0)
        mask &= space.year <= (last if last is not None else np.iinfo(np.int64).max)
    if filters.genres:
        unwanted = {genre.casefold() for genre in filters.genres}
        mask &= np.fromiter(
            (unwanted.isdisjoint(genre.casefold() for genre in genres) for genres in space.genres),
            dtype=np.bool_,
            count=len(space),
        )
    if filters.tracks is not None:
        mask &= ~np.isin(space.keys, filters.tracks)
    for kind in set(filters.kinds) - {"speech"}:
        mask &= np.fromiter(
            (not is_kind(title, kind) for title in space.titles), dtype=np.bool_, count=len(space)
        )
    if "speech" in filters.kinds and space.speech is not None:
        likeness, _ = space.speech.rows(space.keys)
        # A track nobody has listened to for speech (NaN) stays.
        mask &= ~(likeness >= _SPEECH_FROM)
    return mask
