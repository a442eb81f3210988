"""A server on loopback that stands in for the services of others, and one that answers as Spotify does."""

from __future__ import annotations

import base64
import hashlib
import json
import re
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


Answer = tuple[int, dict[str, str], Any]


@dataclass
class StandIn:
    """Answers with what `answer` returns: a status, headers, and a body (bytes, or a value as JSON)."""

    root: str
    answer: Callable[[Request], Answer]
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
def server() -> Iterator[tuple[str, dict[str, StandIn]]]:
    """One server for all tests; which stand-in answers is the test's."""
    current: dict[str, StandIn] = {}
    running = ThreadingHTTPServer(("127.0.0.1", 0), _answering(lambda: current["now"]))
    running.daemon_threads = True
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_address[1]}", current
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture
def stand_in(server: tuple[str, dict[str, StandIn]], monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """A service that answers 404 until the test says otherwise."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    root, current = server
    current["now"] = StandIn(root, lambda _: (404, {}, {}))
    return current["now"]


def spotify_track(number: int, title: str, artist: str, **more: Any) -> dict[str, Any]:
    """A track object of the Web API."""
    return {
        "type": "track",
        "id": f"t{number}",
        "uri": f"spotify:track:t{number}",
        "name": title,
        "artists": [{"name": artist, "type": "artist"}],
        "album": {"name": "Album", "album_type": "album"},
        "external_ids": {"isrc": f"GBABC{number:07d}"},
        "duration_ms": 200_000,
        "is_local": False,
        "explicit": False,
    } | more


def entry(item: Any, **more: Any) -> dict[str, Any]:
    """An item of a playlist."""
    added = {"added_at": "2024-01-15T10:30:00Z", "added_by": {"id": "ana"}, "is_local": False}
    return added | {"item": item} | more


@dataclass
class Spotify:
    """Spotify as its documentation of 2026 has it, for one user called ana.

    Attributes
    ----------
    music
        What a search finds.
    playlists
        Name by id, with the owner and the entries.
    trouble
        What is answered first, in order: a part of the path, and the answer.
    made
        Bodies of playlists that were made, and the URIs that were added to each.
    """

    client_id: str = "0123456789abcdef"
    user: str | None = "Ana"
    music: list[dict[str, Any]] = field(default_factory=list)
    playlists: dict[str, tuple[str, str, list[Any]]] = field(default_factory=dict)
    saved: list[Any] = field(default_factory=list)
    trouble: list[tuple[str, Answer]] = field(default_factory=list)
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    challenges: dict[str, str] = field(default_factory=dict)
    access: str = "access-1"
    refresh: str = "refresh-1"
    n_tokens: int = 1

    def __call__(self, request: Request) -> Answer:
        for place, (part, answer) in enumerate(self.trouble):
            if part in request.path:
                del self.trouble[place]
                return answer
        if request.path == "/api/token":
            return self._token(dict(parse_qsl(request.body.decode())))
        if request.headers.get("authorization") != f"Bearer {self.access}":
            return self.refusal(401, "The access token expired")
        if not 1 <= int(request.query.get("limit", 1)) <= (10 if request.path == "/v1/search" else 50):
            return self.refusal(400, "Invalid limit")
        return self._answer(request)

    @staticmethod
    def refusal(status: int, words: str, **headers: str) -> Answer:
        """An error of the Web API."""
        return status, headers, {"error": {"status": status, "message": words}}

    def _token(self, form: dict[str, str]) -> Answer:
        if form["client_id"] != self.client_id:
            return 400, {}, {"error": "invalid_client", "error_description": "Invalid client"}
        if form["grant_type"] == "refresh_token":
            good = form["refresh_token"] == self.refresh
        else:
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            good = self.challenges.pop(form["code"], "") == challenge
        if not good:
            return 400, {}, {"error": "invalid_grant", "error_description": "Refresh token revoked"}
        self.n_tokens += 1
        self.access, self.refresh = f"access-{self.n_tokens}", f"refresh-{self.n_tokens}"
        given = {"access_token": self.access, "refresh_token": self.refresh, "token_type": "Bearer"}
        return 200, {}, given | {"expires_in": 3_600, "scope": "playlist-read-private user-library-read"}

    def _answer(self, request: Request) -> Answer:
        if (request.method, request.path.rstrip("/")) == ("GET", "/v1/me"):
            return 200, {}, {"id": "ana", "display_name": self.user, "type": "user"}
        if (request.method, request.path) == ("GET", "/v1/me/playlists"):
            return self._page(request, [self._listed(number) for number in self.playlists])
        if (request.method, request.path) == ("GET", "/v1/me/tracks"):
            return self._page(request, self.saved)
        if (request.method, request.path) == ("GET", "/v1/search"):
            found = [track for track in self.music if _finds(request.query["q"], track)]
            return 200, {}, {"tracks": {"items": found[: int(request.query["limit"])], "total": len(found)}}
        if (request.method, request.path) == ("POST", "/v1/me/playlists"):
            number = f"new{len(self.made)}"
            self.made[number] = json.loads(request.body) | {"uris": []}
            return 201, {}, {"id": number, "name": self.made[number]["name"], "snapshot_id": "s"}
        items = re.fullmatch("/v1/playlists/([^/]+)/items", request.path)
        if items and request.method == "GET" and items[1] in self.playlists:
            _, owner, entries = self.playlists[items[1]]
            return self._page(request, entries) if owner == "ana" else self.refusal(403, "Forbidden")
        if items and request.method == "POST" and items[1] in self.made:
            said = json.loads(request.body)
            uris = said["uris"] if isinstance(said, dict) else said
            if len(uris) > 100:
                return self.refusal(400, "You can add a maximum of 100 tracks per request.")
            self.made[items[1]]["uris"] += uris
            return 201, {}, {"snapshot_id": "s"}
        return self.refusal(403, "Forbidden")  # what was taken away in 2026 is answered so

    def _listed(self, number: str) -> Any:
        name, owner, entries = self.playlists[number]
        about: dict[str, Any] = {"id": number, "name": name, "snapshot_id": f"s-{number}", "type": "playlist"}
        return about | {
            "owner": {"id": owner, "display_name": owner.title()},
            "items": {"total": len(entries)},
        }

    @staticmethod
    def _page(request: Request, rows: list[Any]) -> Answer:
        at, limit = int(request.query.get("offset", 0)), int(request.query["limit"])
        more = "http://127.0.0.1:9/never-followed" if at + limit < len(rows) else None
        page = {"items": rows[at : at + limit], "offset": at, "limit": limit, "total": len(rows)}
        return 200, {}, page | {"next": more, "previous": None}


def _finds(query: str, track: dict[str, Any]) -> bool:
    """Whether a query of Spotify's language fits a track."""
    fields = dict(re.findall(r'(\w+):"([^"]*)"', query))
    if query.startswith("isrc:"):
        return bool(track["external_ids"].get("isrc") == query[5:])
    names = {"track": track["name"], "artist": " ".join(one["name"] for one in track["artists"])}
    if fields:
        return all(value.lower() in names[name].lower() for name, value in fields.items())
    words = set(re.findall(r"\w+", " ".join(names.values()).lower()))
    return set(re.findall(r"\w+", query.lower())) <= words


@pytest.fixture
def spotify(stand_in: StandIn) -> Spotify:
    """A Spotify without music; it answers at `stand_in.root`."""
    stand_in.answer = standing = Spotify()
    return standing
