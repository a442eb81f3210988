"""Long work in a process of its own: answers do not wait for it, and its memory is given back."""

from __future__ import annotations

import logging
import multiprocessing
import os
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
    try:
        error = str(ours.recv())
    except EOFError:
        error = "it ended unexpectedly"
        _LOG.error("%s ended unexpectedly", work.__name__)
    process.join()
    return error


def _run(work: Callable[..., None], values: tuple[Any, ...], pipe: Connection) -> None:
    os.nice(10)
    try:
        work(*values)
        pipe.send("")
    except SegueError as error:
        pipe.send(str(error))
