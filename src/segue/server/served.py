"""What all requests of one server share."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from anyio import CapacityLimiter

from segue.catalogue import Catalogue, open_catalogue
from segue.errors import NothingFound
from segue.operations.resident import Resident
from segue.operations.spotify_connection import SpotifyRoots
from segue.server.evaluations import Evaluations
from segue.server.forwarding import Forwarder
from segue.server.limits import LoginLimit
from segue.server.metrics import Metrics
from segue.server.scans import ScanRunner
from segue.server.spotify_work import SpotifyWork
from segue.server.views import ViewKeeper
from segue.services import listenbrainz_client
from segue.settings import DataFolder

_AT_ONCE = 2
THIS_MACHINE = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRoots:
    """Where the services of others are."""

    listenbrainz: str = listenbrainz_client.ROOT
    spotify: SpotifyRoots = field(default_factory=SpotifyRoots)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """How a server was started.

    Attributes
    ----------
    data
        The library.
    folders
        Music to scan; empty for what the library knows.
    host, port
        Where it listens.
    proxy_header
        A header in which a reverse proxy names who has logged in there, such as ``Remote-User``; empty: off.
    proxies
        Addresses from which that header, and ``X-Forwarded-*``, are believed.
    scan
        Whether the library is scanned at the start and watched.
    services
        Where those that people connect are.
    """

    data: DataFolder
    folders: tuple[Path, ...] = ()
    host: str = "127.0.0.1"
    port: int = 4533
    proxy_header: str = ""
    proxies: tuple[str, ...] = THIS_MACHINE
    scan: bool = True
    services: ServiceRoots = field(default_factory=ServiceRoots)

    @property
    def is_local(self) -> bool:
        """Whether only this machine can ask."""
        return is_loopback(self.host)


@dataclass(frozen=True, slots=True)
class Served:
    """The library and what the server remembers while it runs.

    Attributes
    ----------
    ending
        Set when it was told to end: streams end then by themselves.
    slow
        Threads for what works for long: it leaves the others to those who wait for an answer.
    """

    settings: ServerSettings
    resident: Resident
    scans: ScanRunner
    views: ViewKeeper
    evaluations: Evaluations
    forwarder: Forwarder
    logins: LoginLimit = field(default_factory=LoginLimit)
    metrics: Metrics = field(default_factory=Metrics)
    ending: threading.Event = field(default_factory=threading.Event)
    slow: CapacityLimiter = field(default_factory=partial(CapacityLimiter, _AT_ONCE))
    spotify: SpotifyWork = field(default_factory=SpotifyWork)

    @property
    def data(self) -> DataFolder:
        """The folder of the library."""
        return self.settings.data

    def catalogue(self) -> Catalogue:
        """The library for reading, open in this thread; a new one is made where there is none yet.

        It is for the thread that asks, and so is asked for where it is used, never handed to a route:
        what a route depends on may run in another thread than the route.
        """
        try:
            return self.resident.catalogue()
        except NothingFound:
            open_catalogue(self.data, write=True, create=True).close()
            return self.resident.catalogue()


def is_loopback(host: str) -> bool:
    """Whether an address or name means this machine alone.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    if host.casefold() == "localhost":
        return True
    try:
        return _address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_among(address: str, networks: Sequence[str]) -> bool:
    """Whether an address is one of these, or in one of these networks.

    >>> is_among("::ffff:10.0.0.7", ["10.0.0.0/24"]), is_among("unknown", ["127.0.0.1"])
    (True, False)
    """
    try:
        asked = _address(address)
    except ValueError:
        return False
    return any(
        asked in ipaddress.ip_network(network, strict=False) for network in networks if is_network(network)
    )


def is_network(name: str) -> bool:
    """Whether a text is an address or a network.

    >>> is_network("10.0.0.0/24"), is_network("my proxy")
    (True, False)
    """
    try:
        return bool(ipaddress.ip_network(name, strict=False))
    except ValueError:
        return False


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address; one of IPv4 that came in as IPv6 is what it is."""
    address = ipaddress.ip_address(name)
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address
