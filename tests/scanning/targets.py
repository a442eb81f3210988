"""What workers do in the pool's tests: each file's name says how its decoder behaves."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from segue.errors import AudioError, SegueError
from segue.scanning.jobs import Ask, Work
from segue.scanning.wire import Message
from segue.types import EncoderId


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
        kept.append(np.ones(4 << 20, np.uint8))
        time.sleep(0.005)


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


def hear(options: Mapping[str, Any]) -> Work:
    """A quick stand-in for real hearing: a file is a title, a line's end, and its sound."""
    from segue.audio import AudioInfo, Tags
    from segue.catalogue import Analysis, FileStat
    from segue.scanning.analyse import to_message

    def work(path: str, ask: Ask) -> Message:
        _VERBS.get(os.path.basename(path).split("-")[0], _go_on)(path)  # noqa: PTH119
        place = Path(path)
        state = place.stat()
        title, _, sound = place.read_bytes().partition(b"\n")
        if sound.startswith(b"broken"):
            raise AudioError(place, "not-audio", "is not music")
        digest = hashlib.sha256(sound).hexdigest()
        known = ask(digest)
        vectors = {
            EncoderId(name): np.frombuffer(hashlib.sha256(name.encode() + sound).digest(), np.uint8).astype(
                np.float32
            )
            for name in options["encoders"]
            if name not in known
        }
        time.sleep(float(os.environ.get("HEARING_S", "0")) if vectors else 0)
        tags = Tags(
            **{field.name: None for field in dataclasses.fields(Tags)} | _TAGS | {"title": title.decode()}
        )
        return to_message(
            Analysis(
                path=place,
                stat=FileStat(place, state.st_size, state.st_mtime_ns),
                digest=digest,
                tags=tags,
                info=AudioInfo(
                    duration_s=200.0, sample_rate=44100, channels=2, codec="fake", bitrate_bps=None
                ),
                vectors=vectors,
                tag_probabilities={},
            )
        )

    return work


def _go_on(path: str) -> None:
    pass


_TAGS: dict[str, Any] = {"genres": (), "has_cover": False}


def refuse(options: Mapping[str, Any]) -> Work:
    """Says in one line why it cannot work."""
    raise SegueError("the network is damaged: copy it again")
