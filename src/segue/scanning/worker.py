"""The process that hears: takes one file at a time from its standard input, answers on its standard output.

It does what a factory named ``module:function`` makes, so that whatever a decoder does, only this process
suffers: the pool beside it is told, or sees it die.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence

from segue.errors import AudioError
from segue.scanning.jobs import Ask, Factory, Work
from segue.scanning.wire import Message, Unpacker, pack


def main(target: str, parent: int) -> None:
    """Serve until the pipe ends: ``ready`` once `target` is loaded, then one answer for each path."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the scan decides
    _die_with(parent)
    inbox, outbox = os.dup(0), os.dup(1)
    _discard(0, 1)  # decoders print; their words must not get between the messages
    messages = _receive(inbox)
    start = next(messages).header
    os.nice(int(start["nice"]))
    limit = int(start["memory_bytes"])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):  # a stricter limit of the system stays
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    work = _load(target)(start["options"])
    _send(outbox, Message({"kind": "ready"}))
    _discard(2)

    def ask(digest: str) -> Sequence[str]:
        _send(outbox, Message({"kind": "ask", "digest": digest}))
        answer: Sequence[str] = next(messages).header["answer"]
        return answer

    for message in messages:
        _send(outbox, _attempt(work, message.header["path"], ask))


def _attempt(work: Work, path: str, ask: Ask) -> Message:
    """What came of one file; no error of a file ends the process."""
    try:
        done = work(path, ask)
    except AudioError as error:
        return _failed(error.reason, error.detail)
    except MemoryError:
        return _failed("out-of-memory", "needs more memory than a file may take")
    except Exception as error:
        where = _innermost(error)
        return _failed("unexpected", f"{type(error).__name__}: {error} ({where})")
    return Message({"kind": "done", "result": done.header}, done.arrays)


def _failed(reason: str, detail: str) -> Message:
    return Message({"kind": "failed", "reason": reason, "detail": detail[:500]})


def _innermost(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "nowhere"
    return f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"  # noqa: PTH119


def _load(target: str) -> Factory:
    module, _, name = target.partition(":")
    factory: Factory = getattr(importlib.import_module(module), name)
    return factory


def _receive(descriptor: int) -> Iterator[Message]:
    unpacker = Unpacker()
    while piece := os.read(descriptor, 1 << 16):
        yield from unpacker.feed(piece)


def _send(descriptor: int, message: Message) -> None:
    left = memoryview(pack(message))
    while left:
        left = left[os.write(descriptor, left) :]


def _discard(*descriptors: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _die_with(parent: int) -> None:
    """End when the process `parent` does, even inside a decoder that hangs."""
    if sys.platform == "linux":
        import ctypes

        set_death_signal = 1
        ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL, 0, 0, 0)
    else:
        threading.Thread(target=_watch_parent, args=(parent,), daemon=True).start()
    if os.getppid() != parent:  # it died before the request
        os._exit(1)


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, StopIteration):
        main(sys.argv[1], int(sys.argv[2]))
