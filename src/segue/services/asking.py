"""One request to a web service: bounded in time and size, never redirected, failures in one line."""

from __future__ import annotations

import email.utils
import http.client
import math
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import IO
from urllib.parse import urlsplit

from segue.errors import TryLater, UsageError

LATER_S = 60.0
"""How long to wait where a service does not say."""

_TIMEOUT_S = 20.0
_LARGEST_ANSWER = 1 << 20
_LONGEST_WAIT_S = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered.

    Attributes
    ----------
    status
        Of HTTP.
    headers
        With names in lower case.
    body
        At most 1 MB.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Hands back a redirect as the answer: following it would take the token to another host."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


def checked_root(root: str) -> str:
    """The address of a service without a slash at its end.

    Raises
    ------
    UsageError
        If it is no http or https address, or holds a password.
    """
    try:
        parts = urlsplit(root)
        named = bool(parts.hostname) and "@" not in parts.netloc and (parts.port is None or parts.port > 0)
    except ValueError:
        named = False
    if not named or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        raise UsageError(
            f"{root!r} is not the address of a web service: give one such as https://example.org"
        )
    return root.rstrip("/")


def ask(url: str, *, headers: Mapping[str, str], content: bytes | None = None) -> Answer:
    """Send a GET, or with `content` a POST, and return the answer, whatever its status.

    Raises
    ------
    TryLater
        If there is no answer.
    """
    opener = urllib.request.build_opener(_NoRedirects)
    host = urlsplit(url).netloc
    try:
        request = urllib.request.Request(url, data=content, headers=dict(headers))
        try:
            with opener.open(request, timeout=_TIMEOUT_S) as answer:
                return _read(answer.status, answer.headers, answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return _read(refusal.code, refusal.headers, refusal)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        raise TryLater(f"{host} does not answer ({said}): try again later", LATER_S) from None


def _read(status: int, headers: Message, body: IO[bytes]) -> Answer:
    # A status that has been sent counts, even where the connection breaks in the words after it.
    try:
        content = body.read(_LARGEST_ANSWER)
    except (OSError, http.client.HTTPException):
        content = b""
    return Answer(status, {name.lower(): value for name, value in headers.items()}, content)


def wait_of(headers: Mapping[str, str]) -> float:
    """How many seconds a service asks to wait, by ``X-RateLimit-Reset-In`` or ``Retry-After``.

    Names of headers are in lower case. 60 where it does not say, at most a week.

    Examples
    --------
    >>> wait_of({"retry-after": "3"}), wait_of({"x-ratelimit-reset-in": "7.5"}), wait_of({})
    (3.0, 7.5, 60.0)
    """
    for name in ("x-ratelimit-reset-in", "retry-after"):
        wait_s = _seconds(headers.get(name, ""))
        if wait_s is not None:
            return min(max(wait_s, 0.0), _LONGEST_WAIT_S)
    return LATER_S


def _seconds(value: str) -> float | None:
    """Seconds of a number, or until a date of HTTP."""
    try:
        number = float(value)
    except ValueError:
        try:
            number = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return number if math.isfinite(number) else None
