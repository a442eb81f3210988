"""Windows lie where they should."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.audio import window_spans
from segue.errors import UsageError

TOTALS = {"fast": 12.0, "balanced": 30.0, "thorough": 72.0}
durations = st.floats(0.01, 200_000, allow_nan=False)


@given(durations, st.sampled_from(["fast", "balanced", "thorough", "whole"]))
def test_inside_in_order_and_apart(duration_s: float, plan: str) -> None:
    spans = window_spans(duration_s, plan)  # type: ignore[arg-type]
    assert spans
    assert spans[0].start_s >= 0
    assert spans[-1].start_s + spans[-1].length_s <= duration_s * (1 + 1e-12) + 1e-9
    for span, following in itertools.pairwise(spans):
        assert span.length_s > 0
        assert span.start_s + span.length_s <= following.start_s + 1e-9


@given(durations, st.sampled_from(sorted(TOTALS)))
def test_totals(duration_s: float, plan: str) -> None:
    total_s = sum(span.length_s for span in window_spans(duration_s, plan))  # type: ignore[arg-type]
    if duration_s <= TOTALS[plan] + 1:
        assert total_s == duration_s
    else:
        assert total_s == pytest.approx(TOTALS[plan])


@given(st.floats(91, 20_000))
def test_balanced_keeps_off_the_edges(duration_s: float) -> None:
    spans = window_spans(duration_s)
    assert spans[0].start_s >= 30 - 1e-9
    assert spans[-1].start_s + spans[-1].length_s <= duration_s - 30 + 1e-9


@given(st.floats(0.1, 1201))
def test_whole_leaves_nothing_out(duration_s: float) -> None:
    spans = window_spans(duration_s, "whole")
    if duration_s <= 1200:
        assert sum(span.length_s for span in spans) == pytest.approx(duration_s)
    assert len(spans) <= 40
    assert all(span.length_s <= 31 + 1e-9 for span in spans)


@pytest.mark.parametrize("duration_s", [1.0, 29.9, 30.0, 30.1, 31.0])
def test_a_clip_is_one_window(duration_s: float) -> None:
    (span,) = window_spans(duration_s)
    assert (span.start_s, span.length_s) == (0, duration_s)


def test_no_jump_where_the_windows_part() -> None:
    (one,) = window_spans(89.99)
    three = window_spans(90.01)
    assert len(three) == 3
    assert one.start_s == pytest.approx(three[0].start_s, abs=0.1)
    assert one.start_s + one.length_s == pytest.approx(three[-1].start_s + 10, abs=0.1)


@pytest.mark.parametrize("duration_s", [-1.0, float("nan"), float("inf")])
def test_refuses_what_is_no_length(duration_s: float) -> None:
    with pytest.raises(UsageError):
        window_spans(duration_s)


def test_refuses_an_unknown_plan_and_names_the_choices() -> None:
    with pytest.raises(UsageError, match="balanced"):
        window_spans(60.0, "slow")  # type: ignore[arg-type]


def test_nothing_of_nothing() -> None:
    assert window_spans(0.0) == ()
