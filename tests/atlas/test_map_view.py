"""Labels, shades, places of names, and colours that all people can tell apart."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.atlas import MapView, labels_of
from segue.atlas.map_colours import DARK, LIGHT, Palette, rgb
from segue.atlas.map_view import SHADES, anchors, shading
from segue.errors import UsageError

# Machado, Oliveira and Fernandes (2009), severity 1: linear RGB as it is seen.
_SEEN = {
    "everyone": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def linear(colour: str) -> np.ndarray:
    share = np.array(rgb(colour)) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def oklab(light: np.ndarray) -> np.ndarray:
    """Ottosson (2020)."""
    cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    mixed = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return mixed @ np.cbrt(cones @ np.clip(light, 0, 1))


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("sight", _SEEN)
def test_labels_are_told_apart_by_everyone(palette: Palette, sight: str) -> None:
    seen = [oklab(_SEEN[sight] @ linear(colour)) for colour in (*palette.labels, palette.other)]
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) > 0.08


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_stand_out_from_the_paper(palette: Palette) -> None:
    assert min(contrast(colour, palette.paper) for colour in palette.labels) >= 3
    assert contrast(palette.ink, palette.paper) >= 7
    assert contrast(palette.quiet, palette.paper) >= 4.5
    steps = np.diff([luminance(colour) for colour in palette.ramp])
    assert (steps > 0).all() or (steps < 0).all()
    assert len(palette.ramp) == SHADES


@given(st.lists(st.one_of(st.just(float("nan")), st.floats(0, 1e6)), min_size=1, max_size=50))
def test_a_greater_number_is_never_of_an_earlier_shade(numbers: list[float]) -> None:
    values = np.array(numbers)
    shaded = shading(values)
    known = np.isfinite(values)
    assert (shaded.shades[~known] == -1).all()
    assert ((shaded.shades[known] >= 0) & (shaded.shades[known] < SHADES)).all()
    assert (np.diff(shaded.shades[known][np.argsort(values[known])]) >= 0).all()


def test_plays_are_shaded_by_their_logarithm_and_years_are_not() -> None:
    plays = shading(np.array([0.0] * 50 + [1.0] * 40 + [10.0] * 8 + [100.0, 1_000.0]))
    assert plays.shades[-5] > SHADES // 8
    years = shading(np.arange(1960.0, 2021.0))
    assert years.shades[30] == pytest.approx(SHADES / 2, abs=1)


def test_one_wrong_year_does_not_make_the_scale() -> None:
    years = shading(np.append(np.linspace(1980, 2020, 200), 20.0))
    assert years.low > 1_900


def test_a_name_stands_where_most_of_its_tracks_are() -> None:
    rng = np.random.default_rng(0)
    two_towns = np.concatenate([rng.normal(0, 0.3, (60, 2)), rng.normal(20, 0.3, (90, 2))])
    place = anchors(two_towns, labels_of(["rock"] * 150), 8)
    assert np.abs(place - 20).max() < 1
    assert anchors(np.zeros((3, 2)), labels_of(["a", "b", ""]), 8).tolist() == [[0, 0], [0, 0]]


def test_only_what_is_known_can_colour() -> None:
    view = MapView(
        "", "", np.zeros((2, 2), np.float32), ["a", "b"], ["", ""],
        {"genre": labels_of(["", ""]), "artist": labels_of(["x", ""])},
        {"year": np.array([np.nan, np.nan]), "plays": np.array([0.0, 3.0])},
    )  # fmt: skip
    assert view.colours == ("artist", "plays")
    assert view.coloured_by("plays") == "plays"
    with pytest.raises(UsageError, match=r"'genre'.*artist, plays"):
        view.coloured_by("genre")
