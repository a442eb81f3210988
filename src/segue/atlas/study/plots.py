"""The plots of a study as inline SVG: distributions, planes, separation, figures with intervals, waveforms.

Colours are CSS variables of the page, so that a plot is readable on light and on dark.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from segue.atlas.study.marks import LETTER, figure, shortened, svg, text, ticks

if TYPE_CHECKING:
    from segue.atlas.study.distributions import Box, Distribution, Plane
    from segue.atlas.study.portraits import Portrait

_WIDTH = 460
_ROW = 19
_RIGHT = 24
_NAME = 18
_HISTOGRAM = 54


class Bar(NamedTuple):
    """One bar: a name, a value, and perhaps an interval."""

    name: str
    value: float
    low: float = math.nan
    high: float = math.nan
    kind: str = "model"


def distribution(shown: Distribution, name: str) -> str:
    """A histogram of all tracks, and below it on the same axis a box a class.

    The box is from quartile to quartile with the median as a line; whiskers reach to the last value within
    1.5 times its width, rings are the extremes beyond.
    """
    boxes = shown.boxes[1:] or shown.boxes
    low, high = _range(shown)
    names = min(max(len(box.name) for box in boxes), _NAME)
    left = 14 + LETTER * names
    scale = (_WIDTH - left - _RIGHT) / (high - low)
    bottom = _HISTOGRAM + 8 + _ROW * len(boxes)
    parts = _axis(ticks(low, high, 4), left, low, scale, bottom)
    parts += _histogram(shown, left, low, scale)
    for at, box in enumerate(boxes):
        middle = _HISTOGRAM + 8 + at * _ROW + _ROW / 2
        parts.append(text(left - 8, middle + 4, shortened(box.name, names), anchor="end"))
        parts += _box(box, middle, left, low, high, scale)
    words = "; ".join(
        f"{box.name}: median {figure(box.middle)}, quartiles {figure(box.lower)} to {figure(box.upper)}"
        for box in shown.boxes
    )
    return svg(parts, _WIDTH, bottom + 22, name, words)


def _range(shown: Distribution) -> tuple[float, float]:
    low, high = float(shown.edges[0]), float(shown.edges[-1])
    margin = (high - low) * 0.03 or 1.0
    return low - margin, high + margin


def _histogram(shown: Distribution, left: float, low: float, scale: float) -> list[str]:
    tallest = max(int(shown.counts.max()), 1)
    steps = "".join(
        f"V{_HISTOGRAM - count / tallest * (_HISTOGRAM - 6):.1f}H{left + (edge - low) * scale:.1f}"
        for count, edge in zip(shown.counts.tolist(), shown.edges[1:].tolist(), strict=True)
    )
    start = left + (float(shown.edges[0]) - low) * scale
    return [f'<path class="area" d="M{start:.1f} {_HISTOGRAM}{steps}V{_HISTOGRAM}Z"/>']


def _box(box: Box, middle: float, left: float, low: float, high: float, scale: float) -> list[str]:
    def at(value: float) -> float:
        return left + (value - low) * scale

    width = max(at(box.upper) - at(box.lower), 1)
    parts = [
        f'<path class="whisker" d="M{at(box.low):.1f} {middle:.1f}H{at(box.lower):.1f}'
        f'M{at(box.upper):.1f} {middle:.1f}H{at(box.high):.1f}"/>',
        f'<rect class="box" x="{at(box.lower):.1f}" y="{middle - 6:.1f}" width="{width:.1f}" height="12"/>',
        f'<path class="middle" d="M{at(box.middle):.1f} {middle - 6:.1f}v12"/>',
    ]
    for value, beyond in ((box.least, box.least < box.low), (box.most, box.most > box.high)):
        if beyond and low <= value <= high:
            parts.append(f'<circle class="ring" cx="{at(value):.1f}" cy="{middle:.1f}" r="2"/>')
        elif beyond:
            edge = at(low) + 3 if value < low else at(high) - 3
            step = 4 if value < low else -4
            parts.append(f'<path class="ring" d="M{edge + step:.1f} {middle - 3:.1f}l{-step} 3l{step} 3"/>')
    return parts


def plane(shown: Plane, columns: tuple[str, str]) -> str:
    """Where the tracks lie (dark cells hold many), and each class as a cross from quartile to quartile."""
    size, left, top = 380.0, 64.0, 8.0
    x_low, x_high = float(shown.x_edges[0]), float(shown.x_edges[-1])
    y_low, y_high = float(shown.y_edges[0]), float(shown.y_edges[-1])
    across, up = size / (x_high - x_low), size * 0.8 / (y_high - y_low)
    bottom = top + size * 0.8

    def place(x: float, y: float) -> tuple[float, float]:
        x, y = min(max(x, x_low), x_high), min(max(y, y_low), y_high)
        return left + (x - x_low) * across, bottom - (y - y_low) * up

    parts = [_cells(shown, size, left, top, size * 0.8)]
    for value in ticks(x_low, x_high, 4):
        x, _ = place(value, y_low)
        parts += [f'<path class="grid" d="M{x:.1f} {top}V{bottom:.1f}"/>']
        parts += [text(x, bottom + 16, figure(value), anchor="middle")]
    for value in ticks(y_low, y_high, 4):
        _, y = place(x_low, value)
        parts += [f'<path class="grid" d="M{left} {y:.1f}h{size}"/>']
        parts += [text(left - 6, y + 4, figure(value), anchor="end")]
    labels: list[tuple[float, float, str]] = []
    for name, ((x1, x2, x3), (y1, y2, y3)) in zip(shown.names, shown.quartiles.tolist(), strict=True):
        if math.isnan(x2):
            continue
        (left_end, y), (right_end, _) = place(x1, y2), place(x3, y2)
        (x, low_end), (_, high_end) = place(x2, y1), place(x2, y3)
        cross = f"M{left_end:.1f} {y:.1f}H{right_end:.1f}M{x:.1f} {low_end:.1f}V{high_end:.1f}"
        parts.append(f'<path class="cross" d="{cross}"/>')
        parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>')
        labels.append((x, y, name))
    for x, y, name in _apart(labels):
        side, anchor = (-6, "end") if x > left + size * 0.85 else (6, "start")
        parts.append(text(x + side, y - 5, name, anchor=anchor, kind="halo"))
    parts.append(text(left + size / 2, bottom + 36, columns[0], anchor="middle"))
    words = "; ".join(
        f"{name}: {figure(x[1])}, {figure(y[1])}"
        for name, (x, y) in zip(shown.names, shown.quartiles.tolist(), strict=True)
    )
    title = f"{columns[1]} (upwards) against {columns[0]}"
    return svg(parts, left + size + 60, bottom + 44, title, words)


def _apart(labels: Sequence[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    """The same, each moved down until it covers no other."""
    placed: list[tuple[float, float, str]] = []
    for x, y, name in sorted(labels, key=lambda label: label[1]):
        for other_x, other_y, other in placed:
            beside = x > other_x + LETTER * len(other) or other_x > x + LETTER * len(name)
            if not beside and y < other_y + 13:
                y = other_y + 13
        placed.append((x, y, name))
    return placed


def _cells(shown: Plane, size: float, left: float, top: float, tall: float) -> str:
    """The cells of a plane in five shades: a fuller one is darker."""
    n_bins = len(shown.counts)
    step_x, step_y = size / n_bins, tall / n_bins
    share = np.sqrt(shown.counts / max(int(shown.counts.max()), 1))
    shade = np.ceil(share * 5).astype(int)
    parts = []
    for level in range(1, 6):
        cells = "".join(
            f"M{left + x * step_x:.1f} {top + tall - (y + 1) * step_y:.1f}"
            f"h{step_x:.1f}v{step_y:.1f}h-{step_x:.1f}z"
            for x, y in np.argwhere(shade == level).tolist()
        )
        if cells:
            parts.append(f'<path class="cell" opacity="{level * 0.13:.2f}" d="{cells}"/>')
    return "".join(parts)


def bars(rows: Sequence[Bar], title: str, *, unit: str = "", limit: float | None = None) -> str:
    """A bar a row from 0 on, with its interval where there is one, and the value beside it."""
    width = 720.0
    left = min(20 + LETTER * max(len(row.name) for row in rows), 280)
    ends = [row.high if math.isfinite(row.high) else row.value for row in rows]
    highest = limit or max([*ends, 1e-9]) * 1.02
    scale = (width - left - 120) / highest
    height = 22.0
    bottom = height * len(rows) + 4
    parts = _axis(ticks(0, highest, 5), left, 0, scale, bottom)
    for at, row in enumerate(rows):
        middle = at * height + height / 2 + 2
        parts.append(text(left - 8, middle + 4, shortened(row.name, int(260 / LETTER)), anchor="end"))
        wide = max(row.value * scale, 0.5)
        place = f'x="{left:.1f}" y="{middle - 7:.1f}" width="{wide:.1f}" height="14"'
        parts.append(f'<rect class="{row.kind}" {place}/>')
        end = left + row.value * scale
        if math.isfinite(row.low):
            low, high = left + row.low * scale, left + row.high * scale
            end = max(end, high)
            parts.append(
                f'<path class="whisker" d="M{low:.1f} {middle:.1f}H{high:.1f}M{low:.1f} {middle - 4:.1f}v8'
                f'M{high:.1f} {middle - 4:.1f}v8"/>'
            )
        parts.append(text(end + 6, middle + 4, f"{row.value:.3f}{unit}"))
    words = "; ".join(
        f"{row.name} {row.value:.3f}"
        + (f" ({row.low:.3f} to {row.high:.3f})" if math.isfinite(row.low) else "")
        for row in rows
    )
    return svg(parts, width, bottom + 22, title, words, kind="broad")


def waveform(portrait: Portrait) -> str:
    """The samples over time, from -1 to 1."""
    width, tall = 480.0, 70.0
    step = width / len(portrait.envelope)
    scale = tall / 2
    above = "".join(
        f"L{at * step:.1f} {scale - high * scale:.1f}"
        for at, (_, high) in enumerate(portrait.envelope.tolist())
    )
    below = "".join(
        f"L{at * step:.1f} {scale - low * scale + 0.5:.1f}"
        for at, (low, _) in reversed(list(enumerate(portrait.envelope.tolist())))
    )
    outline = ("M" + (above + below).removeprefix("L")) + "Z"
    parts = [f'<path class="grid" d="M0 {scale}H{width:g}"/>', f'<path class="wave" d="{outline}"/>']
    peak = float(np.abs(portrait.envelope).max())
    words = f"{portrait.duration_s:.1f} s, peak {peak:.2f}"
    return svg(parts, width, tall, f"Waveform of {portrait.name}", words, kind="wave")


def _axis(values: Sequence[float], left: float, low: float, scale: float, bottom: float) -> list[str]:
    parts = []
    for value in values:
        x = left + (value - low) * scale
        parts.append(f'<path class="grid" d="M{x:.1f} 0V{bottom:.1f}"/>')
        parts.append(text(x, bottom + 16, figure(value), anchor="middle"))
    return parts
