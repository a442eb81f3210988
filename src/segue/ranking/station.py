"""Endless play: what comes next around some tracks, steered by sliders and by what the listener does."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from segue.errors import NothingFound, UsageError
from segue.ranking.answers import Ranked, told
from segue.ranking.candidates import Pool, gather
from segue.ranking.filters import Filters, allowed
from segue.ranking.hybrids import ranks
from segue.ranking.known import heard_again
from segue.ranking.selection import Limits, choose
from segue.ranking.space import Floats, Ids, Rows, Seed, Space, seed_in

# Of more seeds so many are taken, spread evenly; of likes and refusals the last ones.
_MOST_SEEDS = 12
_MOST_LIKES = 6
_MOST_REFUSALS = 24
_A_RESULT = 40
_LEAST_BATCH = 400
# What each thing is worth beside the rank by sound, which goes from 0 to 1.
_LIKE = 1.5
_DISLIKE = 1.0
_SKIP = 0.6
_ARTIST_REFUSED = 0.3
_ARTIST_JUST_HEARD = 0.25
_FAMILIAR = 0.8
_TRAIT = 0.7
_JUST_HEARD = 4
# The nearest of the positive tracks says most; to be near to several says something.
_NEAREST = 0.75
# Only what is very near to a refused track suffers for it.
_SHARPNESS = 4


def _nothing() -> Ids:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Where endless play shall go; 0 is the middle.

    Attributes
    ----------
    familiar
        From -1, what the listener does not know, to 1, what is played often.
    varied
        From 0, alike, to 1, varied.
    tempo, energy
        From -1, slower and calmer than the seeds, to 1, faster and more energetic.
    """

    familiar: float = 0.0
    varied: float = 0.3
    tempo: float = 0.0
    energy: float = 0.0

    def __post_init__(self) -> None:
        for name, low in (("familiar", -1.0), ("varied", 0.0), ("tempo", -1.0), ("energy", -1.0)):
            if not low <= getattr(self, name) <= 1.0:
                raise UsageError(f"{name} must be from {low:g} to 1, not {getattr(self, name)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What the listener did since it began: keys ``(m,)`` int64, oldest first."""

    played: Ids = field(default_factory=_nothing)
    liked: Ids = field(default_factory=_nothing)
    disliked: Ids = field(default_factory=_nothing)
    skipped: Ids = field(default_factory=_nothing)


def go_on(
    space: Space,
    seeds: Ids,
    n: int,
    *,
    course: Course | None = None,
    happened: Happened | None = None,
    known: Floats | None = None,
    drive: Rows | None = None,
    filters: Filters | None = None,
) -> list[Ranked]:
    """The next `n` tracks around `seeds`: near to them and to what was liked, away from what was refused.

    No track that was played, skipped or disliked comes again, nor such a song in another version; an artist
    that was just heard stands back.

    Parameters
    ----------
    seeds
        ``(m,)`` int64 keys; those without a vector are passed over.
    course
        The sliders.
    happened
        Since it began. A like counts as a seed that weighs more, a dislike and a skip push away what sounds
        like them, and their artist.
    known
        ``(len(space),)`` float32 in [0, 1]: how well the listener knows each row.
    drive
        Tempo and energy of tracks ``(n, 2)``, 0 usual, 1 about one standard deviation more; without it the
        sliders for them do nothing.
    filters
        What is left out.

    Raises
    ------
    NothingFound
        If no seed has a vector here.
    UsageError
        If `n` is below 1.
    """
    if n < 1:
        raise UsageError(f"the number of tracks must be 1 or more, not {n}")
    course, happened = course or Course(), happened or Happened()
    positives, weights = _positives(space, seeds, happened)
    refused = _rows(space, np.concatenate([happened.disliked, happened.skipped]))
    heard = _rows(space, np.concatenate([happened.played, happened.disliked, happened.skipped, seeds]))
    mask = allowed(space, filters or Filters())
    mask[heard] = False
    pool = _pool(space, positives, mask, heard, max(_LEAST_BATCH, _A_RESULT * n))
    scores = _by_sound(pool, weights) - _refusal(space, pool, happened)
    scores -= _by_artist(space, pool, refused, _rows(space, happened.played[-_JUST_HEARD:]))
    if known is not None and course.familiar:
        scores += _FAMILIAR * course.familiar * (2.0 * known[pool.positions] - 1.0)
    if drive is not None and (course.tempo or course.energy):
        scores += _driven(space, pool, positives, course, drive)
    limits = Limits(per_artist=2, per_album=2, variety=course.varied)
    chosen = choose(space, pool, [scores.astype(np.float32)], n, limits)
    return told(space, pool, positives, chosen)


def _positives(space: Space, seeds: Ids, happened: Happened) -> tuple[list[Seed], NDArray[np.float64]]:
    """What to be near to, and how much each counts."""
    rows = _rows(space, seeds)
    if len(rows) > _MOST_SEEDS:
        rows = rows[np.linspace(0, len(rows) - 1, _MOST_SEEDS).round().astype(np.int64)]
    likes = _rows(space, happened.liked)[-_MOST_LIKES:]
    keys = space.keys[np.concatenate([rows, likes])]
    if len(rows) == 0:
        space.positions(seeds)  # says what is the matter with a seed
        raise NothingFound("endless play needs something to begin with")
    weights = np.concatenate([np.ones(len(rows)), np.full(len(likes), _LIKE)])
    return [seed_in(space, int(key)) for key in keys], weights


def _rows(space: Space, keys: Ids) -> Ids:
    """The rows of those keys that have one, each once, in order."""
    rows = space.neighbourhood.index.positions(np.asarray(keys, dtype=np.int64))
    _, first = np.unique(rows, return_index=True)
    ordered: Ids = rows[np.sort(first)]
    return ordered[ordered >= 0]


def _pool(space: Space, positives: list[Seed], mask: NDArray[np.bool_], heard: Ids, size: int) -> Pool:
    pool = gather(space, positives, mask, size)
    new = ~heard_again(space, pool.positions, heard)
    return Pool(
        pool.positions[new], pool.sounds.at(new), pool.cosines[:, new], pool.scores[:, new], pool.exhausted
    )


def _by_sound(pool: Pool, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """From 0 to 1: near to the nearest of the positive tracks, and to all."""
    if len(pool.positions) == 0:
        return np.zeros(0)
    share = np.clip(weights / weights.max(), 0.0, 1.0)[:, None]
    # On one scale, so that a track near to a like stands before one as near to a seed.
    span = max(float(np.ptp(pool.scores)), 1e-9)
    level = (pool.scores - pool.scores.min()) / span
    nearest = (level * (0.5 + 0.5 * share)).max(axis=0)
    mean = np.average(level, axis=0, weights=weights)
    return ranks((_NEAREST * nearest + (1 - _NEAREST) * mean).astype(np.float32)).astype(np.float64)


def _refusal(space: Space, pool: Pool, happened: Happened) -> NDArray[np.float64]:
    """How much each candidate sounds like what was disliked or skipped, worth up to `_DISLIKE`."""
    force = np.zeros(len(pool.positions))
    for keys, worth in ((happened.disliked, _DISLIKE), (happened.skipped, _SKIP)):
        for row in _rows(space, keys)[-_MOST_REFUSALS:].tolist():
            query = space.vectors(np.array([row]))
            likeness = space.neighbourhood.similarity(query, pool.sounds.vectors, pool.positions)
            match = space.neighbourhood.calibration.match(likeness) / 100.0
            np.maximum(force, worth * match**_SHARPNESS, out=force)
    return force


def _by_artist(space: Space, pool: Pool, refused: Ids, just_heard: Ids) -> NDArray[np.float64]:
    force = np.zeros(len(pool.positions))
    for rows, worth in ((refused, _ARTIST_REFUSED), (just_heard, _ARTIST_JUST_HEARD)):
        artists = np.unique(space.artist[rows])
        force += worth * np.isin(space.artist[pool.positions], artists[artists >= 0])
    return force


def _driven(
    space: Space, pool: Pool, positives: list[Seed], course: Course, drive: Rows
) -> NDArray[np.float64]:
    """What faster and more energetic than the seeds is worth, or slower and calmer."""
    wanted = np.array([course.tempo, course.energy], dtype=np.float64)
    rows = np.array([seed.position for seed in positives], dtype=np.int64)
    here, _ = drive.rows(space.keys[rows])
    there, is_known = drive.rows(space.keys[pool.positions])
    middle = np.nan_to_num(np.nanmean(here, axis=0)) if np.isfinite(here).any() else np.zeros(2)
    ahead = np.tanh(there - middle) @ wanted
    return np.where(is_known, _TRAIT * ahead, 0.0)
