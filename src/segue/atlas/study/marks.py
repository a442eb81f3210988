"""Small pieces of inline SVG that the plots of a study share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

LETTER = 6.9
"""Width of a letter of 12 pixels, so that names fit beside their marks."""


def svg(parts: Sequence[str], width: float, height: float, title: str, words: str, *, kind: str = "") -> str:
    """A drawing that says its content to those who cannot see it."""
    label = escape(f"{title}. {words}", quote=True)
    return (
        f'<svg class="{kind}" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{label}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def text(x: float, y: float, words: str, *, anchor: str = "start", kind: str = "") -> str:
    """Words at a place."""
    mark = f' class="{kind}"' if kind else ""
    return f'<text{mark} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def shortened(name: str, letters: int) -> str:
    """A name that fits.

    >>> shortened("spectral_contrast.kurtosis.07", 12)
    'spectral_co…'
    """
    return name if len(name) <= letters else name[: letters - 1] + "…"


def figure(value: float) -> str:
    """A number as a person reads it.

    >>> [figure(value) for value in (0.0, 1234567.0, 12.3456, 0.00012345, -3.0, float("nan"))]
    ['0', '1.23e6', '12.3', '1.23e-4', '-3', '–']
    """
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    if size == 0:
        return "0"
    if 1e-3 <= size < 1e5:
        return f"{value:,.0f}" if size >= 1000 else f"{value:.3g}"
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"


def counted(n: int, noun: str) -> str:
    """A number and its noun.

    >>> counted(1, "group"), counted(1200, "pair")
    ('1 group', '1,200 pairs')
    """
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from `low` to `high`.

    >>> ticks(0.0, 1.0), ticks(-3.2, 6.1)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [-2.0, 0.0, 2.0, 4.0, 6.0])
    """
    if not high > low:
        return [low]
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(one * power for one in (1, 2, 5, 10) if one * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [
        round(number * step, 12) if abs(step) > 1e-9 else number * step for number in range(first, last + 1)
    ]
