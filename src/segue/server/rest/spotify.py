"""Spotify, with an app of the person's own: sign in, read lists, save a list there."""

from __future__ import annotations

import logging
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from segue import catalogue as kept
from segue.catalogue import Catalogue
from segue.errors import NothingFound, SealBroken, SegueError, UsageError
from segue.operations.spotify import SpotifyAccount, save_to_spotify, tracks_here
from segue.operations.spotify_connection import (
    app_of,
    begin_spotify,
    connected_spotify,
    enter_client,
    finish_spotify,
    keeper_of_tokens,
    spotify_connection,
)
from segue.operations.spotify_listing import read_listing
from segue.server import models
from segue.server.access import Person, ServedNow, Somebody, known_person, prefix, seen_root
from segue.server.records import tracks_of
from segue.server.served import Served
from segue.server.spotify_work import told_when_refused
from segue.services.spotify import (
    NOT_INSTALLED,
    RemotePlaylist,
    RemoteTrack,
    SpotifyApp,
    check_app,
    is_installed,
)
from segue.types import TrackId

router = APIRouter(prefix="/connections/spotify", tags=["connections"])
_LOG = logging.getLogger("segue.server")
_SAVED = "saved"  # no id at Spotify is so short
_SAVED_NAME = "Liked Songs"
_PAGE = "/connections"
_CALLBACK = "/api/connections/spotify/callback"
Word = Annotated[str, Query(max_length=4_000)]


@router.put("")
def enter_spotify_client(
    asked: models.SpotifyCredentials,
    request: Request,
    served: ServedNow,
    person: Somebody,
) -> models.Connection:
    """Switch Spotify on for this person, with the client id of an app of their own."""
    enter_client(served.data, person.listener, asked.client_id.strip())
    return connection_to_spotify(request, served, served.catalogue(), person)


@router.post("/begin")
def begin_signing_in(request: Request, served: ServedNow, person: Somebody) -> models.SpotifyStart:
    """Where to send the browser, which comes back to the callback within ten minutes."""
    back = _redirect_uri(request)
    if trouble := _trouble(back):
        raise UsageError(trouble)
    app, authorisation = begin_spotify(
        served.catalogue(), served.data, person.listener, back, served.settings.services.spotify
    )
    served.spotify.begin(person.listener, app, authorisation)
    return models.SpotifyStart(url=authorisation.url)


@router.get("/callback", status_code=303, response_class=RedirectResponse)
def finish_signing_in(
    request: Request, served: ServedNow, code: Word = "", state: Word = "", error: Word = ""
) -> RedirectResponse:
    """Where Spotify sends the browser back to; it goes on to the page of connections.

    `spotify` in the address of that page is connected, denied, expired (or begun by another), or failed.
    """
    person = known_person(request)
    begun = None if person is None else served.spotify.taken(person.listener, state)
    if person is None or begun is None:
        word = "expired"
    elif error or not code:
        word = "denied"
    else:
        word = "connected"
        try:
            finish_spotify(served.data, person.listener, begun.app, code, begun.authorisation.verifier)
            served.spotify.failed(person.listener, "")
        except SegueError as failure:
            _LOG.info("somebody could not connect Spotify: %s", type(failure).__name__)
            served.spotify.failed(person.listener, str(failure))
            word = "failed"
    return RedirectResponse(f"{prefix(request)}{_PAGE}?{urlencode({'spotify': word})}", 303)


@router.delete("", status_code=204)
def disconnect_spotify(served: ServedNow, person: Somebody, with_history: bool = False) -> None:
    """Forget the token and the client id; what was imported too, if asked to."""
    served.spotify.disconnect(served.data, person.listener, with_history=with_history)


@router.post("/sync", status_code=202)
def read_spotify(served: ServedNow, person: Somebody) -> models.SpotifySync:
    """Begin to read playlists and saved tracks: they feed taste, and are listed here."""
    served.spotify.start(served.data, person.listener, served.settings.services.spotify)
    return _sync(served, person)


@router.get("/playlists")
def list_spotify(served: ServedNow, person: Somebody) -> models.RemotePlaylists:
    """The lists as they were last read; none before that."""
    account = _listing(served, served.catalogue(), person)
    if account is None:
        return models.RemotePlaylists(items=[])
    lists = _lists(account)
    tracks = {track for one in lists if one.content for track in one.content.tracks}
    here = {track.uri for track, found in _here(served.catalogue(), tuple(tracks)) if found is not None}
    return models.RemotePlaylists(items=[_record(one, here) for one in lists])


@router.get("/playlists/{playlist}")
def list_spotify_tracks(
    playlist: models.Id, served: ServedNow, person: Somebody
) -> models.RemotePlaylistFacts:
    """One list with its tracks, and which of the library they are."""
    account = _listing(served, served.catalogue(), person)
    found = next((one for one in _lists(account) if one.id == playlist), None) if account else None
    if found is None:
        raise NothingFound(f"no list {playlist} was read at Spotify")
    placed = _here(served.catalogue(), found.content.tracks if found.content else ())
    ids = kept.present_ids(
        served.catalogue(), list(dict.fromkeys(one for _, one in placed if one is not None))
    )
    records = tracks_of(served.catalogue(), person.listener, kept.tracks(served.catalogue(), ids))
    record_of = {record.id: record for record in records}
    rows = [
        models.RemoteTrack(
            title=track.title,
            artists=list(track.artists),
            album=track.album,
            duration_s=track.duration_s,
            uri=track.uri,
            track=None if one is None else record_of.get(one),
        )
        for track, one in placed
    ]
    here = {row.uri for row in rows if row.track is not None}
    return models.RemotePlaylistFacts(**_record(found, here).model_dump(), tracks=rows)


@router.post("/save")
def save_at_spotify(asked: models.SaveRemotely, served: ServedNow, person: Somebody) -> models.SavedRemotely:
    """Save tracks as a private playlist there; each is looked for by ISRC, then by artist and title."""
    tracks = kept.tracks(served.catalogue(), [TrackId(name) for name in asked.tracks])
    with served.spotify.alone(person.listener):
        connection = connected_spotify(served.catalogue(), served.data, person.listener)
        assert connection.token is not None
        with told_when_refused(served.data, person.listener, connection):
            saved = save_to_spotify(
                app_of(connection, served.settings.services.spotify),
                connection.token,
                asked.name,
                tracks,
                description="Made with Segue",
                renewed=keeper_of_tokens(served.data, person.listener, connection),
            )
    missing = tracks_of(served.catalogue(), person.listener, saved.missing)
    return models.SavedRemotely(url=saved.url, found=len(saved.found), missing=missing)


def connection_to_spotify(
    request: Request, served: Served, catalogue: Catalogue, person: Person
) -> models.Connection:
    """How this person's connection stands."""
    back = _redirect_uri(request)
    client_id, user, state, connected = "", "", "", False
    try:
        known = spotify_connection(catalogue, served.data, person.listener)
        if known is not None:
            client_id, user, state = known.client_id, known.user, known.state
            connected = known.token is not None
    except SealBroken as error:
        state = str(error)
    available = is_installed()
    if not available:
        state = NOT_INSTALLED
    return models.Connection(
        service="spotify",
        available=available,
        connected=connected,
        user=user,
        state=state or ("" if connected else _trouble(back)),
        client_id=client_id,
        redirect_uri=_without_localhost(back),
        sync=_sync(served, person),
    )


def _sync(served: Served, person: Person) -> models.SpotifySync:
    state = served.spotify.state(person.listener)
    return models.SpotifySync(
        running=state.running,
        message=state.message,
        done=state.done,
        total=state.total,
        error=state.error,
        ended_at=state.ended_at,
    )


def _redirect_uri(request: Request) -> str:
    return f"{seen_root(request)}{_CALLBACK}"


def _trouble(back: str) -> str:
    """Why Spotify would send nobody back to this address; empty where it does."""
    try:
        check_app(SpotifyApp("0", back))
    except UsageError as error:
        here = _without_localhost(back)
        if here == back:
            return str(error)
        return f"Spotify does not accept localhost: open this page at {here.removesuffix(_CALLBACK)}{_PAGE}"
    return ""


def _without_localhost(back: str) -> str:
    """The same address by the number of this machine, where it is named by the name that Spotify refuses."""
    is_local = back.startswith(("http://localhost:", "http://localhost/"))
    return back.replace("localhost", "127.0.0.1", 1) if is_local else back


def _listing(served: Served, catalogue: Catalogue, person: Person) -> SpotifyAccount | None:
    known = spotify_connection(catalogue, served.data, person.listener)
    return None if known is None else read_listing(served.data, person.listener, known.number)


def _lists(account: SpotifyAccount) -> list[RemotePlaylist]:
    """Saved tracks as a list like others, first."""
    saved = RemotePlaylist(_SAVED, _SAVED_NAME, "", len(account.saved.tracks), "", account.saved)
    return [saved, *account.playlists]


def _here(catalogue: Catalogue, tracks: tuple[RemoteTrack, ...]) -> list[tuple[RemoteTrack, TrackId | None]]:
    return list(zip(tracks, tracks_here(catalogue, tracks), strict=True))


def _record(one: RemotePlaylist, here: set[str]) -> models.RemotePlaylist:
    tracks = one.content.tracks if one.content else ()
    return models.RemotePlaylist(
        id=one.id,
        name=one.name,
        owner=one.owner,
        is_saved=one.id == _SAVED,
        is_readable=one.content is not None,
        n_tracks=len(tracks) if one.content else one.n_tracks,
        n_here=sum(track.uri in here for track in tracks),
    )
