"""Searching and playing: what the audio elements do, not only what the page says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from conftest import Bar

LONG = "The Long Way Round"
_LONG_S = 6 * 12.0  # six demo pieces one after the other, each longer than this


def test_search_follows_what_is_typed(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_role("link", name="Home").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("bjorn agard aev")  # without the accents
    row = page.get_by_role("row", name=re.compile("Ævintýri við Ána"))
    row.wait_for()
    page.get_by_role("searchbox", name="Search the library").fill("fodled crane")  # a slip
    page.get_by_text("Nothing has that name").wait_for()
    row = page.get_by_role("row", name=re.compile("Folded Crane"))
    row.focus()
    page.keyboard.press("Enter")
    page.get_by_role("region", name="Player").get_by_role("link", name="Folded Crane").wait_for()


def test_search_says_that_there_is_nothing(open_page: Callable[..., Page]) -> None:
    page = open_page("search?q=xyzzyqq")
    page.get_by_text("Nothing is called “xyzzyqq”").wait_for()


def test_play_pause_and_seek(play: Callable[..., Bar]) -> None:
    bar = play(LONG)
    bar.button("Pause").click()
    assert bar.is_silent
    bar.slider.press("Home")
    bar.reaches(0, 0.5)
    bar.slider.press("ArrowRight")
    bar.reaches(4.5, 5.5)
    bar.slider.press("PageUp")
    bar.reaches(34.5, 35.5)
    box = bar.slider.bounding_box()
    assert box is not None
    bar.slider.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    whole_s = bar.page.evaluate("Math.max(...window.sounds.map((sound) => sound.duration || 0))")
    assert whole_s > _LONG_S
    bar.reaches(whole_s / 2 - 1, whole_s / 2 + 1)
    assert abs(int(bar.slider.get_attribute("aria-valuenow") or 0) - whole_s / 2) < 2
    bar.button("Play").click()
    bar.sounds()
    bar.reaches(whole_s / 2 + 0.5, whole_s)


def test_the_queue(play: Callable[..., Bar]) -> None:
    bar = play("Folded Crane")
    page = bar.page
    page.get_by_role("link", name="Tracks").click()
    page.get_by_role("button", name="Menu of Lighthouse Keys").click()
    page.get_by_role("menuitem", name="Add to the queue").click()
    page.get_by_role("button", name="Menu of Dock Run").click()
    page.get_by_role("menuitem", name="Play next").click()
    page.get_by_role("link", name="Queue").click()
    titles = page.get_by_role("grid", name="Queue").locator(".title")
    titles.nth(2).wait_for()
    assert titles.all_inner_texts() == ["Folded Crane", "Dock Run", "Lighthouse Keys"]
    bar.button("Next track").click()
    bar.shows("Dock Run")
    bar.button("Previous track").click()
    bar.shows("Folded Crane")
    page.get_by_role("row", name=re.compile("Folded Crane")).focus()
    page.keyboard.press("Alt+ArrowDown")
    page.get_by_text("Moved to place 2").wait_for()
    assert [*titles.all_inner_texts()][:2] == ["Dock Run", "Folded Crane"]


def test_shuffle_and_repeat(play: Callable[..., Bar]) -> None:
    bar = play("Folded Crane")
    shuffle = bar.button("Shuffle")
    shuffle.click()
    assert shuffle.get_attribute("aria-pressed") == "true"
    bar.button("Repeat: off").click()
    bar.button("Repeat: all").click()
    bar.button("Repeat: this track").wait_for()
    bar.slider.press("End")
    bar.reaches(20, 30)
    bar.page.wait_for_function("() => window.sounds.some(({currentTime: at, paused}) => !paused && at < 5)")
    assert bar.title == "Folded Crane"


def test_a_track_follows_another_by_itself(play: Callable[..., Bar]) -> None:
    bar = play("Folded Crane")
    page = bar.page
    page.get_by_role("link", name="Tracks").click()
    page.get_by_role("button", name="Menu of Dock Run").click()
    page.get_by_role("menuitem", name="Play next").click()
    bar.slider.press("End")
    bar.shows("Dock Run")
    bar.sounds()


def test_playback_survives_navigation_and_reload(play: Callable[..., Bar]) -> None:
    bar = play(LONG)
    page = bar.page
    bar.slider.press("PageUp")
    bar.reaches(29, 60)
    for name in ("Albums", "Artists", "Home"):
        page.get_by_role("link", name=name, exact=True).click()
        page.get_by_role("heading", name=name, level=1).wait_for()
    assert not bar.is_silent
    page.reload()
    bar.shows(LONG)
    bar.sounds()  # it was only reloaded: it plays on
    bar.reaches(29, 60)
    bar.button("Pause").click()
    page.reload()
    bar.shows(LONG)
    bar.button("Play").wait_for()
    assert bar.is_silent
    assert int(bar.slider.get_attribute("aria-valuenow") or 0) >= 29


def test_the_system_is_told_what_plays(play: Callable[..., Bar]) -> None:
    bar = play("Folded Crane")
    told = bar.page.evaluate(
        "(({title, artist, album, artwork}) => ({title, artist, album, covers: artwork.length}))"
        "(navigator.mediaSession.metadata)"
    )
    assert told == {
        "title": "Folded Crane",
        "artist": "Yuna Okabe",
        "album": "Paper Garden",
        "covers": told["covers"],
    }
    assert told["covers"] > 0
    bar.button("Pause").click()
    bar.page.wait_for_function("navigator.mediaSession.playbackState === 'paused'")


def test_keys(play: Callable[..., Bar]) -> None:
    bar = play(LONG)
    page = bar.page
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("Space")
    bar.button("Play").wait_for()
    assert bar.is_silent
    before_s = bar.time_s
    page.keyboard.press("ArrowRight")
    bar.reaches(before_s + 9, before_s + 11)
    page.keyboard.press("k")
    bar.sounds()
    page.keyboard.press("m")
    page.wait_for_function("window.sounds.every((sound) => sound.muted || sound.volume === 0)")
    page.keyboard.press("r")
    bar.button("Repeat: all").wait_for()
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keyboard").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")


def test_lyrics_are_shown(play: Callable[..., Bar]) -> None:
    bar = play(LONG)
    bar.page.get_by_role("link", name="Open what plays").click()
    bar.page.get_by_role("tab", name="Lyrics").click()
    bar.page.get_by_text("then the loud one").wait_for()
