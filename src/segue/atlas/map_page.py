"""A map as one HTML page: zoom, hover, search, colours; no file, font or script beside it."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.atlas.map_colours import DARK, LIGHT
from segue.atlas.map_view import Labels, MapView, anchors, labels_of, shading

_SCRIPTS = ("tracks.js", "view.js", "dots.js", "words.js", "panel.js", "hands.js")
"""In the order in which they need each other."""
_FINEST = 65_535
"""Positions are kept in 16 bits: steps of a pixel on a screen of 65,536."""


def map_page(view: MapView) -> str:
    """The whole page. Names may hold anything: nothing of them is read as HTML or script.

    Parameters
    ----------
    view
        With any number of tracks; 100,000 make a page of about 15 MB.
    """
    parts = {
        "TITLE": escape(view.title),
        "ABOUT": escape(view.about),
        "STYLE": _part("map.css"),
        "SCRIPT": "\n".join(_part(name) for name in _SCRIPTS),
        # In JSON `<` is only found inside strings: escaped, no name can end the script element.
        "DATA": json.dumps(_packed(view), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
    }
    page = _part("map.html")
    head, *rest = page.split("{{")
    return head + "".join(parts[part.partition("}}")[0]] + part.partition("}}")[2] for part in rest)


def _part(name: str) -> str:
    return files("segue.atlas").joinpath("page", name).read_text(encoding="utf-8")


def _packed(view: MapView) -> dict[str, Any]:
    at = _quantised(view.positions)
    folders, names = zip(*(_split(file) for file in view.files), strict=True) if len(view) else ((), ())
    numbers = {name: _numbers(view.numbers[name]) for name in view.numbers if name in view.colours}
    return {
        "count": len(view),
        "positions": _base64(at, "<u2"),
        "titles": list(view.titles),
        "files": list(names),
        "folders": _labels(labels_of(folders), at[:0]),
        "labels": {name: _labels(labels, at) for name, labels in view.labels.items() if labels.names},
        "numbers": numbers,
        "neighbours": None if view.neighbours is None else _base64(view.neighbours, "<i4"),
        "near": 0 if view.neighbours is None else view.neighbours.shape[1],
        "colour": view.colour,
        "light": asdict(LIGHT),
        "dark": asdict(DARK),
    }


def _split(file: str) -> tuple[str, str]:
    folder, slash, name = file.rpartition("/")
    return folder + slash, name


def _quantised(positions: NDArray[np.float32]) -> NDArray[np.float64]:
    """Positions with the longer side from 0 to 65,535; up is up on the page."""
    if len(positions) == 0:
        return np.empty((0, 2))
    at = positions * np.array([1.0, -1.0])
    low, high = at.min(axis=0), at.max(axis=0)
    span = float((high - low).max()) or 1.0
    return np.asarray(np.rint((at - low + (span - (high - low)) / 2) / span * _FINEST))


def _labels(labels: Labels, positions: NDArray[np.float64]) -> dict[str, Any]:
    """Names and where the commonest stand; codes from 1 in as few bytes as they need, 0 is unknown."""
    places = anchors(positions, labels, len(LIGHT.labels)) / _FINEST if len(positions) else np.empty((0, 2))
    kind = "<u2" if len(labels.names) < _FINEST else "<u4"
    return {
        "names": list(labels.names),
        "codes": _base64(labels.codes + 1, kind),
        "bytes": int(kind[-1]),
        "at": places.round(5).tolist(),
    }


def _numbers(values: NDArray[np.float64]) -> dict[str, Any]:
    """Numbers, and shades from 1; 0 is unknown."""
    shaded = shading(values)
    return {
        "values": _base64(values, "<f4"),
        "shades": _base64(shaded.shades + 1, "u1"),
        "low": shaded.low,
        "high": shaded.high,
    }


def _base64(array: NDArray[Any], kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(array).astype(kind).tobytes()).decode()
