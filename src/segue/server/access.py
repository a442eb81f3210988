"""Who asks: a browser's session, a program's key, a reverse proxy's word, or the owner at this machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from segue.catalogue import Account, Catalogue, account, has_accounts
from segue.errors import NothingFound
from segue.operations.accounts import account_of
from segue.server.problems import Refused
from segue.server.served import Served, is_among, is_loopback

COOKIE = "segue_session"
WRITES = "X-Segue"
"""Must be in every request of a browser that changes something: no other site's page can send it."""
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OF_PROXIES = (
    "via", "forwarded", "x-real-ip",
    "x-forwarded-for", "x-forwarded-host", "x-forwarded-prefix", "x-forwarded-proto",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks.

    Attributes
    ----------
    name
        Of the account; empty for the owner of a library without accounts.
    listener
        Whose taste, playlists and opinions are meant.
    is_admin
        Whether sources, scans and accounts may be changed.
    account
        None on a library without accounts.
    """

    name: str
    listener: str
    is_admin: bool
    account: Account | None


_PREFIX = re.compile(r"(/[0-9A-Za-z._~-]+)*")
OWNER = Person("", "", True, None)


def served_of(request: Request) -> Served:
    """What the server holds."""
    served: Served = request.app.state.served
    return served


def _direct(request: Request) -> str:
    """The address of whoever speaks to us, a proxy's too."""
    return request.client.host if request.client else ""


def _is_proxy(request: Request) -> bool:
    """Whether a proxy that is believed speaks for somebody."""
    return is_among(_direct(request), served_of(request).settings.proxies)


def client_address(request: Request) -> str:
    """The address that asks; behind a trusted proxy the one that the proxy names."""
    # The last one: those before it are whatever the client wrote.
    named = request.headers.get("x-forwarded-for", "").split(",")[-1].strip()
    return named if named and _is_proxy(request) else _direct(request)


def is_secure(request: Request) -> bool:
    """Whether the browser speaks HTTPS, to us or to a trusted proxy."""
    scheme = request.url.scheme
    if _is_proxy(request):
        scheme = request.headers.get("x-forwarded-proto", scheme)
    return scheme == "https"


def seen_root(request: Request) -> str:
    """The address of this server as the browser sees it, without a slash at its end."""
    host = request.headers.get("host", "")
    if _is_proxy(request):
        host = request.headers.get("x-forwarded-host", "").split(",")[0].strip() or host
    scheme = "https" if is_secure(request) else "http"
    return f"{scheme}://{host}{prefix(request)}"


def prefix(request: Request) -> str:
    """The path under which a trusted proxy serves us, as ``/music``; empty where it says none."""
    named = request.headers.get("x-forwarded-prefix", "").strip().rstrip("/")
    return named if _is_proxy(request) and _PREFIX.fullmatch(named) else ""


def known_person(request: Request) -> Person | None:
    """Who asks, None for a stranger.

    Raises
    ------
    Refused
        If a key is not valid, or a browser changes something without saying that a page of ours asked.
    """
    served = served_of(request)
    try:
        with_accounts = has_accounts(served.resident.catalogue())
    except NothingFound:  # there is no library yet
        with_accounts = False
    if not with_accounts:
        return _owner(request, served)
    catalogue = served.resident.catalogue()
    if (key := _key(request)) is not None:
        return _by_key(catalogue, key)
    if (person := _by_proxy(request, served, catalogue)) is None:
        person = _by_cookie(request, catalogue)
    if person is not None:
        refuse_foreign_pages(request)
    return person


def somebody(request: Request) -> Person:
    """Who asks; strangers are refused."""
    person = known_person(request)
    if person is None:
        raise Refused(401, "log in first, or send an API key", kind="not-logged-in")
    return person


async def administrator(person: Annotated[Person, Depends(somebody)]) -> Person:
    """Who asks, if it is an administrator."""
    if not person.is_admin:
        raise Refused(403, "only an administrator may do this", kind="administrators-only")
    return person


async def _served(request: Request) -> Served:
    """Not in a thread: there is nothing to wait for."""
    return served_of(request)


ServedNow = Annotated[Served, Depends(_served)]
Somebody = Annotated[Person, Depends(somebody)]
Administrator = Annotated[Person, Depends(administrator)]


def _owner(request: Request, served: Served) -> Person | None:
    """Without accounts whoever sits at this machine is the owner, and nobody else is anybody."""
    # The name by which we were called too: another site's name may be made to lead to this machine.
    if not (
        served.settings.is_local
        and is_loopback(_direct(request))
        and is_loopback(_host_of(request.headers.get("host", "")))
    ):
        return None
    if any(header in request.headers for header in _OF_PROXIES):
        return None  # a proxy asks for somebody else
    refuse_foreign_pages(request)
    return OWNER


def _host_of(named: str) -> str:
    """The host in ``host:port`` or an address, without its port; empty where there is none.

    >>> _host_of("music.example:8443"), _host_of("https://[::1]:80"), _host_of("null"), _host_of("[::1")
    ('music.example', '::1', 'null', '')
    """
    try:
        parts = urlsplit(named if "://" in named else f"//{named}")
        return (parts.hostname or "") if parts.port != 0 else ""  # a port that is none raises
    except ValueError:
        return ""


def _key(request: Request) -> str | None:
    """The API key that was sent; other schemes are between the browser and a proxy."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() in ("bearer", "token") else None


def _by_key(catalogue: Catalogue, key: str) -> Person:
    found = account_of(catalogue, "api-key", key)
    if found is None:
        raise Refused(401, "this API key is unknown, revoked or expired")
    return person_of(found)


def _by_proxy(request: Request, served: Served, catalogue: Catalogue) -> Person | None:
    """The account that a trusted proxy names."""
    header = served.settings.proxy_header
    if not header or not _is_proxy(request):
        return None
    name = request.headers.get(header, "")
    if not name:
        return None
    try:
        return person_of(account(catalogue, name))
    except NothingFound:
        raise Refused(403, f"{name} has no account here: an administrator can make one") from None


def _by_cookie(request: Request, catalogue: Catalogue) -> Person | None:
    secret = request.cookies.get(COOKIE)
    found = account_of(catalogue, "session", secret) if secret else None
    return None if found is None else person_of(found)


def person_of(found: Account) -> Person:
    """An account as the one who asks."""
    return Person(found.name, found.listener, found.is_admin, found)


def refuse_foreign_pages(request: Request) -> None:
    """Against requests that another site's page makes in the name of whoever is logged in.

    Raises
    ------
    Refused
        If the request changes something and a page of ours did not send it.
    """
    if request.method in _READING:
        return
    if WRITES.lower() not in request.headers:
        raise Refused(403, f"a change from a browser needs the header {WRITES}: 1")
    origin = request.headers.get("origin")
    # A proxy in front may have another name than we have, and not every one tells its port.
    own = {_host_of(request.headers.get(header, "")) for header in ("host", "x-forwarded-host")} - {""}
    if origin is not None and _host_of(origin) not in own:
        raise Refused(403, "this request comes from another site")
