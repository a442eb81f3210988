"""Who is let in, and who is not."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest

from segue.catalogue import open_catalogue
from segue.operations.accounts import account_of, begin_session, make_key
from segue.server import pages
from segue.server.access import COOKIE
from segue.server.limits import LoginLimit
from segue.server.openapi import FREE

LOGIN = {"name": "ana", "password": "the word of ana"}
ADMINISTRATORS = {
    ("GET", "/api/accounts"),
    ("POST", "/api/accounts"),
    ("DELETE", "/api/accounts/{name}"),
    ("POST", "/api/scan"),
    ("DELETE", "/api/scan"),
    ("GET", "/api/sources"),
    ("POST", "/api/sources"),
    ("DELETE", "/api/sources/{source}"),
    ("PUT", "/api/history/matches/{recording}"),
    ("PUT", "/api/kinds/{number}/name"),
}


def _routes(home: Any) -> list[tuple[str, str]]:
    paths = home.app.openapi()["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods]


def test_strangers_get_nothing(shown: Any) -> None:
    stranger = shown.browser()
    for method, path in _routes(shown):
        if (method, path) not in FREE:
            answer = stranger.ask(method.upper(), path.replace("{", "").replace("}", ""))
            # What a body lacks is said only to those who are let in.
            assert answer.status_code == 401, (method, path, answer.text)
            assert "log in" in answer.json()["detail"]


def test_what_changes_the_library_is_for_administrators(shown: Any) -> None:
    bodies = {"/api/accounts": {"name": "x", "password": "long enough"}, "/api/sources": {"path": "/tmp"}}
    for method, path in ADMINISTRATORS:
        url = path.replace("{number}", "1").replace("{recording}", "1").replace("{", "").replace("}", "")
        body = bodies.get(path, {"name": "x"} if "kinds" in path else {"track": None})
        body = {} if path == "/api/scan" else body
        said = {"json": body} if method in ("POST", "PUT") else {}
        answer = shown.ben.ask(method, url, **said)
        assert answer.status_code == 403, (method, path, answer.text)
    assert shown.ben.ask("GET", "/metrics").status_code == 403
    assert shown.browser().ask("GET", "/metrics").status_code == 401


def test_a_session_is_a_cookie_that_no_script_sees(home: Any) -> None:
    browser = home.browser()
    answer = browser.ask("POST", "/api/session", json=LOGIN)
    assert answer.status_code == 200
    assert answer.json()["account"]["name"] == "ana"
    cookie = SimpleCookie(answer.headers["set-cookie"])[COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "lax" and cookie["path"] == "/"
    assert not cookie["secure"], "over HTTP a browser would throw it away"
    assert 29 * 86_400 < int(cookie["max-age"]) <= 30 * 86_400
    assert len(cookie.value) >= 40
    assert cookie.value.encode() not in home.data.catalogue.read_bytes()
    assert browser.get("/api/tracks")["total"] > 30


def test_over_https_the_cookie_is_for_https(new_home: Callable[..., Any]) -> None:
    home = new_home(proxies=("10.0.0.1",))
    told = {"X-Segue": "1", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
    trusted = home.browser(address="10.0.0.1", headers=told)
    other = home.browser(address="10.0.0.2", headers=told)
    assert "Secure" in trusted.ask("POST", "/api/session", json=LOGIN).headers["set-cookie"]
    assert "Secure" not in other.ask("POST", "/api/session", json=LOGIN).headers["set-cookie"]


def test_a_wrong_name_and_a_wrong_password_are_told_the_same(home: Any) -> None:
    browser = home.browser()
    one = browser.post("/api/session", {"name": "ana", "password": "wrong"}, expect=401)
    other = browser.post("/api/session", {"name": "nobody", "password": "wrong"}, expect=401)
    assert one == other
    assert one["type"] == "urn:segue:problem:wrong-password"
    assert COOKIE not in browser.client.cookies


def test_logging_out_ends_the_session_for_good(home: Any) -> None:
    thief = home.browser(cookies={COOKIE: home.sessions["ana"]})
    assert thief.get("/api/tracks", limit=1)
    home.ana.delete("/api/session")
    thief.get("/api/tracks", expect=401)


def test_sessions_and_keys_expire(home: Any) -> None:
    key = make_key(home.data, "ana", "short", days=1).secret
    session = begin_session(home.data, "ana", label="").secret
    with open_catalogue(home.data, write=True) as catalogue:
        assert account_of(catalogue, "api-key", key) and account_of(catalogue, "session", session)
        catalogue.connection.execute("UPDATE credentials SET expires_at = ?", (time.time() - 1,))
    home.browser(cookies={COOKIE: session}).get("/api/tracks", expect=401)
    problem = home.browser(headers={"Authorization": f"Bearer {key}"}).get("/api/tracks", expect=401)
    assert "expired" in problem["detail"]


def test_another_password_ends_the_other_sessions(home: Any) -> None:
    other = home.browser(cookies={COOKIE: home.sessions["ana"]})
    said = {"old": "the word of ana", "new": "another word of ana"}
    home.ana.put("/api/account/password", {**said, "old": "wrong"}, expect=403)
    home.ana.put("/api/account/password", said, expect=204)
    other.get("/api/tracks", expect=401)
    assert home.ana.get("/api/session")["account"]["name"] == "ana"
    assert home.ben.get("/api/session")["account"]["name"] == "ben"
    home.browser().post("/api/session", LOGIN, expect=401)
    home.browser().post("/api/session", {"name": "ANA ", "password": said["new"]})


def test_a_change_needs_the_header_of_our_own_pages(home: Any) -> None:
    foreign = home.browser(headers={}, cookies={COOKIE: home.sessions["ana"]})
    assert foreign.get("/api/tracks", limit=1)
    assert "X-Segue" in foreign.post("/api/playlists", {"name": "x"}, expect=403)["detail"]
    foreign.delete("/api/session", expect=403)
    foreign.post("/api/session", LOGIN, expect=403)
    assert home.ana.get("/api/playlists") == {"items": []}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://[", "http://127.0.0.1:4533.evil"])
def test_another_sites_page_changes_nothing(shown: Any, origin: str) -> None:
    page = shown.browser(headers={"X-Segue": "1", "Origin": origin}, cookies={COOKIE: shown.sessions["ana"]})
    page.post("/api/playlists", {"name": "x"}, expect=403)


def test_our_own_page_behind_a_proxy_may_change(home: Any) -> None:
    said = {"X-Segue": "1", "Origin": "https://music.example:8443", "X-Forwarded-Host": "music.example"}
    page = home.browser(headers=said, cookies={COOKIE: home.sessions["ana"]})
    page.post("/api/playlists", {"name": "x"}, expect=201)


def test_a_form_of_another_site_is_not_read(home: Any) -> None:
    browser = home.browser(cookies={COOKIE: home.sessions["ana"]})
    answer = browser.ask(
        "POST", "/api/playlists", content=b'{"name": "x"}', headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 422


def test_a_key_opens_without_a_cookie_or_header(home: Any) -> None:
    for scheme in ("Bearer", "bearer", "Token"):
        program = home.browser(headers={"Authorization": f"{scheme} {home.keys['ben']}"})
        assert program.get("/api/session")["account"]["name"] == "ben"
    program.post("/api/playlists", {"name": "x"}, expect=201)
    for wrong in ("Bearer nonsense", "Bearer ", f"Bearer {home.sessions['ana']}"):
        stranger = home.browser(
            headers={"Authorization": wrong, "X-Segue": "1"}, cookies={COOKIE: home.sessions["ana"]}
        )
        stranger.get("/api/tracks", expect=401)


def test_a_password_meant_for_the_proxy_is_not_taken_for_a_key(home: Any) -> None:
    basic = {"Authorization": "Basic YW5hOngK", "X-Segue": "1"}
    browser = home.browser(headers=basic, cookies={COOKIE: home.sessions["ana"]})
    assert browser.get("/api/session")["account"]["name"] == "ana"
    assert home.browser(headers=basic).get("/api/session")["account"] is None


def test_passwords_cannot_be_guessed_quickly(home: Any) -> None:
    browser = home.browser(address="192.0.2.7", host="music.example")
    for _ in range(5):
        browser.post("/api/session", {"name": "ana", "password": "wrong"}, expect=401)
    answer = browser.ask("POST", "/api/session", json=LOGIN)
    assert answer.status_code == 429, "even with the right one"
    assert int(answer.headers["retry-after"]) >= 1
    # Neither another address nor another name is a way around it.
    home.browser(address="192.0.2.8", host="music.example").post("/api/session", LOGIN, expect=429)
    browser.post("/api/session", {"name": "ben", "password": "the word of ben"}, expect=429)
    # Nor what a client claims to be.
    liar = home.browser(
        address="192.0.2.7", host="x", headers={"X-Segue": "1", "X-Forwarded-For": "198.51.100.1"}
    )
    liar.post("/api/session", {"name": "ben", "password": "the word of ben"}, expect=429)
    other = home.browser(address="192.0.2.9", host="music.example")
    assert other.post("/api/session", {"name": "ben", "password": "the word of ben"})["account"]
    # Who is logged in stays so.
    assert home.ana.get("/api/tracks", limit=1)


def test_a_proxy_tells_from_where_a_password_is_tried(new_home: Callable[..., Any]) -> None:
    home = new_home(proxies=("10.0.0.0/24",))

    def behind(chain: str) -> Any:
        return home.browser(address="10.0.0.3", headers={"X-Segue": "1", "X-Forwarded-For": chain})

    for number in range(5):
        # The client writes the first of them, the proxy the last.
        said = {"name": f"x{number}", "password": "wrong"}
        behind(f"198.51.100.{number}, 192.0.2.7").post("/api/session", said, expect=401)
    behind("192.0.2.7").post("/api/session", LOGIN, expect=429)
    assert behind("192.0.2.7, 192.0.2.8").post("/api/session", LOGIN)["account"]["name"] == "ana"


def test_tries_have_to_wait_longer_and_longer() -> None:
    now = 0.0
    limit = LoginLimit(clock=lambda: now)
    waits = []
    for _ in range(20):
        wait_s = limit.begin("192.0.2.1", "ana")
        if wait_s:
            waits.append(wait_s)
            now += wait_s
            assert limit.begin("192.0.2.1", "ana") == 0
    assert waits[:4] == [2, 4, 8, 16]
    assert max(waits) == 900
    limit.succeeded("192.0.2.1", "ana")
    assert limit.wait_s("192.0.2.1", "ana") == 0


def test_many_tries_at_once_are_no_way_around_the_limit() -> None:
    limit = LoginLimit(clock=lambda: 0.0)
    begun = [limit.begin("192.0.2.1", "ana") for _ in range(30)]
    assert sum(wait_s == 0 for wait_s in begun) == 5


def test_an_owner_needs_no_account_at_the_machine_itself(unowned: Callable[..., Any]) -> None:
    home = unowned()
    for host in ("127.0.0.1:4533", "localhost:4533", "[::1]:4533"):
        session = home.browser(host=host).get("/api/session")
        assert session["account"]["is_admin"] and not session["setup_needed"]
    assert home.browser(address="::1", host="localhost").get("/api/tracks")["total"] > 30


@pytest.fixture(scope="module")
def unowned_shown(unowned: Callable[..., Any]) -> Any:
    return unowned()


@pytest.mark.parametrize(
    ("address", "host", "headers"),
    [
        ("192.0.2.7", "127.0.0.1:4533", {}),
        ("127.0.0.1", "evil.example:4533", {}),  # DNS rebinding
        ("127.0.0.1", "127.0.0.1.evil.example", {}),
        ("127.0.0.1", "localhost", {"Host": "[::1"}),
        ("127.0.0.1", "localhost", {"Host": ""}),
        ("127.0.0.1", "localhost", {"X-Forwarded-For": "192.0.2.7"}),
        ("127.0.0.1", "localhost", {"Forwarded": "for=192.0.2.7"}),
        ("127.0.0.1", "localhost", {"X-Real-IP": "192.0.2.7"}),
        ("127.0.0.1", "localhost", {"Via": "1.1 proxy"}),
        ("testclient", "localhost", {}),
    ],
)
def test_nobody_else_is_the_owner(
    unowned_shown: Any, address: str, host: str, headers: dict[str, str]
) -> None:
    browser = unowned_shown.browser(address=address, host=host, headers={"X-Segue": "1", **headers})
    assert browser.get("/api/session")["account"] is None
    browser.get("/api/tracks", expect=401)
    setup = {"name": "eve", "password": "long enough", "folders": []}
    browser.post("/api/setup", setup, expect=401)


def test_on_another_address_there_is_no_owner(unowned: Callable[..., Any]) -> None:
    home = unowned(host="0.0.0.0")
    home.browser().get("/api/tracks", expect=401)


def test_the_owner_too_is_asked_by_our_own_pages_only(unowned: Callable[..., Any]) -> None:
    home = unowned()
    home.browser(headers={}).post("/api/playlists", {"name": "x"}, expect=403)
    page = home.browser(headers={"X-Segue": "1", "Origin": "https://evil.example"})
    page.post("/api/playlists", {"name": "x"}, expect=403)


def test_with_the_first_account_the_owner_has_to_log_in(unowned: Callable[..., Any]) -> None:
    home = unowned()
    owner = home.browser()
    owner.post("/api/playlists", {"name": "of before"}, expect=201)
    setup = {"name": "ana", "password": "long enough"}
    session = owner.post("/api/setup", setup)
    assert session["account"]["name"] == "ana" and session["account"]["is_admin"]
    assert [one["name"] for one in owner.get("/api/playlists")["items"]] == ["of before"]
    stranger = home.browser()
    stranger.get("/api/tracks", expect=401)
    stranger.post("/api/setup", {**setup, "name": "eve"}, expect=409)


def test_set_up_refuses_what_is_no_folder(unowned: Callable[..., Any], tmp_path: Any) -> None:
    home = unowned()
    (tmp_path / "file").touch()
    for folder in ("relative", str(tmp_path / "missing"), str(tmp_path / "file"), "~nobody-here/x", "/\0"):
        setup = {"name": "ana", "password": "long enough", "folders": [folder]}
        home.browser().post("/api/setup", setup, expect=422)
    assert home.browser().get("/api/session")["account"]["name"] == "", "and no account was made"


def test_a_proxy_may_say_who_logged_in_there(new_home: Callable[..., Any]) -> None:
    home = new_home(proxy_header="Remote-User", proxies=("10.0.0.1",))

    def asking(address: str, name: str) -> Any:
        return home.browser(address=address, headers={"X-Segue": "1", "Remote-User": name})

    assert asking("10.0.0.1", "ben").get("/api/session")["account"]["name"] == "ben"
    assert "no account" in asking("10.0.0.1", "eve").get("/api/tracks", expect=403)["detail"]
    assert asking("10.0.0.1", "").get("/api/session")["account"] is None
    for address in ("10.0.0.2", "127.0.0.1", "testclient"):
        assert asking(address, "ana").get("/api/session")["account"] is None
    page = home.browser(address="10.0.0.1", headers={"Remote-User": "ana"})
    page.post("/api/playlists", {"name": "x"}, expect=403)


def test_no_header_says_who_logged_in_where_that_is_not_switched_on(shown: Any) -> None:
    said = {"X-Segue": "1", "Remote-User": "ana", "X-Forwarded-User": "ana"}
    assert shown.browser(headers=said).get("/api/session")["account"] is None


def test_below_a_path_of_a_trusted_proxy(
    new_home: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "FOLDER", tmp_path)
    (tmp_path / "index.html").write_text('<base href="/"><p>app</p>')
    home = new_home(proxies=("10.0.0.1",))

    def base(address: str, named: str) -> str:
        browser = home.browser(address=address, headers={"X-Forwarded-Prefix": named})
        found: str = browser.ask("GET", "/").text.partition('href="')[2].partition('"')[0]
        return found

    assert base("10.0.0.1", "/music/") == "/music/"
    assert base("10.0.0.2", "/music") == "/"
    for wrong in ('/"><script>', "//evil.example", "https://evil.example", "/a b", "music", "/../x\\"):
        assert base("10.0.0.1", wrong) == "/", wrong
    browser = home.browser(address="10.0.0.1", headers={"X-Forwarded-Prefix": "/music"})
    answer = browser.ask("GET", "/api/connections/spotify/callback?code=x&state=y")
    assert answer.status_code == 303 and answer.headers["location"].startswith("/music/connections?")
