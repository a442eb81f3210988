"""Windows lie where they should, and the rich ones are found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.errors import UsageError
from segue.training.windows import (
    Choose,
    WindowSettings,
    check_windows,
    cut,
    frame_scores,
    prediction_starts,
    training_start,
    usable,
)


def test_what_makes_no_windows_is_refused() -> None:
    check_windows(WindowSettings(1))
    for settings, message in (
        (WindowSettings(0), "give 1 or more"),
        (WindowSettings(5, n_predict=0), "give 1 or more"),
        (WindowSettings(5, choose="loudness"), "random, energy, entropy"),  # type: ignore[arg-type]
        (WindowSettings(5, skip_end_s=-1), "at least 0"),
        (WindowSettings(5, skip_start_s=float("nan")), "at least 0"),
    ):
        with pytest.raises(UsageError, match=message):
            check_windows(settings)


@given(st.integers(1, 500), st.integers(1, 100), st.floats(0, 60), st.floats(0, 60), st.floats(1, 50))
def test_what_is_skipped_leaves_a_window(
    n_frames: int, window: int, start_s: float, end_s: float, frames_per_s: float
) -> None:
    settings = WindowSettings(window, skip_start_s=start_s, skip_end_s=end_s)
    start, stop = usable(n_frames, settings, frames_per_s)
    assert 0 <= start < stop <= n_frames and stop - start >= min(window, n_frames)


def test_short_clips_are_repeated() -> None:
    clip = np.arange(3, dtype=np.int16)[:, None]
    assert cut(clip, 0, 7)[:, 0].tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert cut(clip, 2, 4)[:, 0].tolist() == [2, 0, 1, 2]
    assert cut(clip, 1, 2)[:, 0].tolist() == [1, 2]


@given(st.integers(1, 300), st.integers(1, 60), st.integers(1, 12))
def test_predictions_cover_as_much_as_they_may(length: int, n_frames: int, most: int) -> None:
    starts = prediction_starts(length, n_frames, most)
    assert 1 <= len(starts) <= most and list(starts) == sorted(set(starts))
    assert all(0 <= start <= max(length - n_frames, 0) for start in starts)
    if most * n_frames >= length:
        heard = {(start + step) % max(length, n_frames) for start in starts for step in range(n_frames)}
        assert set(range(length)) <= heard


@pytest.mark.parametrize(("choose", "place"), [("energy", 20), ("entropy", 60)])
def test_the_window_with_most_energy_or_entropy_is_preferred(choose: Choose, place: int) -> None:
    level = np.full((100, 8), -6000, np.int16)
    level[:, 0] = 0  # a tone
    level[20:30, 0] = 3000  # a loud tone
    level[60:70] = 0  # noise
    scores = frame_scores(level, choose)
    chance = np.random.default_rng(0)
    chosen = np.array([training_start(100, 10, chance, scores) for _ in range(300)])
    blind = np.array([training_start(100, 10, chance) for _ in range(300)])
    near, by_chance = (np.mean(np.abs(starts - place) < 10) for starts in (chosen, blind))
    assert near > 0.8 and by_chance < 0.3


@given(st.integers(1, 50), st.integers(1, 50), st.integers(0, 9))
def test_training_windows_are_inside_or_go_round(length: int, n_frames: int, seed: int) -> None:
    frames = np.arange(length, dtype=np.int16)[:, None]
    scores = frame_scores(frames, "energy")
    for choice in (None, scores):
        start = training_start(length, n_frames, np.random.default_rng(seed), choice)
        assert 0 <= start < length and (n_frames > length or start + n_frames <= length)
        assert cut(frames, start, n_frames).shape == (n_frames, 1)
