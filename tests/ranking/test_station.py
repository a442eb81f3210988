"""Endless play: what never comes, and where what happens and the sliders lead."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segue.errors import NothingFound, UsageError
from segue.ranking import ByKey, Course, Happened, Space, go_on

Build = Callable[..., Space]
_FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def ids(*keys: int) -> np.ndarray:
    return np.array(keys, dtype=np.int64)


def keys(answer: object) -> list[int]:
    return [ranked.key for ranked in answer]  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def three_kinds(library: Build) -> Space:
    """Keys 1 to 60 are of one kind, 61 to 120 of another, 121 to 180 of a third."""
    rng = np.random.default_rng(1)
    centres = np.repeat(np.eye(3, 20), 60, axis=0)
    return library(centres + 0.08 * rng.standard_normal((180, 20)))


def test_it_stays_with_its_seed(three_kinds: Space) -> None:
    found = keys(go_on(three_kinds, ids(7), 10))
    assert len(set(found)) == 10 and 7 not in found and all(key <= 60 for key in found)
    both = keys(go_on(three_kinds, ids(7, 70), 20))
    assert {key > 60 for key in both} == {True, False} and all(key <= 120 for key in both)


@_FEW
@given(
    parts=st.tuples(*[st.lists(st.integers(1, 180), max_size=40) for _ in range(4)]),
    n=st.integers(1, 30),
    varied=st.floats(0, 1),
)
def test_what_happened_never_comes_again(
    three_kinds: Space, parts: tuple[list[int], ...], n: int, varied: float
) -> None:
    played, liked, disliked, skipped = (ids(*part) for part in parts)
    happened = Happened(played=played, liked=liked, disliked=disliked, skipped=skipped)
    found = keys(go_on(three_kinds, ids(7), n, course=Course(varied=varied), happened=happened))
    assert not set(found) & {7, *parts[0], *parts[2], *parts[3]}
    assert len(found) == len(set(found)) <= n
    assert found == keys(go_on(three_kinds, ids(7), n, course=Course(varied=varied), happened=happened))


def test_it_goes_on_and_on_until_nothing_is_left(three_kinds: Space) -> None:
    played: list[int] = []
    while next_ := keys(go_on(three_kinds, ids(7), 5, happened=Happened(played=ids(*played)))):
        played += next_
    assert len(played) == len(set(played)) == 179
    assert np.mean(np.array(played[:40]) <= 60) > 0.9, "its own kind first"


def test_a_like_draws_near(three_kinds: Space) -> None:
    before = keys(go_on(three_kinds, ids(7), 20))
    after = keys(go_on(three_kinds, ids(7), 20, happened=Happened(liked=ids(70))))
    assert not any(61 <= key <= 120 for key in before) and any(61 <= key <= 120 for key in after)
    assert all(key <= 120 for key in after)


@pytest.mark.parametrize("kind", ["disliked", "skipped"])
def test_a_refusal_moves_away(three_kinds: Space, kind: str) -> None:
    """From two kinds, what is refused is of one: the other is left."""
    seeds = ids(7, 70)

    def share(happened: Happened) -> float:
        found = np.array(keys(go_on(three_kinds, seeds, 20, happened=happened)))
        return float(np.mean(found > 60))

    once = share(Happened(**{kind: ids(75)}))
    often = share(Happened(**{kind: ids(75, 80, 85, 90, 95)}))
    assert share(Happened()) > 0.3
    assert once < share(Happened()) and often <= once
    assert often < 0.2


def test_a_dislike_weighs_more_than_a_skip(three_kinds: Space) -> None:
    def share(happened: Happened) -> float:
        found = np.array(keys(go_on(three_kinds, ids(7, 70), 30, happened=happened)))
        return float(np.mean(found > 60))

    assert share(Happened(disliked=ids(75))) <= share(Happened(skipped=ids(75)))


def test_a_refused_artist_stands_back(library: Build) -> None:
    rng = np.random.default_rng(2)
    artists = np.arange(60) % 6
    space = library(np.eye(1, 20) + 0.1 * rng.standard_normal((60, 20)), artist_code=artists)
    refused = keys(go_on(space, ids(1), 10, happened=Happened(disliked=ids(4))))
    assert all(artists[key - 1] != artists[3] for key in refused[:6])
    # One that was just heard waits too.
    heard = keys(go_on(space, ids(1), 4, happened=Happened(played=ids(5, 11))))
    assert artists[heard[0] - 1] != artists[4]


@pytest.mark.parametrize("way", [-1.0, 1.0])
@pytest.mark.parametrize("slider", ["tempo", "energy"])
def test_sliders_lead_where_they_point(three_kinds: Space, slider: str, way: float) -> None:
    rng = np.random.default_rng(3)
    traits = rng.standard_normal((180, 2)).astype(np.float32)
    traits[6] = 0  # the seed is in the middle
    drive = ByKey(np.arange(1, 181), traits)
    column = ("tempo", "energy").index(slider)

    def mean(course: Course) -> float:
        found = np.array(keys(go_on(three_kinds, ids(7), 15, course=course, drive=drive)))
        return float(traits[found - 1, column].mean())

    middle = mean(Course())
    half, whole = mean(Course(**{slider: way / 2})), mean(Course(**{slider: way}))
    assert way * half > way * middle and way * whole >= way * half
    assert way * whole > 0.5


def test_without_traits_the_sliders_do_nothing(three_kinds: Space) -> None:
    course = Course(tempo=1.0, energy=-1.0)
    plain = keys(go_on(three_kinds, ids(7), 10))
    assert keys(go_on(three_kinds, ids(7), 10, course=course)) == plain
    nobody = ByKey(np.empty(0, np.int64), np.empty((0, 2), np.float32))
    assert keys(go_on(three_kinds, ids(7), 10, course=course, drive=nobody)) == plain


def test_some_tracks_have_no_traits(three_kinds: Space) -> None:
    """They neither win nor are lost, and the seed may be one of them."""
    some = np.arange(2, 181, 2)
    drive = ByKey(some, np.full((len(some), 2), 3.0, dtype=np.float32))
    found = keys(go_on(three_kinds, ids(7), 20, course=Course(tempo=1.0), drive=drive))
    assert len(found) == 20 and sum(key % 2 == 0 for key in found) > 12


@pytest.mark.parametrize("way", [-1.0, 1.0])
def test_familiar_and_new(three_kinds: Space, way: float) -> None:
    rng = np.random.default_rng(4)
    known = (rng.random(180) < 0.5).astype(np.float32)

    def share(familiar: float) -> float:
        found = np.array(keys(go_on(three_kinds, ids(7), 15, course=Course(familiar=familiar), known=known)))
        return float(known[found - 1].mean())

    assert way * share(way) > way * share(0.0) + 0.2
    assert way * share(way) >= way * share(way / 2) >= way * share(0.0)


def test_varied_is_less_alike(three_kinds: Space) -> None:
    def spread(varied: float) -> float:
        found = np.array(keys(go_on(three_kinds, ids(7), 12, course=Course(varied=varied))))
        vectors = three_kinds.vectors(found - 1)
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return float(1 - (vectors @ vectors.T)[np.triu_indices(len(found), 1)].mean())

    assert spread(0.0) < spread(1.0)


def test_answers_say_why_and_how_near(three_kinds: Space) -> None:
    for ranked in go_on(three_kinds, ids(7, 70), 10, happened=Happened(liked=ids(9))):
        assert 0 <= ranked.match <= 100 and -1 <= ranked.similarity <= 1.0001


def test_many_seeds_are_stood_for_by_some(three_kinds: Space) -> None:
    found = keys(go_on(three_kinds, ids(*range(61, 111)), 8, course=Course(varied=0.0)))
    assert all(111 <= key <= 120 for key in found)


def test_what_cannot_be_asked(three_kinds: Space) -> None:
    with pytest.raises(NothingFound):
        go_on(three_kinds, ids(999), 5)
    with pytest.raises(NothingFound):
        go_on(three_kinds, ids(), 5)
    with pytest.raises(UsageError):
        go_on(three_kinds, ids(7), 0)
    for course in ({"tempo": 2}, {"energy": -1.1}, {"familiar": float("nan")}, {"varied": -0.1}):
        with pytest.raises(UsageError):
            Course(**course)


def test_unknown_keys_in_what_happened_are_passed_over(three_kinds: Space) -> None:
    happened = Happened(played=ids(999), liked=ids(998), disliked=ids(-5), skipped=ids(0))
    assert keys(go_on(three_kinds, ids(7, 999), 10, happened=happened)) == keys(
        go_on(three_kinds, ids(7), 10)
    )
