"""The daily lists: which tracks may be in each, and how the played ones among them are ordered."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.errors import NothingFound
from segue.ranking.evidence import DAY_S, Evidence
from segue.ranking.profile import Profile
from segue.ranking.space import Floats, Space

LISTS = ("", "new", "rediscover", "familiar")
"""What a listener may ask for; empty for a bit of everything."""

# Not played for so long is long; where nothing was quiet for so long, half of the longest silence is, if that
# is a month.
_LONG_S = 180 * DAY_S
_LEAST_S = 30 * DAY_S
_PLAYS_OF_A_FAVOURITE = 2

Mask = NDArray[np.bool_]


def eligible(
    space: Space, evidence: Evidence, profile: Profile, wanted: str, familiar: float, now_s: float
) -> tuple[tuple[Mask, Mask, Mask], tuple[float, float, float]]:
    """Played tracks, new ones by played artists, and by new artists, each ``(n,)`` bool; and their shares.

    Raises
    ------
    NothingFound
        If no track can be in the list.
    """
    here = profile.positions >= 0
    met = here & ((evidence.plays + evidence.skips > 0) | (evidence.opinion != 0))
    refused = (evidence.against > 0) | (evidence.opinion < 0)
    good = here & (evidence.liking > 0) & ~refused
    if wanted == "rediscover":
        good &= _forgotten(evidence, now_s)
    played = _mask(space, profile.positions[good])
    new = space.present & ~_mask(space, profile.positions[met])
    artists = np.unique(space.artist[profile.positions[here & (evidence.plays > 0)]])
    by_known = np.isin(space.artist, artists[artists >= 0])
    groups = (played, new & by_known, new & ~by_known)
    if wanted in ("rediscover", "familiar"):
        shares = (1.0, 0.0, 0.0)
    elif wanted == "new":
        shares = (0.0, max(2 * familiar * (1 - familiar), float(familiar == 1)), (1 - familiar) ** 2)
    else:
        shares = (familiar**2, 2 * familiar * (1 - familiar), (1 - familiar) ** 2)
    shares = _shifted(shares, groups)
    if not any(share > 0 and group.any() for share, group in zip(shares, groups, strict=True)):
        raise NothingFound(_nothing(wanted))
    return groups, shares


def _shifted(
    shares: tuple[float, float, float], groups: tuple[Mask, Mask, Mask]
) -> tuple[float, float, float]:
    """Where all new tracks are by one kind of artist (or no artist is known), they have the whole share."""
    played, by_known, by_new = shares
    if not groups[1].any():
        return (played, 0.0, by_known + by_new)
    if not groups[2].any():
        return (played, by_known + by_new, 0.0)
    return shares


def own_scores(space: Space, evidence: Evidence, profile: Profile, wanted: str) -> Floats:
    """How much each taste wants to hear its played tracks again, ``(t, n)``, NaN for all others.

    What was forgotten is ordered by how much it was liked, all else by habit: how often it was played and how
    lately.
    """
    scores = np.full((len(profile.shares), len(space)), np.nan, dtype=np.float32)
    values = evidence.liking if wanted == "rediscover" else evidence.habit
    # Liked tracks without plays come behind the played ones.
    values = values + 1e-6 * evidence.liking
    scores[profile.taste, profile.positions[profile.liked]] = values[profile.liked]
    return scores


def _forgotten(evidence: Evidence, now_s: float) -> Mask:
    """What was liked and not played for long."""
    known = np.isfinite(evidence.last_s)
    if not known.any():
        raise NothingFound("the history does not say when tracks were played: nothing to rediscover in it")
    longest = now_s - float(np.min(evidence.last_s[known]))
    long = max(_LEAST_S, min(_LONG_S, longest / 2))
    favourite = (evidence.plays >= _PLAYS_OF_A_FAVOURITE) | (evidence.opinion > 0)
    quiet = now_s - np.where(known, evidence.last_s, np.inf) >= long
    return np.asarray(known & favourite & quiet)


def _mask(space: Space, rows: NDArray[np.int64]) -> Mask:
    mask = np.zeros(len(space), dtype=np.bool_)
    mask[rows] = True
    return mask & space.present


def _nothing(wanted: str) -> str:
    if wanted == "rediscover":
        return (
            "nothing was played more than once and then not for long: the history is too young for this list"
        )
    if wanted == "new":
        return "every track of the library has been played: scan more music, or ask for another list"
    if wanted == "familiar":
        return "nothing that was played is in this library: see `segue history match`"
    return "no track of the library is left to recommend"
