"""What the server does with Spotify accounts over several requests: sign in, and read in the background."""

from __future__ import annotations

import hmac
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from segue.catalogue import open_catalogue
from segue.errors import Conflict, NotAuthorised, SegueError
from segue.operations.spotify import import_spotify, read_spotify
from segue.operations.spotify_connection import (
    SpotifyConnection,
    SpotifyRoots,
    app_of,
    connected_spotify,
    disconnect_spotify,
    drop_token,
    keeper_of_tokens,
    spotify_connection,
)
from segue.operations.spotify_listing import forget_listing, write_listing
from segue.progress import Silent
from segue.services.spotify import Authorisation, SpotifyApp
from segue.settings import DataFolder

_LOG = logging.getLogger("segue.server")
_PATIENCE_S = 600.0
"""How long somebody may take to sign in."""


@dataclass(frozen=True, slots=True)
class SyncState:
    """How far the reading of an account is.

    Attributes
    ----------
    message
        What is being done, or what came of it.
    done, total
        Playlists; `total` is None while their number is not known.
    error
        What ended it, in one line; empty where nothing went wrong.
    ended_at
        UTC epoch seconds; None before it ended.
    """

    running: bool = False
    message: str = ""
    done: int = 0
    total: int | None = None
    error: str = ""
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """An authorisation that was begun here, and until when (of `time.monotonic`) it may be finished."""

    app: SpotifyApp
    authorisation: Authorisation
    until: float


class SpotifyWork:
    """The sign-ins and readings of all listeners; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._storing = threading.Lock()
        self._begun: dict[str, Begun] = {}
        self._states: dict[str, SyncState] = {}
        self._busy: set[str] = set()

    def begin(self, listener: str, app: SpotifyApp, authorisation: Authorisation) -> None:
        """Remember an authorisation, in place of one that the listener began before."""
        with self._lock:
            self._begun[listener] = Begun(app, authorisation, time.monotonic() + _PATIENCE_S)

    def taken(self, listener: str, state: str) -> Begun | None:
        """The listener's authorisation of this state, once; None where there is none, or it took too long."""
        with self._lock:
            begun = self._begun.get(listener)
            if begun is None or not hmac.compare_digest(begun.authorisation.state.encode(), state.encode()):
                return None
            del self._begun[listener]
            return begun if time.monotonic() < begun.until else None

    def state(self, listener: str) -> SyncState:
        """How far the reading of a listener's account is, or how the last one ended."""
        return self._states.get(listener, SyncState())

    def failed(self, listener: str, error: str) -> None:
        """Keep why signing in failed, to be shown where the browser goes next."""
        with self._lock:
            if listener not in self._busy:
                self._states[listener] = SyncState(error=error, ended_at=time.time())

    @contextmanager
    def alone(self, listener: str) -> Iterator[None]:
        """Use a listener's token alone: of two that renew it at once, one would lose it.

        Raises
        ------
        Conflict
            If it is in use.
        """
        self._take(listener)
        try:
            yield
        finally:
            self._leave(listener)

    def _take(self, listener: str) -> None:
        with self._lock:
            if listener in self._busy:
                raise Conflict("Spotify is at work for you already: try again when that is done")
            self._busy.add(listener)

    def _leave(self, listener: str) -> None:
        with self._lock:
            self._busy.discard(listener)

    def start(self, data: DataFolder, listener: str, roots: SpotifyRoots) -> None:
        """Begin to read a listener's account; nothing where that is being done.

        Raises
        ------
        NotAuthorised, SealBroken
            If it is not connected.
        Conflict
            If a list is being saved there at the moment.
        """
        if self.state(listener).running:
            return
        with open_catalogue(data) as catalogue:
            connection = connected_spotify(catalogue, data, listener)
        self._take(listener)
        self._states[listener] = SyncState(running=True, message="reading saved tracks at Spotify")
        threading.Thread(
            target=self._sync, args=(data, listener, connection, roots), name="segue spotify", daemon=True
        ).start()

    def disconnect(self, data: DataFolder, listener: str, *, with_history: bool) -> None:
        """Forget a listener's account; what is being read at the moment is not stored any more."""
        with self._storing:
            disconnect_spotify(data, listener, with_history=with_history)
            forget_listing(data, listener)
        with self._lock:
            self._begun.pop(listener, None)
            if listener not in self._busy:
                self._states.pop(listener, None)

    def _sync(
        self, data: DataFolder, listener: str, connection: SpotifyConnection, roots: SpotifyRoots
    ) -> None:
        end = SyncState(error="a defect of Segue ended it; its log says more")
        try:
            end = SyncState(message=self._read(data, listener, connection, roots))
        except SegueError as error:
            end = SyncState(error=str(error))
        except Exception:
            _LOG.exception("reading an account at Spotify failed")
        finally:
            with self._lock:
                self._states[listener] = replace(end, ended_at=time.time())
                self._busy.discard(listener)

    def _read(
        self, data: DataFolder, listener: str, connection: SpotifyConnection, roots: SpotifyRoots
    ) -> str:
        with told_when_refused(data, listener, connection):
            assert connection.token is not None
            account = read_spotify(
                app_of(connection, roots),
                connection.token,
                renewed=keeper_of_tokens(data, listener, connection),
                progress=_Following(self._states, listener),
            )
        with self._storing:
            with open_catalogue(data) as catalogue:
                present = spotify_connection(catalogue, data, listener)
            if present is None or present.number != connection.number:
                return "Spotify was disconnected meanwhile: nothing was stored"
            done = import_spotify(data, account, listener=listener)
            write_listing(data, listener, connection.number, account)
        return (
            f"{len(account.playlists) - len(done.closed)} playlists and "
            f"{len(account.saved.tracks)} saved tracks were read"
        )


@contextmanager
def told_when_refused(data: DataFolder, listener: str, connection: SpotifyConnection) -> Iterator[None]:
    """Let the connection say so where Spotify does not accept its token any more."""
    try:
        yield
    except NotAuthorised as refusal:
        drop_token(data, listener, connection, str(refusal))
        raise


class _Following(Silent):
    """Writes progress into the state of a listener."""

    def __init__(self, states: dict[str, SyncState], listener: str) -> None:
        self._states = states
        self._listener = listener

    def _set(self, state: SyncState) -> None:
        self._states[self._listener] = state

    def start(self, label: str, total: int | None) -> None:
        self._set(SyncState(running=True, message=label, total=total))

    def advance(self, steps: int = 1) -> None:
        state = self._states[self._listener]
        self._set(replace(state, done=state.done + steps))

    def note(self, message: str) -> None:
        self._set(replace(self._states[self._listener], message=message))
