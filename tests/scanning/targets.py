"""What workers do in the pool's tests: each file's name says how its decoder behaves."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from segue.errors import AudioError
from segue.scanning.wire import Message
from segue.scanning.worker import Ask, Work


def behave(options: Mapping[str, Any]) -> Work:
    """A decoder that does what the first word of the file's name says."""

    def work(path: str, ask: Ask) -> Message:
        verb = os.path.basename(path).split("-")[0]  # noqa: PTH119
        if verb in _VERBS:
            _VERBS[verb](path)
        os.write(1, b"a decoder that prints")
        return Message(
            {"path": path, "pid": os.getpid(), "answer": list(ask("digest of " + verb)), "nice": os.nice(0)},
            {"vector": np.arange(3, dtype=np.float32)},
        )

    return work


def no_start(options: Mapping[str, Any]) -> Work:
    """A broken installation."""
    raise ImportError("no library of that name")


def _hang(path: str) -> None:
    while True:
        pass


def _sleep(path: str) -> None:
    time.sleep(600)


def _crash(path: str) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _crash_once(path: str) -> None:
    if not os.path.exists(path):  # noqa: PTH110
        os.close(os.open(path, os.O_CREAT))
        os.kill(os.getpid(), signal.SIGABRT)


def _leave(path: str) -> None:
    os._exit(3)


def _eat(path: str) -> None:
    kept = []
    while True:
        kept.append(np.ones(1 << 20, np.uint8))
        time.sleep(0.002)


def _gulp(path: str) -> None:
    np.ones(8 << 30, np.uint8)


def _fail(path: str) -> None:
    raise AudioError(None, "silent", "is silent throughout")  # type: ignore[arg-type]


def _stumble(path: str) -> None:
    raise ZeroDivisionError("a mistake of ours")


_VERBS = {
    "hang": _hang,
    "sleep": _sleep,
    "crash": _crash,
    "once": _crash_once,
    "leave": _leave,
    "eat": _eat,
    "gulp": _gulp,
    "fail": _fail,
    "stumble": _stumble,
}
