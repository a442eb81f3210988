"""What other people's listening says of the tracks of a library: a listener folded into their factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segue.ranking.evidence import Evidence
from segue.ranking.space import Floats, Ids

if TYPE_CHECKING:
    from segue.factors.folding import Solver

# Content-boosted: so many tracks that sound right count as a fraction of a play each.
_BOOSTED = 30
_BOOST = 0.25
# From so many plays that the factors know on, they may be trusted alone.
_CONFIDENT_FROM = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Factors of tracks, and which tracks of the library and of the history they belong to.

    Attributes
    ----------
    track_factors
        ``(m, d)`` float32.
    of_library
        ``(n,)`` int64: the row of the factors of each row of the space, -1 where there is none.
    learned
        ``(m,)`` bool: from plays; the others were predicted from content.
    heard, of_heard
        ``(h,)`` int64: recordings of the history (ascending) and their rows; with them, plays of what is not
        in the library count as well.
    fold_in
        Solves for a listener.
    """

    track_factors: Floats
    of_library: Ids
    learned: NDArray[np.bool_]
    heard: Ids
    of_heard: Ids
    fold_in: Solver


def rows_of(usage: Usage, evidence: Evidence, positions: Ids) -> Ids:
    """The row of the factors for each recording of the evidence, -1 where they do not know it.

    Parameters
    ----------
    positions
        ``(m,)`` where each recording stands in the space, -1 where it does not.
    """
    in_library = np.where(positions >= 0, usage.of_library[np.maximum(positions, 0)], -1)
    if len(usage.heard) == 0:
        return np.asarray(in_library)
    place = np.minimum(np.searchsorted(usage.heard, evidence.heard), len(usage.heard) - 1)
    by_name = np.where(usage.heard[place] == evidence.heard, usage.of_heard[place], -1)
    return np.where(in_library >= 0, in_library, by_name)


def usage_scores(
    usage: Usage, evidence: Evidence, rows: Ids, member: NDArray[np.bool_], sound: Floats | None = None
) -> Floats:
    """How well each track of the library fits by factors, ``(n,)`` float32, NaN where they do not know it.

    Parameters
    ----------
    rows
        From `rows_of`.
    member
        ``(m,)`` bool: which recordings of the evidence count; what the listener refused always does.
    sound
        ``(n,)``: how well each track fits by sound; with it the fold-in is content-boosted (Melville, Mooney,
        Nagarajan 2002): the best by sound count as a part of a play.
    """
    played = member & (rows >= 0) & (evidence.liking > 0)
    refused = (rows >= 0) & (evidence.against > 0)
    known = usage.of_library >= 0
    scores = np.full(len(usage.of_library), np.nan, dtype=np.float32)
    if not played.any() or not known.any():
        return scores
    at, plays = rows[played], np.maximum(evidence.plays[played], 1.0)
    if sound is not None:
        best = np.argsort(-np.where(known, sound, -np.inf), kind="stable")[:_BOOSTED]
        best = best[known[best]]
        at = np.concatenate([at, usage.of_library[best]])
        plays = np.concatenate([plays, np.full(len(best), _BOOST)])
    place, inverse = np.unique(at, return_inverse=True)
    counts = np.bincount(inverse, plays).astype(np.float32)
    disliked = np.setdiff1d(rows[refused], place)
    listener = usage.fold_in.solve(place, counts, disliked=disliked)
    scores[known] = usage.track_factors[usage.of_library[known]] @ listener
    return scores


def confident(usage: Usage, evidence: Evidence, rows: Ids) -> NDArray[np.bool_]:
    """Where learned factors may be trusted alone, ``(n,)`` bool: nowhere for a listener they hardly know."""
    enough = int(((rows >= 0) & (evidence.liking > 0)).sum()) >= _CONFIDENT_FROM
    known = usage.of_library >= 0
    return known & usage.learned[np.maximum(usage.of_library, 0)] & enough
