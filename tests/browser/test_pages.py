"""Every page: nothing to complain of, readable by all, right on a phone, in the dark and in Spanish.

With SEGUE_SCREENSHOTS=FOLDER each page is written there as it looks: light, dark, and on a phone.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import soundfile

from segue.operations.scan import scan_library
from segue.settings import DataFolder

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from conftest import Site, Visitor

_WEB = Path(__file__).resolve().parents[2] / "web"
_AXE = _WEB / "node_modules" / "axe-core" / "axe.min.js"
_PHONE = {"width": 390, "height": 844}
_DESKTOP = {"width": 1280, "height": 800}
_CALM = {"reduced_motion": "reduce"}
_AT_REST = """() => document.querySelector('main h1')
  && !document.querySelector('.loading, [aria-busy="true"]')
  && [...document.images].every((image) => {
    const { left, top } = image.getBoundingClientRect();
    return image.complete || top > innerHeight || left > innerWidth;
  })"""
# A browser that has nothing to draw may not draw: half a second is as good.
_TWO_FRAMES = """() => new Promise((done) => {
  setTimeout(done, 500);
  requestAnimationFrame(() => requestAnimationFrame(done));
})"""
# Rules of axe that concern every look; the others hold for one as for all.
_OF_LOOKS = ["color-contrast", "target-size", "scrollable-region-focusable"]

# Name of the page -> its address; what stands in braces is looked up in the library.
PAGES = {
    "home": "",
    "map": "map",
    "station": "station",
    "station-playing": "station?track={track}&name=Snow%20on%20the%20Sill",
    "path": "path",
    "path-found": "path?from={track}&to={other}",
    "mix": "mix?seed={track}&seed={other}",
    "similar": "similar/{track}",
    "kinds": "kinds",
    "kind": "kinds/{kind}",
    "for-you": "for-you/new",
    "listening-test": "listening-test?seed={track}",
    "history": "history",
    "scan": "scan",
    "problems": "problems",
    "evaluation": "evaluation",
    "connections": "connections",
    "live": "live/{track}",
    "artists": "artists",
    "artist": "artists/{artist}",
    "albums": "albums",
    "album": "albums/{album}",
    "tracks": "tracks",
    "genres": "genres",
    "genre": "genres/Ambient",
    "composers": "composers",
    "composer": "composers/Clara%20Vesterg%C3%A5rd",
    "work": "composers/Clara%20Vesterg%C3%A5rd/Sommersuite",
    "folders": "folders",
    "folder": "folders/{folder}",
    "playlists": "playlists",
    "playlist": "playlists/{playlist}",
    "starred": "starred",
    "search": "search?q=paper",
    "search-nothing": "search?q=xyzzyqq",
    "queue": "queue",
    "playing": "playing",
    "playing-song": "search?q=long%20way",
    "queue-filled": "albums/{album}",
    "settings": "settings",
    "about": "about",
    "missing": "no/such/page",
}
_FEW = ("home", "playlist")


@pytest.fixture(scope="module")
def filled(site: Site) -> Iterator[dict[str, str]]:
    """What the addresses name; a playlist, a star, and a history of listening to show."""
    track, other = site.track("Snow on the Sill"), site.track("Neon Ledger")
    tracks = [one["id"] for one in site.get("tracks", limit=12)["items"]]
    playlist = site.send("POST", "playlists", {"name": "Sunday morning", "comment": "", "tracks": tracks})
    site.send("PUT", f"stars/track/{track['id']}")
    site.send("PUT", f"stars/album/{other['album_id']}")
    _patiently(site, "kinds")
    _patiently(site, "map")
    yield {
        "track": track["id"],
        "other": other["id"],
        "artist": track["artist_id"],
        "album": track["album_id"],
        "folder": site.get("folders")[0]["id"],
        "playlist": playlist["id"],
        "kind": str(site.get("kinds")["items"][0]["number"]),
    }
    site.send("DELETE", f"playlists/{playlist['id']}")
    site.send("DELETE", f"stars/track/{track['id']}")
    site.send("DELETE", f"stars/album/{other['album_id']}")


def _patiently(site: Site, path: str) -> None:
    """Ask until what is being made is there."""
    import time

    while site.client.get(f"/api/{path}").status_code == 202:
        time.sleep(0.2)


@pytest.fixture(scope="module")
def pictures() -> Callable[[Any, str], None]:
    """Writes a picture where the environment names a folder for them."""
    folder = os.environ.get("SEGUE_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)

    def write(page: Page, name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")

    return write


def _settle(page: Page) -> None:
    page.wait_for_function(_AT_REST)
    page.evaluate(_TWO_FRAMES)


def _findings(page: Page, rules: list[str] | None = None) -> list[str]:
    """Serious and critical findings of axe."""
    if not _AXE.is_file():
        pytest.skip("axe-core is not installed: `cd web && npm ci`")
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.read_text())
    options = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    found = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:200]} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def _overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def _prepare(page: Page, name: str) -> None:
    """What a person does first on pages that show what plays."""
    player = page.get_by_role("region", name="Player")
    if name == "playing-song":
        page.get_by_role("button", name="Play The Long Way Round").click()
        player.get_by_role("slider", name="Position").press("PageUp")
        player.get_by_role("link", name="Open what plays").click()
        page.get_by_role("tab", name="Genre", exact=True).click()
        page.get_by_role("list", name="Genres now").locator(".bar").first.wait_for()
    elif name == "queue-filled":
        page.get_by_role("main").get_by_role("button", name="Play", exact=True).click()
        player.get_by_role("link", name="Queue").click()
        page.get_by_role("heading", name="Queue", level=1).wait_for()
    elif name == "station-playing":
        page.get_by_role("grid", name="Comes next").wait_for()
        page.get_by_role("button", name="Pause").first.wait_for()


def _examine(page: Page, name: str, pictures: Callable[[Any, str], None]) -> None:
    """Look at a page in the light, in the dark and on a phone."""
    found = {"light": _findings(page)}
    pictures(page, f"{name}-light")
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    _settle(page)
    found["dark"] = _findings(page, _OF_LOOKS)
    pictures(page, f"{name}-dark")
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size(_PHONE)
    _settle(page)
    found["phone"] = _findings(page, _OF_LOOKS)
    pictures(page, f"{name}-phone")
    assert _overflow(page) <= 0
    assert {look: of for look, of in found.items() if of} == {}


@pytest.mark.parametrize(
    "name", [name if name in _FEW else pytest.param(name, marks=pytest.mark.slow) for name in PAGES]
)
def test_page(
    name: str,
    open_page: Callable[..., Page],
    filled: dict[str, str],
    pictures: Callable[[Any, str], None],
) -> None:
    page = open_page(PAGES[name].format(**filled), **_CALM)
    _settle(page)
    _prepare(page, name)
    _examine(page, name, pictures)


_SAID = """() => {
  const said = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) said.push(walker.currentNode.data.trim());
  for (const one of document.querySelectorAll('[aria-label], [title], [placeholder]'))
    said.push(one.ariaLabel ?? '', one.title ?? '', one.placeholder ?? '');
  return said.filter(Boolean);
}"""


@pytest.mark.parametrize(
    "name", [name if name in _FEW else pytest.param(name, marks=pytest.mark.slow) for name in PAGES]
)
def test_page_in_spanish(
    name: str,
    open_page: Callable[..., Page],
    filled: dict[str, str],
    pictures: Callable[[Any, str], None],
) -> None:
    english, spanish = (
        json.loads((_WEB / "src" / "i18n" / f"{tongue}.json").read_text()) for tongue in ("en", "es")
    )
    only_english = {text for text in english.values() if isinstance(text, str)} - set(_texts(spanish))
    page = open_page(PAGES[name].format(**filled), **_CALM, locale="es-ES")
    _settle(page)
    assert page.evaluate("document.documentElement.lang") == "es"
    said = set(page.evaluate(_SAID))
    assert spanish["nav.library"] in said
    assert said & only_english == set()
    assert [text for text in said if re.fullmatch(r"[a-z]+(\.[a-z]+){1,3}", text)] == []  # a message's key
    assert _overflow(page) <= 0
    pictures(page, f"{name}-spanish")


def _texts(messages: dict[str, Any]) -> Iterator[str]:
    for message in messages.values():
        yield from message.values() if isinstance(message, dict) else (message,)


@pytest.mark.parametrize(("n_played", "heading"), [(0, "Tracks"), (1, "Most played")])
def test_most_played_is_what_was_played(
    n_played: int, heading: str, open_page: Callable[..., Page], site: Site
) -> None:
    track = site.track("Neon Ledger")
    facts = site.get(f"artists/{track['artist_id']}") | {"n_played": n_played}
    page = open_page()
    page.route("**/api/artists/*", lambda route: route.fulfill(json=facts))
    page.goto(f"/artists/{track['artist_id']}")
    rows = page.get_by_role("grid", name=heading, exact=True).locator(".title")
    rows.first.wait_for()
    assert rows.count() == (n_played or min(10, len(facts["tracks"])))
    assert page.get_by_role("heading", name="Most played").count() == n_played


def test_the_first_page_is_small(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_role("searchbox", name="Search the library").fill("ready")
    sizes = page.evaluate(
        "performance.getEntriesByType('resource').filter(({name}) => name.endsWith('.js'))"
        ".map(({encodedBodySize}) => encodedBodySize)"
    )
    assert len(sizes) > 3
    assert 0 < sum(sizes) < 200_000


def test_little_moves_where_that_is_wanted(open_page: Callable[..., Page]) -> None:
    page = open_page("albums", **_CALM)
    _settle(page)
    moving = "document.getAnimations().filter((one) => (one.effect?.getTiming().duration ?? 0) > 1).length"
    assert page.evaluate(moving) == 0


def test_the_menu_of_a_phone(open_page: Callable[..., Page]) -> None:
    page = open_page("albums", viewport=_PHONE, has_touch=True, is_mobile=True)
    _settle(page)
    sections = page.get_by_role("navigation", name="Sections")
    assert not sections.is_visible()
    page.get_by_role("button", name="Menu", exact=True).tap()
    sections.get_by_role("link", name="Tracks").tap()
    page.get_by_role("heading", name="Tracks", level=1).wait_for()
    sections.wait_for(state="hidden")
    page.get_by_role("row", name=re.compile("Dock Run")).tap()
    player = page.get_by_role("region", name="Player")
    player.get_by_role("button", name="Pause").wait_for()
    player.get_by_role("link", name="Open what plays").tap()
    page.get_by_role("heading", name="Dock Run", level=1).wait_for()
    assert _overflow(page) <= 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["login", "setup"])
def test_page_before_the_library(
    name: str, visitor: Visitor, request: pytest.FixtureRequest, pictures: Callable[[Any, str], None]
) -> None:
    """Where one comes in."""
    page = visitor.open(request.getfixturevalue("people" if name == "login" else "nothing"), **_CALM)
    _settle(page)
    if name == "setup":
        page.get_by_label("Make an account").check()
    _examine(page, name, pictures)


def test_music_without_tags_is_music_all_the_same(
    visitor: Visitor, serving: Callable[..., Any], built: None, demo: Any, tmp_path: Path
) -> None:
    for number, piece in enumerate(demo.pieces[:3]):
        sound, rate = soundfile.read(piece.path)
        (tmp_path / "music").mkdir(exist_ok=True)
        soundfile.write(tmp_path / "music" / f"untitled {number}.wav", sound, rate)
    data = DataFolder(tmp_path / "data")
    scan_library(data, [tmp_path / "music"], nice=0)
    with serving(data) as running:
        page = visitor.open(running)
        page.get_by_role("heading", name="Recently added").wait_for()
        page.get_by_text("untitled 2").first.wait_for()
        for name, said in (("Albums", "names an album"), ("Artists", "names an artist")):
            page.get_by_role("link", name=name, exact=True).click()
            page.get_by_text(said).wait_for()
