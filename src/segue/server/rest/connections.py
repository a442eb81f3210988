"""Other people's services that a person connects: ListenBrainz."""

from __future__ import annotations

from fastapi import APIRouter

from segue import catalogue as kept
from segue.catalogue import Catalogue, open_catalogue
from segue.errors import SealBroken
from segue.operations.forwarding import SERVICE, connect_listenbrainz, listenbrainz_user
from segue.server import models
from segue.server.access import ServedNow, Somebody
from segue.settings import DataFolder

router = APIRouter(tags=["connections"])


@router.get("/connections")
def read_connections(served: ServedNow, person: Somebody) -> models.Connections:
    """Which services this person has connected."""
    catalogue = served.catalogue()
    return models.Connections(items=[_listenbrainz(catalogue, served.data, person.listener)])


@router.put("/connections/listenbrainz")
def connect(asked: models.ListenBrainzConnect, served: ServedNow, person: Somebody) -> models.Connection:
    """Pass on plays to ListenBrainz from now on."""
    catalogue = served.catalogue()
    connect_listenbrainz(served.data, person.listener, asked.token)
    return _listenbrainz(catalogue, served.data, person.listener)


@router.delete("/connections/listenbrainz", status_code=204)
def disconnect(served: ServedNow, person: Somebody) -> None:
    """Pass on nothing any more, and forget the token."""
    with open_catalogue(served.data, write=True) as catalogue:
        kept.set_connection(catalogue, person.listener, SERVICE, None)


def _listenbrainz(catalogue: Catalogue, data: DataFolder, listener: str) -> models.Connection:
    state = ""
    try:
        user = listenbrainz_user(catalogue, data, listener)
    except SealBroken as error:
        user, state = "", str(error)
    return models.Connection(service="listenbrainz", connected=user is not None, user=user or "", state=state)
