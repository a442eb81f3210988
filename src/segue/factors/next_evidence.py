"""What speaks for an item being played next: the listener's own past, others who share it, popularity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segue.factors.walks import Walks, walks
from segue.factors.wmf import WMFSettings, fit_wmf

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float32]
    Times = NDArray[np.float64]

HOUR_S, DAY_S = 3_600.0, 86_400.0
HALF_LIVES_S = {"an hour": HOUR_S, "a day": DAY_S, "a month": 30 * DAY_S}
"""A listener's own plays count half after this long."""
LATELY_S = DAY_S
"""Other people's plays count half after this long."""
WALK_STEPS = (1, 2, 3)
_FACTORS = WMFSettings(n_factors=16, n_iterations=10)


@dataclass(frozen=True, slots=True)
class PastPlays:
    """Plays that are known when the next ones are to be predicted.

    Attributes
    ----------
    n_listeners, n_items
        How many there are, whether or not anything is known of them.
    listener, item : (n_plays,) int64
        Who played what.
    time_s : (n_plays,) float64
        When.
    now_s : (n_listeners,) float64
        From when on each listener's next plays are asked for. Plays of other people from then on do not
        count as recent.
    group : (n_items,) int64 or None
        What belongs together, such as the artist of each track, below 0 where it is not known; known of items
        that nobody played, too.
    """

    n_listeners: int
    n_items: int
    listener: Ints
    item: Ints
    time_s: Times
    now_s: Times
    group: Ints | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything learned from the past about items of one kind (tracks, or their artists).

    Attributes
    ----------
    now_s : (n_listeners,) float64
        As in `PastPlays`.
    decayed
        ``(n_listeners, n_items) csr_array`` of the listener's own plays by name of half-life.
    walks
        Over who played what.
    listener_factors, item_factors : (n, n_factors) float32
        Of WMF.
    lately
        Other people's plays in time.
    """

    now_s: Times
    decayed: dict[str, csr_array]
    walks: Walks
    listener_factors: Floats
    item_factors: Floats
    lately: Lately

    def columns(self, rows: Ints) -> Iterator[tuple[str, Floats]]:
        """Each kind of evidence with its name, ``(len(rows), n_items) float32``, all 0 or more but factors.

        ``played``
            1 where the listener played it.
        ``plays, half after …``
            log(1 + plays), a play counting half after an hour, a day, a month.
        ``walk of …``
            log(1 + how many times likelier than by chance a walk arrives there).
        ``factors``
            Dot product of WMF's factors.
        ``listeners``
            log(1 + how many listeners it has).
        ``plays lately``
            log(1 + everybody's plays), a play counting half after `LATELY_S`.
        """
        yield "played", self.walks.played[rows].toarray()
        for name, plays in self.decayed.items():
            yield f"plays, half after {name}", np.log1p(plays[rows].toarray())
        n_items = self.walks.played.shape[1]
        for steps in WALK_STEPS:
            yield f"walk of {steps}", np.log1p(self.walks.arrivals(rows, steps) * n_items)
        yield "factors", self.listener_factors[rows] @ self.item_factors.T
        n_listeners = np.bincount(self.walks.played.indices, minlength=n_items)
        yield "listeners", np.tile(np.log1p(n_listeners).astype(np.float32), (len(rows), 1))
        yield "plays lately", np.log1p(self.lately.scores(rows))


@dataclass(frozen=True, slots=True)
class Lately:
    """Popularity of the hours before each listener's now; a `Scorer`.

    Attributes
    ----------
    now_s : (n_listeners,) float64
        As in `PastPlays`.
    hours : (n_hours, n_items) csr_array
        Plays of each hour that has some.
    end_s : (n_hours,) float64
        When each hour is over.
    """

    now_s: Times
    hours: csr_array
    end_s: Times

    def scores(self, rows: Ints) -> Floats:
        age = self.now_s[rows][:, None] - self.end_s
        weights = np.where(age >= 0, 0.5 ** (np.maximum(age, 0) / LATELY_S), 0).astype(np.float32)
        return np.ascontiguousarray((self.hours.T @ weights.T).T, dtype=np.float32)


def play_counts(past: PastPlays) -> csr_array:
    """How often each listener played each item, ``(n_listeners, n_items) float32``."""
    return _summed(past, np.ones(len(past.item), dtype=np.float32))


def fit_lately(past: PastPlays) -> Lately:
    """Count everybody's plays hour by hour; an hour counts once it is over."""
    from scipy.sparse import csr_array

    hour, place = np.unique(np.floor(past.time_s / HOUR_S), return_inverse=True)
    ones = np.ones(len(place), dtype=np.float32)
    hours = csr_array((ones, (place, past.item)), shape=(len(hour), past.n_items))
    return Lately(past.now_s, hours, (hour + 1) * HOUR_S)


def gather_evidence(past: PastPlays, *, seed: int) -> Evidence:
    """Learn everything of `Evidence` from the past; groups play no part here.

    Raises
    ------
    UsageError
        If fewer than two listeners played anything.
    """
    counts = play_counts(past)
    age = np.maximum(past.now_s[past.listener] - past.time_s, 0)
    decayed = {
        name: _summed(past, (0.5 ** (age / half_life)).astype(np.float32))
        for name, half_life in HALF_LIVES_S.items()
    }
    listener_factors, item_factors = fit_wmf(counts, _FACTORS, seed=seed)
    return Evidence(past.now_s, decayed, walks(counts), listener_factors, item_factors, fit_lately(past))


def _summed(past: PastPlays, weights: Floats) -> csr_array:
    from scipy.sparse import csr_array

    shape = (past.n_listeners, past.n_items)
    matrix = csr_array((weights, (past.listener, past.item)), shape=shape)
    matrix.sum_duplicates()
    return matrix
