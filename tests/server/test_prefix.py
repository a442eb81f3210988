"""Below a path of another web server."""

from __future__ import annotations

import pytest
from fastapi import FastAPI, Request

from segue.server.access import prefix, seen_root
from segue.server.app import create_app
from segue.server.served import ServerSettings
from segue.settings import DataFolder


@pytest.fixture
def told(tmp_path):
    """What a request is taken to have been asked below, by its headers and the address it comes from."""
    app: FastAPI = create_app(ServerSettings(data=DataFolder(tmp_path), scan=False))

    def ask(headers: dict[str, str], address: str = "127.0.0.1") -> tuple[str, str]:
        scope = {
            "type": "http",
            "app": app,
            "scheme": "http",
            "server": ("127.0.0.1", 4533),
            "path": "/",
            "query_string": b"",
            "client": (address, 1),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
        request = Request(scope)
        return prefix(request), seen_root(request)

    return ask


def test_a_trusted_proxy_says_below_which_path(told):
    headers = {"Host": "example.org", "X-Forwarded-Prefix": "/music/", "X-Forwarded-Proto": "https"}
    assert told(headers) == ("/music", "https://example.org/music")
    assert told({"Host": "127.0.0.1"}) == ("", "http://127.0.0.1")


@pytest.mark.parametrize("named", ['/x"><script>', "//evil.example", "music", "/a/../b?", "https://x"])
def test_what_is_no_path_is_not_believed(told, named):
    assert told({"Host": "example.org", "X-Forwarded-Prefix": named})[0] == ""


def test_strangers_are_not_believed(told):
    assert told({"Host": "h", "X-Forwarded-Prefix": "/music"}, "192.0.2.1") == ("", "http://h")
