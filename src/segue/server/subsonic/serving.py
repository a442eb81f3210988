"""The API as a part of the server: its accounts, its scans, its limit of wrong passwords."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from segue import catalogue
from segue.catalogue import Account
from segue.errors import NothingFound
from segue.operations.accounts import account_of, app_passwords
from segue.server.access import client_address
from segue.server.served import Served
from segue.server.subsonic.playing import Playing
from segue.server.subsonic.registry import Services


def services_of(served: Served) -> Services:
    """What the API needs, of a server."""
    return Services(
        library=served.resident,
        doors=_Doors(served),
        scans=_Scans(served),
        playing=Playing(),
        plays_now=served.forwarder.plays_now,
        now_s=time.time,
        address=client_address,
    )


@dataclass(frozen=True, slots=True)
class _Doors:
    """See `segue.server.subsonic.access.Doors`.

    App passwords and keys are long and random: nobody finds one by trying. Wrong ones are counted by address
    and name together, so that an app with an old password keeps nobody else out.
    """

    served: Served

    def account(self, name: str) -> Account | None:
        try:
            return catalogue.account(self.served.resident.catalogue(), name)
        except NothingFound:
            return None

    def account_of_key(self, key: str) -> Account | None:
        return account_of(self.served.resident.catalogue(), "api-key", key)

    def app_passwords(self, name: str) -> Sequence[str]:
        return app_passwords(self.served.resident.catalogue(), self.served.data, name)

    def wait_s(self, address: str, name: str) -> float:
        return self.served.logins.wait_s(*_counted(address, name))

    def was_wrong(self, address: str, name: str) -> None:
        self.served.logins.failed(*_counted(address, name))

    def was_right(self, address: str, name: str) -> None:
        self.served.logins.succeeded(*_counted(address, name))


def _counted(address: str, name: str) -> tuple[str, str]:
    return f"{address} app {name}", f"app {name} from {address}"


@dataclass(frozen=True, slots=True)
class _Scans:
    """See `segue.server.subsonic.registry.Scans`."""

    served: Served

    def start(self) -> None:
        if not self.at_work():
            self.served.scans.start_if_any()

    def at_work(self) -> bool:
        return self.served.scans.state.running
