"""Accounts, keys and settings."""

from __future__ import annotations

import json
from typing import Any

import pytest


def test_an_administrator_lets_people_in_and_out(home: Any) -> None:
    made = home.ana.post("/api/accounts", {"name": " Cleo  ß ", "password": "long enough"}, expect=201)
    assert made["name"] == "Cleo ß" and not made["is_admin"]
    assert [one["name"] for one in home.ana.get("/api/accounts")["items"]] == ["ana", "ben", "Cleo ß"]
    browser = home.browser()
    browser.post("/api/session", {"name": "cleo SS", "password": "long enough"})
    assert browser.get("/api/history")["plays"] == 0
    home.ana.delete("/api/accounts/Cleo%20%C3%9F")
    browser.get("/api/tracks", expect=401)
    home.ana.delete("/api/accounts/Cleo%20%C3%9F", expect=404)
    assert "last account" in home.ana.delete("/api/accounts/ana", expect=422)["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "ana", "password": "long enough"},
        {"name": "ANA", "password": "long enough"},
        {"name": "x", "password": "short"},
        {"name": "", "password": "long enough"},
        {"name": "\n\0", "password": "long enough"},
        {"name": "\u202eeve", "password": "long enough"},
        {"name": "x" * 65, "password": "long enough"},
        {"name": "x", "password": "x" * 1_001},
        {"name": "x", "password": "\ud800" * 8},
    ],
    ids=ascii,
)
def test_wrong_accounts_are_not_made(shown: Any, body: Any) -> None:
    content = json.dumps(body)
    answer = shown.ana.ask(
        "POST", "/api/accounts", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422, answer.text


def test_keys_are_shown_once_and_open_until_they_are_revoked(home: Any) -> None:
    made = home.ana.post("/api/account/keys", {"label": "my script"}, expect=201)
    program = home.browser(headers={"Authorization": f"Bearer {made['secret']}"})
    assert program.get("/api/session")["account"]["name"] == "ana"
    listed = home.ana.ask("GET", "/api/account/keys")
    assert made["secret"] not in listed.text
    assert "my script" in [one["label"] for one in listed.json()["items"]]
    assert made["key"]["id"] not in home.ben.ask("GET", "/api/account/keys").text
    home.ben.delete(f"/api/account/keys/{made['key']['id']}", expect=404)
    assert program.get("/api/tracks", limit=1)
    home.ana.delete(f"/api/account/app-passwords/{made['key']['id']}", expect=404)
    home.ana.delete(f"/api/account/keys/{made['key']['id']}")
    program.get("/api/tracks", expect=401)
    assert made["secret"].encode() not in home.data.catalogue.read_bytes()


def test_app_passwords_are_for_apps_alone(home: Any) -> None:
    made = home.ana.post("/api/account/app-passwords", {"label": "phone"}, expect=201)
    home.browser(headers={"Authorization": f"Bearer {made['secret']}"}).get("/api/tracks", expect=401)
    home.browser().post("/api/session", {"name": "ana", "password": made["secret"]}, expect=401)
    ping = {"u": "ana", "p": made["secret"], "v": "1.16.1", "c": "test", "f": "json"}
    stranger = home.browser(headers={})
    assert stranger.get("/rest/ping", **ping)["subsonic-response"]["status"] == "ok"
    home.ana.delete(f"/api/account/app-passwords/{made['key']['id']}")
    assert stranger.get("/rest/ping", **ping)["subsonic-response"]["error"]["code"] == 40


def test_settings_are_kept_as_they_are(home: Any) -> None:
    settings = {"theme": "dark", "columns": [1, 2.5, None, {"a": True}], "name": "日本語"}
    assert home.ana.put("/api/account/settings", {"settings": settings}) == {"settings": settings}
    assert home.ana.get("/api/account/settings") == {"settings": settings}
    assert home.ana.get("/api/session")["account"]["settings"] == settings


@pytest.mark.parametrize(
    "settings",
    [
        '{"a": NaN}',
        '{"a": [Infinity]}',
        '{"a": "\\ud800"}',
        '{"\\ud800": 1}',
        '{"a": ' + "[" * 9 + "]" * 9 + "}",
        '{"a": ' + "[" * 300 + "]" * 300 + "}",
        '{"a": ' + "9" * 400 + "}",
        '{"a": "' + "x" * 200_000 + '"}',
        '{"a": [' + ",".join(["1"] * 200_000) + "]}",
        '{"' + "k" * 65 + '": 1}',
        "[]",
    ],
    ids=lambda text: text[:20],
)
def test_settings_are_bounded(shown: Any, settings: str) -> None:
    answer = shown.ana.ask(
        "PUT",
        "/api/account/settings",
        content=f'{{"settings": {settings}}}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 422, answer.text[:300]


def test_without_accounts_there_is_nothing_to_set(unowned: Any) -> None:
    owner = unowned().browser()
    assert owner.get("/api/account/keys") == {"items": []}
    for url in ("/api/account/keys", "/api/account/app-passwords"):
        assert "no accounts" in owner.post(url, {"label": "x"}, expect=409)["detail"]
    owner.put("/api/account/settings", {"settings": {}}, expect=409)
    owner.put("/api/account/password", {"old": "x", "new": "long enough"}, expect=409)
