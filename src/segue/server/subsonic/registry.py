"""The methods of the API by name, and what each is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from segue.catalogue import Account, Catalogue
from segue.operations.resident import Resident
from segue.server.subsonic.access import Doors
from segue.server.subsonic.answers import Node
from segue.server.subsonic.changes import Changes
from segue.server.subsonic.params import Params
from segue.server.subsonic.playing import Playing
from segue.types import Listen


class Scans(Protocol):
    """Scanning in the background."""

    def start(self) -> None:
        """Begin, unless a scan is at work."""

    def at_work(self) -> bool:
        """Whether one is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the API needs of the server around it.

    Attributes
    ----------
    library
        Held open.
    now_s
        The clock: UTC epoch seconds.
    address
        From where a request comes.
    playing
        Who plays what at the moment.
    plays_now
        Is told of each listener who begins to play something, and what; also again and again.
    """

    library: Resident
    doors: Doors
    scans: Scans
    playing: Playing
    plays_now: Callable[[str, Listen], None]
    now_s: Callable[[], float]
    address: Callable[[Request], str]
    changes: Changes = field(default_factory=Changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call.

    Attributes
    ----------
    caller
        In whose name; the methods that need no login are not told.
    client
        The app's name for itself.
    catalogue
        Open for reading, in this thread.
    verb, headers
        Of the HTTP request.
    body
        What came as JSON, else None.
    """

    params: Params
    caller: Account
    client: str
    services: Services
    catalogue: Catalogue
    roots: Sequence[Path]
    verb: str
    headers: Mapping[str, str]
    body: Any = None

    @property
    def listener(self) -> str:
        """Whose taste, stars and lists."""
        return self.caller.listener


Method: TypeAlias = Callable[[Asked], Node | Response]

METHODS: dict[str, Method] = {}
"""By name, in lower case: some apps do not keep the case."""
FREE: dict[str, Callable[[], Node]] = {}
"""Those that need no login."""


def method(*names: str) -> Callable[[Method], Method]:
    """Register a function under the names by which apps call it."""

    def registered(function: Method) -> Method:
        for name in names:
            assert name.lower() not in METHODS, f"{name} is there twice"
            METHODS[name.lower()] = function
        return function

    return registered


def free_method(name: str) -> Callable[[Callable[[], Node]], Callable[[], Node]]:
    """The same for a method that anyone may call."""

    def registered(function: Callable[[], Node]) -> Callable[[], Node]:
        FREE[name.lower()] = function
        return function

    return registered
