"""A listener as a library sees one: what is liked, in tastes, what is refused, and how each track fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.errors import NothingFound
from segue.ranking.affinity import Closeness, affinities, closeness
from segue.ranking.evidence import Evidence
from segue.ranking.hybrids import combine, ranks
from segue.ranking.space import Floats, Ids, Space
from segue.ranking.tastes import find_tastes, taste_weights
from segue.ranking.usage import Usage, confident, rows_of, usage_scores

Doubles = NDArray[np.float64]

# Tracks that carry the profile: of more, the weightiest. Memory and time grow with their number.
_MOST_LIKED = 2_000
_MOST_REFUSED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One listener in one library.

    Attributes
    ----------
    positions
        ``(m,)`` int64: where each recording of the evidence stands in the space, -1 where it does not.
    liked
        ``(k,)`` int64: rows of the evidence that carry the profile.
    taste
        ``(k,)`` int64: to which taste each belongs, 0 the weightiest.
    shares
        ``(t,)`` float64: the share of the evidence that each taste has.
    near
        How alike tracks of this library are.
    """

    positions: Ids
    liked: Ids
    taste: Ids
    shares: Doubles
    near: Closeness


def profile_of(
    space: Space, evidence: Evidence, usage: Usage | None = None, *, most_tastes: int, seed: int = 0
) -> Profile:
    """Find the tastes in what was liked of the library; one without a track where only `usage` knows any.

    Raises
    ------
    NothingFound
        If nothing that was liked is in the library or known to `usage`.
    """
    positions = space.neighbourhood.index.positions(evidence.track)
    positions = np.where(positions >= 0, positions, -1)
    carries = np.flatnonzero((positions >= 0) & (evidence.liking > 0))
    carries = carries[space.present[positions[carries]]]
    liked = np.sort(carries[np.argsort(-evidence.liking[carries], kind="stable")[:_MOST_LIKED]])
    near = closeness(space, seed=seed)
    if len(liked) == 0:
        known = usage is not None and (rows_of(usage, evidence, positions) >= 0) & (evidence.liking > 0)
        if not np.any(known):
            raise NothingFound(_nothing_liked(evidence))
        return Profile(positions=positions, liked=liked, taste=liked, shares=np.ones(1), near=near)
    weights = evidence.liking[liked]
    taste = find_tastes(space.vectors(positions[liked]), weights, most=most_tastes, seed=seed)
    shares = np.bincount(taste, weights)
    return Profile(positions=positions, liked=liked, taste=taste, shares=shares / shares.sum(), near=near)


def _nothing_liked(evidence: Evidence) -> str:
    if (evidence.liking > 0).any():
        return (
            "nothing that the history likes has been analysed in this library: see `segue history match`, or "
            "scan the music that it is about"
        )
    return (
        "the history holds skips and dislikes only: import plays, or say what you like with "
        "`segue history like`"
    )


def refused_scores(space: Space, evidence: Evidence, profile: Profile) -> Floats:
    """How much each track sounds like what was refused, ``(n,)`` float32."""
    refused = np.flatnonzero((evidence.against > 0) & (profile.positions >= 0))
    refused = refused[np.argsort(-evidence.against[refused], kind="stable")[:_MOST_REFUSED]]
    against = evidence.against[refused][:, None]
    return np.asarray(affinities(space, profile.near, profile.positions[refused], against)[0])


def sound_scores(space: Space, evidence: Evidence, profile: Profile) -> Floats:
    """How much each track sounds like each taste less like what was refused, ``(t, n)`` float32."""
    weights = taste_weights(profile.taste, evidence.liking[profile.liked])
    liked = affinities(space, profile.near, profile.positions[profile.liked], weights)
    return liked - refused_scores(space, evidence, profile)


def fit_scores(
    space: Space,
    evidence: Evidence,
    profile: Profile,
    usage: Usage | None,
    *,
    hybrid: str,
    usage_share: float,
) -> tuple[Floats, NDArray[np.bool_]]:
    """How well each track fits each taste, as ranks ``(t, n)`` in [0, 1]; and where usage says so rather
    than sound, ``(n,)`` bool.

    Parameters
    ----------
    usage
        Factors from other people's plays, where there are any.
    hybrid, usage_share
        See `segue.ranking.hybrids.combine`.
    """
    sound = sound_scores(space, evidence, profile)
    by_sound = np.stack([ranks(column) for column in sound])
    if usage is None:
        return by_sound, np.zeros(len(space), dtype=np.bool_)
    rows = rows_of(usage, evidence, profile.positions)
    trusted = confident(usage, evidence, rows)
    fits, by_usage = [], []
    for taste, column in enumerate(sound):
        # What is not in the library has no vector, hence no taste: it speaks for all of them.
        member = profile.positions < 0
        member[profile.liked[profile.taste == taste]] = True
        boosting = column if hybrid == "boosted" else None
        other = usage_scores(usage, evidence, rows, member, boosting)
        by_usage.append(ranks(other))
        fits.append(ranks(combine(hybrid, column, other, trusted, usage_share)))
    leads = np.nan_to_num(np.stack(by_usage)).max(axis=0) > by_sound.max(axis=0)
    return np.stack(fits), np.asarray(leads)
