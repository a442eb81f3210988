"""Long work in a process of its own: answers do not wait for it, and its memory is given back."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from segue.errors import SegueError

_LOG = logging.getLogger("segue.server")


def do_apart(work: Callable[..., None], *values: Any) -> str:
    """Run a function of a module in another process, and wait for it.

    Returns
    -------
    What went wrong in one line; empty when it is done.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(work, values, theirs), name="segue chore", daemon=True)
    process.start()
    theirs.close()
    with ours:
        try:
            error = str(ours.recv())
        except EOFError:
            error = "it ended unexpectedly"
            _LOG.error("%s ended unexpectedly", work.__name__)
    process.join()
    return error


def _run(work: Callable[..., None], values: tuple[Any, ...], pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the server decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(10)
    try:
        work(*values)
        pipe.send("")
    except SegueError as error:
        pipe.send(str(error))


def wait_for_orphanhood() -> None:
    """Return when the process that made this one has ended, even if it was killed."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    while os.getppid() == parent.pid:
        time.sleep(1.0)


def _end_with_parent() -> None:
    wait_for_orphanhood()
    os._exit(1)
