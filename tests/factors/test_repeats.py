"""What comes next, on plays with an obvious answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from segue.errors import UsageError
from segue.factors.next_evidence import DAY_S, PastPlays, fit_lately, play_counts
from segue.factors.repeats import fit_next
from segue.factors.walks import walks

_LISTENERS, _ITEMS, _SESSIONS = 60, 80, 4


def _loyal(seed: int = 0) -> tuple[PastPlays, np.ndarray]:
    """Two camps; every listener plays five favourites of the camp again and again, and one of its others."""
    rng = np.random.default_rng(seed)
    listener, item, time_s, session = [], [], [], []
    for who in range(_LISTENERS):
        camp = np.arange(_ITEMS // 2) + (who % 2) * (_ITEMS // 2)
        favourites = rng.choice(camp, 5, replace=False)
        for number in range(_SESSIONS):
            played = np.append(rng.choice(favourites, 3, replace=False), rng.choice(camp))
            listener += [who] * len(played)
            item += played.tolist()
            time_s += (number * DAY_S + 200.0 * np.arange(len(played))).tolist()
            session += [number] * len(played)
    past = PastPlays(
        _LISTENERS,
        _ITEMS,
        np.array(listener),
        np.array(item),
        np.array(time_s),
        np.full(_LISTENERS, _SESSIONS * DAY_S),
    )
    return past, np.array(session)


def test_what_is_played_again_and_again_comes_first() -> None:
    past, session = _loyal()
    model = fit_next(past, session=session)
    assert model.n_learned_from == _LISTENERS
    assert min(model.weights.values()) >= 0
    rows = np.arange(_LISTENERS)
    scores = model.scores(rows)
    assert scores.shape == (_LISTENERS, _ITEMS)
    assert scores.dtype == np.float32
    often = play_counts(past).toarray().argmax(axis=1)
    rank = (scores > scores[rows, often][:, None]).sum(axis=1)
    assert np.median(rank) <= 2


def test_new_items_of_the_own_camp_come_before_those_of_the_other() -> None:
    past, session = _loyal()
    scores = fit_next(past, session=session).scores(np.arange(_LISTENERS))
    scores[play_counts(past).toarray() > 0] = np.nan
    half = _ITEMS // 2
    camps = np.nanmean(scores[:, :half], axis=1) - np.nanmean(scores[:, half:], axis=1)
    assert np.mean((camps > 0) == (np.arange(_LISTENERS) % 2 == 0)) > 0.95


def test_an_item_that_nobody_played_follows_its_artist() -> None:
    past, session = _loyal()
    # Two more items that nobody played: one of an artist of the first camp, one of the other's.
    artist = np.append(np.arange(_ITEMS) // (_ITEMS // 2), [0, 1])
    grown = replace(past, n_items=_ITEMS + 2, group=artist)
    scores = fit_next(grown, session=session).scores(np.arange(2))
    assert scores[0, _ITEMS] > scores[0, _ITEMS + 1]
    assert scores[1, _ITEMS] < scores[1, _ITEMS + 1]


def test_items_without_artist_are_artists_of_their_own() -> None:
    past, session = _loyal()
    unknown = replace(past, group=np.full(_ITEMS, -1))
    assert np.array_equal(fit_next(unknown, session=session).group, np.arange(_ITEMS))


def test_the_same_seed_gives_the_same_scores() -> None:
    past, session = _loyal()
    one, other = (fit_next(past, session=session, seed=3).scores(np.arange(5)) for _ in range(2))
    assert np.array_equal(one, other)


def test_without_earlier_sessions_all_evidence_counts_alike() -> None:
    past, session = _loyal()
    model = fit_next(past, session=np.zeros_like(session))
    assert model.n_learned_from == 0
    assert len(set(model.weights.values())) == 1


def test_arrays_that_do_not_fit_are_refused() -> None:
    past, session = _loyal()
    with pytest.raises(UsageError, match="equally many"):
        fit_next(past, session=session[:-1])
    with pytest.raises(UsageError, match="do not fit 60 listeners"):
        fit_next(replace(past, now_s=past.now_s[:-1]), session=session)
    with pytest.raises(UsageError, match="do not fit 80 items"):
        fit_next(replace(past, group=np.zeros(3, dtype=np.int64)), session=session)


def test_later_plays_of_others_are_not_recent() -> None:
    past = PastPlays(
        2, 2, np.array([0, 1]), np.array([0, 1]), np.array([0.0, 9 * DAY_S]), np.array([DAY_S, 10 * DAY_S])
    )
    scores = fit_lately(past).scores(np.arange(2))
    assert scores[0, 0] == pytest.approx(0.5, abs=0.02)
    assert scores[0, 1] == 0
    assert scores[1, 1] > scores[1, 0] > 0


def test_long_walks_end_where_popularity_is() -> None:
    rng = np.random.default_rng(0)
    dense = rng.random((30, 12)) < 0.4
    dense[:, 0] = True
    plays = csr_array(dense.astype(np.float32))
    arrived = walks(plays).arrivals(np.arange(30), 60)
    popularity = np.bincount(plays.indices, minlength=12) / plays.nnz
    assert arrived == pytest.approx(np.tile(popularity, (30, 1)), abs=1e-4)


def test_walks_agree_with_the_matrices_written_out() -> None:
    rng = np.random.default_rng(1)
    dense = (rng.random((9, 7)) < 0.5).astype(np.float64)
    dense[0] = 0
    by_item = np.divide(dense, dense.sum(axis=0), out=np.zeros_like(dense), where=dense.sum(axis=0) > 0)
    by_row = np.divide(
        dense, dense.sum(axis=1, keepdims=True), out=np.zeros_like(dense), where=dense.any(axis=1)[:, None]
    )
    step = by_item.T @ by_row
    expected = by_row @ step @ step
    assert walks(csr_array(dense)).arrivals(np.arange(9), 2) == pytest.approx(expected, abs=1e-6)
