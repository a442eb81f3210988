"""Look for tracks at Spotify, and make a playlist of what was found."""

from __future__ import annotations

from collections.abc import Sequence
from operator import methodcaller

from segue.errors import ServiceError, TryLater
from segue.services.spotify.calling import SpotifySession
from segue.services.spotify.reading import RemoteTrack, track_of
from segue.texts import text_of

_MOST_FOUND = 10  # all that an app in development mode may ask for
_AT_ONCE = 100
_LONGEST_QUERY, _LONGEST_NAME, _LONGEST_DESCRIPTION = 250, 100, 300


def search_tracks(session: SpotifySession, query: str) -> list[RemoteTrack]:
    """At most ten tracks that a query finds, the best first.

    Parameters
    ----------
    query
        Words, or fields: ``isrc:USUM71703861``, ``track:"Jóga" artist:"Björk"``.

    Raises
    ------
    NotAuthorised, TryLater, ServiceError
        As `SpotifySession.call` says.
    """
    said = session.call(lambda client: client.search(query[:_LONGEST_QUERY], limit=_MOST_FOUND, type="track"))
    found = said.get("tracks")
    items = found.get("items") if isinstance(found, dict) else None
    if not isinstance(items, list):
        raise ServiceError("Spotify answers a search with what it does not document: try again later")
    return [track for item in items if (track := track_of(item)) is not None]


def make_playlist(session: SpotifySession, name: str, uris: Sequence[str], *, description: str = "") -> str:
    """Make a private playlist of tracks.

    Parameters
    ----------
    uris
        ``spotify:track:…``, in order.

    Returns
    -------
    Its address for a browser.

    Raises
    ------
    NotAuthorised, TryLater, ServiceError
        As `SpotifySession.call` says. Where the playlist was made already, the message tells how much of it.
    """
    title, words = text_of(name)[:_LONGEST_NAME] or "Segue", text_of(description)[:_LONGEST_DESCRIPTION]
    made = session.call(
        lambda client: client.current_user_playlist_create(title, public=False, description=words)
    )
    number = text_of(made.get("id"))
    if not (number.isalnum() and number.isascii()):
        raise ServiceError("Spotify answers a new playlist with what it does not document: look for it there")
    for start in range(0, len(uris), _AT_ONCE):
        part = list(uris[start : start + _AT_ONCE])
        try:
            session.call(methodcaller("playlist_add_items", number, part))
        except ServiceError as failure:
            told = f"{title!r} was made at Spotify with {start} of {len(uris)} tracks only: {failure}"
            if isinstance(failure, TryLater):
                raise TryLater(told, failure.after_s) from None
            raise ServiceError(told) from None
    return f"https://open.spotify.com/playlist/{number}"
