"""Made maps, and a real browser for their pages: Chromium, spoken to through two pipes."""

from __future__ import annotations

import base64
import json
import os
import select
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segue.atlas import MapView, labels_of

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PATIENCE_S = 30.0


class Browser:
    """Speaks the DevTools protocol: messages are JSON, each ended by a zero byte."""

    def __init__(self, program: str, home: Path) -> None:
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--remote-debugging-pipe",
            f"--user-data-dir={home}",
            "about:blank",
        ]
        command = f"exec {shlex.join([program, *options])} 3<&{to_read} 4>&{to_write}"
        self._process = subprocess.Popen(
            ["bash", "-c", command],
            pass_fds=(to_read, to_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._rest, self._last, self._session = b"", 0, ""
        self.events: list[dict[str, Any]] = []

    def open(self, page: Path, *, width: int = 1000, height: int = 700, dark: bool = False) -> None:
        """A fresh tab with this page, once it has drawn."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.events.clear()
        for domain in ("Page", "Runtime", "Network"):
            self.ask(f"{domain}.enable")
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme, still])
        self.ask("Page.navigate", url=page.as_uri())
        self.until("window.segueMap && segueMap.frames > 0")

    def ask(self, method: str, **parameters: Any) -> Any:
        """Call a method and return its result."""
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": parameters}
        if self._session and not method.startswith("Target."):
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + _PATIENCE_S
        while True:
            answer = self._next(end)
            if answer.get("id") == self._last:
                assert "error" not in answer, answer["error"]
                return answer["result"]
            self.events.append(answer)

    def _next(self, end: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], max(0.0, end - time.monotonic()))
            piece = os.read(self._from, 1 << 20) if ready else b""
            if not piece:
                raise TimeoutError("the browser does not answer")
            self._rest += piece
        message, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(message))

    def value(self, expression: str) -> Any:
        """What a JavaScript expression is in the page."""
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until it is true."""
        end = time.monotonic() + _PATIENCE_S
        while not self.value(expression):
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.02)

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        """A mouse event: ``Moved``, ``Pressed``, ``Released``, ``Wheel``."""
        button = "left" if kind in ("Pressed", "Released") else "none"
        buttons = {"button": button, "clickCount": 1, **more}
        self.ask("Input.dispatchMouseEvent", type=f"mouse{kind}", x=x, y=y, **buttons)

    def click(self, x: float, y: float) -> None:
        """Press and let go."""
        self.mouse("Pressed", x, y)
        self.mouse("Released", x, y)

    def key(self, key: str) -> None:
        """Press a key and let go; characters are typed."""
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=key)

    def picture(self) -> bytes:
        """The window as a PNG."""
        return base64.b64decode(self.ask("Page.captureScreenshot")["data"])

    def said(self) -> list[dict[str, Any]]:
        """Errors and messages of the page, and what it fetched beside itself."""
        self.value("0")
        kinds = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Network.requestWillBeSent")
        found = [event for event in self.events if event.get("method") in kinds]
        return [event for event in found if event["params"].get("type") != "Document"]

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._to)
        os.close(self._from)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.skip(f"no browser is here: none of {', '.join(_PROGRAMS)}")
    started = Browser(program, tmp_path_factory.mktemp("browser"))
    yield started
    started.close()


GENRES = (
    "Rock",
    "Jazz",
    "Électronique",
    "日本の音楽",
    "</script><b>Folk",
    "Soul",
    "Metal",
    "Blues",
    "Ska",
    "Pop",
)


def _made_view(n: int, *, colour: str = "genre") -> MapView:
    """`n` tracks in ten towns of one genre each, some without genre or year."""
    rng = np.random.default_rng(0)
    town = np.arange(n) % len(GENRES)
    angle = 2 * np.pi * town / len(GENRES)
    positions = 10 * np.column_stack([np.cos(angle), np.sin(angle)]) + rng.normal(0, 0.8, (n, 2))
    k = min(3, max(0, n - 1))
    return MapView(
        title='Map of <i>"my" music</i>',
        about=f"{n} tracks.",
        positions=positions.astype(np.float32),
        titles=[f"Song {row}" if row % 17 else "" for row in range(n)],
        files=[f"Folder {row // 12}/Song {row}.mp3" for row in range(n)],
        labels={
            "genre": labels_of([GENRES[one] if row % 11 else "" for row, one in enumerate(town)]),
            "artist": labels_of([f"Artist {row // 7}" for row in range(n)]),
            "album": labels_of([f"Album {row // 12} <x>" for row in range(n)]),
        },
        numbers={
            "year": np.where(rng.random(n) < 0.2, np.nan, 1960.0 + town),
            "plays": np.floor(rng.pareto(1, n)),
        },
        neighbours=(np.arange(n)[:, None] + 10 * np.arange(1, k + 1)) % max(n, 1) if k else None,
        colour=colour,
    )


@pytest.fixture(scope="session")
def made_view() -> Callable[..., MapView]:
    """Makes a `MapView` of any number of tracks."""
    return _made_view
