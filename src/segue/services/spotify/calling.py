"""One call of Spotify's Web API after another: the token renewed, waits kept, refusals in one line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from segue.errors import NotAuthorised, ServiceError, TryLater
from segue.progress import Progress, Silent
from segue.services.asking import LATER_S, checked_root, wait_of
from segue.services.spotify.authorising import (
    TIMEOUT_S,
    SpotifyApp,
    SpotifyToken,
    refreshed,
    silence_spotipy,
)
from segue.texts import text_of

_LONGEST_WAIT_S = 30.0  # Spotify counts requests in windows of this length
_LONGEST_WAITS_S = 120.0
_MOST_WAITS = 8
_EXPIRES_SOON_S = 30.0


class SpotifyRefusal(ServiceError):
    """Spotify answered with an error.

    Attributes
    ----------
    status
        Of HTTP.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class SpotifySession:
    """What several calls share: made by `open_session`.

    Attributes
    ----------
    token
        The latest.
    waited_s
        How long was waited so far because Spotify asked for it, in seconds.
    """

    app: SpotifyApp
    token: SpotifyToken
    progress: Progress
    waited_s: float
    _renewed: Callable[[SpotifyToken], None]
    _client: Any

    def call(self, request: Callable[[Any], Any]) -> dict[str, Any]:
        """What Spotify answers to a call of spotipy's client.

        An expired token is renewed, once; where Spotify asks to wait a little, that is done, and noted.

        Raises
        ------
        NotAuthorised
            If the user took the authorisation back, or it does not allow this.
        TryLater
            If Spotify asks to wait long, has trouble, or cannot be reached.
        SpotifyRefusal
            If it refuses.
        ServiceError
            If it answers what is not documented.
        """
        may_renew = True
        if self.token.expires_at < time.time() + _EXPIRES_SOON_S:
            self._renew()
            may_renew = False
        for _ in range(_MOST_WAITS):
            status, headers, said = self._asked(request)
            if status == 401 and may_renew:
                self._renew()
                may_renew = False
            elif status == 429:
                self._wait(wait_of(headers))
            elif status:
                raise _refusal(status, said, headers)
            elif isinstance(said, dict):
                return said
            else:
                raise ServiceError("Spotify answers what it does not document: try again later")
        raise TryLater("Spotify gets too many requests: try again later", _LONGEST_WAIT_S)

    def _asked(self, request: Callable[[Any], Any]) -> tuple[int, dict[str, str], Any]:
        """Status (0 for success), headers and words of a refusal, or what was answered."""
        import requests
        from spotipy import SpotifyException

        try:
            return 0, {}, request(self._client)
        except SpotifyException as refusal:
            headers = {name.lower(): value for name, value in refusal.headers.items()}
            words = text_of(refusal.msg.partition(":\n ")[2])[:200]
            return refusal.http_status, headers, words
        except requests.RequestException as error:
            reason = f"Spotify does not answer ({type(error).__name__}): try again later"
            raise TryLater(reason, LATER_S) from None
        except (AttributeError, TypeError):  # spotipy reads errors as objects, which may be anything
            raise ServiceError("Spotify answers what it does not document: try again later") from None

    def _renew(self) -> None:
        self.token = refreshed(self.app, self.token)
        self._client.set_auth(self.token.access_token)
        self._renewed(self.token)

    def _wait(self, wait_s: float) -> None:
        if wait_s > _LONGEST_WAIT_S or self.waited_s + wait_s > _LONGEST_WAITS_S:
            raise TryLater(f"Spotify gets too many requests: try again in {wait_s:.0f} s", wait_s)
        self.progress.note(f"Spotify asks to wait {wait_s:.0f} s")
        self.waited_s += wait_s
        time.sleep(wait_s)


def _refusal(status: int, said: str, headers: dict[str, str]) -> ServiceError:
    words = f" ({said})" if said and said != "None" else ""
    if status == 401 or (status == 403 and "scope" in said.lower()):
        return NotAuthorised(f"Spotify does not allow this{words}: connect Spotify anew in the settings")
    if status == 403:
        return SpotifyRefusal(
            f"Spotify refuses{words}: an app in development mode serves only users whom its dashboard lists, "
            "while its owner has Premium",
            status,
        )
    if status >= 500:
        return TryLater(f"Spotify has trouble (status {status}): try again later", wait_of(headers))
    return SpotifyRefusal(f"Spotify refuses with status {status}{words}", status)


@contextmanager
def open_session(
    app: SpotifyApp,
    token: SpotifyToken,
    *,
    renewed: Callable[[SpotifyToken], None],
    progress: Progress | None = None,
) -> Iterator[SpotifySession]:
    """A session for one user.

    Parameters
    ----------
    renewed
        Stores a token that takes the place of `token`; called as soon as there is one, because Spotify may
        void the old one.
    progress
        Told of waits.

    Raises
    ------
    UsageError
        If an address of the app is none, or spotipy is not installed.
    """
    silence_spotipy()
    import requests
    from spotipy import Spotify

    # A session of our own: spotipy's waits as long as Spotify asks, which may be a day, without a word.
    with requests.Session() as connections:
        client = Spotify(
            auth=token.access_token, requests_session=connections, requests_timeout=TIMEOUT_S, retries=0
        )
        client.prefix = f"{checked_root(app.api_root)}/v1/"
        yield SpotifySession(app, token, progress or Silent(), 0.0, renewed, client)
