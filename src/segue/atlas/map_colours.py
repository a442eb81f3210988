"""The colours of maps, on light and on dark, told apart also by people who see fewer colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segue.atlas.map_view import SHADES


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as ``#rrggbb``.

    Attributes
    ----------
    paper, ink, quiet
        Of the ground, of what is written, and of what is less important.
    labels
        Of the commonest labels.
    other, unknown
        Of all other labels, and of tracks of which nothing is known.
    ramp
        Of numbers, from low to high; lightness only rises or only falls.
    """

    paper: str
    ink: str
    quiet: str
    labels: tuple[str, ...]
    other: str
    unknown: str
    ramp: tuple[str, ...]


def rgb(colour: str) -> tuple[int, int, int]:
    """
    >>> rgb("#ff8000")
    (255, 128, 0)
    """
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _ramp(*stops: str) -> tuple[str, ...]:
    at = np.linspace(0, len(stops) - 1, SHADES)
    channels = np.array([rgb(stop) for stop in stops], dtype=np.float64).T
    mixed = np.array([np.interp(at, np.arange(len(stops)), channel) for channel in channels]).T
    return tuple("#" + np.rint(colour).astype(np.uint8).tobytes().hex() for colour in mixed)


LIGHT = Palette(
    paper="#fdfdfb",
    ink="#1c1d21",
    quiet="#5c5f68",
    labels=("#381ff1", "#ff3710", "#429451", "#ec41fe", "#7c3a73", "#a80b00", "#7466ad", "#5408a6"),
    other="#96989e",
    unknown="#d3d4d6",
    ramp=_ramp("#a9c9e8", "#5a9bd0", "#7a5fb5", "#8a2777", "#3d0a34"),
)
DARK = Palette(
    paper="#17181b",
    ink="#ecebe6",
    quiet="#a3a6ae",
    labels=("#5a99ec", "#eabe52", "#ff24b7", "#749b02", "#08e0e1", "#755cfe", "#e28984", "#9a5828"),
    other="#70747c",
    unknown="#3a3c42",
    ramp=_ramp("#2f4a86", "#4566a8", "#b86a9c", "#f39a6b", "#fff0a8"),
)
