"""The timeline gives each moment as soon as its sound is complete, whatever pieces the sound comes in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.genres import timeline

RATE = 100


class Loudness:
    """Tells loud from quiet."""

    classes = ("quiet", "loud")

    def predict_proba(self, vectors: Any) -> Any:
        return np.hstack([1 - vectors, vectors]).astype(np.float32)


def hear(samples: Any) -> Any:
    return np.array([samples.mean()], np.float32)


def moments(pieces: Any, **more: Any) -> list[Any]:
    return list(timeline(pieces, hear, Loudness(), sample_rate=RATE, **more))


def test_probabilities_follow_the_sound() -> None:
    sound = np.concatenate([np.zeros(3 * RATE * 4), np.ones(3 * RATE * 6)]).astype(np.float32)
    found = moments([sound])
    assert [moment.start_s for moment in found] == [3.0 * number for number in range(10)]
    loud = [float(moment.probabilities[1]) for moment in found]
    assert loud[:4] == [0] * 4
    assert all(after > before for before, after in pairwise(loud[3:]))
    assert loud[-1] > 0.9
    sharp = [float(moment.probabilities[1]) for moment in moments([sound], kept=0.0)]
    assert sharp == [0] * 4 + [1] * 6


@given(st.lists(st.integers(0, 700), max_size=12), st.integers(0, 10**6))
def test_pieces_do_not_matter(sizes: list[int], seed: int) -> None:
    sound = np.random.default_rng(seed).random(sum(sizes)).astype(np.float32)
    pieces = np.split(sound, np.cumsum(sizes)[:-1]) if sizes else []
    whole = moments([sound])
    parted = moments(pieces)
    assert [moment.start_s for moment in whole] == [moment.start_s for moment in parted]
    for one, other in zip(whole, parted, strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-6)
        assert one.probabilities.sum() == pytest.approx(1, abs=1e-5)


def test_a_moment_comes_before_the_next_sound_is_asked_for() -> None:
    asked = []

    def arriving() -> Iterator[Any]:
        for number in range(3):
            asked.append(number)
            yield np.full(3 * RATE, 0.5, np.float32)

    live = timeline(arriving(), hear, Loudness(), sample_rate=RATE)
    next(live)
    assert asked == [0]
    next(live)
    assert asked == [0, 1]


@pytest.mark.parametrize(("seconds", "n_moments"), [(0.5, 1), (3.4, 1), (4.0, 2), (6.0, 2)])
def test_a_short_rest_is_left_out_unless_it_is_all(seconds: float, n_moments: int) -> None:
    assert len(moments([np.ones(round(seconds * RATE), np.float32)])) == n_moments


def test_no_sound_has_no_moments() -> None:
    assert moments([]) == moments([np.zeros(0, np.float32)]) == []
