"""All correlations at once: a picture in the order of likeness, and a small table of families."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from segue.atlas.study.marks import shortened, svg, text
from segue.atlas.study.portraits import palette_png

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.atlas.study.correlations import Correlations

MOST_NAMED = 80
"""Columns whose names can stand beside the picture."""
# Negative, none, positive: the ends differ in hue and are equally strong; none is the colour of the page.
_LIGHT = ((178, 84, 20), (253, 253, 251), (11, 95, 133))
_WIDTH = 760.0
_DARK = ((240, 150, 80), (23, 24, 27), (95, 190, 230))


class FamilyTable(NamedTuple):
    """How strongly families go together.

    Attributes
    ----------
    names
        Of the families.
    strength : (n, n) float64
        Mean absolute correlation of a column of one with a column of the other; of one with itself over
        pairs of different columns, NaN where it has one only.
    """

    names: tuple[str, ...]
    strength: NDArray[np.float64]


def heatmap(correlations: Correlations, columns: Sequence[str], *, dark: bool) -> str:
    """Pearson's correlations below the diagonal, Spearman's above, in the order of likeness, as SVG.

    Up to `MOST_NAMED` columns have their names beside their rows.
    """
    n = len(columns)
    order = correlations.order
    both = np.where(
        np.tri(n, dtype=bool), _ordered(correlations.pearson, order), _ordered(correlations.spearman, order)
    )
    png = base64.b64encode(palette_png(_shades(both), _palette(_DARK if dark else _LIGHT))).decode()
    named = n <= MOST_NAMED
    left = 8 + 6.2 * min(28, max(len(name) for name in columns)) if named else 0.0
    cell = min(24.0, (_WIDTH - left) / n)
    side = cell * n
    parts = [
        f'<image href="data:image/png;base64,{png}" x="{left:.1f}" y="0" width="{side:.1f}" '
        f'height="{side:.1f}" preserveAspectRatio="none" style="image-rendering:pixelated"/>'
    ]
    if named:
        for at, column in enumerate(order.tolist()):
            y = at * cell + cell / 2 + 3
            parts.append(text(left - 5, y, shortened(columns[column], 28), anchor="end", kind="small"))
    pairs = correlations.pairs()
    words = (
        f"{n} columns; {len(pairs)} pairs with an absolute correlation of {correlations.threshold:g} or more"
    )
    parts += _key(left, side + 10, _palette(_DARK if dark else _LIGHT))
    return svg(parts, _WIDTH, side + 44, "Correlations of all columns", words, kind="broad")


def _key(left: float, top: float, palette: NDArray[np.uint8]) -> list[str]:
    """What the colours mean."""
    parts = []
    for at, value in enumerate((-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1)):
        colour = "#" + palette[round((value + 1) * 127.5)].tobytes().hex()
        x = left + at * 40
        parts.append(
            f'<rect class="patch" x="{x:.1f}" y="{top:.1f}" width="40" height="14" fill="{colour}"/>'
        )
        parts.append(text(x + 20, top + 28, f"{value:g}", anchor="middle", kind="small"))
    return parts


def families_of(correlations: Correlations, families: Sequence[str]) -> FamilyTable:
    """Mean absolute Pearson correlation between families."""
    names = tuple(dict.fromkeys(families))
    member = np.array([names.index(family) for family in families])
    there = np.eye(len(names))[member]
    sums = there.T @ np.abs(correlations.pearson) @ there
    counts = there.sum(axis=0)
    pairs = np.outer(counts, counts)
    np.fill_diagonal(sums, np.diag(sums) - counts)
    np.fill_diagonal(pairs, counts * (counts - 1))
    return FamilyTable(names, np.where(pairs > 0, sums / np.maximum(pairs, 1), np.nan))


def _ordered(matrix: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.float64]:
    return matrix[np.ix_(order, order)]


def _shades(matrix: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Correlations as places in a palette; sixteenths are as fine as an eye sees, and make small files."""
    return (np.round((matrix + 1) * 16) * 255 / 32).astype(np.uint8)


def _palette(colours: Sequence[tuple[int, int, int]]) -> NDArray[np.uint8]:
    places = np.linspace(-1, 1, 256)
    channels = [np.interp(places, (-1, 0, 1), channel) for channel in zip(*colours, strict=True)]
    return np.stack(channels, axis=1).round().astype(np.uint8)
