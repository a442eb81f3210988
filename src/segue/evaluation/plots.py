"""Three plots of a report as inline SVG: figures with intervals, recall by length of the list, spread of AUC.

Colours are CSS variables of the page (``--model``, ``--baseline``, ``--control``, ``--bound``), so that a
plot is readable on light and on dark; each carries its content as text for those who cannot see it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from segue.evaluation.ranking_report import AUC_BINS, recall_curve

if TYPE_CHECKING:
    from segue.evaluation.ranking_report import ModelFigures

_WIDTH = 720
_RIGHT = 70
_LETTER = 6.7  # width of a letter, so that names fit beside their bars
_DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 4", "1 4", "12 4", "6 2 1 2")


def interval_bars(models: Sequence[ModelFigures], figure: str, *, title: str) -> str:
    """One bar a model, its interval drawn over the end.

    Parameters
    ----------
    models
        In the order of the table.
    figure
        Name of a figure.
    title
        Of the plot.
    """
    values = [model.figures[figure] for model in models]
    highest = max([value.high for value in values if math.isfinite(value.high)], default=1.0)
    limit = _nice(max(highest, 1e-9))
    row = 26
    height = row * len(models) + 34
    start = round(min(20 + _LETTER * max(len(model.name) for model in models), _WIDTH / 2))
    scale = (_WIDTH - start - _RIGHT) / limit
    parts = _x_axis([limit * step / 4 for step in range(5)], start, scale, height - 24)
    for at, (model, value) in enumerate(zip(models, values, strict=True)):
        middle = at * row + row / 2
        parts.append(_text(start - 8, middle + 4, model.name, anchor="end"))
        if not math.isfinite(value.value):
            continue
        parts.append(
            f'<rect class="{model.kind}" x="{start}" y="{middle - 8:.1f}" '
            f'width="{max(value.value * scale, 0):.1f}" height="16"/>'
        )
        low, high = (start + end * scale for end in (value.low, value.high))
        parts.append(
            f'<path class="whisker" d="M{low:.1f} {middle:.1f}H{high:.1f}'
            f'M{low:.1f} {middle - 4:.1f}v8M{high:.1f} {middle - 4:.1f}v8"/>'
        )
        parts.append(_text(max(high, start) + 6, middle + 4, f"{value.value:.3f}"))
    words = "; ".join(
        f"{model.name} {value.value:.3f}, interval {value.low:.3f} to {value.high:.3f}"
        for model, value in zip(models, values, strict=True)
    )
    return _svg(parts, height, title, words)


def recall_lines(models: Sequence[ModelFigures], *, title: str) -> str:
    """Recall over the length of the list (logarithmic), a line for each model.

    Parameters
    ----------
    models
        In the order of the table.
    title
        Of the plot.
    """
    curves = [(model, recall_curve(model)) for model in models]
    ks = [k for k, _ in curves[0][1]]
    height, top, left, right = max(330, 20 * len(models) + 60), 12, 56, 260
    bottom = height - 40
    across = (_WIDTH - left - right) / math.log(ks[-1] / ks[0])
    highest = max([value for _, curve in curves for _, value in curve if math.isfinite(value)], default=1.0)
    limit = _nice(max(highest, 1e-9))
    down = (bottom - top) / limit
    parts = []
    for step in range(5):
        value = limit * step / 4
        y = bottom - value * down
        parts.append(f'<path class="grid" d="M{left} {y:.1f}H{_WIDTH - right}"/>')
        parts.append(_text(left - 8, y + 4, _short(value), anchor="end"))
    for k in ks:
        x = left + math.log(k / ks[0]) * across
        parts.append(_text(x, bottom + 18, str(k), anchor="middle"))
    for at, (model, curve) in enumerate(curves):
        points = " ".join(
            f"{left + math.log(k / ks[0]) * across:.1f},{bottom - value * down:.1f}"
            for k, value in curve
            if math.isfinite(value)
        )
        parts.append(f'<polyline class="line {model.kind}" points="{points}"{_dash(at)}/>')
        parts += _legend(at, model, _WIDTH - right + 14, top)
    parts.append(_text((left + _WIDTH - right) / 2, height - 6, "length of the list", anchor="middle"))
    words = "; ".join(
        f"{model.name}: " + ", ".join(f"{value:.3f} at {k}" for k, value in curve) for model, curve in curves
    )
    return _svg(parts, height, title, words)


def auc_distribution(models: Sequence[ModelFigures], *, title: str) -> str:
    """How the AUC of listeners is spread: the first model as columns, the others chosen as outlines.

    Parameters
    ----------
    models
        The model first, then at most a few controls.
    title
        Of the plot.
    """
    height, top, left, right = 260, 12, 56, 260
    bottom = height - 40
    across = (_WIDTH - left - right) / AUC_BINS
    shares = [(model, model.auc_histogram / max(int(model.auc_histogram.sum()), 1)) for model in models]
    limit = _nice(max(float(share.max()) for _, share in shares) or 1.0)
    down = (bottom - top) / limit
    parts = []
    for step in range(5):
        y = bottom - limit * step / 4 * down
        parts.append(f'<path class="grid" d="M{left} {y:.1f}H{_WIDTH - right}"/>')
        parts.append(_text(left - 8, y + 4, f"{_short(limit * step * 25)} %", anchor="end"))
    parts += [
        _text(left + value * AUC_BINS * across, bottom + 18, _short(value), anchor="middle")
        for value in (0, 0.25, 0.5, 0.75, 1)
    ]
    for at, (model, share) in enumerate(shares):
        outline = f"M{left} {bottom}" + "".join(
            f"V{bottom - value * down:.1f}H{left + (place + 1) * across:.1f}"
            for place, value in enumerate(share)
        )
        if at == 0:
            parts.append(f'<path class="{model.kind} area" d="{outline}V{bottom}Z"/>')
        else:
            parts.append(f'<path class="line {model.kind}" d="{outline}V{bottom}"{_dash(at)}/>')
        parts += _legend(at, model, _WIDTH - right + 14, top, area=at == 0)
    parts.append(_text((left + _WIDTH - right) / 2, height - 6, "AUC of a listener", anchor="middle"))
    words = "; ".join(
        f"{model.name}: mean {model.figures['auc'].value:.3f}, "
        f"{share[: AUC_BINS // 2].sum():.0%} of listeners below {AUC_BINS // 2 / AUC_BINS:.2f}"
        for model, share in shares
    )
    return _svg(parts, height, title, words)


def _dash(at: int) -> str:
    dash = _DASHES[at % len(_DASHES)]
    return f' stroke-dasharray="{dash}"' if dash else ""


def _legend(at: int, model: ModelFigures, x: float, top: float, *, area: bool = False) -> list[str]:
    """One line of a legend: a piece of the model's line or area, and its name."""
    y = top + 14 + at * 20
    line = f'<path class="line {model.kind}" d="M{x} {y - 4}h28"{_dash(at)}/>'
    patch = f'<path class="{model.kind} area" d="M{x} {y - 10}h28v12h-28Z"/>'
    return [patch if area else line, _text(x + 34, y, model.name)]


def _x_axis(values: Sequence[float], start: float, scale: float, bottom: float) -> list[str]:
    parts = []
    for value in values:
        x = start + value * scale
        parts.append(f'<path class="grid" d="M{x:.1f} 0V{bottom}"/>')
        parts.append(_text(x, bottom + 16, _short(value), anchor="middle"))
    return parts


def _svg(parts: Sequence[str], height: float, title: str, words: str) -> str:
    label = escape(f"{title}. {words}", quote=True)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{label}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, words: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _nice(value: float) -> float:
    """The next round number that can be cut in four.

    >>> _nice(0.83), _nice(0.13), _nice(0.041)
    (1.0, 0.2, 0.06)
    """
    power = 10.0 ** math.floor(math.log10(value))
    return next(round(step * power, 10) for step in (1, 2, 3, 4, 6, 8, 10) if step * power >= value * 0.999)


def _short(value: float) -> str:
    return f"{value:.4g}"
