"""`path`: exactly so many tracks, small steps, always on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.errors import UsageError
from segue.ranking import Filters, Space, path, seed_in, seed_outside

Build = Callable[..., Space]


def way(space: Space, a: int, b: int, n: int, **more: object) -> list[int]:
    return [ranked.key for ranked in path(space, seed_in(space, a), seed_in(space, b), n, **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize("n", [2, 3, 5, 11, 21, 101])
def test_along_an_arc_the_steps_are_even(library: Build, arc: np.ndarray, n: int) -> None:
    keys = way(library(arc), 1, 101, n)
    assert keys[0] == 1
    assert keys[-1] == 101
    steps = np.diff(keys)
    assert len(keys) == n
    assert steps.min() >= 1
    assert steps.max() - steps.min() <= 2


def test_the_way_back_is_the_way(library: Build, arc: np.ndarray) -> None:
    space = library(arc)
    assert way(space, 101, 1, 11) == way(space, 1, 101, 11)[::-1]


def test_more_than_the_library_has(library: Build, arc: np.ndarray) -> None:
    assert way(library(arc), 1, 101, 500) == list(range(1, 102))
    assert way(library(arc[:2]), 1, 2, 9) == [1, 2]


def test_no_artist_twice_in_a_row_where_it_can_be(library: Build, arc: np.ndarray) -> None:
    artists = np.arange(101) // 5
    keys = np.array(way(library(arc, artist_code=artists), 1, 101, 15))
    assert np.all(np.diff(artists[keys - 1]) != 0)
    alone = way(library(arc, artist_code=np.zeros(101, dtype=np.int64)), 1, 101, 15)
    assert len(set(alone)) == 15


def test_a_recording_and_a_song_come_once(library: Build, arc: np.ndarray) -> None:
    doubled = np.repeat(arc, 2, axis=0)
    lengths = np.repeat(100 + 3.0 * np.arange(101), 2)
    keys = way(library(doubled, duration_s=lengths), 1, 202, 50)
    assert len({(key - 1) // 2 for key in keys}) == 50
    titles = ["This" if 0 < i < 100 else f"Other {chr(97 + i % 26)}" for i in range(101)]
    space = library(arc, titles=titles, artist_code=np.zeros(101, dtype=np.int64))
    assert len(way(space, 1, 101, 50)) == 3


def test_filters_are_for_the_tracks_between(library: Build, arc: np.ndarray) -> None:
    genres = [("jazz",) if i % 2 == 0 else ("rock",) for i in range(101)]
    keys = way(library(arc, genres=genres), 1, 101, 12, filters=Filters(genres=("jazz",)))
    assert keys[0] == 1
    assert keys[-1] == 101
    assert all(key % 2 == 0 for key in keys[1:-1])


def test_figures_are_with_the_start(library: Build, arc: np.ndarray) -> None:
    space = library(arc)
    answer = path(space, seed_in(space, 1), seed_in(space, 101), 8)
    assert (answer[0].similarity, answer[0].match) == (1.0, 100.0)
    similarities = [ranked.similarity for ranked in answer]
    assert similarities == sorted(similarities, reverse=True)


def test_opposite_ends(library: Build) -> None:
    rows = np.random.default_rng(0).standard_normal((50, 4))
    rows[1] = -rows[0]
    keys = way(library(rows), 1, 2, 10)
    assert len(set(keys)) == 10


def test_ends_that_are_copies_of_each_other(library: Build) -> None:
    rows = np.random.default_rng(0).standard_normal((50, 4))
    rows[1] = rows[0]
    keys = way(library(rows, duration_s=np.full(50, 200.0)), 1, 2, 6)
    assert (keys[0], keys[-1], len(set(keys))) == (1, 2, 6)


# Unit vectors of five numbers: no product of theirs overflows, divides or is undefined, yet the status flags
# that NumPy reads after a BLAS kernel were set once. So the figures themselves are looked at.
@pytest.mark.filterwarnings("ignore:.* encountered in matmul:RuntimeWarning")
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 40))
def test_promises_hold(library: Build, seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 200))
    vectors = rng.standard_normal((size, 5))
    space = library(vectors, artist_code=rng.integers(-1, 30, size))
    found = path(space, seed_in(space, 1), seed_in(space, 2), n)
    keys = [one.key for one in found]
    assert np.isfinite([(one.similarity, one.match) for one in found]).all()
    assert np.isfinite(space.vectors(np.arange(size))).all()
    assert keys == way(space, 1, 2, n)
    assert (keys[0], keys[-1]) == (1, 2)
    assert len(set(keys)) == len(keys) == min(n, size)


def test_steps_are_smaller_than_those_of_the_nearest_to_each_waypoint(library: Build) -> None:
    rng = np.random.default_rng(3)
    centres = rng.standard_normal((30, 12))
    vectors = centres[rng.integers(0, 30, 900)] + 0.5 * rng.standard_normal((900, 12))
    space = library(vectors)
    unit = space.vectors(np.arange(900))
    longest, straight = [], []
    for a, b in rng.integers(0, 900, (12, 2)):
        keys = np.array(way(space, int(a) + 1, int(b) + 1, 12)) - 1
        longest.append((1 - np.einsum("ij,ij->i", unit[keys[:-1]], unit[keys[1:]])).max())
        used = [int(a), int(b)]
        for share in np.linspace(0, 1, 12)[1:-1]:
            order = np.argsort(-(unit @ ((1 - share) * unit[a] + share * unit[b])))
            used.insert(-1, next(int(row) for row in order if row not in used))
        straight.append((1 - np.einsum("ij,ij->i", unit[used[:-1]], unit[used[1:]])).max())
    assert np.mean(longest) < 0.8 * np.mean(straight)


def test_questions_without_sense(library: Build, arc: np.ndarray) -> None:
    space = library(arc)
    one = seed_in(space, 1)
    for ask in (
        lambda: path(space, one, one, 5),
        lambda: path(space, one, seed_in(space, 2), 1),
        lambda: path(space, one, seed_outside(space, one.vector), 5),
    ):
        with pytest.raises(UsageError):
            ask()
