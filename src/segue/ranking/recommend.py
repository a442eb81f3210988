"""`recommend`: what a listener may want to hear, by the tastes that a history shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.errors import UsageError
from segue.ranking.because import Suggestion, Teller
from segue.ranking.evidence import Evidence
from segue.ranking.filters import Filters, allowed
from segue.ranking.hybrids import HYBRIDS, ranks
from segue.ranking.lists import LISTS, eligible, own_scores
from segue.ranking.picking import pick
from segue.ranking.profile import Profile, fit_scores, profile_of
from segue.ranking.selection import Limits
from segue.ranking.space import Floats, Ids, Space
from segue.ranking.usage import Usage

# A track recommended yesterday stands behind nine tenths of the library, after a week behind a half.
_FORGOTTEN_DAYS = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How recommendations are made; ``benchmarks/tastes.py`` and ``hybrids.py`` compare the choices.

    Attributes
    ----------
    familiar
        From 0, only artists that were never played, to 1, only tracks that were: the share of the familiar.
        In between a part ``familiar ** 2`` are played tracks, ``(1 - familiar) ** 2`` new artists, and the
        rest new tracks by played artists.
    most_tastes
        At most so many tastes are kept apart.
    hybrid
        How other people's listening is brought in, of `HYBRIDS`.
    usage_share
        Its weight in ``weighted`` and ``boosted``, 0 to 1.
    """

    familiar: float = 0.5
    most_tastes: int = 4
    hybrid: str = HYBRIDS[0]
    usage_share: float = 0.5

    def __post_init__(self) -> None:
        if not 0.0 <= self.familiar <= 1.0:
            raise UsageError(f"the share of the familiar must be from 0 to 1, not {self.familiar}")
        if self.most_tastes < 1:
            raise UsageError(f"the number of tastes must be 1 or more, not {self.most_tastes}")
        if self.hybrid not in HYBRIDS:
            raise UsageError(f"{self.hybrid!r} is not a hybrid: one of {', '.join(HYBRIDS)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lately:
    """What was recommended before.

    Attributes
    ----------
    tracks
        ``(m,)`` int64 keys.
    days_ago
        ``(m,)`` float64.
    """

    tracks: Ids
    days_ago: NDArray[np.float64]


def recommend(
    space: Space,
    evidence: Evidence,
    n: int,
    *,
    wanted: str = "",
    now_s: float,
    manner: Manner | None = None,
    filters: Filters | None = None,
    limits: Limits | None = None,
    usage: Usage | None = None,
    lately: Lately | None = None,
    seed: int = 0,
) -> list[Suggestion]:
    """`n` tracks for a listener, the tastes in turn by their weight.

    Never in it: what was disliked, or skipped more often than played; a new track that is a played one in
    another encoding or version; the same song twice.

    Parameters
    ----------
    evidence
        From `segue.ranking.weigh`.
    wanted
        Empty for a bit of everything, else of `LISTS`: ``new`` (never played), ``rediscover`` (liked once,
        not played for long), ``familiar`` (what is played now).
    now_s
        UTC epoch seconds; ages are counted from it.
    filters, limits
        As in `similar`.
    usage
        Factors from other people's plays; without them sound alone decides. With them a history of which
        nothing is in the library is enough.
    lately
        What was recommended before stands back, the more the later it was.

    Raises
    ------
    UsageError
        If `n` is below 1, or a wish has no sense.
    NothingFound
        If nothing that was liked is in the library or known to `usage`, or nothing fits the list.
    """
    _check(n, wanted)
    manner = manner or Manner()
    profile = profile_of(space, evidence, usage, most_tastes=manner.most_tastes, seed=seed)
    fits, usage_leads = fit_scores(
        space, evidence, profile, usage, hybrid=manner.hybrid, usage_share=manner.usage_share
    )
    mask = allowed(space, filters or Filters())
    columns, shares = _wishes(space, evidence, profile, fits, mask, wanted, manner.familiar, now_s)
    if lately is not None:
        columns -= _standing_back(space, lately)
    heard = profile.positions[(profile.positions >= 0) & (evidence.plays + evidence.skips > 0)]
    chosen = pick(space, columns, shares, n, limits or Limits(), heard=heard)
    teller = Teller(space, evidence, profile, usage, rows=chosen)
    return [
        teller.suggestion(int(row), usage_leads=bool(usage_leads[row]), fit=float(fits[:, row].max()))
        for row in chosen
    ]


def _check(n: int, wanted: str) -> None:
    if n < 1:
        raise UsageError(f"the number of tracks must be 1 or more, not {n}")
    if wanted not in LISTS:
        raise UsageError(f"{wanted!r} is not a list: one of {', '.join(filter(None, LISTS))}")


def _wishes(
    space: Space,
    evidence: Evidence,
    profile: Profile,
    fits: Floats,
    mask: NDArray[np.bool_],
    wanted: str,
    familiar: float,
    now_s: float,
) -> tuple[Floats, NDArray[np.float64]]:
    """A column ``(n,)`` for each taste and degree of familiarity, and how often each may choose."""
    groups, group_shares = eligible(space, evidence, profile, wanted, familiar, now_s)
    own = own_scores(space, evidence, profile, wanted)
    columns, shares = [], []
    weights = profile.shares
    if wanted in ("rediscover", "familiar"):
        weights = np.nansum(np.where(mask & groups[0], own, np.nan), axis=1)
    for taste, share in enumerate(weights):
        for played, group, group_share in zip((True, False, False), groups, group_shares, strict=True):
            if group_share > 0:
                scores = ranks(own[taste]) if played else fits[taste]
                open_ = mask & group & ~np.isnan(scores)
                columns.append(np.where(open_, scores, -np.inf).astype(np.float32))
                shares.append(share * group_share)
    return np.stack(columns), np.array(shares)


def _standing_back(space: Space, lately: Lately) -> Floats:
    """How far each track stands back because it was recommended lately, ``(n,)``."""
    rows = space.neighbourhood.index.positions(lately.tracks)
    back = np.zeros(len(space), dtype=np.float32)
    known = rows >= 0
    np.maximum.at(
        back,
        rows[known],
        (0.5 ** (np.maximum(lately.days_ago[known], 0.0) / _FORGOTTEN_DAYS)).astype(np.float32),
    )
    return back
