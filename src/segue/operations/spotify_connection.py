"""A listener's connection to Spotify: the app of their own, and the token, as one sealed text.

Spotify gives a new refresh token with each renewal and may void the old one: a new token is stored at once,
and only where the connection is still the one that it was renewed for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import uuid4

from segue import catalogue as kept
from segue.catalogue import Catalogue, open_catalogue
from segue.errors import NotAuthorised, SealBroken
from segue.operations.accounts import key_file
from segue.operations.spotify import FORMAT
from segue.services import seal, server_key, unseal
from segue.services.spotify import (
    Authorisation,
    SpotifyApp,
    SpotifyToken,
    begin_authorisation,
    finish_authorisation,
    open_session,
    text_of_token,
    token_of_text,
    user_name,
)
from segue.settings import DataFolder

SERVICE = "spotify"
_VERSION = 1
_ANYWHERE = "http://127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotifyRoots:
    """Where Spotify is."""

    api: str = "https://api.spotify.com"
    accounts: str = "https://accounts.spotify.com"


@dataclass(frozen=True, slots=True)
class SpotifyConnection:
    """What is kept of a connection.

    Attributes
    ----------
    client_id
        Of the listener's own app.
    redirect_uri
        To which Spotify sent the browser back; empty before that.
    number
        Another one each time that the listener connects; empty before that.
    user
        The name at Spotify.
    token
        None before the listener has connected, and after Spotify has refused it.
    state
        Why there is no token any more; empty where nothing is the matter.
    """

    client_id: str
    redirect_uri: str = ""
    number: str = ""
    user: str = ""
    token: SpotifyToken | None = None
    state: str = ""


def text_of_connection(connection: SpotifyConnection) -> str:
    """The connection as text, to be sealed."""
    token = connection.token
    return json.dumps(
        {
            "version": _VERSION,
            "client_id": connection.client_id,
            "redirect_uri": connection.redirect_uri,
            "number": connection.number,
            "user": connection.user,
            "token": None if token is None else text_of_token(token),
            "state": connection.state,
        }
    )


def connection_of_text(text: str) -> SpotifyConnection:
    """The connection of such a text.

    Raises
    ------
    SealBroken
        If it is none.
    """
    try:
        said = json.loads(text)
        if said["version"] != _VERSION:
            raise ValueError
        token = None if said["token"] is None else token_of_text(said["token"])
        names = ("client_id", "redirect_uri", "number", "user", "state")
        client_id, redirect_uri, number, user, state = (str(said[name]) for name in names)
        return SpotifyConnection(client_id, redirect_uri, number, user, token, state)
    except (ValueError, KeyError, TypeError, NotAuthorised):
        raise SealBroken("what is stored of Spotify cannot be used: enter the client id anew") from None


def spotify_connection(catalogue: Catalogue, data: DataFolder, listener: str) -> SpotifyConnection | None:
    """A listener's connection; None where they have entered no app of their own.

    Raises
    ------
    SealBroken
        If it cannot be read any more.
    """
    sealed = kept.connection_of(catalogue, listener, SERVICE)
    return None if sealed is None else connection_of_text(unseal(server_key(key_file(data)), sealed))


def connected_spotify(catalogue: Catalogue, data: DataFolder, listener: str) -> SpotifyConnection:
    """A listener's connection, with a token.

    Raises
    ------
    NotAuthorised
        If there is none.
    SealBroken
        If it cannot be read any more.
    """
    found = spotify_connection(catalogue, data, listener)
    if found is None or found.token is None:
        raise NotAuthorised((found and found.state) or "Spotify is not connected: connect it first")
    return found


def app_of(connection: SpotifyConnection, roots: SpotifyRoots, redirect_uri: str = "") -> SpotifyApp:
    """The listener's app; `redirect_uri` where the listener connects just now."""
    back = redirect_uri or connection.redirect_uri
    return SpotifyApp(connection.client_id, back, roots.api, roots.accounts)


def enter_client(data: DataFolder, listener: str, client_id: str) -> None:
    """Keep the id of a listener's own app; the token of another app is forgotten.

    Raises
    ------
    UsageError
        If it is none, or spotipy is not installed.
    """
    begin_authorisation(SpotifyApp(client_id, _ANYWHERE))  # says what is wrong, and asks nobody
    with open_catalogue(data, write=True, create=True) as catalogue, kept.transaction(catalogue):
        try:
            known = spotify_connection(catalogue, data, listener)
        except SealBroken:
            known = None
        if known is None or known.client_id != client_id:
            _store(catalogue, data, listener, SpotifyConnection(client_id))


def begin_spotify(
    catalogue: Catalogue, data: DataFolder, listener: str, redirect_uri: str, roots: SpotifyRoots
) -> tuple[SpotifyApp, Authorisation]:
    """Where to send the listener's browser, with what has to be kept until it comes back.

    Raises
    ------
    NotAuthorised
        If the listener has entered no app of their own.
    UsageError
        If Spotify sends nobody back to this address, or spotipy is not installed.
    """
    known = spotify_connection(catalogue, data, listener)
    if known is None:
        raise NotAuthorised("enter the client id of a Spotify app of your own first")
    app = app_of(known, roots, redirect_uri)
    return app, begin_authorisation(app)


def finish_spotify(data: DataFolder, listener: str, app: SpotifyApp, code: str, verifier: str) -> str:
    """Connect a listener who comes back with a code; the name at Spotify.

    Raises
    ------
    NotAuthorised
        If Spotify does not take the code, or the listener has entered another app meanwhile.
    TryLater, ServiceError
        As their names say.
    """
    tokens = [finish_authorisation(app, code, verifier)]
    with open_session(app, tokens[0], renewed=tokens.append) as session:
        user = user_name(session)
    with open_catalogue(data, write=True, create=True) as catalogue, kept.transaction(catalogue):
        known = spotify_connection(catalogue, data, listener)
        if known is None or known.client_id != app.client_id:
            raise NotAuthorised("the Spotify app was changed meanwhile: connect Spotify anew")
        made = SpotifyConnection(app.client_id, app.redirect_uri, uuid4().hex, user, tokens[-1])
        _store(catalogue, data, listener, made)
    return user


def disconnect_spotify(data: DataFolder, listener: str, *, with_history: bool = False) -> int:
    """Forget a listener's app and token; with `with_history` also what was imported, how many rows."""
    with open_catalogue(data, write=True, create=True) as catalogue:
        kept.set_connection(catalogue, listener, SERVICE, None)
        sources = [
            one.id
            for one in kept.history_sources(catalogue)
            if (one.format, one.path) == (FORMAT, f"{FORMAT}:account:{listener}")
        ]
        if not with_history or not sources:
            return 0
        return kept.forget_history(catalogue, listener=listener, sources=sources)


def keeper_of_tokens(
    data: DataFolder, listener: str, connection: SpotifyConnection
) -> Callable[[SpotifyToken], None]:
    """What stores the token that takes the place of a connection's."""

    def keep(token: SpotifyToken) -> None:
        _change(data, listener, connection.number, lambda known: replace(known, token=token, state=""))

    return keep


def drop_token(data: DataFolder, listener: str, connection: SpotifyConnection, why: str) -> None:
    """Forget a token that Spotify refuses, and keep why."""
    _change(data, listener, connection.number, lambda known: replace(known, token=None, state=why))


def _change(
    data: DataFolder,
    listener: str,
    number: str,
    change: Callable[[SpotifyConnection], SpotifyConnection],
) -> None:
    """Change a connection, if it is still this one."""
    with open_catalogue(data, write=True) as catalogue, kept.transaction(catalogue):
        known = spotify_connection(catalogue, data, listener)
        if known is not None and known.number == number:
            _store(catalogue, data, listener, change(known))


def _store(catalogue: Catalogue, data: DataFolder, listener: str, connection: SpotifyConnection) -> None:
    sealed = seal(server_key(key_file(data)), text_of_connection(connection))
    kept.set_connection(catalogue, listener, SERVICE, sealed)
