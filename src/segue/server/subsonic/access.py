"""Who asks: an API key, or a name with an app password, in clear or as a salted digest.

The password of the account itself opens nothing here: apps keep what they are given and send it often, so
each app gets a password of its own that can be taken back. Cookies are never looked at, so that a page
elsewhere cannot ask in a listener's name.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Protocol

from segue.catalogue import Account
from segue.server.subsonic.answers import Failure, TooManyTries
from segue.server.subsonic.params import Params, missing

WRONG = "Wrong username or password. Apps need an app password: make one in Segue's settings"

_ANY_KEY = ""


class Doors(Protocol):
    """What is asked of the accounts."""

    def account(self, name: str) -> Account | None:
        """The account of a name."""

    def account_of_key(self, key: str) -> Account | None:
        """The account to which an API key belongs."""

    def app_passwords(self, name: str) -> Sequence[str]:
        """The app passwords of an account, in clear."""

    def wait_s(self, address: str, name: str) -> float:
        """How long to wait before the next try, in seconds; 0 where there may be one now."""

    def was_wrong(self, address: str, name: str) -> None:
        """Count a wrong try."""

    def was_right(self, address: str, name: str) -> None:
        """Forget the wrong ones."""


def who_asks(params: Params, doors: Doors, address: str) -> Account:
    """The account in whose name a call comes.

    Parameters
    ----------
    address
        From where it comes; wrong tries are counted by it.

    Raises
    ------
    Failure
        10, 40, 42, 43, 44 as the protocol has them.
    """
    key = params.text("apiKey")
    if key is not None:
        if any(params.text(name) is not None for name in ("u", "p", "t", "s")):
            raise Failure(43, "Multiple conflicting authentication mechanisms provided: apiKey stands alone")
        return _by_key(doors, key, address)
    if params.text("u") is None and params.text("jwt") is not None:
        raise Failure(42, "Provided authentication mechanism not supported: use apiKey, or u with t and s")
    name = params.need("u")
    password, token, salt = (params.text(part) for part in ("p", "t", "s"))
    if password is not None and (token is not None or salt is not None):
        raise Failure(43, "Multiple conflicting authentication mechanisms provided: p, or t and s")
    if password is None and (token is None or salt is None):
        raise missing("t and s, or p, or apiKey" if token is None and salt is None else "t and s")
    _not_too_often(doors, address, name)
    account = doors.account(name)
    known = doors.app_passwords(account.name) if account is not None else []
    given = _clear(password) if password is not None else None
    fits = [
        _same(given, one) if given is not None else _same((token or "").lower(), digest(one, salt or ""))
        # Someone unknown costs as much as someone known.
        for one in (known or ["nobody"])
    ]
    if account is None or not known or not any(fits):
        doors.was_wrong(address, name)
        raise Failure(40, WRONG)
    doors.was_right(address, name)
    return account


def _by_key(doors: Doors, key: str, address: str) -> Account:
    _not_too_often(doors, address, _ANY_KEY)
    account = doors.account_of_key(key)
    if account is None:
        doors.was_wrong(address, _ANY_KEY)
        raise Failure(44, "Invalid API key: make one in Segue's settings")
    doors.was_right(address, _ANY_KEY)
    return account


def _not_too_often(doors: Doors, address: str, name: str) -> None:
    wait_s = doors.wait_s(address, name)
    if wait_s > 0:
        raise TooManyTries(wait_s)


def _clear(password: str) -> str:
    """The password behind ``enc:`` and hexadecimal digits, or as it stands.

    >>> _clear("enc:736573616d65"), _clear("enc:zz"), _clear("plain")
    ('sesame', 'enc:zz', 'plain')
    """
    if password.startswith("enc:"):
        try:
            return bytes.fromhex(password.removeprefix("enc:")).decode()
        except ValueError:
            return password
    return password


def digest(password: str, salt: str) -> str:
    """What the protocol makes of a password and a salt.

    >>> digest("sesame", "c19b2d")
    '26719a1196d2a940705a59634eb18eab'
    """
    return hashlib.md5(f"{password}{salt}".encode(errors="replace"), usedforsecurity=False).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))
