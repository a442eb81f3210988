"""The PNG."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from segue.atlas import labels_of, map_picture
from segue.atlas.map_colours import LIGHT, rgb


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def count(picture: np.ndarray, colour: str) -> int:
    return int((picture == rgb(colour)).all(axis=2).sum())


def test_every_coloured_label_is_on_the_picture(made_view) -> None:
    picture = pixels(map_picture(made_view(400)))
    assert picture.shape == (1_200, 1_600, 3)
    for colour in (*LIGHT.labels, LIGHT.other, LIGHT.unknown, LIGHT.ink):
        assert count(picture, colour) > 100, colour


def test_numbers_are_shaded_and_no_colour_is_one_colour(made_view) -> None:
    years = pixels(map_picture(made_view(400, colour="year")))
    assert min(count(years, LIGHT.ramp[0]), count(years, LIGHT.ramp[-1]), count(years, LIGHT.unknown)) > 100
    plain = pixels(map_picture(made_view(400, colour="")))
    assert count(plain, LIGHT.labels[0]) > 1_000
    assert count(plain, LIGHT.labels[1]) == 0


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_tracks_are_a_picture_too(made_view, n: int) -> None:
    picture = pixels(map_picture(made_view(n, colour="")))
    assert (count(picture, LIGHT.labels[0]) > 0) == (n > 0)


def test_up_is_up_and_names_are_next_to_their_dots(made_view) -> None:
    view = replace(
        made_view(2),
        positions=np.array([[0, 5], [0, -5]], np.float32),
        labels={"genre": labels_of(["up", "down"])},
    )
    picture = pixels(map_picture(view))[:, :1_250]
    up = LIGHT.labels[view.labels["genre"].names.index("up")]
    rows = np.flatnonzero((picture == rgb(up)).all(axis=2).any(axis=1))
    assert 0 < rows.max() < 600


def test_the_same_map_is_the_same_file(made_view) -> None:
    assert map_picture(made_view(50)) == map_picture(made_view(50))


def test_odd_names_are_drawn_or_left_out(made_view) -> None:
    names = ["\x1b[31m\n", "\udcff", "😀" * 40, "מוזיקה", "x" * 200, "Ž"]
    view = replace(made_view(6), labels={"genre": labels_of(names)}, title="\udc80 … 日本")
    assert pixels(map_picture(view)).shape == (1_200, 1_600, 3)
