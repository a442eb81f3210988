"""A server on loopback that stands in for the services of others."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest


@dataclass(frozen=True)
class Request:
    """What the stand-in was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class StandIn:
    """Answers with what `answer` returns: a status, headers, and a body (bytes, or a value as JSON)."""

    root: str
    answer: Callable[[Request], tuple[int, dict[str, str], Any]]
    asked: list[Request] = field(default_factory=list)


def _answering(standing: Callable[[], StandIn]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _do(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
            standing().asked.append(request)
            status, more, said = standing().answer(request)
            content = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _do  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture(scope="session")
def _server() -> Iterator[tuple[str, dict[str, StandIn]]]:
    """One server for all tests; which stand-in answers is the test's."""
    current: dict[str, StandIn] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _answering(lambda: current["now"]))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", current
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def stand_in(_server: tuple[str, dict[str, StandIn]], monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """A service that answers 404 until the test says otherwise."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    root, current = _server
    current["now"] = StandIn(root, lambda _: (404, {}, {}))
    return current["now"]
