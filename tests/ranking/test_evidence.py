"""What plays, skips, likes and times are worth as evidence; tastes and hybrids of columns."""

from __future__ import annotations

import numpy as np
import pytest

from segue.errors import UsageError
from segue.ranking import Evidence, Listens, Opinions, Weighing, weigh
from segue.ranking.hybrids import HYBRIDS, combine, ranks
from segue.ranking.picking import turns
from segue.ranking.tastes import find_tastes

DAY = 86_400.0
HOUR = 3_600.0


def weighed(rows: list[tuple[int, float]], weighing: Weighing | None = None, now_s: float = 0.0) -> Evidence:
    """Plays of tracks at times in seconds."""
    track = np.array([row[0] for row in rows], dtype=np.int64)
    listens = Listens(
        heard=track,
        track=track,
        time_s=np.array([row[1] for row in rows]),
        skipped=np.zeros(len(rows), dtype=np.int8),
        count=np.ones(len(rows), dtype=np.int64),
    )
    return weigh(listens, now_s=now_s, weighing=weighing)


def test_all_plays_are_alike_unless_asked() -> None:
    evidence = weighed([(1, -900 * DAY), (2, -DAY), (2, np.nan)])
    assert evidence.liking == pytest.approx(np.log1p([1, 2]))
    assert evidence.last_s.tolist() == [-900 * DAY, -DAY]
    assert evidence.habit[1] > evidence.habit[0]


def test_old_plays_fade_by_half_lives() -> None:
    evidence = weighed([(1, -60 * DAY), (2, 0.0)], Weighing(half_life_days=30))
    assert np.expm1(evidence.liking) == pytest.approx([0.25, 1.0], rel=1e-2)


def test_plays_at_this_hour_count_more() -> None:
    evening, morning = -2 * DAY + 20 * HOUR, -2 * DAY + 8 * HOUR
    evidence = weighed([(1, evening), (2, morning)], Weighing(hour=20.5))
    assert evidence.liking[0] > 2 * evidence.liking[1]


def test_the_last_session_has_the_share_that_was_asked() -> None:
    before = [(1, -DAY - 60.0 * minute) for minute in range(30)]
    session = [(2, -60.0 * minute) for minute in range(2)]
    evidence = weighed(before + session, Weighing(session=0.75))
    assert np.expm1(evidence.liking) == pytest.approx([30.0, 90.0])


def test_recordings_outside_the_library_are_kept_apart() -> None:
    listens = Listens(
        heard=np.array([7, 8, 7, 9]),
        track=np.array([-1, -1, -1, 4]),
        time_s=np.full(4, np.nan),
        skipped=np.array([0, -1, 1, 1], dtype=np.int8),
        count=np.array([2, 1, 1, 1]),
    )
    opinions = Opinions(heard=np.array([9, 10]), track=np.array([4, 5]), value=np.array([-0.5, 1.0]))
    evidence = weigh(listens, opinions, now_s=0.0)
    rows = {
        (int(track), int(heard)): row
        for row, (track, heard) in enumerate(zip(evidence.track, evidence.heard, strict=True))
    }
    assert set(rows) == {(-1, 7), (-1, 8), (4, 9), (5, 10)}
    assert evidence.plays[rows[-1, 7]] == 2
    assert evidence.skips[rows[-1, 7]] == 1
    assert evidence.liking[rows[4, 9]] == 0 < evidence.against[rows[4, 9]]
    assert evidence.liking[rows[5, 10]] > 0


def test_nothing_heard_is_no_error() -> None:
    assert len(weighed([])) == 0


def test_nonsense_is_refused() -> None:
    with pytest.raises(UsageError, match="half-life"):
        Weighing(half_life_days=0)
    with pytest.raises(UsageError, match="session"):
        Weighing(session=1.0)


def test_one_kind_of_music_is_one_taste() -> None:
    rng = np.random.default_rng(0)
    rows = np.eye(20)[:1] + 0.1 * rng.standard_normal((60, 20))
    unit = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    assert find_tastes(unit, np.ones(60)).max() == 0
    assert find_tastes(unit[:1], np.ones(1)).tolist() == [0]


def test_three_kinds_are_three_tastes_whatever_the_seed() -> None:
    rng = np.random.default_rng(0)
    rows = np.repeat(np.eye(20)[:3], (30, 20, 10), axis=0) + 0.1 * rng.standard_normal((60, 20))
    unit = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    for seed in range(5):
        taste = find_tastes(unit, np.ones(60), seed=seed)
        assert taste.tolist() == [0] * 30 + [1] * 20 + [2] * 10
    # A few tracks of another kind are no taste.
    assert find_tastes(unit[:33], np.ones(33)).max() <= 1


def test_turns_keep_the_shares_at_every_place() -> None:
    order = np.array(turns([0.5, 0.3, 0.2], 100))
    for n in (10, 20, 50, 100):
        assert np.bincount(order[:n], minlength=3) == pytest.approx(n * np.array([0.5, 0.3, 0.2]), abs=1)
    assert turns([0.0, 0.0], 5) == []


@pytest.mark.parametrize("kind", HYBRIDS)
def test_hybrids_keep_what_both_say(kind: str) -> None:
    rng = np.random.default_rng(0)
    sound = rng.standard_normal(200).astype(np.float32)
    usage = (sound + 0.5 * rng.standard_normal(200)).astype(np.float32)
    usage[:20] = np.nan
    sure = np.ones(200, dtype=np.bool_)
    both = combine(kind, sound, usage, sure, 0.5)
    assert np.isfinite(both).all()
    assert np.corrcoef(ranks(both), ranks(sound))[0, 1] > 0.7
    assert np.corrcoef(ranks(both)[20:], ranks(usage[20:]))[0, 1] > 0.7


def test_an_unknown_hybrid_is_refused() -> None:
    with pytest.raises(UsageError, match="weighted"):
        combine("stacked", np.zeros(1, np.float32), np.zeros(1, np.float32), np.ones(1, np.bool_), 0.5)
