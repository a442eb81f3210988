"""Runs the server until it is told to end."""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from types import FrameType

import uvicorn

from segue.catalogue import has_accounts, open_catalogue, serve_lock
from segue.errors import NothingFound, SegueError, UsageError
from segue.server.app import create_app
from segue.server.logs import start_logs
from segue.server.pages import FOLDER
from segue.server.served import ServerSettings, is_network

# Streams that are open at the end are given so long.
_GRACE_S = 3
_M_ARENA_MAX = -8  # of malloc.h


def serve_library(settings: ServerSettings, *, say: Callable[[str], None]) -> None:
    """Serve one library until SIGINT or SIGTERM.

    Parameters
    ----------
    say
        Is told where it can be reached.

    Raises
    ------
    UsageError
        If it shall be reached from elsewhere and there is no account, or a proxy has no address.
    NothingFound
        If a folder is not there.
    SegueError
        If the address is taken or not ours, or another server has this library.
    """
    for folder in settings.folders:
        # Not pathlib's own: it raises for an unknown user.
        if not os.path.isdir(os.path.expanduser(folder)):  # noqa: PTH111, PTH112
            raise NothingFound(f"{folder} is no folder: give the one where your music is")
    if wrong := next((name for name in settings.proxies if not is_network(name)), None):
        raise UsageError(f"{wrong} is no address or network: give a proxy as 192.168.1.2 or 10.0.0.0/24")
    if not settings.is_local:
        _refuse_without_account(settings)
    listener = _listening(settings)
    host, port = listener.getsockname()[:2]
    _keep_memory_together()
    app = create_app(settings)
    start_logs()
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=_GRACE_S,
        server_header=False,
        proxy_headers=False,  # segue.server.access knows which proxy is believed
    )
    name = f"[{host}]" if ":" in host else host
    with serve_lock(settings.data), listener, suppress(KeyboardInterrupt):
        say(f"Segue plays at http://{name}:{port} (Ctrl-C ends it)")
        if not (FOLDER / "index.html").is_file():
            say("The player is not built; the API and OpenSubsonic are served. `segue doctor` says why.")
        _Server(config, app.state.served.ending).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Tells open streams at once that it was told to end; others are waited for."""

    def __init__(self, config: uvicorn.Config, ending: Event) -> None:
        super().__init__(config)
        self._ending = ending

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end."""
        self._ending.set()
        super().handle_exit(sig, frame)


def _keep_memory_together() -> None:
    """Let all threads share two heaps: with one each, what one has freed the others cannot use (glibc)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def _refuse_without_account(settings: ServerSettings) -> None:
    try:
        with open_catalogue(settings.data) as catalogue:
            if has_accounts(catalogue):
                return
    except NothingFound:
        pass
    raise UsageError(
        f"on {settings.host} others can reach this library: make an account first, `segue account add NAME`"
    )


def _listening(settings: ServerSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host.strip("[]"), settings.port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise SegueError(
            f"cannot listen on {settings.host}, port {settings.port}: {error.strerror or error}: "
            "give another with --host or --port"
        ) from error
    return listener
