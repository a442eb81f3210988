"""One process at a time in a folder: two that train into the same files would spoil each other's."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segue.errors import SegueError


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold a folder, which is made if it is missing, for this process.

    The system lets go of it when the process ends, however it ends. On drives without locks nothing is held.

    Raises
    ------
    SegueError
        If another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SegueError(f"{folder} is being worked on by another process: wait until it ends") from None
        except OSError:
            pass  # the drive knows no locks
        yield
