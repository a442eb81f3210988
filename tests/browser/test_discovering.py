"""Endless play, genres that move with the song, the map: what is done changes what is seen and heard."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from conftest import Bar, Site

LONG = "The Long Way Round"


def _titles(page: Page) -> list[str]:
    """What endless play says comes next, when it has answered."""
    page.wait_for_function("() => document.querySelector('fieldset')?.ariaBusy === 'false'")
    return page.get_by_role("grid", name="Comes next").locator(".title").all_inner_texts()


@pytest.fixture
def endless(open_page: Callable[..., Page], site: Site) -> Page:
    """Endless play that began with a song."""
    page = open_page(f"station?track={site.track('Snow on the Sill')['id']}&name=Snow")
    page.get_by_role("grid", name="Comes next").locator(".title").nth(5).wait_for()
    page.wait_for_function("() => window.sounds.some((sound) => sound.currentTime > 1.2)")
    return page


def test_a_skip_changes_what_comes_next(endless: Page) -> None:
    now = endless.get_by_role("region", name="Now playing")
    before, skipped = _titles(endless), now.locator("b").inner_text()
    with endless.expect_request("**/api/station") as asked:
        now.get_by_role("button", name="Skip").click()
    assert len(asked.value.post_data_json["events"]["skipped"]) == 1
    asked.value.response()
    endless.wait_for_function("(was) => document.querySelector('.now b').innerText !== was", arg=skipped)
    after = _titles(endless)
    assert skipped not in after
    assert set(after) != set(before[1:])  # more than that the list moved up


def test_a_dislike_changes_what_comes_next(endless: Page) -> None:
    now = endless.get_by_role("region", name="Now playing")
    before = _titles(endless)
    with endless.expect_request("**/api/station") as asked:
        now.get_by_role("button", name="Dislike").click()
    assert len(asked.value.post_data_json["events"]["disliked"]) == 1
    asked.value.response()
    endless.wait_for_function(
        "(was) => document.querySelector('.list .title').innerText !== was", arg=before[0]
    )
    assert set(_titles(endless)) != set(before[1:])


def test_a_slider_changes_what_comes_next(endless: Page) -> None:
    before = _titles(endless)
    slider = endless.get_by_role("slider", name="From alike to varied")
    with endless.expect_request("**/api/station") as asked:
        slider.press("End")
    assert asked.value.post_data_json["settings"]["varied"] == 1
    asked.value.response()
    endless.wait_for_function(
        "(was) => [...document.querySelectorAll('.list .title')].map((one) => one.innerText).join() !== was",
        arg=",".join(before),
    )
    assert slider.get_attribute("aria-valuetext") == "Varied, much"


def _colours(part: Locator) -> set[tuple[int, int, int]]:
    """The colours of a part of the page, as it is shown."""
    image = Image.open(io.BytesIO(part.screenshot())).convert("RGB")
    return {colour for _, colour in image.getcolors(2**24)}  # type: ignore[misc,union-attr]


def test_the_genre_moves_with_the_song(play: Callable[..., Bar], site: Site) -> None:
    bar = play(LONG)
    page = bar.page
    page.get_by_role("link", name=re.compile("Open what plays")).click()
    with page.expect_request("**/timeline*") as asked:
        page.get_by_role("tab", name="Genre", exact=True).click()
    assert "text/event-stream" in (asked.value.response() or pytest.fail("no answer")).headers["content-type"]
    bars = page.get_by_role("list", name="Genres now")
    percent = bars.locator(".figures")
    percent.first.wait_for()
    found = []
    for press in ("Home", "PageUp", "PageUp"):  # a calm piece, a loud one, a loud one
        bar.slider.press(press)
        page.wait_for_timeout(1_200)
        found.append(bars.inner_text())
    assert len(set(found)) > 1
    for canvas in page.locator(".sheets canvas").all():
        assert len(_colours(canvas)) > 3
    assert len(_colours(page.locator("canvas.sound"))) > 30  # the spectrogram has shades


@pytest.fixture
def atlas(open_page: Callable[..., Page]) -> Page:
    """The map, when it is drawn."""
    page = open_page("map")
    page.wait_for_function("() => window.segueMap?.count > 0", timeout=90_000)  # it is being laid out
    page.get_by_text("tracks in view").wait_for()
    return page


def _sheet(page: Page) -> Locator:
    return page.get_by_role("region", name="Map").locator("canvas").last


def _drag(page: Page, *shares: tuple[float, float]) -> None:
    """Draw a line on the map, in shares of its width and height."""
    box = _sheet(page).bounding_box()
    assert box is not None
    for number, (x, y) in enumerate(shares):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        if number == 0:
            page.mouse.down()
    page.mouse.up()


def test_a_lasso_makes_a_playlist(atlas: Page, site: Site) -> None:
    atlas.get_by_role("button", name="Lasso").click()
    _drag(
        atlas, (0.3, 0.01), (0.99, 0.01), (0.99, 0.7), (0.99, 0.99), (0.01, 0.99), (0.01, 0.15), (0.3, 0.15)
    )
    chosen = atlas.get_by_role("region", name="Selection")
    count = int(re.findall(r"\d+", chosen.get_by_role("heading").inner_text())[0])
    assert count > 10
    chosen.get_by_role("button", name="Save as playlist").click()
    chosen.get_by_label("Name of the playlist").fill("From the map")
    chosen.get_by_role("button", name="Save", exact=True).click()
    chosen.get_by_role("link", name="From the map").click()
    atlas.get_by_role("heading", name="From the map", level=1).wait_for()
    saved = next(one for one in site.get("playlists")["items"] if one["name"] == "From the map")
    assert saved["n_tracks"] == count
    site.send("DELETE", f"playlists/{saved['id']}")


def test_a_click_on_the_map_plays(atlas: Page) -> None:
    sheet = _sheet(atlas)
    x, y = _dot(sheet)
    box = sheet.bounding_box()
    assert box is not None
    atlas.mouse.click(box["x"] + x, box["y"] + y)
    atlas.get_by_role("region", name="Chosen track").wait_for()
    title = atlas.get_by_role("region", name="Chosen track").get_by_role("heading").inner_text()
    atlas.get_by_role("region", name="Player").get_by_role("link", name=title, exact=True).wait_for()


def test_no_button_lies_on_the_map(atlas: Page) -> None:
    for width in (1280, 380):
        atlas.set_viewport_size({"width": width, "height": 800})
        atlas.wait_for_timeout(100)
        drawn = _sheet(atlas).bounding_box()
        buttons = atlas.get_by_role("region", name="Map").get_by_role("button").all()
        assert drawn is not None and len(buttons) == 6
        for button in buttons:
            box = button.bounding_box()
            assert box is not None and box["y"] + box["height"] <= drawn["y"]
            assert box["x"] >= 0 and box["x"] + box["width"] <= width


def test_keys_move_on_the_map(atlas: Page) -> None:
    _sheet(atlas).evaluate("(canvas) => canvas.closest('[tabindex]').focus()")
    atlas.keyboard.press("ArrowRight")
    first = atlas.get_by_role("region", name="Chosen track").get_by_role("heading")
    first.wait_for()
    atlas.keyboard.press("Enter")
    atlas.get_by_role("region", name="Player").get_by_role(
        "link", name=first.inner_text(), exact=True
    ).wait_for()


def test_a_path_on_the_map(atlas: Page) -> None:
    atlas.get_by_role("button", name="Path", exact=True).click()
    _drag(atlas, (0.1, 0.9), (0.5, 0.5), (0.9, 0.2))
    steps = atlas.get_by_role("region", name="Selection").get_by_role("listitem")
    steps.first.wait_for()
    assert steps.count() > 3


def _dot(sheet: Locator) -> tuple[float, float]:
    """A place within a dot: nine neighbouring pixels of one strong colour."""
    image = Image.open(io.BytesIO(sheet.screenshot())).convert("RGB")
    for y in range(10, image.height - 10):
        for x in range(10, image.width - 10):
            patch = {image.getpixel((x + 2 * i, y + 2 * j)) for i in range(3) for j in range(3)}
            colour = patch.pop()
            if not patch and isinstance(colour, tuple) and max(colour) - min(colour) > 60:
                return x + 2.0, y + 2.0
    raise AssertionError("no dots are drawn")


def test_path_between_two_songs(open_page: Callable[..., Page]) -> None:
    page = open_page("path")
    for label, title in (("From", "Snow on the Sill"), ("To", "Neon Ledger")):
        page.get_by_role("combobox", name=label, exact=True).fill(title)
        page.get_by_role("option", name=re.compile(title)).first.wait_for()
        page.keyboard.press("Enter")
    rows = page.get_by_role("grid").locator(".title")
    rows.nth(3).wait_for()
    titles = rows.all_inner_texts()
    assert (titles[0], titles[-1]) == ("Snow on the Sill", "Neon Ledger")
