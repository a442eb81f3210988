"""Other people's services that a person connects: which there are, and ListenBrainz."""

from __future__ import annotations

from fastapi import APIRouter, Request

from segue import catalogue as kept
from segue.catalogue import Catalogue
from segue.errors import SealBroken
from segue.operations.forwarding import (
    SERVICE,
    connect_listenbrainz,
    disconnect_listenbrainz,
    listenbrainz_account,
)
from segue.server import models
from segue.server.access import Person, ServedNow, Somebody
from segue.server.rest.spotify import connection_to_spotify
from segue.settings import DataFolder

router = APIRouter(tags=["connections"])


@router.get("/connections")
def read_connections(request: Request, served: ServedNow, person: Somebody) -> models.Connections:
    """Which services this person has connected."""
    return models.Connections(
        items=[
            _listenbrainz(served.catalogue(), served.data, person),
            connection_to_spotify(request, served, served.catalogue(), person),
        ]
    )


@router.put("/connections/listenbrainz")
def connect(asked: models.ListenBrainzConnect, served: ServedNow, person: Somebody) -> models.Connection:
    """Pass on plays to ListenBrainz from now on; the token is asked about there first."""
    root = served.settings.services.listenbrainz
    connect_listenbrainz(served.data, person.listener, asked.token.strip(), root=root)
    return _listenbrainz(served.catalogue(), served.data, person)


@router.delete("/connections/listenbrainz", status_code=204)
def disconnect(served: ServedNow, person: Somebody) -> None:
    """Pass on nothing any more, and forget the token."""
    disconnect_listenbrainz(served.data, person.listener)


def _listenbrainz(catalogue: Catalogue, data: DataFolder, person: Person) -> models.Connection:
    user, state, connected = "", "", False
    try:
        account = listenbrainz_account(catalogue, data, person.listener)
        if account is not None:
            user, state, connected = account.user, account.state, True
    except SealBroken as error:
        state = str(error)
    return models.Connection(
        service="listenbrainz",
        available=True,
        connected=connected,
        user=user,
        state=state,
        waiting=kept.n_forwards(catalogue, person.listener, SERVICE),
    )
