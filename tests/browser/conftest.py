"""A real `segue serve` with songs in it, and Debian's Chromium in front of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import numpy as np
import pytest

from segue.operations.accounts import add_account
from segue.operations.scan import scan_library
from segue.server.pages import FOLDER
from segue.settings import DataFolder

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

_SAMPLE_RATE = 44_100
_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-background-networking"),
    *("--disable-component-update", "--autoplay-policy=no-user-gesture-required", "--mute-audio"),
    *("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),  # WebGL without a GPU
)
# The player's audio elements stand in no document: tests find them here.
_SPY = """
window.sounds = [];
const Real = window.Audio;
window.Audio = function () { const made = new Real(); window.sounds.push(made); return made; };
window.refused = [];
addEventListener('securitypolicyviolation', (event) =>
  window.refused.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
# WebGL without a GPU is slow, and says so.
_HARMLESS = ("GL Driver Message",)
_HOSTILE = '<img src=x onerror="window.hurt=1">'
_PASSWORDS = {"ana": "the word of ana", "ben": "the word of ben"}


@dataclass(frozen=True)
class Site:
    """A server in a process of its own."""

    url: str
    data: DataFolder
    client: httpx.Client
    watched: Path | None = None

    def get(self, path: str, **query: Any) -> Any:
        answer = self.client.get(f"/api/{path}", params=query)
        answer.raise_for_status()
        return answer.json()

    def send(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.client.request(method, f"/api/{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def track(self, title: str) -> dict[str, Any]:
        """The track of that title."""
        items: list[dict[str, Any]] = self.get("tracks", limit=500)["items"]
        return next(track for track in items if track["title"] == title)


@contextmanager
def _serving(data: DataFolder, *folders: Path, watched: Path | None = None) -> Iterator[Site]:
    """`segue serve`, from its start to its end; without folders it neither scans nor watches."""
    given = [str(folder) for folder in folders] or ["--no-scan"]
    log = data.path.with_name(f"{data.path.name}.log")
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "segue", "serve", *given, "--port", "0", "--data", str(data.path)],
            stderr=errors,
        )
        try:
            with httpx.Client(
                base_url=_address(process, log), headers={"X-Segue": "1"}, timeout=60
            ) as client:
                yield Site(str(client.base_url).rstrip("/"), data, client, watched)
        finally:
            process.terminate()
            process.wait(30)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where the server says that it plays."""
    while process.poll() is None:
        if found := re.search(r"http://\S+", log.read_text()):
            return found[0]
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def built() -> None:
    if not (FOLDER / "index.html").is_file():
        pytest.skip("the web app is not built: `cd web && npm ci && npm run build`")


@pytest.fixture(scope="session")
def library(built: None, demo: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The data of the demo with three songs more, and the folder of those."""
    place = tmp_path_factory.mktemp("site")
    shutil.copytree(demo.data, place / "data")
    _make_songs(place / "more", demo)
    scan_library(DataFolder(place / "data"), [place / "more"], nice=0)
    return place / "data", place / "more"


def _make_songs(folder: Path, demo: Any) -> None:
    """A long one whose genre changes, and one with accents and a composer."""
    calm, loud = _sound(demo, "Snow on the Sill"), _sound(demo, "Neon Ledger")
    _make_song(
        folder / "long.flac",
        np.concatenate([calm, loud, calm, loud, calm[::-1], loud[::-1]]),
        title="The Long Way Round",
        artist="Ilse Maren",
        album="Detours",
        genre="Ambient",
        lyrics="[00:00.00]First the quiet road\n[00:27.00]then the loud one",
    )
    _make_song(
        folder / "accents.flac",
        calm[::-1],
        title="Ævintýri við Ána",
        artist="Björn Ågård",
        album="Sumarsvíta",
        genre="Classical",
        composer="Clara Vestergård",
        work="Sommersuite",
    )


def _sound(demo: Any, title: str) -> Any:
    import soundfile

    return soundfile.read(demo.piece(title).path)[0]


def _make_song(path: Path, samples: Any, **tags: str) -> None:
    import soundfile
    from mutagen.flac import FLAC

    path.parent.mkdir(exist_ok=True)
    soundfile.write(path, samples, _SAMPLE_RATE)
    file = FLAC(path)
    file.update(tags)
    file.save()


@pytest.fixture(scope="session")
def site(library: tuple[Path, Path]) -> Iterator[Site]:
    """The library of one owner without an account; its server watches a folder."""
    data, more = library
    with _serving(DataFolder(data), more, watched=more) as running:
        yield running


@pytest.fixture(scope="session")
def people(library: tuple[Path, Path], demo: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same library with two accounts, ana is the administrator, and a song with script in its tags."""
    place = tmp_path_factory.mktemp("people")
    data = DataFolder(place / "data")
    shutil.copytree(library[0], data.path)
    _make_song(
        place / "hostile" / "song.flac",
        _sound(demo, "Neon Ledger")[::-1],
        title=_HOSTILE,
        artist="<script>window.hurt=1</script>",
        album='"><svg onload=window.hurt=1>',
        genre="<b onmouseover=window.hurt=1>Bold",
    )
    scan_library(data, [place / "hostile"], nice=0)
    for name, password in _PASSWORDS.items():
        add_account(data, name, password)
    with _serving(data) as running:
        yield running


@pytest.fixture(scope="session")
def nothing(built: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server without a library."""
    with _serving(DataFolder(tmp_path_factory.mktemp("nothing") / "data")) as running:
        yield running


@pytest.fixture(scope="session")
def serving() -> Callable[..., Any]:
    """Starts a server for one test."""
    return _serving


@pytest.fixture(scope="session")
def hostile() -> str:
    """The title of a track with script in its tags."""
    return _HOSTILE


@pytest.fixture(scope="session")
def passwords() -> dict[str, str]:
    """Of the people of `people`."""
    return dict(_PASSWORDS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One a file: Playwright keeps an event loop in this thread, on which `asyncio.run` would stumble."""
    api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no Chromium: apt-get install chromium")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Opens pages, and notes what a browser complains of on them."""

    browser: Browser
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, site: Site, path: str = "", **options: Any) -> Page:
        """A page in a browser context of its own: nothing is stored, nobody is logged in."""
        options = {"locale": "en-GB", "viewport": {"width": 1280, "height": 800}} | options
        context = self.browser.new_context(base_url=site.url, **options)
        context.set_default_timeout(30_000)
        context.add_init_script(_SPY)
        self.contexts.append(context)
        return self.tab(context, path)

    def tab(self, context: BrowserContext, path: str = "") -> Page:
        """One more page of somebody who is there already."""
        page = context.new_page()
        page.on("console", lambda said: self._note(said.type, said.text))
        page.on("pageerror", lambda error: self._note("error", f"{error.message}\n{error.stack}"))
        page.goto(f"/{path}")
        return page

    def expect(self, pattern: str) -> None:
        """A complaint that belongs to the test."""
        self.expected.append(pattern)

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning", "assert"):
            self.complaints.append(f"{kind}: {text}")

    def leave(self) -> list[str]:
        """Close everything; the complaints that nobody expected."""
        for context in self.contexts:
            for page in context.pages:
                self.complaints += [f"refused: {text}" for text in page.evaluate("window.refused ?? []")]
                assert not page.evaluate("window.hurt"), "script in a tag has run"
            context.close()
        return [
            text
            for text in self.complaints
            if not any(re.search(pattern, text) for pattern in (*self.expected, *_HARMLESS))
        ]


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    visitor = Visitor(browser)
    yield visitor
    assert visitor.leave() == []


@pytest.fixture
def open_page(visitor: Visitor, site: Site) -> Callable[..., Page]:
    """Opens a page of the owner's library; what the browser complains of fails the test."""
    return lambda path="", **options: visitor.open(site, path, **options)


_LOOK_MS = 100  # not with the frames, which a busy machine draws late
_SOUNDING = "() => window.sounds.some((sound) => !sound.paused && sound.currentTime > 0.05)"


@dataclass(frozen=True)
class Bar:
    """The player at the foot of a page, and the sound that it makes."""

    page: Page

    @property
    def region(self) -> Locator:
        return self.page.get_by_role("region", name="Player", exact=True)

    @property
    def slider(self) -> Locator:
        return self.region.get_by_role("slider", name="Position in the track")

    def button(self, name: str) -> Locator:
        return self.region.get_by_role("button", name=name, exact=True)

    def shows(self, title: str) -> None:
        """Wait until this is what plays."""
        self.region.get_by_role("link", name=title, exact=True).wait_for()

    @property
    def title(self) -> str:
        return self.region.locator("a.title").inner_text()

    def sounds(self) -> None:
        """Wait until something is heard."""
        self.page.wait_for_function(_SOUNDING, polling=_LOOK_MS)

    @property
    def is_silent(self) -> bool:
        return bool(self.page.evaluate("window.sounds.every((sound) => sound.paused)"))

    @property
    def time_s(self) -> float:
        """Where the audio element that plays, or played last, is."""
        return float(self.page.evaluate("Math.max(...window.sounds.map((sound) => sound.currentTime))"))

    def reaches(self, from_s: float, to_s: float) -> None:
        """Wait until the audio element is between two places."""
        self.page.wait_for_function(
            "([from, to]) => window.sounds.some(({currentTime: at}) => at >= from && at <= to)",
            arg=[from_s, to_s],
            polling=_LOOK_MS,
        )


@pytest.fixture
def play(open_page: Callable[..., Page], site: Site) -> Callable[..., Bar]:
    """Opens a page on which a track plays from its beginning."""

    def start(title: str, **options: Any) -> Bar:
        page = open_page(f"search?q={quote(title)}", **options)
        page.get_by_role("button", name=f"Play {title}", exact=True).click()
        bar = Bar(page)
        bar.shows(title)
        bar.sounds()
        return bar

    return start
