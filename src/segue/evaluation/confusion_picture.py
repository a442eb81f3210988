"""A confusion matrix as SVG: counts in the cells, shares of each row as their shade."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_CELL = 44
_LETTER = 7.2  # width of a letter
_FOOT = 34
_LEGEND = 240  # width of the last line


def confusion_svg(names: Sequence[str], confusion: Sequence[Sequence[int]]) -> str:
    """Draw it.

    Parameters
    ----------
    names
        Of the classes.
    confusion
        Row = true class, column = the one it was taken for; counts.

    Returns
    -------
    svg : str
        Light or dark as the reader's screen; each cell says its count and the share of its row.
    """
    side = max(len(name) for name in names) * _LETTER + 18
    width = max(side + _CELL * len(names) + 12, _LEGEND)
    height = side + _CELL * len(names) + _FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'width="{width:.0f}" height="{height:.0f}">',
        "<title>Confusion matrix: rows are what a track is, columns what it was taken for</title>",
        _STYLE,
        f'<rect class="paper" width="{width:.0f}" height="{height:.0f}"/>',
    ]
    for at, name in enumerate(names):
        middle = side + at * _CELL + _CELL / 2
        parts.append(f'<text x="{side - 8:.1f}" y="{middle + 4:.1f}" text-anchor="end">{escape(name)}</text>')
        parts.append(
            f'<text transform="translate({middle + 4:.1f} {side - 8:.1f}) rotate(-90)">{escape(name)}</text>'
        )
    for row, counts in enumerate(confusion):
        total = max(sum(counts), 1)
        for column, count in enumerate(counts):
            parts.append(_cell(row, column, count, count / total, side))
    parts.append(f'<text x="12" y="{height - 10:.1f}">rows: is; columns: was taken for</text></svg>')
    return "\n".join(parts) + "\n"


def _cell(row: int, column: int, count: int, share: float, side: float) -> str:
    x, y = side + column * _CELL, side + row * _CELL
    kind = "right" if row == column else "wrong"
    ink = "on" if share > 0.7 else "off"
    middle, line = x + _CELL / 2 - 1, y + _CELL / 2 - 1
    percent = f"{share:.0%}" if count else ""
    return (
        f'<g><title>{count} ({share:.0%} of the row)</title><rect class="{kind}" x="{x:.1f}" y="{y:.1f}" '
        f'width="{_CELL - 2}" height="{_CELL - 2}" rx="3" fill-opacity="{max(share, 0.03):.3f}"/>'
        f'<text class="{ink}" x="{middle:.1f}" y="{line:.1f}" text-anchor="middle">{count or "·"}</text>'
        f'<text class="{ink} small" x="{middle:.1f}" y="{line + 13:.1f}" text-anchor="middle">'
        f"{percent}</text>"
        "</g>"
    )


_STYLE = """<style>
text { font: 12px system-ui, sans-serif; fill: #1c1d21 }
.small { font-size: 9px }
.paper { fill: #fdfdfb } .right { fill: #0f6b8f } .wrong { fill: #a8324a } .on { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  text { fill: #ecebe6 } .paper { fill: #17181b } .right { fill: #57b8dd } .wrong { fill: #e8798f }
  .on { fill: #17181b }
}
</style>"""
