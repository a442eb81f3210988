"""Who may come in, and who may not."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.catalogue import Account
from segue.server.subsonic.access import digest, who_asks
from segue.server.subsonic.answers import Failure, TooManyTries
from segue.server.subsonic.params import Params

_ANA = Account("ana", "", True, 0.0, {})
_NONE = Account("carl", "carl", False, 0.0, {})


class Doors:
    """Two accounts, one of them without app passwords."""

    def __init__(self) -> None:
        self.wrong = 0
        self.pause_s = 0.0

    def account(self, name: str) -> Account | None:
        return {"ana": _ANA, "carl": _NONE}.get(name.lower())

    def account_of_key(self, key: str) -> Account | None:
        return _ANA if key == "key" else None

    def app_passwords(self, name: str) -> list[str]:
        return ["old", "sésame"] if name == "ana" else []

    def wait_s(self, address: str, name: str) -> float:
        return self.pause_s

    def was_wrong(self, address: str, name: str) -> None:
        self.wrong += 1

    def was_right(self, address: str, name: str) -> None:
        self.wrong = 0


def _code(**params: str) -> int:
    with pytest.raises(Failure) as failure:
        who_asks(Params(params.items()), Doors(), "here")
    return failure.value.code


@pytest.mark.parametrize(
    "params",
    [
        {"apiKey": "key"},
        {"u": "ana", "p": "sésame"},
        {"u": "ANA", "p": "old"},
        {"u": "ana", "p": "enc:" + "sésame".encode().hex()},
        {"u": "ana", "t": digest("sésame", "salt"), "s": "salt"},
        {"u": "ana", "t": digest("old", "salt").upper(), "s": "salt"},
    ],
)
def test_who_knows_a_password_or_key_comes_in(params: dict[str, str]) -> None:
    assert who_asks(Params(params.items()), Doors(), "here") == _ANA


@pytest.mark.parametrize(
    ("code", "params"),
    [
        (10, {}),
        (10, {"u": "ana"}),
        (10, {"u": "ana", "t": "x"}),
        (10, {"u": "ana", "s": "x"}),
        (10, {"p": "old"}),
        (10, {"u": "ana", "p": ""}),
        (40, {"u": "ana", "p": "other"}),
        (40, {"u": "ana", "p": "enc:zz"}),
        (40, {"u": "ana", "p": "enc:ff"}),
        (40, {"u": "ana", "t": digest("old", "salt"), "s": "other"}),
        (40, {"u": "ana", "t": "", "s": "salt", "p": "x"}),
        (40, {"u": "carl", "p": "anything"}),
        (40, {"u": "carl", "t": digest("nobody", "salt"), "s": "salt"}),
        (40, {"u": "nobody", "p": "nobody"}),
        (40, {"u": "nobody", "t": digest("nobody", "salt"), "s": "salt"}),
        (40, {"u": "ana", "p": "\ud800"}),
        (42, {"jwt": "x"}),
        (43, {"apiKey": "key", "u": "ana"}),
        (43, {"apiKey": "key", "t": "x", "s": "y"}),
        (43, {"u": "ana", "p": "old", "t": "x", "s": "y"}),
        (44, {"apiKey": "other"}),
    ],
)
def test_everyone_else_is_told_why_not(code: int, params: dict[str, str]) -> None:
    if code == 40 and "t" in params and "p" in params:
        code = 43
    assert _code(**{name: value for name, value in params.items() if value}) == code


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["u", "p", "t", "s", "apiKey", "jwt"]), st.text(max_size=12)))
def test_nothing_made_up_opens_a_door(params: dict[str, str]) -> None:
    with pytest.raises(Failure) as failure:
        who_asks(Params(params.items()), Doors(), "here")
    assert failure.value.code in {10, 40, 42, 43, 44}


def test_a_wrong_try_is_counted_and_too_many_wait() -> None:
    doors = Doors()
    for params in ({"u": "ana", "p": "x"}, {"apiKey": "x"}, {"u": "nobody", "p": "x"}):
        with pytest.raises(Failure):
            who_asks(Params(params.items()), doors, "here")
    assert doors.wrong == 3
    doors.pause_s = 12.0
    with pytest.raises(TooManyTries):
        who_asks(Params({"u": "ana", "p": "old"}.items()), doors, "here")
    assert doors.wrong == 3


def _get(running: Any, name: str, **params: str) -> dict[str, Any]:
    answer = httpx.get(f"{running.url}/rest/{name}", params={"f": "json", **params})
    found: dict[str, Any] = answer.json()["subsonic-response"]
    return found


_APP = {"v": "1.16.1", "c": "tests"}


def test_the_password_of_the_account_opens_nothing(running: Any) -> None:
    salted = {"t": digest("the word of ben", "abcdef"), "s": "abcdef"}
    assert _get(running, "ping", u="ben", p="the word of ben", **_APP)["error"]["code"] == 40
    assert _get(running, "ping", u="ben", **salted, **_APP)["error"]["code"] == 40
    right = {"t": digest(running.passwords["ben"], "abcdef"), "s": "abcdef"}
    assert _get(running, "ping", u="ben", **right, **_APP)["status"] == "ok"


def test_too_many_wrong_passwords_must_wait_and_nobody_else(running: Any) -> None:
    url = f"{running.url}/rest/ping"
    for _ in range(5):
        assert httpx.get(url, params={"u": "mallory", "p": "x", **_APP}).status_code == 200
    answer = httpx.get(url, params={"u": "mallory", "p": "x", "f": "json", **_APP})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["subsonic-response"]["error"]["code"] == 40
    assert _get(running, "ping", u="ben", p=running.passwords["ben"], **_APP)["status"] == "ok"


def test_versions_decide_who_must_upgrade(running: Any) -> None:
    key = {"apiKey": running.keys["ben"], "c": "tests"}
    codes = [
        _get(running, "ping", v=version, **key).get("error", {}).get("code")
        for version in ("1.8.0", "1.17.0", "2.0.0", "0.9", "one", "-1")
    ]
    assert codes == [None, None, 30, 20, 0, 0]
    assert _get(running, "ping", **key)["error"]["code"] == 10
    assert _get(running, "ping", apiKey=running.keys["ben"], v="1.16.1")["error"]["code"] == 10


def test_anyone_may_ask_what_is_understood(running: Any) -> None:
    assert _get(running, "getOpenSubsonicExtensions.view")["openSubsonicExtensions"]


def test_a_cookie_opens_nothing(running: Any) -> None:
    from segue.operations.accounts import begin_session

    session = begin_session(running.data, "ana", label="browser").secret
    answer = httpx.get(
        f"{running.url}/rest/ping", params={"f": "json", **_APP}, cookies={"segue_session": session}
    )
    assert answer.json()["subsonic-response"]["error"]["code"] == 10


def test_a_revoked_key_is_worth_nothing(running: Any) -> None:
    from segue.catalogue import open_catalogue, revoke
    from segue.operations.accounts import make_app_password, make_key

    key, word = make_key(running.data, "ben", "lost"), make_app_password(running.data, "ben", "lost")
    ways = ({"apiKey": key.secret}, {"u": "ben", "p": word.secret})
    assert [_get(running, "ping", **way, **_APP)["status"] for way in ways] == ["ok", "ok"]
    with open_catalogue(running.data, write=True) as catalogue:
        revoke(catalogue, "ben", key.credential.id)
        revoke(catalogue, "ben", word.credential.id)
    assert [_get(running, "ping", **way, **_APP)["error"]["code"] for way in ways] == [44, 40]
