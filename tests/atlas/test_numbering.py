"""Numbers stay with the clusters that go on."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.atlas import match_clusters


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_no_other_match_keeps_more_tracks(seed: int, n_old: int, n_new: int) -> None:
    rng = np.random.default_rng(seed)
    old, new = rng.integers(n_old, size=20), rng.integers(n_new, size=20)
    match = match_clusters(old, new, n_old, n_new)
    matched = match.old[match.old >= 0]
    assert len(set(matched.tolist())) == len(matched)
    kept = int(np.sum(match.old[new] == old))
    most = max(
        sum(int(np.sum((new == a) & (old == b))) for a, b in zip(some, others, strict=False))
        for some in itertools.permutations(range(n_new))
        for others in itertools.permutations(range(n_old))
    )
    assert kept == most


def test_renumbered_clusters_are_known_again() -> None:
    old = np.repeat(np.arange(4), 10)
    turn = np.array([2, 0, 3, 1])
    match = match_clusters(old, turn[old], 4, 4)
    assert match.old[turn].tolist() == [0, 1, 2, 3]
    assert match.kept.tolist() == [1.0] * 4


def test_a_cluster_that_shares_nothing_is_new() -> None:
    match = match_clusters(np.array([0, 0, 0]), np.array([1, 1, 0]), 2, 3)
    assert match.old.tolist() == [-1, 0, -1]
    assert match.kept.tolist() == [0, 2 / 3, 0]
