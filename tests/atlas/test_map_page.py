"""The page: what is in it, and what a real browser makes of it."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from segue.atlas import labels_of, map_page
from segue.atlas.map_colours import DARK, LIGHT, rgb


class _Scripts(HTMLParser):
    """Gathers the scripts of a page, and every tag."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag == "script"
        if self._inside:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[-1] += data


def parsed(page: str) -> _Scripts:
    parser = _Scripts()
    parser.feed(page)
    return parser


def data_of(page: str) -> Any:
    return json.loads(parsed(page).scripts[0])


def test_the_page_holds_what_the_map_says(made_view) -> None:
    view = made_view(300)
    data = data_of(map_page(view))
    assert data["titles"] == view.titles
    at = np.frombuffer(base64.b64decode(data["positions"]), "<u2").reshape(300, 2)
    assert (at.min(), at.max()) == (0, 65_535)
    scale = 65_535 / np.ptp(view.positions, axis=0).max()
    apart = np.linalg.norm(view.positions[0] - view.positions[1]) * scale
    assert np.linalg.norm(at[0].astype(float) - at[1]) == pytest.approx(apart, abs=2)
    assert at[np.argmax(view.positions[:, 1]), 1] == at[:, 1].min()  # up is up
    genres = data["labels"]["genre"]
    codes = np.frombuffer(base64.b64decode(genres["codes"]), "<u2").astype(int) - 1
    np.testing.assert_array_equal(codes, view.labels["genre"].codes)
    assert genres["names"] == list(view.labels["genre"].names)
    years = np.frombuffer(base64.b64decode(data["numbers"]["year"]["values"]), "<f4")
    np.testing.assert_allclose(years, view.numbers["year"])
    near = np.frombuffer(base64.b64decode(data["neighbours"]), "<i4").reshape(300, data["near"])
    np.testing.assert_array_equal(near, view.neighbours)


def test_names_are_neither_html_nor_script(made_view) -> None:
    nasty = "</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)> {{SCRIPT}} \u2028"
    view = replace(
        made_view(4), title=nasty, about=nasty, titles=[nasty] * 4, files=[nasty] * 4,
        labels={"genre": labels_of([nasty] * 4)},
    )  # fmt: skip
    page = parsed(map_page(view))
    assert len(page.scripts) == 2
    assert [tag for tag, _ in page.tags if tag == "img"] == []
    assert json.loads(page.scripts[0])["titles"] == [nasty] * 4


def test_nothing_is_fetched(made_view) -> None:
    page = map_page(made_view(4))
    assert not re.search(r"https?:|//[a-z]+\.|@import|url\(", page)
    assert not [found for _, found in parsed(page).tags if found.keys() & {"src", "href"}]


def test_a_hundred_thousand_tracks_fit_in_a_page(made_view) -> None:
    assert len(map_page(made_view(100_000)).encode()) < 20e6


@pytest.fixture(scope="module")
def page(made_view, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("page") / "map.html"
    file.write_text(map_page(made_view(300)), encoding="utf-8")
    return file


def colours_on(png: bytes, wanted: tuple[str, ...]) -> list[int]:
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))[:, :640]
    return [int((picture == rgb(colour)).all(axis=2).sum()) for colour in wanted]


@pytest.mark.parametrize(("dark", "palette"), [(False, LIGHT), (True, DARK)], ids=["light", "dark"])
def test_it_is_drawn_in_the_colours_of_the_legend(browser, page, dark, palette) -> None:
    browser.open(page, dark=dark)
    assert min(colours_on(browser.picture(), (*palette.labels, palette.other, palette.unknown))) > 50
    assert browser.value("document.querySelectorAll('#keys-of-colour button').length") == 10
    assert browser.said() == []


def test_the_mouse_shows_a_track_and_its_neighbours(browser, page) -> None:
    browser.open(page)
    x, y = browser.value("segueMap.toScreen(57)")
    browser.mouse("Moved", x, y)
    tip = browser.value("document.getElementById('tip').innerText")
    shown = browser.value("segueMap.chosen.over")
    assert f"Song {shown}" in tip
    assert f"Artist {shown // 7}" in tip
    assert abs(np.subtract(browser.value(f"segueMap.toScreen({shown})"), [x, y])).max() < 5
    browser.click(x, y)
    told = browser.value("document.getElementById('track').innerText")
    assert f"Folder {shown // 12}/Song {shown}.mp3" in told
    assert f"Song {shown + 10} – " in told
    browser.mouse("Moved", 5, 5)
    assert browser.value("document.getElementById('tip').hidden")
    assert browser.said() == []


def test_wheel_drag_and_buttons_move_the_map(browser, page) -> None:
    browser.open(page)
    before = browser.value("segueMap.toScreen(57)")
    scale = browser.value("segueMap.view.scale")
    browser.mouse("Wheel", *before, deltaX=0, deltaY=-240)
    browser.until(f"segueMap.view.scale > 1.9 * {scale}")
    assert browser.value("segueMap.toScreen(57)") == pytest.approx(before, abs=1)
    browser.mouse("Pressed", 300, 300)
    browser.mouse("Moved", 340, 280, button="left", buttons=1)
    browser.mouse("Released", 340, 280)
    assert browser.value("segueMap.toScreen(57)") == pytest.approx(np.add(before, [40, -20]), abs=1)
    browser.value("document.querySelector('[data-zoom=\"0\"]').click()")
    browser.until(f"Math.abs(segueMap.view.scale - {scale}) < 1e-6 * {scale}")
    assert browser.value("segueMap.toScreen(57)") == pytest.approx(before, abs=1)


def test_two_fingers_zoom_and_one_chooses(browser, page) -> None:
    browser.open(page, width=390, height=780)
    scale = browser.value("segueMap.view.scale")

    def touch(kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        browser.ask("Input.dispatchTouchEvent", type=f"touch{kind}", touchPoints=fingers)

    x, y = browser.value("segueMap.toScreen(57)")
    touch("Start", (x, y))
    touch("End")
    browser.until("segueMap.chosen.track >= 0")
    assert not browser.value("document.getElementById('track').hidden")
    touch("Start", (150, 200), (250, 200))
    touch("Move", (100, 200), (300, 200))
    touch("End")
    browser.until(f"segueMap.view.scale > 1.5 * {scale}")
    assert browser.said() == []


def test_the_keyboard_alone_is_enough(browser, page) -> None:
    browser.open(page)
    browser.value("document.getElementById('words').focus()")
    before = browser.value("({...segueMap.view})")
    browser.key("ArrowRight")
    browser.until(f"segueMap.view.x > {before['x']}")
    browser.key("+")
    browser.until(f"segueMap.view.scale > 1.4 * {before['scale']}")
    browser.key("0")
    browser.until(f"Math.abs(segueMap.view.scale - {before['scale']}) < 1e-6 * {before['scale']}")
    nearest = browser.value("segueMap.trackAt(325, 350, 400)")
    browser.value(
        f"Object.assign(segueMap.view, {{x: segueMap.at({nearest})[0], y: segueMap.at({nearest})[1]}})"
    )
    browser.key("Enter")
    assert browser.value("segueMap.chosen.track") == nearest
    browser.key("/")
    assert browser.value("document.activeElement.id") == "search"
    browser.key("Escape")
    assert browser.value("segueMap.chosen.track") == -1


def test_search_finds_without_accents_and_centres(browser, page) -> None:
    browser.open(page)
    browser.value("document.getElementById('search').focus()")
    for key in "electro song 12":
        browser.key(key)
    browser.until("document.getElementById('found').textContent.startsWith('5 of 300')")
    titles = browser.value("[...document.querySelectorAll('#results .go')].map((go) => go.textContent)")
    assert sorted(titles) == ["Song 112", "Song 12", "Song 122", "Song 152", "Song 212"]  # 152 by its album
    assert browser.value("segueMap.colouring.lit.reduce((sum, one) => sum + one, 0)") == 5
    browser.key("Enter")
    browser.until("segueMap.chosen.track === 12")
    browser.until("Math.abs(segueMap.toScreen(12)[0] - 324) < 2")
    for _ in range(2):
        browser.key("Escape")
    assert browser.value("segueMap.colouring.lit") is None
    assert browser.said() == []


def test_colours_change_and_one_label_can_be_shown_alone(browser, page) -> None:
    browser.open(page)

    def colour_by(name: str) -> None:
        browser.value(
            f"(() => {{const s = document.getElementById('colour'); s.value = '{name}';"
            "s.dispatchEvent(new Event('change'));})()"
        )
        browser.until("segueMap.settled()")

    options = browser.value("[...document.getElementById('colour').options].map((one) => one.value)")
    assert options == ["", "genre", "artist", "album", "year", "plays"]
    colour_by("year")
    shades = colours_on(browser.picture(), (LIGHT.ramp[0], LIGHT.ramp[-1], LIGHT.labels[1]))
    assert min(shades[:2]) > 50
    assert shades[2] == 0
    colour_by("genre")
    browser.value("document.querySelector('#keys-of-colour button').click()")
    browser.until("segueMap.settled()")
    first, second = colours_on(browser.picture(), LIGHT.labels[:2])
    assert first > 50
    assert second == 0
    x, y = browser.value("segueMap.toScreen(1)")  # of the second genre, now out of reach
    assert browser.value("segueMap.colouring.bucket[1]") != browser.value("segueMap.colouring.only")
    assert browser.value(f"segueMap.trackAt({x}, {y}, 3)") == -1


@pytest.mark.parametrize("n", [0, 1, 2, 100_000])
def test_pages_of_any_size_open(browser, made_view, tmp_path, n) -> None:
    file = tmp_path / "map.html"
    file.write_text(map_page(made_view(n, colour="artist" if n else "")), encoding="utf-8")
    browser.open(file)
    assert browser.value("segueMap.count") == n
    assert browser.said() == []
