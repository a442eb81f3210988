"""What a history says of each track for one listener: how much it speaks for it, and how much against it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.errors import UsageError

Ids = NDArray[np.int64]
Doubles = NDArray[np.float64]

DAY_S = 86_400.0
# Pauses longer than this end a session.
_PAUSE_S = 1_800.0
# A play at the opposite end of the day still says something of the taste.
_OTHER_HOURS = 0.25
_HOURS_WIDTH = 3.0
# Five stars weigh as two plays more; a dislike as much the other way, a skip half of it.
_OPINION = float(np.log1p(2.0))
_SKIP = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Listens:
    """What one listener heard, one row a listen, or a count of them; see `segue.catalogue.listen_table`.

    Attributes
    ----------
    heard
        ``(m,)`` int64: which recording, as the history names it.
    track
        ``(m,)`` int64: its key in the library, -1 where it is not there.
    time_s
        ``(m,)`` float64 UTC epoch seconds, NaN where unknown.
    skipped
        ``(m,)`` int8: 1 skipped, 0 not, -1 unknown.
    count
        ``(m,)`` int64: how many plays the row stands for.
    """

    heard: Ids
    track: Ids
    time_s: Doubles
    skipped: NDArray[np.int8]
    count: Ids

    def __len__(self) -> int:
        return len(self.track)

    def at(self, rows: NDArray[np.bool_] | Ids) -> Listens:
        """Some of the rows."""
        return Listens(
            heard=self.heard[rows],
            track=self.track[rows],
            time_s=self.time_s[rows],
            skipped=self.skipped[rows],
            count=self.count[rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions:
    """Likes and dislikes of one listener.

    Attributes
    ----------
    heard, track
        ``(m,)`` int64, as in `Listens`.
    value
        ``(m,)`` float64: -1 disliked to 1 liked.
    """

    heard: Ids
    track: Ids
    value: Doubles


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """How plays at different times count; by default all alike.

    Attributes
    ----------
    half_life_days
        A play so many days ago counts half; None for no decay.
    hour
        Plays near this hour of the day (UTC, 0 to 24) count more; None for no difference.
    session
        The share of all evidence that the last session's plays have, 0 to below 1; 0 for no difference.
    """

    half_life_days: float | None = None
    hour: float | None = None
    session: float = 0.0

    def __post_init__(self) -> None:
        if self.half_life_days is not None and not self.half_life_days > 0:
            raise UsageError(f"a half-life must be more than 0 days, not {self.half_life_days}")
        if not 0.0 <= self.session < 1.0:
            raise UsageError(f"the weight of the last session must be from 0 to below 1, not {self.session}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of each recording that a listener met, one row a recording.

    Attributes
    ----------
    track, heard
        ``(m,)`` int64: its key in the library or -1, and one of the names the history has for it.
    plays, skips
        ``(m,)`` float64: how often it was played to its end, as far as is known, and skipped.
    last_s
        ``(m,)`` float64: when it was last played, NaN where unknown.
    opinion
        ``(m,)`` float64 in [-1, 1], 0 where there is none.
    liking, against
        ``(m,)`` float64, 0 or more: what speaks for it (the logarithm of weighed plays, and likes), and what
        against it (skips that outnumber the plays, and dislikes).
    habit
        ``(m,)`` float64: how likely it is to be played again, by how often and how lately it was played.
    """

    track: Ids
    heard: Ids
    plays: Doubles
    skips: Doubles
    last_s: Doubles
    opinion: Doubles
    liking: Doubles
    against: Doubles
    habit: Doubles

    def __len__(self) -> int:
        return len(self.track)


def weigh(
    listens: Listens, opinions: Opinions | None = None, *, now_s: float, weighing: Weighing | None = None
) -> Evidence:
    """Gather listens and opinions by recording.

    Parameters
    ----------
    now_s
        What ages are counted from, UTC epoch seconds.
    weighing
        How times count.

    Notes
    -----
    `Evidence.habit` is the base-level activation of memory, the sum of age ** -0.5 over plays (Anderson,
    Schooler: Reflections of the environment in memory, 1991), with ages in days.

    Examples
    --------
    >>> day = 86_400.0
    >>> two = Listens(heard=np.array([5, 5]), track=np.array([1, 1]), time_s=np.array([0.0, day]),
    ...               skipped=np.array([0, 1], np.int8), count=np.array([1, 1]))
    >>> evidence = weigh(two, now_s=2 * day)
    >>> evidence.plays.tolist(), evidence.skips.tolist(), evidence.last_s.tolist()
    ([1.0], [1.0], [0.0])
    """
    opinions = opinions or _no_opinions()
    names = np.concatenate([_names(listens.track, listens.heard), _names(opinions.track, opinions.heard)])
    _, first, item = np.unique(names, return_index=True, return_inverse=True)
    n, m = len(first), len(listens)
    of_listen, of_opinion = item[:m], item[m:]
    skipped = listens.skipped == 1
    counts = np.where(skipped, 0, np.maximum(listens.count, 0)).astype(np.float64)
    plays = _sums(of_listen, counts, n)
    skips = _sums(of_listen, skipped.astype(np.float64), n)
    weighed = _sums(of_listen, counts * _of_times(listens, now_s, weighing or Weighing()), n)
    opinion = np.zeros(n)
    opinion[of_opinion] = np.clip(opinions.value, -1.0, 1.0)
    net = np.clip(1.0 - skips / np.maximum(plays, 1e-9), 0.0, 1.0)
    disliked = opinion < 0
    return Evidence(
        track=np.concatenate([listens.track, opinions.track])[first],
        heard=np.concatenate([listens.heard, opinions.heard])[first],
        plays=plays,
        skips=skips,
        last_s=_last(of_listen, listens.time_s, counts > 0, n),
        opinion=opinion,
        liking=np.where(disliked, 0.0, np.log1p(weighed) * net + _OPINION * np.maximum(opinion, 0.0)),
        against=_SKIP * np.log1p(np.maximum(skips - plays, 0.0)) + _OPINION * np.maximum(-opinion, 0.0),
        habit=np.where(disliked, 0.0, _sums(of_listen, counts * _age_days(listens, now_s) ** -0.5, n)),
    )


def _no_opinions() -> Opinions:
    nothing = np.empty(0, dtype=np.int64)
    return Opinions(heard=nothing, track=nothing, value=np.empty(0))


def _names(track: Ids, heard: Ids) -> Ids:
    """One number a recording: its key, or one below zero for what is not in the library."""
    return np.where(track >= 0, track, -1 - heard)


def _sums(item: Ids, values: Doubles, n: int) -> Doubles:
    return np.bincount(item, values, n).astype(np.float64)


def _last(item: Ids, time_s: Doubles, played: NDArray[np.bool_], n: int) -> Doubles:
    """The latest time of each item, NaN where there is none."""
    known = played & np.isfinite(time_s)
    last = np.full(n, -np.inf)
    np.maximum.at(last, item[known], time_s[known])
    return np.where(np.isfinite(last), last, np.nan)


def _age_days(listens: Listens, now_s: float) -> Doubles:
    """Ages of at least an hour; those not known count as the oldest known, or as a month."""
    age = np.maximum((now_s - listens.time_s) / DAY_S, 1.0 / 24.0)
    known = np.isfinite(age)
    return np.where(known, age, age[known].max() if known.any() else 30.0)


def _of_times(listens: Listens, now_s: float, weighing: Weighing) -> Doubles:
    """What each listen counts because of when it was, ``(m,)``."""
    weight = np.ones(len(listens))
    known = np.isfinite(listens.time_s)
    if weighing.half_life_days is not None:
        weight *= 0.5 ** (_age_days(listens, now_s) / weighing.half_life_days)
    if weighing.hour is not None:
        apart = np.abs((listens.time_s / 3_600.0 - weighing.hour + 12.0) % 24.0 - 12.0)
        near = np.exp(-0.5 * (apart / _HOURS_WIDTH) ** 2)
        weight *= np.where(known, _OTHER_HOURS + (1.0 - _OTHER_HOURS) * near, (1.0 + _OTHER_HOURS) / 2)
    if weighing.session > 0 and known.any():
        last = _last_session(listens.time_s)
        of_last, of_others = (weight * last).sum(), (weight * ~last).sum()
        if of_last > 0 and of_others > 0:
            lift = weighing.session / (1.0 - weighing.session) * of_others / of_last
            weight[last] *= max(1.0, lift)
    return weight


def _last_session(time_s: Doubles) -> NDArray[np.bool_]:
    """Which listens belong to the last session: no pause of half an hour after them."""
    known = np.sort(time_s[np.isfinite(time_s)])
    pauses = np.flatnonzero(np.diff(known) > _PAUSE_S)
    begin = known[pauses[-1] + 1] if len(pauses) else known[0]
    return np.asarray(time_s >= begin)
