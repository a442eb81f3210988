"""The whole server on the demo library, two listeners, and a stand-in for the services of others."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from segue.catalogue import iterate_tracks, open_catalogue
from segue.operations.accounts import add_account, make_key
from segue.operations.spotify_connection import SpotifyRoots
from segue.server.app import create_app
from segue.server.forwarding import Forwarder
from segue.server.served import ServerSettings, ServiceRoots
from segue.settings import DataFolder

_FILE = Path(__file__).parents[2] / "services" / "standing_in.py"
if "standing_in" not in sys.modules:
    spec = importlib.util.spec_from_file_location("standing_in", _FILE)
    assert spec is not None and spec.loader is not None
    sys.modules["standing_in"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

from standing_in import server, spotify, stand_in  # noqa: E402

__all__ = ["server", "spotify", "stand_in"]


@dataclass(frozen=True)
class Caller:
    """Asks with some headers."""

    client: httpx.Client
    headers: dict[str, str]

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self._ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self._ask("POST", path, **more)

    def put(self, path: str, **more: Any) -> httpx.Response:
        return self._ask("PUT", path, **more)

    def delete(self, path: str, **more: Any) -> httpx.Response:
        return self._ask("DELETE", path, **more)

    def _ask(self, verb: str, path: str, *, headers: Any = None, **more: Any) -> httpx.Response:
        return self.client.request(verb, path, headers=self.headers | (headers or {}), **more)


@dataclass(frozen=True)
class House:
    """A server and its library.

    Attributes
    ----------
    keys
        API keys by the name of the account.
    """

    url: str
    data: DataFolder
    keys: dict[str, str]
    services: ServiceRoots

    forwarder: Forwarder
    clients: httpx.Client

    def client(self, name: str = "", **headers: str) -> Caller:
        """Asks in the name of an account."""
        key = {"Authorization": f"Bearer {self.keys[name]}"} if name else {}
        return Caller(self.clients, key | headers)

    def songs(self, n: int) -> list[Any]:
        """Tracks of the library, by title."""
        with open_catalogue(self.data) as catalogue:
            found = [one for one in iterate_tracks(catalogue) if one.tags.artist and one.tags.title]
        return sorted(found, key=lambda one: str(one.tags.title))[:n]


@pytest.fixture(scope="session")
def door() -> Iterator[tuple[httpx.Client, dict[str, FastAPI]]]:
    """One server for all tests; which application answers is the test's."""
    current: dict[str, FastAPI] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await current["now"](scope, receive, send)

    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    url = f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    with httpx.Client(base_url=url, timeout=60, follow_redirects=False) as client:
        yield client, current
    running.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def furnished(demo: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The demo library with two accounts, to be copied, and their keys."""
    data = DataFolder(tmp_path_factory.mktemp("house") / "data")
    shutil.copytree(demo.data, data.path)
    keys = {}
    for name in ("ana", "ben"):
        add_account(data, name, f"the word of {name}")
        keys[name] = make_key(data, name, "player").secret
    return data.path, keys


@pytest.fixture
def house(furnished: Any, door: Any, server: Any, tmp_path: Path) -> House:
    data = DataFolder(tmp_path / "data")
    shutil.copytree(furnished[0], data.path)
    services = ServiceRoots(listenbrainz=server[0], spotify=SpotifyRoots(api=server[0], accounts=server[0]))
    clients, current = door
    app = current["now"] = create_app(ServerSettings(data=data, scan=False, services=services))
    forwarder = app.state.served.forwarder
    return House(str(clients.base_url).rstrip("/"), data, furnished[1], services, forwarder, clients)
