"""Which stretches of a recording are listened to."""

from __future__ import annotations

import math
from typing import Literal

from segue.errors import UsageError
from segue.types import Span

WindowPlan = Literal["fast", "balanced", "thorough", "whole"]
"""How much of a recording is read: see `window_spans`."""

DEFAULT_PLAN: WindowPlan = "balanced"

# (number of windows, seconds each). Rhythm needs about ten seconds of one place; a 3 s patch of 187 frames
# (16 kHz, hop 256) fits 2, 3 and 4 times into these lengths with little left over.
_SPREAD: dict[str, tuple[int, float]] = {"fast": (2, 6.0), "balanced": (3, 10.0), "thorough": (6, 12.0)}

_EDGE_S = 30.0  # intros, endings, applause: seldom what a piece sounds like
_TOLERANCE_S = 1.0  # encoders pad: a clip of 30 s may last 30.1 s and is still read whole
_PIECE_S = 30.0
_WHOLE_LIMIT_S = 20 * 60.0


def window_spans(duration_s: float, plan: WindowPlan = DEFAULT_PLAN) -> tuple[Span, ...]:
    """The stretches of a recording to listen to, in order, without overlap, inside the recording.

    ``fast`` is 2 windows of 6 s, ``balanced`` 3 of 10 s, ``thorough`` 6 of 12 s. They are spread evenly and
    stay out of the first and last 30 s as far as the length allows; a recording no longer than their sum
    (and 1 s) is one window, and where the windows would touch they are one window from the middle. ``whole``
    is consecutive windows of 30 s up to 20 minutes, and 40 windows of 30 s spread evenly over anything
    longer, which bounds the memory.

    Parameters
    ----------
    duration_s
        Length of the recording in seconds, finite and not negative.
    plan
        One of ``fast``, ``balanced``, ``thorough``, ``whole``.

    Returns
    -------
    tuple of Span
        Empty only where `duration_s` is 0.

    Raises
    ------
    UsageError
        If the plan is unknown or the duration is not a length.

    Examples
    --------
    >>> [(span.start_s, span.length_s) for span in window_spans(240.0, "balanced")]
    [(55.0, 10.0), (115.0, 10.0), (175.0, 10.0)]
    >>> [(span.start_s, span.length_s) for span in window_spans(30.1)]
    [(0.0, 30.1)]
    >>> len(window_spans(3 * 3600.0, "whole"))
    40
    """
    if not (math.isfinite(duration_s) and duration_s >= 0):
        raise UsageError(f"a recording cannot last {duration_s} seconds")
    if duration_s == 0:
        return ()
    if plan == "whole":
        return _whole(duration_s)
    if plan not in _SPREAD:
        raise UsageError(f"unknown window plan {plan!r}: choose fast, balanced, thorough or whole")
    count, length_s = _SPREAD[plan]
    total_s = count * length_s
    if duration_s <= total_s + _TOLERANCE_S:
        return (Span(0.0, duration_s),)
    edge_s = min(_EDGE_S, (duration_s - total_s) / 2)
    if edge_s < _EDGE_S:  # the windows would touch: one piece, decoded with one seek
        return (Span(edge_s, total_s),)
    return _spread(edge_s, duration_s - 2 * edge_s, count, length_s)


def _spread(start_s: float, stretch_s: float, count: int, length_s: float) -> tuple[Span, ...]:
    """`count` windows, each in the middle of its equal share of the stretch."""
    share_s = stretch_s / count
    return tuple(Span(start_s + (i + 0.5) * share_s - length_s / 2, length_s) for i in range(count))


def _whole(duration_s: float) -> tuple[Span, ...]:
    if duration_s > _WHOLE_LIMIT_S:
        return _spread(0.0, duration_s, round(_WHOLE_LIMIT_S / _PIECE_S), _PIECE_S)
    # A last window of less than the tolerance would be too short to say anything: the one before takes it.
    count = max(1, math.ceil((duration_s - _TOLERANCE_S) / _PIECE_S))
    starts = [i * _PIECE_S for i in range(count)]
    return tuple(
        Span(start, duration_s - start if i == count - 1 else _PIECE_S) for i, start in enumerate(starts)
    )
