"""How often a password may be tried."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

_FREE_TRIES = 5
_FIRST_WAIT_S = 2.0
_LONGEST_WAIT_S = 900.0
_MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class LoginLimit:
    """After five wrong passwords each further try has to wait twice as long, up to a quarter of an hour.

    Tries are counted by address and, apart from that, by name: neither many names from one address nor
    one name from many addresses can be guessed quickly.
    """

    clock: Callable[[], float] = time.monotonic
    _failures: OrderedDict[str, tuple[int, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_s(self, address: str, name: str) -> float:
        """How long the next try has to wait, 0 if it need not."""
        now = self.clock()
        with self._lock:
            return max(self._wait(key, now) for key in _keys(address, name))

    def begin(self, address: str, name: str) -> float:
        """How long this try has to wait; if it need not, 0, and it is counted as wrong beforehand.

        So many tries at once are no way around the limit. After a right one call `succeeded`.
        """
        now = self.clock()
        with self._lock:
            wait_s = max(self._wait(key, now) for key in _keys(address, name))
            if wait_s == 0:
                self._count(address, name, now)
        return wait_s

    def failed(self, address: str, name: str) -> None:
        """Count a wrong password."""
        with self._lock:
            self._count(address, name, self.clock())

    def succeeded(self, address: str, name: str) -> None:
        """Forget the wrong ones of this address and name."""
        with self._lock:
            for key in _keys(address, name):
                self._failures.pop(key, None)

    def _count(self, address: str, name: str, now: float) -> None:
        for key in _keys(address, name):
            count, last = self._failures.pop(key, (0, now))
            # What was long ago is forgiven.
            count = 0 if now - last > _LONGEST_WAIT_S else count
            self._failures[key] = (count + 1, now)
        while len(self._failures) > _MOST_REMEMBERED:
            self._failures.popitem(last=False)

    def _wait(self, key: str, now: float) -> float:
        count, last = self._failures.get(key, (0, now))
        if count < _FREE_TRIES:
            return 0.0
        pause = min(_FIRST_WAIT_S * 2.0 ** min(count - _FREE_TRIES, 20), _LONGEST_WAIT_S)
        return max(0.0, last + pause - now)


def _keys(address: str, name: str) -> tuple[str, str]:
    return f"address {address}", f"name {name.casefold()}"
