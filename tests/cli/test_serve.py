"""`segue serve` as its own process: where it is, how it ends, and what it says when it cannot begin."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

SEGUE = [sys.executable, "-m", "segue"]


@dataclass
class Process:
    """A server at work."""

    process: subprocess.Popen[str]
    url: str

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", int(self.url.rpartition(":")[2])

    def children(self) -> list[int]:
        """All that were started by it, and by those."""
        found, waiting = [], [self.process.pid]
        while waiting:
            number = waiting.pop()
            for task in Path(f"/proc/{number}/task").glob("*/children"):
                inside = [int(child) for child in task.read_text().split()]
                found += inside
                waiting += inside
        return found

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """The exit code and what it said last."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: object, data: Path | None = None) -> Process:
        command = [*SEGUE, "serve", "--port", "0", "--data", str(data or tmp_path / "data")]
        process = subprocess.Popen(
            [*command, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.startswith("Segue plays at http://127.0.0.1:"), line + process.stderr.read()
        return Process(process, line.split()[3])

    yield start
    for process in started:
        process.kill()
        process.communicate()


def _wait(true: Callable[[], Any], wait_s: float = 60.0) -> Any:
    until = time.monotonic() + wait_s
    while not (found := true()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)
    return found


def _answers(server: Process) -> bool:
    try:
        return httpx.get(f"{server.url}/api/health").status_code == 200
    except httpx.TransportError:
        return False


def _alive(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def music(demo: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    for title in ("Neon Ledger", "Stairwell"):
        shutil.copy(demo.piece(title).path, folder)
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_ctrl_c_ends_it_with_open_streams_and_its_scan_with_it(
    serving: Callable[..., Process], music: Path
) -> None:
    server = serving(music)
    _wait(lambda: _answers(server))
    with httpx.Client(base_url=server.url, timeout=30) as client:
        _wait(lambda: client.get("/api/tracks").json()["total"] == 2)
        assert server.children(), "the scan is a process of its own"
        with client.stream("GET", "/api/scan/events") as events, ExitStack() as tabs:
            assert next(events.iter_lines()) == "event: scan"
            for _ in range(40):
                tab = tabs.enter_context(socket.create_connection(server.address))
                tab.sendall(b"GET /api/scan/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert tab.recv(100).startswith(b"HTTP/1.1 200")
            # More tabs than threads: all others are answered as before.
            assert client.get("/api/tracks", timeout=10).status_code == 200
            children = server.children()
            began = time.monotonic()
            code, said = server.end()
            took_s = time.monotonic() - began
    assert took_s < 20, "uvicorn gives streams three seconds, the scan ten"
    assert code in (0, 130)
    assert "Traceback" not in said, said[said.index("Traceback") - 300 :][:6000]
    _wait(lambda: not any(map(_alive, children)), 15)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_when_it_is_killed_its_scan_ends(serving: Callable[..., Process], music: Path) -> None:
    server = serving(music)
    children = _wait(server.children)
    _wait(lambda: _answers(server))
    children = server.children()
    server.process.kill()
    _wait(lambda: not any(map(_alive, children)), 30)


def test_it_ends_on_sigterm_and_serves_what_is_there(
    serving: Callable[..., Process], demo: Any, tmp_path: Path
) -> None:
    shutil.copytree(demo.data, tmp_path / "data")
    server = serving("--no-scan")
    _wait(lambda: _answers(server))
    with httpx.Client(base_url=server.url, timeout=30) as client:
        assert client.get("/api/session").json()["account"]["is_admin"]
        assert client.get("/api/tracks").json()["total"] > 30
        rebound = client.get("/api/tracks", headers={"Host": "evil.example"})
        assert rebound.status_code == 401
        track = client.get("/api/tracks").json()["items"][0]["id"]
        part = client.get(f"/api/tracks/{track}/audio", headers={"Range": "bytes=0-99"})
        assert part.status_code == 206 and len(part.content) == 100
        # Half a request is no trouble for the next one.
        with socket.create_connection(server.address) as half:
            half.sendall(b"POST /api/history/import HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        with socket.create_connection(server.address) as half:
            half.sendall(f"GET /api/tracks/{track}/audio HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            half.recv(1_000)
        assert client.get("/api/health").status_code == 200
    code, said = server.end(signal.SIGTERM)
    assert code in (0, -signal.SIGTERM)
    assert "Traceback" not in said, said[said.index("Traceback") - 300 :][:6000]
    assert "127.0.0.1" not in said, "no addresses in the log"


def test_it_says_in_one_line_why_it_cannot_begin(
    segue: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"

    def refused(code: int, *arguments: object) -> str:
        outcome = segue("serve", "--data", data, *arguments)
        assert outcome.code == code and outcome.out == "", outcome
        assert outcome.err.count("\n") == 1
        said: str = outcome.err
        return said

    with socket.create_server(("127.0.0.1", 0)) as other:
        assert "--port" in refused(1, "--port", other.getsockname()[1])
    assert "missing" in refused(2, tmp_path / "missing")
    (tmp_path / "file").touch()
    assert "file" in refused(2, tmp_path / "file")
    assert "nobody-here" in refused(2, "~nobody-here/music")
    for host in ("0.0.0.0", "::", "", "192.0.2.1"):
        assert "segue account add" in refused(2, "--host", host)
    assert "my proxy" in refused(2, "--proxy", "my proxy")
    assert not data.exists(), "what cannot begin leaves nothing behind"
    monkeypatch.setenv("SEGUE_PASSWORD", "long enough")
    assert segue("account", "add", "ana", "--data", data).code == 0
    # Of a net for examples: it is nobody's.
    assert "--host" in refused(1, "--host", "192.0.2.1", "--port", "0")
