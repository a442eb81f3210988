"""Who may ask Spotify, and for whom: authorisation with PKCE, which needs no secret of the app.

Spotify has no address for taking an authorisation back: to forget the token is enough here, and the user
takes the app's access away at https://www.spotify.com/account/apps/. Refresh tokens end after six months.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from segue.errors import NotAuthorised, ServiceError, TryLater, UsageError
from segue.services.asking import LATER_S, checked_root
from segue.texts import text_of

SCOPES = (
    "playlist-read-private",
    "playlist-read-collaborative",
    "user-library-read",
    "playlist-modify-private",
)
"""What the user is asked to allow."""

NOT_INSTALLED = "Spotify needs the extra `spotify`: pip install 'segue[spotify]'"
TIMEOUT_S = 20.0
_VERSION = 1
_CLIENT_ID = re.compile(r"[0-9A-Za-z]{1,100}")
_VERIFIER = re.compile(r"[0-9A-Za-z._~-]{43,128}")
_LOOPBACK = ("127.0.0.1", "::1")
# RFC 6749, 5.2: what the token or the app is to blame for.
_REFUSALS = ("invalid_grant", "invalid_client", "unauthorized_client", "invalid_request", "access_denied")
_CONNECT = "connect Spotify anew in the settings"


@dataclass(frozen=True, slots=True)
class SpotifyApp:
    """The user's own app at Spotify.

    Attributes
    ----------
    client_id
        As https://developer.spotify.com/dashboard shows it.
    redirect_uri
        Where Spotify sends the browser back to, as it is registered there: an https address, or http on
        127.0.0.1 or [::1] (not localhost).
    api_root, accounts_root
        Where Spotify is.
    """

    client_id: str
    redirect_uri: str
    api_root: str = "https://api.spotify.com"
    accounts_root: str = "https://accounts.spotify.com"


@dataclass(frozen=True, slots=True)
class SpotifyToken:
    """What Spotify gave for one user; not shown by `repr`.

    Attributes
    ----------
    expires_at
        UTC epoch seconds until which `access_token` is good.
    scope
        What the user allowed, with spaces between.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: float
    scope: str


@dataclass(frozen=True, slots=True)
class Authorisation:
    """An authorisation that has begun.

    Attributes
    ----------
    url
        Where to send the user's browser.
    state
        What comes back with the code: another one is a forgery.
    verifier
        To be kept until then, and shown to nobody; not shown by `repr`.
    """

    url: str
    state: str
    verifier: str = field(repr=False)


def begin_authorisation(app: SpotifyApp) -> Authorisation:
    """Where to send the user, who comes back to `app.redirect_uri` with ``code`` and ``state``.

    Raises
    ------
    UsageError
        If the id of the app or an address is none.
    """
    with _manager(app) as manager:
        state = secrets.token_urlsafe(32)
        url = manager.get_authorize_url(state=state)
        return Authorisation(str(url), state, str(manager.code_verifier))


def finish_authorisation(app: SpotifyApp, code: str, verifier: str) -> SpotifyToken:
    """The token for the code that came back; compare the state before.

    Raises
    ------
    NotAuthorised
        If Spotify does not take the code.
    TryLater, ServiceError
        If it cannot answer now, or answers nonsense.
    UsageError
        If something given is of the wrong shape.
    """
    if not _VERIFIER.fullmatch(verifier) or not code:
        raise UsageError("the authorisation is not one that was begun here: begin it again")
    with _manager(app) as manager:
        manager.code_verifier = verifier
        manager.code_challenge = "unused: it was sent with the user"
        with _named_failures():
            manager.get_access_token(code, check_cache=False)
            return _token(manager.cache_handler.get_cached_token())


def refreshed(app: SpotifyApp, token: SpotifyToken) -> SpotifyToken:
    """A new token for one that has expired; store it at once, for the old one may be void now.

    Raises
    ------
    NotAuthorised
        If the user took the authorisation back, or it is six months old.
    TryLater, ServiceError
        If Spotify cannot answer now, or answers nonsense.
    """
    with _manager(app) as manager, _named_failures():
        return _token(manager.refresh_access_token(token.refresh_token))


def text_of_token(token: SpotifyToken) -> str:
    """The token as text, to be sealed."""
    return json.dumps(
        {
            "version": _VERSION,
            "access_token": token.access_token,
            "refresh_token": token.refresh_token,
            "expires_at": token.expires_at,
            "scope": token.scope,
        }
    )


def token_of_text(text: str) -> SpotifyToken:
    """The token of such a text.

    Raises
    ------
    NotAuthorised
        If it is none.
    """
    try:
        said = json.loads(text)
        if said["version"] != _VERSION:
            raise ValueError
        return SpotifyToken(
            str(said["access_token"]),
            str(said["refresh_token"]),
            float(said["expires_at"]),
            str(said["scope"]),
        )
    except (ValueError, KeyError, TypeError):
        raise NotAuthorised(f"the stored token of Spotify cannot be used: {_CONNECT}") from None


def _token(said: Any) -> SpotifyToken:
    try:
        token = SpotifyToken(
            said["access_token"], said["refresh_token"], float(said["expires_at"]), said.get("scope") or ""
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ServiceError("Spotify's answer holds no token: try again later") from None
    if not all(isinstance(text, str) for text in (token.access_token, token.refresh_token, token.scope)):
        raise ServiceError("Spotify's answer holds no token: try again later")
    return token


@contextmanager
def _manager(app: SpotifyApp) -> Iterator[Any]:
    """spotipy's manager of authorisations, which keeps what it gets in memory alone."""
    check_app(app)
    silence_spotipy()
    import requests
    from spotipy.cache_handler import MemoryCacheHandler
    from spotipy.oauth2 import SpotifyPKCE

    with requests.Session() as session:
        manager = SpotifyPKCE(
            client_id=app.client_id,
            redirect_uri=app.redirect_uri,
            scope=SCOPES,
            cache_handler=MemoryCacheHandler(),
            requests_session=session,
            requests_timeout=TIMEOUT_S,
            open_browser=False,
        )
        accounts = checked_root(app.accounts_root)
        manager.OAUTH_AUTHORIZE_URL = f"{accounts}/authorize"
        manager.OAUTH_TOKEN_URL = f"{accounts}/api/token"
        yield manager


def check_app(app: SpotifyApp) -> None:
    """See whether the app can be used.

    Raises
    ------
    UsageError
        If its id or the address to come back to is none that Spotify takes.
    """
    if not _CLIENT_ID.fullmatch(app.client_id):
        raise UsageError("the client id of the Spotify app is letters and digits: copy it from the dashboard")
    try:
        parts = urlsplit(app.redirect_uri)
    except ValueError:
        parts = urlsplit("")
    if not parts.hostname or not (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    ):
        raise UsageError(
            f"Spotify sends nobody back to {app.redirect_uri!r}: use an https address, or http://127.0.0.1"
        )


def is_installed() -> bool:
    """Whether the extra that speaks to Spotify is installed."""
    return find_spec("spotipy") is not None


def silence_spotipy() -> None:
    """Keep spotipy from logging, because its lines hold tokens; what failed is said by our own errors.

    Raises
    ------
    UsageError
        If it is not installed.
    """
    if not is_installed():
        raise UsageError(NOT_INSTALLED)
    logging.getLogger("spotipy").setLevel(logging.CRITICAL + 1)


@contextmanager
def _named_failures() -> Iterator[None]:
    """Failures of an exchange of tokens as our own errors."""
    import requests
    from spotipy.oauth2 import SpotifyOauthError

    try:
        yield
    except SpotifyOauthError as refusal:
        if refusal.error in _REFUSALS:
            said = text_of(refusal.error_description or refusal.error)[:200]
            raise NotAuthorised(f"Spotify does not accept the authorisation ({said}): {_CONNECT}") from None
        raise TryLater("Spotify cannot give a token now: try again later", LATER_S) from None
    except requests.exceptions.JSONDecodeError:
        raise ServiceError("Spotify's answer holds no token: try again later") from None
    except requests.RequestException as error:
        raise TryLater(
            f"Spotify does not answer ({type(error).__name__}): try again later", LATER_S
        ) from None
    except (KeyError, TypeError, AttributeError):
        raise ServiceError("Spotify's answer holds no token: try again later") from None
