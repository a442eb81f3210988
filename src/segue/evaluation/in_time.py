"""The protocol in time: what listeners play next is to be told from what was played before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from segue.errors import NothingFound
from segue.evaluation.judging import make_exam
from segue.evaluation.ranking_report import Entry, RankingReport, compare
from segue.evaluation.scorers import RandomScorer, SameForAll
from segue.factors.next_evidence import PastPlays, fit_lately, play_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from segue.factors.repeats import NextScorer
    from segue.factors.scorers import Scorer
    from segue.listening import Events
    from segue.progress import Progress

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

SESSION_GAP_S = 30 * 60.0
"""A pause that ends a session, where the plays do not say which session they are of."""
LATER_SHARE = 0.2
"""Share of the plays that are later than the moment at which time is cut."""

Items = Literal["tracks", "artists"]
Cut = Literal["session", "time"]


@dataclass(frozen=True, slots=True)
class TimeSplit:
    """What is known, and what comes next.

    Attributes
    ----------
    past
        The known plays, and from when on each listener is asked about.
    session : (n_past,) int64
        The session of each known play; of one listener's, the higher number is the later one.
    after : (n_listeners, n_items) csr_array
        Non-zero where a listener who is asked plays an item next.
    labels : (n_items,)
        What the items are called in the table: its tracks, or numbers of artists.
    """

    past: PastPlays
    session: Ints
    after: csr_array
    labels: NDArray[np.int64] | NDArray[np.str_]

    @property
    def has_new(self) -> bool:
        """Whether anybody plays something next that they did not play before."""
        return bool(_without(self.after, play_counts(self.past)).nnz)


def sessions_of(events: Events) -> Ints:
    """Number every session by when it began, ``(n_events,) int64``.

    Where each play says its session, that counts; otherwise a session ends with a pause of `SESSION_GAP_S`.
    """
    if len(events.session) and events.session.min() >= 0:
        pairs = np.stack([events.listener, events.session])
        _, code = np.unique(pairs, axis=1, return_inverse=True)
        code = code.reshape(-1)
    else:
        pause = np.diff(events.time_s, prepend=-np.inf) > SESSION_GAP_S
        code = np.cumsum(pause | (np.diff(events.listener, prepend=-1) != 0)) - 1
    began = np.full(int(code.max(initial=-1)) + 1, np.inf)
    np.minimum.at(began, code, events.time_s)
    rank = np.empty(len(began), dtype=np.int64)
    rank[np.argsort(began, kind="stable")] = np.arange(len(began))
    return rank[code]


def split_in_time(events: Events, *, items: Items = "tracks", cut: Cut = "session") -> TimeSplit:
    """Part plays into what is known and what comes next.

    Parameters
    ----------
    events
        Plays in time.
    items
        What is to be told: tracks, with the artists known as their groups, or artists.
    cut
        ``session``: the last session of each listener who has several comes next, and all else is known,
        other listeners' later plays included (the usual protocol of session data). ``time``: nothing of
        anybody is known from the moment on after which `LATER_SHARE` of the plays lie.

    Raises
    ------
    NothingFound
        If artists are asked for and a play has none, or no listener has something both before and after.

    References
    ----------
    P. G. Campos, F. Díez, I. Cantador, "Time-aware recommender systems: a comprehensive survey and analysis
    of existing evaluation protocols", UMUAI 24, 2014.
    """
    session = sessions_of(events)
    item, group, labels = _items(events, items)
    n_listeners = len(events.listeners)
    if cut == "session":
        last = np.full(n_listeners, -1)
        np.maximum.at(last, events.listener, session)
        later = session == last[events.listener]
        several = np.bincount(events.listener[~later], minlength=n_listeners) > 0
        later &= several[events.listener]
        known = ~later
    else:
        moment = np.quantile(events.time_s, 1 - LATER_SHARE, method="higher")
        known = events.time_s < moment
        before = np.bincount(events.listener[known], minlength=n_listeners) > 0
        later = ~known & before[events.listener]
    if not later.any():
        what = "two sessions" if cut == "session" else "plays both before and after the cut"
        raise NothingFound(f"no listener has {what}: there is nothing to predict")
    now_s = np.full(n_listeners, np.inf)
    np.minimum.at(now_s, events.listener[later], events.time_s[later])
    return TimeSplit(
        PastPlays(
            n_listeners,
            len(labels),
            events.listener[known],
            item[known],
            events.time_s[known],
            _or_end(now_s, events.time_s[known]),
            group,
        ),
        session[known],
        _matrix(events.listener[later], item[later], (n_listeners, len(labels))),
        labels,
    )


def evaluate_in_time(
    split: TimeSplit,
    model: NextScorer,
    others: Mapping[str, Scorer],
    *,
    likeness: NDArray[np.float32],
    repeats: bool,
    seed: int = 0,
    progress: Progress | None = None,
) -> RankingReport:
    """Rank all items for each listener who is asked.

    Parameters
    ----------
    split
        Known plays and the next ones.
    model
        The scorer asked about, fitted to the known plays.
    others
        Baselines by name, fitted to the same.
    likeness : (n_items, dim) float32
        Vectors in which items that are alike are near, for the diversity of lists.
    repeats
        Whether items that the listener played before are candidates; otherwise only new ones are.
    seed, progress
        Of the controls and the intervals; of listeners judged.

    Returns
    -------
    RankingReport
        With the controls: the listener's own most played, popularity (all plays, lately), random order.
    """
    counts = play_counts(split.past)
    n_players = np.bincount(counts.indices, minlength=counts.shape[1])
    relevant = split.after if repeats else _without(split.after, counts)
    exam = make_exam(
        relevant, played=None if repeats else counts, n_players=n_players, likeness=likeness, seed=seed
    )
    entries = [Entry("what comes next", "model", (model,))]
    entries += [Entry(name, "baseline", (scorer,)) for name, scorer in others.items()]
    if repeats:
        entries.append(Entry("own most played", "control", (OwnMostPlayed(counts, n_players),)))
    entries += _controls(split.past, n_players, seed)
    models = compare(entries, exam, np.diff(counts.indptr), min_plays=1, seed=seed, progress=progress)
    unknown = np.sum(n_players[relevant.indices] == 0) / max(relevant.nnz, 1)
    return RankingReport(
        protocol="in time, repeats allowed" if repeats else "in time, new ones only",
        facts={
            "listeners asked": len(exam.listeners),
            "items": counts.shape[1],
            "known plays": len(split.past.item),
            "items to be found": relevant.nnz,
        },
        models=models,
        settings={"learned from listeners": model.n_learned_from, "weights": dict(model.weights)},
        notes=(f"{unknown:.1%} of what is to be found was played by nobody before.",),
        min_plays=1,
        seed=seed,
    )


def _controls(past: PastPlays, n_players: Ints, seed: int) -> list[Entry]:
    """What knows nothing of the listener."""
    return [
        Entry("popularity", "control", (SameForAll(n_players.astype(np.float32)),)),
        Entry("popularity lately", "control", (fit_lately(past),)),
        Entry("random", "control", (RandomScorer(past.n_items, seed),)),
    ]


@dataclass(frozen=True, slots=True)
class OwnMostPlayed:
    """What the listener played most, then what most others played.

    Attributes
    ----------
    counts : (n_listeners, n_items) csr_array
        Plays.
    n_players : (n_items,) int64
        How many listeners each item has.
    """

    counts: csr_array
    n_players: Ints

    def scores(self, rows: Ints) -> NDArray[np.float32]:
        rest = self.n_players / (self.n_players.max(initial=0) + 1)
        return np.asarray(self.counts[rows].toarray() + rest, dtype=np.float32)


def ranked_lists(scorer: Scorer, split: TimeSplit, *, length: int = 500) -> tuple[Ints, Ints]:
    """The listeners who are asked, ``(n,)``, and their best items, ``(n, length)``, best first.

    Both are places; repeats are allowed. Of equal scores the lower place comes first.
    """
    asked = np.flatnonzero(np.diff(split.after.indptr))
    block = max(1, 16_000_000 // split.past.n_items)
    lists = [
        np.argsort(-scorer.scores(asked[start : start + block]), axis=1, kind="stable")[:, :length]
        for start in range(0, len(asked), block)
    ]
    return asked, np.concatenate(lists)


def _items(events: Events, items: Items) -> tuple[Ints, Ints | None, NDArray[np.int64] | NDArray[np.str_]]:
    """The item of each play, the group of each item, and what items are called."""
    artist_known = events.artist >= 0
    if items == "artists":
        if not artist_known.all():
            missing = int((~artist_known).sum())
            raise NothingFound(f"{missing:,} plays have no artist: ask for tracks, or leave those plays out")
        labels, item = np.unique(events.artist, return_inverse=True)
        return item, None, labels
    if not artist_known.any():
        return events.track, None, events.tracks
    # A track belongs to the artist it is most often given to; of equally many, to the first.
    artist = np.full(len(events.tracks), -1)
    pairs, times = np.unique(
        np.stack([events.track, events.artist])[:, artist_known], axis=1, return_counts=True
    )
    order = np.argsort(times, kind="stable")
    artist[pairs[0, order]] = pairs[1, order]
    return events.track, artist, events.tracks


def _or_end(now_s: NDArray[np.float64], known_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Listeners who are not asked are as if asked after everything."""
    return np.where(np.isfinite(now_s), now_s, known_s.max())


def _matrix(listener: Ints, item: Ints, shape: tuple[int, int]) -> csr_array:
    from scipy.sparse import csr_array

    matrix = csr_array((np.ones(len(item), dtype=np.float32), (listener, item)), shape=shape)
    matrix.sum_duplicates()
    return matrix


def _without(matrix: csr_array, known: csr_array) -> csr_array:
    """`matrix` without the pairs of `known`."""
    n_items = matrix.shape[1]
    listener = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    pair = listener * n_items + matrix.indices
    played = np.repeat(np.arange(known.shape[0]), np.diff(known.indptr)) * n_items + known.indices
    new = ~np.isin(pair, played)
    return _matrix(listener[new], matrix.indices[new].astype(np.int64), matrix.shape)
