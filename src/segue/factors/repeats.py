"""What a listener plays next, played before or not: kinds of evidence added up with learned weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import UsageError
from segue.factors.next_evidence import Evidence, PastPlays, gather_evidence
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float32]
    Flags = NDArray[np.bool_]

_BLOCK = 64  # listeners
_DRAWN = 300  # items that were not played, a listener
_FEWEST = 20  # listeners to learn weights from
_SHRINKAGE = 1e-4
_EVEN = 0.5  # every weight where there is nobody to learn from


@dataclass(frozen=True, slots=True)
class NextScorer:
    """Scores of what each listener plays next; a `Scorer`.

    Attributes
    ----------
    items
        Evidence on the items themselves.
    groups
        Evidence on their groups (the artists of tracks); None where there are none.
    group : (n_items,) int64
        The group of each item.
    weights
        By name of the evidence, ``artist: …`` for that on groups; none is below 0.
    n_learned_from
        How many listeners the weights were learned from; 0 where they are no more than a guess.
    """

    items: Evidence
    groups: Evidence | None
    group: Ints
    weights: Mapping[str, float]
    n_learned_from: int

    def scores(self, rows: Ints) -> Floats:
        total = np.zeros((len(rows), len(self.group)), dtype=np.float32)
        for name, values in self.items.columns(rows):
            if self.weights[name]:
                total += self.weights[name] * values
        if self.groups is not None:
            of_group = sum(
                np.float32(self.weights[_of_group(name)]) * values
                for name, values in self.groups.columns(rows)
            )
            total += np.asarray(of_group, dtype=np.float32)[:, self.group]
        return total


def fit_next(
    past: PastPlays, *, session: Ints, seed: int = 0, progress: Progress | None = None
) -> NextScorer:
    """Learn what listeners play next from what they played.

    The weights are those with which each listener's last known session is best told, by logistic regression,
    from all that was known before it; then the evidence is gathered again with those sessions. Weights below
    0 are ruled out: an item is never the likelier for having been played by nobody.

    Parameters
    ----------
    past
        What is known, of all listeners.
    session : (n_plays,) int64
        The session of each play: of one listener's, the higher number is the later one.
    seed
        Of the factors and of the items drawn as not played.
    progress
        Told of listeners learned from.

    Raises
    ------
    UsageError
        If the arrays do not fit together, or fewer than two listeners played anything.
    """
    _check(past, session)
    asked, weights = _learn(past, session, seed, progress or Silent())
    items, groups, group = _gather(past, seed)
    if not weights:
        names = [name for name, _ in items.columns(np.arange(1))]
        weights = dict.fromkeys(names, _EVEN)
        weights |= {_of_group(name): _EVEN for name in names if groups is not None}
    return NextScorer(items, groups, group, weights, asked)


def _of_group(name: str) -> str:
    return f"artist: {name}"


def _check(past: PastPlays, session: Ints) -> None:
    n = len(past.listener)
    if not n == len(past.item) == len(past.time_s) == len(session):
        raise UsageError("listeners, items, times and sessions of plays must be equally many")
    if len(past.now_s) != past.n_listeners:
        raise UsageError(f"{len(past.now_s)} times to predict from do not fit {past.n_listeners} listeners")
    if past.group is not None and len(past.group) != past.n_items:
        raise UsageError(f"{len(past.group)} groups do not fit {past.n_items} items")


def _gather(past: PastPlays, seed: int) -> tuple[Evidence, Evidence | None, Ints]:
    """Evidence on items and on groups, and the group of each item."""
    items = gather_evidence(past, seed=seed)
    if past.group is None:
        return items, None, np.arange(past.n_items)
    # An item of no known group is a group of its own.
    alone = past.group < 0
    named = np.where(alone, past.group.max(initial=0) + 1 + np.arange(past.n_items), past.group)
    known, group = np.unique(named, return_inverse=True)
    of_groups = replace(past, n_items=len(known), item=group[past.item], group=None)
    return items, gather_evidence(of_groups, seed=seed), group


def _learn(past: PastPlays, session: Ints, seed: int, progress: Progress) -> tuple[int, dict[str, float]]:
    """How many listeners have a session to learn from, and the weights; none where they are too few."""
    last = np.full(past.n_listeners, -1)
    np.maximum.at(last, past.listener, session)
    hidden = session == last[past.listener]
    earlier = np.bincount(past.listener[~hidden], minlength=past.n_listeners) > 0
    hidden &= earlier[past.listener]
    asked = np.unique(past.listener[hidden])
    if len(asked) < _FEWEST:
        return 0, {}
    now_s = past.now_s.copy()
    now_s[asked] = np.inf
    np.minimum.at(now_s, past.listener[hidden], past.time_s[hidden])
    before = replace(
        past,
        listener=past.listener[~hidden],
        item=past.item[~hidden],
        time_s=past.time_s[~hidden],
        now_s=now_s,
    )
    progress.start("learning what is played next, listeners", len(asked))
    names, examples, answers, weights = _examples(before, past, hidden, asked, seed, progress)
    progress.finish()
    return len(asked), dict(zip(names, _regress(examples, answers, weights), strict=True))


def _examples(
    before: PastPlays, past: PastPlays, hidden: Flags, asked: Ints, seed: int, progress: Progress
) -> tuple[list[str], Floats, Flags, NDArray[np.float64]]:
    """Items played next and items not: evidence ``(n, n_kinds)``, which they are, and how much each counts.

    What was played and what was not weigh the same in all, and so does every listener; each item that a
    listener knows but did not play is there, beside `_DRAWN` others that stand for the rest.
    """
    rng = np.random.default_rng(seed)
    items, groups, group = _gather(before, seed)
    nexts = _items_of(past.listener[hidden], past.item[hidden], past.n_listeners)
    knowns = _items_of(before.listener, before.item, past.n_listeners)
    tables: list[Floats] = []
    answers: list[Flags] = []
    weights: list[NDArray[np.float64]] = []
    names: list[str] = []
    for start in range(0, len(asked), _BLOCK):
        rows = asked[start : start + _BLOCK]
        parts = [_drawn(nexts[row], knowns[row], past.n_items, rng) for row in rows.tolist()]
        item = np.concatenate([part[0] for part in parts])
        place = np.repeat(np.arange(len(rows)), [len(part[0]) for part in parts])
        columns = {name: values[place, item] for name, values in items.columns(rows)}
        if groups is not None:
            of_groups = groups.columns(rows)
            columns |= {_of_group(name): values[place, group[item]] for name, values in of_groups}
        names = list(columns)
        tables.append(np.column_stack(list(columns.values())))
        answers += [part[1] for part in parts]
        weights += [part[2] for part in parts]
        progress.advance(len(rows))
    return names, np.concatenate(tables), np.concatenate(answers), np.concatenate(weights)


def _items_of(listener: Ints, item: Ints, n_listeners: int) -> list[Ints]:
    """The different items of each listener."""
    order = np.lexsort((item, listener))
    ends = np.cumsum(np.bincount(listener, minlength=n_listeners))[:-1]
    return [np.unique(part) for part in np.split(item[order], ends)]


def _drawn(
    nexts: Ints, known: Ints, n_items: int, rng: np.random.Generator
) -> tuple[Ints, Flags, NDArray[np.float64]]:
    """Items of one listener, whether they were played next, and how much each counts."""
    passed = np.setdiff1d(known, nexts)
    drawn = rng.integers(0, n_items, _DRAWN)
    drawn = drawn[~np.isin(drawn, np.union1d(known, nexts))]
    share = len(passed) / n_items
    weights = (
        np.full(len(nexts), 1 / len(nexts)),
        np.full(len(passed), 1 / n_items),
        np.full(len(drawn), (1 - share) / max(len(drawn), 1)),
    )
    items = np.concatenate([nexts, passed, drawn])
    return items, np.arange(len(items)) < len(nexts), np.concatenate(weights)


def _regress(examples: Floats, answers: Flags, weights: NDArray[np.float64]) -> Iterator[float]:
    """Weights of logistic regression, none below 0."""
    from scipy.optimize import minimize

    spread = examples.std(axis=0, dtype=np.float64) + 1e-9
    scaled = examples / spread
    share = weights / weights.sum()
    sign = np.where(answers, 1.0, -1.0)

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slopes, level = parameters[:-1], parameters[-1]
        margin = sign * (scaled @ slopes + level)
        wrong = -sign * share * np.exp(-np.logaddexp(0, margin))
        value = float(share @ np.logaddexp(0, -margin) + _SHRINKAGE * slopes @ slopes)
        return value, np.append(scaled.T @ wrong + 2 * _SHRINKAGE * slopes, wrong.sum())

    n = examples.shape[1]
    bounds = [(0, None)] * n + [(None, None)]
    found = minimize(loss, np.zeros(n + 1), jac=True, method="L-BFGS-B", bounds=bounds)
    return iter((found.x[:-1] / spread).tolist())
