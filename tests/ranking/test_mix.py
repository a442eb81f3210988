"""`mix`: several seeds, all of them heard."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from segue.errors import UsageError
from segue.ranking import Limits, Space, mix, seed_in, similar

Build = Callable[..., Space]


def test_two_kinds_are_both_in_the_mix(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds)
    answer = mix(space, [seed_in(space, 3), seed_in(space, 100)], 20)
    kinds = [ranked.key <= 60 for ranked in answer]
    assert kinds == [True, False] * 10
    assert not {3, 100} & {ranked.key for ranked in answer}
    assert len({ranked.key for ranked in answer}) == 20


def test_what_is_near_to_all_comes_first(library: Build) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((800, 20))
    vectors[:60] *= 0.05
    vectors[:20, :2], vectors[20:40, :2], vectors[40:60, :2] = (1, 0), (0, 1), (0.8, 0.8)
    space = library(vectors)
    answer = mix(space, [seed_in(space, 1), seed_in(space, 21)], 9)
    kinds = [(ranked.key - 1) // 20 for ranked in answer]
    assert kinds == [2, 0, 1] * 3


def test_one_seed_is_similar(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds)
    for limits in (Limits(), Limits(variety=0.4)):
        seed = seed_in(space, 9)
        assert mix(space, [seed], 12, limits=limits) == similar(space, seed, 12, limits=limits)


def test_the_same_seed_twice_is_no_error(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds)
    answer = mix(space, [seed_in(space, 9)] * 2, 12)
    assert len({ranked.key for ranked in answer}) == 12


def test_limits_hold_over_all_seeds(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds, artist_code=np.arange(120) % 4)
    seeds = [seed_in(space, key) for key in (3, 50, 100)]
    assert len(mix(space, seeds, 50)) == 8
    assert mix(space, seeds, 50) == mix(space, seeds, 50)


def test_match_is_that_with_the_nearest_seed(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds)
    assert all(ranked.match > 45 for ranked in mix(space, [seed_in(space, 3), seed_in(space, 100)], 20))


def test_no_seed() -> None:
    with pytest.raises(UsageError):
        mix(None, [], 3)  # type: ignore[arg-type]
