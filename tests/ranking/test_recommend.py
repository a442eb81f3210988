"""`recommend` on toy libraries: tastes, refusals, memory, familiarity, the daily lists and the reasons."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from segue.errors import NothingFound, UsageError
from segue.factors import Solver, WMFSettings
from segue.ranking import (
    Evidence,
    Filters,
    Lately,
    Limits,
    Listens,
    Manner,
    Opinions,
    Space,
    Suggestion,
    Usage,
    continue_playlist,
    recommend,
    weigh,
)

Build = Callable[..., Space]
DAY = 86_400.0
NOW = 1_000 * DAY


def history(
    plays: dict[int, int],
    *,
    days_ago: dict[int, float] | None = None,
    skips: Sequence[int] = (),
    disliked: Sequence[int] = (),
    liked: Sequence[int] = (),
) -> Evidence:
    """Each track played so often, so many days ago (one day unless said otherwise)."""
    ago = days_ago or {}
    rows = [(key, 0, NOW - ago.get(key, 1.0) * DAY) for key, count in plays.items() for _ in range(count)]
    rows += [(key, 1, NOW - DAY) for key in skips]
    track = np.array([row[0] for row in rows], dtype=np.int64)
    opinions = np.array([*disliked, *liked], dtype=np.int64)
    return weigh(
        Listens(
            heard=track,
            track=track,
            time_s=np.array([row[2] for row in rows], dtype=np.float64),
            skipped=np.array([row[1] for row in rows], dtype=np.int8),
            count=np.ones(len(rows), dtype=np.int64),
        ),
        Opinions(heard=opinions, track=opinions, value=np.array([-1.0] * len(disliked) + [1.0] * len(liked))),
        now_s=NOW,
    )


def asked(space: Space, evidence: Evidence, n: int = 20, **how: object) -> list[Suggestion]:
    how.setdefault("limits", Limits(per_artist=0, per_album=0))
    return recommend(space, evidence, n, now_s=NOW, **how)  # type: ignore[arg-type]


def keys(answer: Sequence[Suggestion]) -> list[int]:
    return [suggestion.key for suggestion in answer]


def test_two_tastes_are_both_served_by_their_weight(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds)
    mostly_first = history(dict.fromkeys(range(1, 13), 3) | dict.fromkeys(range(61, 65), 3))
    answer = asked(space, mostly_first, wanted="new")
    first = sum(key <= 60 for key in keys(answer))
    assert 13 <= first <= 17
    assert {suggestion.taste for suggestion in answer} == {0, 1}
    assert all((suggestion.taste == 0) == (suggestion.key <= 60) for suggestion in answer)


def test_what_sounds_disliked_or_skipped_goes_down(library: Build) -> None:
    rng = np.random.default_rng(1)
    vectors = np.concatenate([two + 0.25 * rng.standard_normal((60, 20)) for two in np.eye(20)[[0, 0]]])
    vectors[60:, 1] += 0.8
    space = library(vectors)
    plays = dict.fromkeys((*range(1, 6), *range(61, 66)), 2)
    before = asked(space, history(plays), wanted="new", manner=Manner(most_tastes=1))
    for refusal in ({"disliked": range(100, 121)}, {"skips": [*range(100, 121)] * 3}):
        after = asked(space, history(plays, **refusal), wanted="new", manner=Manner(most_tastes=1))
        assert sum(key > 60 for key in keys(after)) < sum(key > 60 for key in keys(before))
        assert not set(keys(after)) & set(range(100, 121))


def test_a_disliked_track_is_in_no_list(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds)
    evidence = history(dict.fromkeys(range(1, 8), 5), disliked=[3, 20])
    for wanted in ("", "new", "familiar"):
        assert not {3, 20} & set(keys(asked(space, evidence, 100, wanted=wanted)))


def test_tomorrow_is_another_list_and_today_the_same(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds)
    evidence = history(dict.fromkeys(range(1, 9), 3))
    today = keys(asked(space, evidence, 10, wanted="new"))
    assert keys(asked(space, evidence, 10, wanted="new")) == today
    lately = Lately(tracks=np.array(today), days_ago=np.full(10, 0.5))
    tomorrow = keys(asked(space, evidence, 10, wanted="new", lately=lately))
    assert len(set(today) & set(tomorrow)) <= 2
    long_ago = Lately(tracks=np.array(today), days_ago=np.full(10, 300.0))
    assert len(set(today) & set(keys(asked(space, evidence, 10, wanted="new", lately=long_ago)))) >= 8


def test_the_familiar_grows_with_its_control(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds, artist_code=np.arange(120) // 4)
    played = set(range(1, 120, 8))
    evidence = history(dict.fromkeys(played, 2))
    known_artists = {(key - 1) // 4 for key in played}
    tracks, artists = [], []
    for familiar in (0.0, 0.25, 0.5, 0.75, 1.0):
        answer = keys(asked(space, evidence, 12, manner=Manner(familiar=familiar)))
        tracks.append(sum(key in played for key in answer))
        artists.append(sum((key - 1) // 4 in known_artists for key in answer))
    assert tracks == sorted(tracks)
    assert artists == sorted(artists)
    assert (tracks[0], artists[0], tracks[-1]) == (0, 0, 12)


def test_new_is_new_also_in_another_version(library: Build, two_kinds: np.ndarray) -> None:
    titles = [f"Piece {'abcdefghij'[i % 10]}{'klmnopqrstuv'[i // 10]}" for i in range(120)]
    titles[10] = titles[0] + " (Live at Home)"
    two_kinds[10] = two_kinds[0] + 0.001
    artists = np.arange(120)
    artists[10] = 0
    space = library(two_kinds, titles=titles, artist_code=artists)
    answer = keys(asked(space, history({1: 9, 2: 1}), 50, wanted="new"))
    assert len(answer) == 50
    assert not {1, 2, 11} & set(answer)


def test_rediscover_is_what_was_liked_and_long_not_played(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds)
    ago = {1: 400.0, 2: 300.0, 3: 5.0, 4: 500.0, 5: 450.0}
    evidence = history({1: 10, 2: 4, 3: 30, 4: 1, 5: 6}, days_ago=ago, liked=[2])
    answer = asked(space, evidence, wanted="rediscover")
    assert keys(answer) == [2, 1, 5]
    own = answer[1].because.own
    assert own is not None
    assert (own.plays, own.last_s) == (10, NOW - 400 * DAY)


def test_what_was_played_this_month_is_not_forgotten(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds)
    evidence = history({1: 10, 2: 4, 3: 30}, days_ago={1: 20.0, 2: 70.0, 3: 2.0})
    assert keys(asked(space, evidence, wanted="rediscover")) == [2]


def test_familiar_is_what_is_played_now(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds)
    ago = {1: 700.0, 2: 2.0, 3: 2.0, 4: 2.0}
    evidence = history({1: 6, 2: 6, 3: 2, 4: 1}, days_ago=ago)
    assert keys(asked(space, evidence, wanted="familiar")) == [2, 3, 4, 1]


def test_reasons_name_the_plays_nearby(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds)
    evidence = history({3: 12, 70: 5})
    for suggestion in asked(space, evidence, wanted="new", manner=Manner(most_tastes=1)):
        anchor = suggestion.because.anchors[0]
        assert suggestion.because.kind == "sound"
        assert (anchor.key, anchor.plays) == ((3, 12) if suggestion.key <= 60 else (70, 5))
        assert 0 <= suggestion.match <= 100


def test_filters_and_limits_hold(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds, artist_code=np.arange(120) % 6, genres=[("rock",), ("jazz",)] * 60)
    evidence = history({1: 3, 70: 3})
    answer = asked(
        space, evidence, 50, wanted="new", filters=Filters(genres=("Jazz",)), limits=Limits(per_artist=2)
    )
    assert len(answer) == 6
    assert all(key % 2 == 1 for key in keys(answer))


def test_a_wish_without_tracks_leaves_its_place_to_others(library: Build, two_kinds: np.ndarray) -> None:
    """The first turn is that of played artists, whose only new track is left out."""
    artists = np.arange(120)
    artists[1] = 0
    genres = [("rock",), ("jazz",), *[("rock",)] * 118]
    space = library(two_kinds, artist_code=artists, genres=genres)
    for n in (1, 2, 50):
        answer = asked(space, history({1: 3}), n, wanted="new", filters=Filters(genres=("jazz",)))
        assert len(answer) == n


def test_the_same_question_has_the_same_answer(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds)
    evidence = history({key: key % 4 + 1 for key in range(1, 120, 7)})
    assert asked(space, evidence) == asked(space, evidence)


def test_a_history_that_fits_nothing_says_so(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds)
    elsewhere = history({-1: 3})
    with pytest.raises(NothingFound, match="library"):
        asked(space, elsewhere)
    with pytest.raises(NothingFound, match="too young"):
        asked(space, history({1: 1}), wanted="rediscover")
    with pytest.raises(UsageError, match="list"):
        asked(space, history({1: 1}), wanted="old")
    with pytest.raises(UsageError, match="1 or more"):
        asked(space, history({1: 1}), 0)
    with pytest.raises(UsageError, match="from 0 to 1"):
        Manner(familiar=1.5)


def usage_of_two_worlds(library: np.ndarray, heard: np.ndarray) -> Usage:
    """Factors of a library and, behind it, of recordings that only the history has."""
    factors = np.eye(2, dtype=np.float32)[np.concatenate([library, heard])]
    return Usage(
        track_factors=factors,
        of_library=np.arange(len(library)),
        learned=np.ones(len(factors), dtype=np.bool_),
        heard=1_000 + np.arange(len(heard)),
        of_heard=len(library) + np.arange(len(heard)),
        fold_in=Solver(factors, WMFSettings(n_factors=2, regularisation=0.1)),
    )


def test_plays_of_what_is_not_in_the_library_are_enough_where_factors_know_it(
    library: Build, two_kinds: np.ndarray
) -> None:
    space = library(two_kinds)
    usage = usage_of_two_worlds(np.arange(120) % 2, np.array([1, 1, 0]))
    elsewhere = Listens(
        heard=np.array([1_000, 1_001]),
        track=np.array([-1, -1]),
        time_s=np.array([NOW - DAY, NOW - 2 * DAY]),
        skipped=np.zeros(2, dtype=np.int8),
        count=np.array([3, 4]),
    )
    evidence = weigh(elsewhere, now_s=NOW)
    for wanted in ("", "new"):
        answer = asked(space, evidence, wanted=wanted, usage=usage)
        assert len(answer) == 20
        assert all(key % 2 == 0 for key in keys(answer))
        assert {suggestion.because.kind for suggestion in answer} == {"usage"}
        assert all(suggestion.because.anchors == () for suggestion in answer)
        assert all(0 <= suggestion.match <= 100 for suggestion in answer)
    with pytest.raises(NothingFound, match="nothing that was played is in this library"):
        asked(space, evidence, wanted="familiar", usage=usage)
    with pytest.raises(NothingFound, match="analysed in this library"):
        asked(space, evidence)


def test_a_liked_track_without_plays_says_so(library: Build, two_kinds: np.ndarray) -> None:
    answer = asked(library(two_kinds), history({}, liked=[1, 2]), wanted="familiar")
    assert set(keys(answer)) == {1, 2}
    assert {suggestion.because.kind for suggestion in answer} == {"liked"}


def test_a_history_of_refusals_only_says_what_is_missing(library: Build, two_kinds: np.ndarray) -> None:
    for refusals in (history({}, skips=[1, 2]), history({}, disliked=[1])):
        with pytest.raises(NothingFound, match="segue history like"):
            asked(library(two_kinds), refusals)


def test_a_small_library_is_no_error(library: Build) -> None:
    space = library(np.eye(3))
    assert set(keys(asked(space, history({1: 1}), 10))) == {1, 2, 3}
    alone = library(np.eye(1))
    assert keys(asked(alone, history({1: 1}), 10, wanted="familiar")) == [1]


def test_a_playlist_is_carried_on_from_its_end(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds)
    limits = Limits(per_artist=0, per_album=0)
    to_second = np.array([*range(1, 13), *range(61, 73)])
    answer = continue_playlist(space, to_second, 20, limits=limits)
    back = continue_playlist(space, to_second[::-1], 20, limits=limits)
    assert not set(keys(answer)) & set(to_second.tolist())
    assert sum(key > 60 for key in keys(answer)) > 10 > sum(key > 60 for key in keys(back)) > 0
    assert all(suggestion.because.anchors[0].key in to_second for suggestion in answer)
    with pytest.raises(UsageError, match="without tracks"):
        continue_playlist(space, np.empty(0, dtype=np.int64), 5)
