"""Coming in: the first run, passwords, and what one listener sees of another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from segue.settings import DataFolder

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from conftest import Site, Visitor

_FREE_TRIES = 5


def _log_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_a_wrong_password_and_the_right_one(
    visitor: Visitor, people: Site, passwords: dict[str, str]
) -> None:
    visitor.expect("status of 401")
    page = visitor.open(people, "albums")
    _log_in(page, "ana", "not the word")
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("Password").input_value() == ""
    _log_in(page, "ana", passwords["ana"])
    page.get_by_role("heading", name="Albums", level=1).wait_for()  # where she wanted to go


def test_two_listeners_have_two_tastes(visitor: Visitor, people: Site, passwords: dict[str, str]) -> None:
    pages = {}
    for name, password in passwords.items():
        pages[name] = visitor.open(people, "tracks")
        _log_in(pages[name], name, password)
    ana, ben = pages["ana"], pages["ben"]
    ana.get_by_role("button", name="Menu of Dock Run").click()
    ana.get_by_role("menuitem", name="Star", exact=True).click()
    ana.get_by_role("button", name="Menu of Lighthouse Keys").click()
    ana.get_by_role("menuitem", name="Add to playlist …").click()
    ana.get_by_label("Name of the new playlist").fill("Of ana")
    ana.keyboard.press("Enter")
    ana.get_by_text("added to “Of ana”").wait_for()
    for page in (ana, ben):
        page.get_by_role("link", name="Starred").click()
        page.get_by_role("heading", name="Starred", level=1).wait_for()
    ana.get_by_role("row", name=re.compile("Dock Run")).wait_for()
    ben.get_by_text(re.compile("Nothing|nothing")).first.wait_for()
    assert "Dock Run" not in ben.locator("main").inner_text()
    for page in (ana, ben):
        page.get_by_role("link", name="Playlists").click()
    ana.get_by_role("link", name=re.compile("Of ana")).wait_for()
    ben.get_by_text("There are no playlists yet").wait_for()
    ana.get_by_role("link", name="Home", exact=True).click()
    ana.get_by_role("heading", name="For you").wait_for()
    ben.get_by_role("link", name="Home", exact=True).click()
    ben.get_by_text("Listen to some music").wait_for()
    ana.get_by_role("link", name="Settings").click()
    ana.get_by_role("button", name="Log out").click()
    ana.get_by_role("button", name="Log in").wait_for()
    assert ana.request.get("/api/starred").status == 401


@pytest.fixture
def fresh(built: None, serving: Callable[..., Any], tmp_path: Path) -> Iterator[Site]:
    """A server without a library."""
    with serving(DataFolder(tmp_path / "data")) as running:
        yield running


def test_the_first_run_and_the_limit_of_tries(visitor: Visitor, fresh: Site, tmp_path: Path) -> None:
    visitor.expect("status of 4(01|04|22|29)")
    music = tmp_path / "music"
    music.mkdir()
    page = visitor.open(fresh)
    page.get_by_role("heading", name="Welcome to Segue").wait_for()
    page.get_by_label("Folder 1").fill(str(music / "not there"))
    page.get_by_label("Make an account").check()
    page.get_by_label("Name").fill("eva")
    page.get_by_label(re.compile("New password")).fill("the word of eva")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("Folder 1").fill(str(music))
    page.get_by_role("button", name="Begin").click()
    page.get_by_text("There is no music yet").wait_for()
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="Log in").wait_for()
    for _ in range(2 * _FREE_TRIES):
        with page.expect_response(lambda answer: answer.request.method == "POST") as told:
            _log_in(page, "eva", "a guess")
        if told.value.status == 429:
            break
    _log_in(page, "eva", "the word of eva")
    page.get_by_role("alert").get_by_text("too many wrong passwords").wait_for()


def test_script_in_tags_does_not_run(
    visitor: Visitor, people: Site, passwords: dict[str, str], hostile: str
) -> None:
    page = visitor.open(people, "search?q=onerror")  # that nothing ran is looked at when it is left
    _log_in(page, "ben", passwords["ben"])
    row = page.get_by_role("row", name=hostile)
    row.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Open what plays").click()
    page.get_by_role("heading", name=hostile, level=1).wait_for()
    main = page.get_by_role("main")
    main.get_by_role("link", name="<script>").click()
    page.get_by_role("heading", name="<script>window.hurt=1</script>", level=1).wait_for()
    main.get_by_role("link", name="<svg onload").first.click()
    page.get_by_role("heading", name="<svg onload", level=1).wait_for()
    main.get_by_role("link", name="<b onmouseover").hover()
