"""Sources, scans and problems, with real scans of a few files."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from segue.server.scans import ScanRunner, ScanState
from segue.settings import DataFolder


@pytest.fixture
def scanning(unbegun: Callable[..., Any]) -> Iterator[Any]:
    home = unbegun()
    yield home
    home.served.scans.stop()


@pytest.fixture
def music(demo: Any, tmp_path: Path) -> Path:
    """Two songs and what is none."""
    folder = tmp_path / "music"
    folder.mkdir()
    for title in ("Neon Ledger", "Stairwell"):
        shutil.copy(demo.piece(title).path, folder)
    (folder / "broken.mp3").write_bytes(b"no music")
    return folder


def _wait(true: Callable[[], Any], wait_s: float = 60.0) -> Any:
    until = time.monotonic() + wait_s
    while not (found := true()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)
    return found


def test_a_folder_is_added_scanned_watched_and_forgotten(scanning: Any, music: Path) -> None:
    owner = scanning.browser()
    assert owner.get("/api/scan")["running"] is False
    started = owner.post("/api/sources", {"path": str(music)}, expect=202)
    assert started["watching"] is True
    _wait(lambda: not (state := owner.get("/api/scan"))["running"] and state["ended_at"])
    assert owner.get("/api/tracks")["total"] == 2
    [problem] = owner.get("/api/problems")["items"]
    assert problem["file"] == "music/broken.mp3" and str(music.parent) not in str(problem)
    [source] = owner.get("/api/sources")["items"]
    assert source["path"] == str(music) and source["n_tracks"] == 2
    (music.parent / "link").symlink_to(music)
    (music / "inside").mkdir()
    for name in (f"{music}/", music.parent / "link", music / "inside", music / "inside" / ".."):
        owner.post("/api/sources", {"path": str(name)}, expect=202)
    assert [one["path"] for one in owner.get("/api/sources")["items"]] == [str(music)]
    _wait(lambda: not (state := owner.get("/api/scan"))["running"] and state["ended_at"])
    (music / "inside").rmdir()
    seed = owner.get("/api/tracks")["items"][0]["id"]
    assert len(owner.get("/api/similar", seed=seed)["items"]) == 1
    owner.delete("/api/sources/nothing", expect=404)
    assert owner.get("/api/scan")["watching"], "what is not there to remove stops nothing"
    owner.delete(f"/api/sources/{source['id']}")
    assert owner.get("/api/tracks")["total"] == 0 and len(list(music.iterdir())) == 3
    assert owner.get("/api/scan")["watching"] is False, "there is nothing left to watch"
    owner.post("/api/scan", {}, expect=422)


def test_a_scan_is_stopped_and_started_again(scanning: Any, music: Path) -> None:
    owner = scanning.browser()
    owner.post("/api/sources", {"path": str(music)}, expect=202)
    stopped = owner.delete("/api/scan", expect=200)
    assert stopped["running"] is stopped["watching"] is False
    assert owner.delete("/api/scan", expect=200)["watching"] is False
    assert owner.post("/api/scan", {"retry": True}, expect=202)["watching"] is True
    assert owner.post("/api/scan", {}, expect=202)["watching"] is True
    _wait(lambda: owner.get("/api/tracks")["total"] == 2)


@pytest.mark.parametrize(
    "path", ["", "relative", "~nobody-here", "/nowhere/at/all", "/\0", "/etc/hostname", "x" * 5_000]
)
def test_what_is_no_folder_is_refused(scanning: Any, path: str) -> None:
    scanning.browser().post("/api/sources", {"path": path}, expect=422)
    assert scanning.browser().get("/api/sources") == {"items": []}


def test_events_follow_the_scan(scanning: Any) -> None:
    """The stream holds no thread, tells every change, and ends when its reader leaves."""
    app, scans = scanning.app, scanning.served.scans
    scope = {
        "type": "http", "method": "GET", "path": "/api/scan/events", "raw_path": b"/api/scan/events",
        "query_string": b"", "headers": [(b"host", b"127.0.0.1")], "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 1), "scheme": "http", "http_version": "1.1", "root_path": "",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
    }  # fmt: skip
    seen: list[bytes] = []

    async def follow() -> None:
        gone = asyncio.Event()
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if not asked:
                asked = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            seen.append(message.get("body", b""))
            events = b"".join(seen).count(b"event: scan")
            if events == 1 and scans.state.done == 0:
                scans._state = ScanState(running=True, phase="hearing", done=1, total=2)
            elif events == 2:
                gone.set()

        await asyncio.wait_for(app(scope, receive, send), 20)

    scanning.portal.call(follow)
    parts = [part for part in b"".join(seen).decode().split("\n\n") if part.startswith("event: scan")]
    states = [json.loads(part.partition("data: ")[2]) for part in parts]
    assert [state["done"] for state in states] == [0, 1]
    scans._state = ScanState()


def test_a_process_that_dies_is_told(tmp_path: Path, music: Path) -> None:
    runner = ScanRunner(DataFolder(tmp_path / "data"), (music,))
    runner.start()
    process = runner._process
    assert process is not None and process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    _wait(lambda: not runner.state.watching)
    assert runner.state.message == "the scan ended unexpectedly"
    runner.stop()
    runner.start()
    _wait(lambda: runner.state.done)
    runner.stop()
    assert not runner.state.running and not runner.state.watching
    assert runner.state.message != "the scan ended unexpectedly"


def test_a_scan_that_cannot_be_says_why(tmp_path: Path) -> None:
    runner = ScanRunner(DataFolder(tmp_path / "data"), (tmp_path / "missing",))
    runner.start()
    _wait(lambda: not runner.state.watching)
    assert "does not exist" in runner.state.message
