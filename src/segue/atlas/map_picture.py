"""A map as a PNG: dots, names where most tracks of the commonest labels are, and a legend."""

from __future__ import annotations

import io
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segue.atlas.map_colours import LIGHT, rgb
from segue.atlas.map_view import Labels, MapView, anchors, shading

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

_WIDTH, _HEIGHT = 1_600, 1_200
_EDGE = 40
_LEGEND = 300
"""Pixels to the right of the dots for the legend."""
_SMOOTH = 2
"""Dots are drawn on a grid so many times finer, then averaged: round edges."""
_LONGEST = 26
_LINE = 34
_OTHER_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansCJK-Regular.ttc", "Arial Unicode.ttf")
"""For letters that the built-in font lacks; Pillow looks where the machine keeps its fonts."""


def map_picture(view: MapView) -> bytes:
    """The PNG, on light paper, coloured by ``view.colour``.

    Names in letters that no font of the machine has lose their accents, or are left out; the page shows them.
    """
    from PIL import Image, ImageDraw

    dots = _dots(view)
    image = Image.fromarray(dots)
    drawn = ImageDraw.Draw(image)
    labels = view.labels.get(view.colour)
    if labels is not None:
        _names(drawn, _on_paper(view.positions), labels)
    _legend(drawn, view)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _on_paper(positions: NDArray[np.float32]) -> NDArray[np.float64]:
    """Where each track lies, in pixels ``(n, 2)``; up is up."""
    room = np.array([_WIDTH - _LEGEND - 2 * _EDGE, _HEIGHT - 2 * _EDGE], np.float64)
    if len(positions) == 0:
        return np.empty((0, 2))
    at = positions.astype(np.float64) * [1.0, -1.0]
    low, high = at.min(axis=0), at.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    scale = float((room / span).min()) if (high > low).any() else 1.0
    return np.asarray((at - (low + high) / 2) * scale + room / 2 + _EDGE)


def _colours(view: MapView) -> NDArray[np.uint8]:
    """The colour of each track, ``(n, 3)``."""
    named = np.array([rgb(colour) for colour in (LIGHT.unknown, *LIGHT.labels, LIGHT.other)], np.uint8)
    if view.colour in view.labels:
        codes = view.labels[view.colour].codes
        return np.asarray(named[np.minimum(codes + 1, len(named) - 1)])
    if view.colour in view.numbers:
        ramp = np.array([rgb(colour) for colour in (LIGHT.unknown, *LIGHT.ramp)], np.uint8)
        return np.asarray(ramp[shading(view.numbers[view.colour]).shades + 1])
    return np.broadcast_to(named[1], (len(view), 3))


def _dots(view: MapView) -> NDArray[np.uint8]:
    """The paper with all dots, ``(height, width, 3)``; unknown ones below, the others in a drawn order."""
    paper = np.empty((_HEIGHT * _SMOOTH, _WIDTH * _SMOOTH, 3), np.uint8)
    paper[:] = rgb(LIGHT.paper)
    colours = _colours(view)
    order = np.random.default_rng(0).permutation(len(view))
    grey = (colours[order] == rgb(LIGHT.unknown)).all(axis=1)
    order = np.concatenate([order[grey], order[~grey]])
    at = np.rint(_on_paper(view.positions)[order] * _SMOOTH).astype(np.int64)
    radius = _radius(len(view)) * _SMOOTH
    reach = int(np.ceil(radius))
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            if np.hypot(right, down) <= radius:
                paper[at[:, 1] + down, at[:, 0] + right] = colours[order]
    fine = paper.reshape(_HEIGHT, _SMOOTH, _WIDTH, _SMOOTH, 3)
    return np.asarray(np.rint(fine.mean(axis=(1, 3), dtype=np.float32)).astype(np.uint8))


def _radius(n: int) -> float:
    """Of a dot, in pixels: less where there are more."""
    room = np.sqrt((_WIDTH - _LEGEND) * _HEIGHT / (np.pi * max(30, n)))
    return float(np.clip(0.25 * room, 1.0, 9.0))


def _font(size: int, text: str = "") -> Any:
    """The built-in font, or the first of the machine's that has all letters of a text; None if none has."""
    from PIL import ImageFont

    fonts = (ImageFont.load_default(size), *(_of_machine(name, size) for name in _OTHER_FONTS))
    return next((font for font in fonts if font is not None and _has(font, text)), None)


def _of_machine(name: str, size: int) -> Any:
    from PIL import ImageFont

    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


def _has(font: Any, text: str) -> bool:
    missing = bytes(font.getmask("\U0010ffff"))
    return all(letter.isspace() or bytes(font.getmask(letter)) != missing for letter in set(text))


def _written(text: str, size: int) -> tuple[str, Any]:
    """A text as it can be written, without its accents if need be, and the font; empty where none can."""
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
    bare = "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)
    )
    for one in (text, bare):
        font = _font(size, one)
        if font is not None:
            return one, font
    return "", _font(size)


def _names(drawn: ImageDraw, at: NDArray[np.float64], labels: Labels) -> None:
    """The names of the coloured labels; of two that would touch, the commoner."""
    above = _radius(len(at)) + 17
    taken: list[tuple[float, float, float]] = []
    places = anchors(at, labels, len(LIGHT.labels))
    for name, (middle, y) in zip(labels.names, places, strict=False):
        text, font = _written(name, 26)
        if not text:
            continue
        half = drawn.textlength(text, font=font) / 2 + 6
        x = float(np.clip(middle, half, _WIDTH - half))
        y = max(y - above, _LINE / 2)
        if any(abs(x - other) < half + width and abs(y - line) < _LINE for other, line, width in taken):
            continue
        taken.append((x, float(y), half))
        drawn.text((x, y), text, LIGHT.ink, font, anchor="mm", stroke_width=4, stroke_fill=LIGHT.paper)


def _legend(drawn: ImageDraw, view: MapView) -> None:
    """Title, number of tracks, and what the colours mean, to the right."""
    left, top = _WIDTH - _LEGEND + 10, _EDGE
    for text, size, colour in (
        (view.title, 24, LIGHT.ink),
        (f"{len(view):,} tracks", 20, LIGHT.quiet),
        (f"by {view.colour}" if view.colour else "", 20, LIGHT.quiet),
    ):
        written, font = _written(text, size)
        drawn.text((left, top), written, colour, font)
        top += _LINE
    top += _LINE // 2
    if view.colour in view.numbers:
        _ramp(drawn, left, top, view)
        return
    for colour, text in _keys(view):
        drawn.ellipse((left, top + 3, left + 18, top + 21), fill=colour)
        written, font = _written(text, 20)
        drawn.text((left + 28, top), written, LIGHT.ink, font)
        top += _LINE


def _keys(view: MapView) -> list[tuple[str, str]]:
    labels = view.labels.get(view.colour)
    if labels is None:
        return []
    keys = [(colour, name) for colour, name in zip(LIGHT.labels, labels.names, strict=False)]
    others = len(labels.names) - len(keys)
    return [
        *keys,
        *([(LIGHT.other, f"{others:,} others")] if others else []),
        *([(LIGHT.unknown, "unknown")] if (labels.codes < 0).any() else []),
    ]


def _ramp(drawn: ImageDraw, left: int, top: int, view: MapView) -> None:
    shaded = shading(view.numbers[view.colour])
    step = 7
    for at, colour in enumerate(LIGHT.ramp):
        drawn.rectangle((left + at * step, top, left + (at + 1) * step, top + 22), fill=colour)
    end = left + step * len(LIGHT.ramp)
    drawn.text((left, top + 28), f"{shaded.low:g}", LIGHT.ink, _font(20))
    drawn.text((end, top + 28), f"{shaded.high:g}", LIGHT.ink, _font(20), anchor="ra")
    if (shaded.shades < 0).any():
        drawn.ellipse((left, top + 67, left + 18, top + 85), fill=LIGHT.unknown)
        drawn.text((left + 28, top + 64), "unknown", LIGHT.ink, _font(20))
