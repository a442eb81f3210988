"""A listener's own tags on new tracks never change that listener's scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from segue.evaluation import GivenTags, without_own_tags

N_LISTENERS, N_TRACKS, N_TAGS = 6, 9, 5
_RNG = np.random.default_rng(0)
_HIDDEN = _RNG.standard_normal((N_TAGS, 7))
_OUT = _RNG.standard_normal((7, 4))
_LISTENERS = _RNG.standard_normal((N_LISTENERS, 4)).astype(np.float32)


def _predict(rows: np.ndarray, tags: csr_array) -> np.ndarray:
    """Not linear, so that taking away what a tag adds is not enough; each row from its own tags."""
    return (np.tanh(np.log1p(tags.toarray()) @ _HIDDEN + rows[:, None] % 3) @ _OUT).astype(np.float32)


def _given(triples: set[tuple[int, int, int]]) -> GivenTags:
    ordered = np.array(sorted(triples), dtype=np.int64).reshape(-1, 3)
    return GivenTags(*ordered.T)


def _scores(triples: set[tuple[int, int, int]]) -> np.ndarray:
    listeners, tracks = without_own_tags(_predict, _LISTENERS, _given(triples), N_TRACKS, N_TAGS)
    return listeners @ tracks.T


_TRIPLES = st.sets(
    st.tuples(st.integers(-1, N_LISTENERS - 1), st.integers(0, N_TRACKS - 1), st.integers(0, N_TAGS - 1)),
    max_size=40,
)


@settings(deadline=None)
@given(_TRIPLES, _TRIPLES, st.integers(0, N_LISTENERS - 1))
def test_own_tags_never_change_ones_own_scores(
    triples: set[tuple[int, int, int]], others: set[tuple[int, int, int]], listener: int
) -> None:
    without = {triple for triple in triples if triple[0] != listener}
    instead = without | {(listener, track, tag) for _, track, tag in others}
    expected = _scores(without)[listener]
    np.testing.assert_allclose(_scores(triples)[listener], expected, atol=1e-12)
    np.testing.assert_allclose(_scores(instead)[listener], expected, atol=1e-12)


@settings(deadline=None)
@given(_TRIPLES)
def test_each_score_is_what_a_loop_over_all_pairs_says(triples: set[tuple[int, int, int]]) -> None:
    scores = _scores(triples)
    for listener in range(N_LISTENERS):
        kept = _given({triple for triple in triples if triple[0] != listener})
        tracks = _predict(np.arange(N_TRACKS), kept.counts(N_TRACKS, N_TAGS)).astype(np.float64)
        np.testing.assert_allclose(scores[listener], tracks @ _LISTENERS[listener], atol=1e-12)


def test_tags_of_others_do_count() -> None:
    assert not np.allclose(_scores({(1, 0, 0)})[0, 0], _scores(set())[0, 0])
    assert not np.allclose(_scores({(-1, 0, 0)})[0, 0], _scores(set())[0, 0])


@pytest.mark.parametrize(
    ("triples", "columns"), [({(0, t, 0) for t in range(5)}, 1), ({(u, 0, 0) for u in range(5)}, 1)]
)
def test_the_smaller_side_gives_the_columns(triples: set[tuple[int, int, int]], columns: int) -> None:
    listeners, tracks = without_own_tags(_predict, _LISTENERS, _given(triples), N_TRACKS, N_TAGS)
    assert listeners.shape == (N_LISTENERS, 4 + 1)
    assert tracks.shape == (N_TRACKS, 4 + 1)
