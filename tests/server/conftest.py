"""A library with two listeners, and browsers that ask the application in this process."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from segue.catalogue import open_catalogue, tracks_page
from segue.operations import accounts
from segue.operations.accounts import add_account, begin_session, make_key
from segue.server.access import COOKIE
from segue.server.app import create_app
from segue.server.served import Served, ServerSettings
from segue.settings import DataFolder

PASSWORD = "the word of {}"


class Browser:
    """Asks an application as a browser does: with cookies, and with the header of our own pages.

    Parameters
    ----------
    address
        From where it asks.
    host
        By which name it calls the server.
    """

    def __init__(
        self,
        app: FastAPI,
        portal: BlockingPortal,
        *,
        address: str = "127.0.0.1",
        host: str = "127.0.0.1:4533",
        headers: dict[str, str] | None = None,
        cookies: dict[str, str] | None = None,
    ) -> None:
        self._portal = portal
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=(address, 50_000)),
            base_url=f"http://{host}",
            headers={"X-Segue": "1"} if headers is None else headers,
            cookies=cookies,
        )

    def ask(self, method: str, url: str, **said: Any) -> httpx.Response:
        async def sent() -> httpx.Response:
            return await self.client.request(method, url, **said)

        return self._portal.call(sent)

    def get(self, url: str, *, expect: int = 200, **params: Any) -> Any:
        """The JSON of an answer of a status."""
        return self._json(self.ask("GET", url, params=params), expect)

    def post(self, url: str, body: Any = None, *, expect: int = 200, **said: Any) -> Any:
        return self._json(self.ask("POST", url, json=body, **said), expect)

    def put(self, url: str, body: Any = None, *, expect: int = 200) -> Any:
        return self._json(self.ask("PUT", url, json=body), expect)

    def delete(self, url: str, *, expect: int = 204) -> Any:
        return self._json(self.ask("DELETE", url), expect)

    @staticmethod
    def _json(answer: httpx.Response, expect: int) -> Any:
        assert answer.status_code == expect, answer.text
        if expect >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["status"] == expect
            assert "\n" not in answer.json()["detail"]
        return answer.json() if answer.content else None


@dataclass
class Home:
    """An application with its library; `ana` is an administrator and the owner, `ben` is neither."""

    app: FastAPI
    portal: BlockingPortal
    keys: dict[str, str]
    sessions: dict[str, str]
    browsers: dict[str, Browser] = field(default_factory=dict)

    @property
    def served(self) -> Served:
        served: Served = self.app.state.served
        return served

    @property
    def data(self) -> DataFolder:
        return self.served.data

    def browser(self, **said: Any) -> Browser:
        """A stranger's."""
        return Browser(self.app, self.portal, **said)

    def of(self, name: str) -> Browser:
        """The browser in which somebody is logged in."""
        if name not in self.browsers:
            self.browsers[name] = self.browser(cookies={COOKIE: self.sessions[name]})
        return self.browsers[name]

    @property
    def ana(self) -> Browser:
        return self.of("ana")

    @property
    def ben(self) -> Browser:
        return self.of("ben")

    def tracks(self, n: int = 50) -> list[str]:
        """Ids of tracks."""
        with open_catalogue(self.data) as catalogue:
            return [track.id for track in tracks_page(catalogue, order="artist", offset=0, limit=n)]

    def track(self, title: str) -> str:
        """The id of the track of a title."""
        with open_catalogue(self.data) as catalogue:
            found = tracks_page(catalogue, order="artist", offset=0, limit=100)
        return next(track.id for track in found if track.tags.title == title)


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Hashing costs what it shall cost elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_LOG_N", 4)
        yield


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """The event loop in which applications answer."""
    with start_blocking_portal() as portal:
        yield portal


@dataclass(frozen=True)
class _Template:
    data: Path
    keys: dict[str, str]
    sessions: dict[str, str]


@pytest.fixture(scope="session")
def _template(demo: Any, _cheap_passwords: None, tmp_path_factory: pytest.TempPathFactory) -> _Template:
    data = DataFolder(tmp_path_factory.mktemp("server") / "data")
    shutil.copytree(demo.data, data.path)
    keys, sessions = {}, {}
    for name in ("ana", "ben"):
        add_account(data, name, PASSWORD.format(name))
        keys[name] = make_key(data, name, "a program").secret
        sessions[name] = begin_session(data, name, label="a browser").secret
    return _Template(data.path, keys, sessions)


@pytest.fixture(scope="session")
def new_home(
    _template: _Template, portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Home]:
    """Makes a library with accounts of its own; settings as of `ServerSettings`."""

    def made(**settings: Any) -> Home:
        data = DataFolder(tmp_path_factory.mktemp("home") / "data")
        shutil.copytree(_template.data, data.path)
        app = create_app(ServerSettings(data=data, scan=False, **settings))
        return Home(app, portal, dict(_template.keys), dict(_template.sessions))

    return made


@pytest.fixture
def home(new_home: Callable[..., Home]) -> Home:
    """For a test that changes it."""
    return new_home()


@pytest.fixture(scope="session")
def shown(new_home: Callable[..., Home]) -> Home:
    """For tests that only look."""
    return new_home()


@pytest.fixture(scope="session")
def unowned(
    demo: Any, portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Home]:
    """Makes a library without accounts."""

    def made(**settings: Any) -> Home:
        data = DataFolder(tmp_path_factory.mktemp("unowned") / "data")
        shutil.copytree(demo.data, data.path)
        return Home(create_app(ServerSettings(data=data, scan=False, **settings)), portal, {}, {})

    return made


@pytest.fixture(scope="session")
def unbegun(portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Home]:
    """Makes a server whose library does not exist yet."""

    def made(**settings: Any) -> Home:
        data = DataFolder(tmp_path_factory.mktemp("unbegun") / "data")
        return Home(create_app(ServerSettings(data=data, scan=False, **settings)), portal, {}, {})

    return made
