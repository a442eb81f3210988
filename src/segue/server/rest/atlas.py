"""The library seen from above: the map, and kinds of music."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from segue import catalogue as kept
from segue.errors import CatalogueBusy, NothingFound
from segue.operations.views import MOST_OF_A_KIND, read_kinds, view_files
from segue.server import models
from segue.server.access import Administrator, ServedNow, Somebody
from segue.server.events import Responses
from segue.server.records import tracks_of
from segue.server.served import Served
from segue.server.streaming import send_file
from segue.types import TrackId

router = APIRouter(tags=["from above"])
_AGAIN_S = 2
_AS_BEFORE: Responses = {304: {"description": "It is as the browser has it."}}
_BEING_MADE: Responses = {
    202: {
        "model": models.BeingMade,
        "description": "It is being made for the first time.",
        "headers": {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}},
    }
}
_BINARY: Responses = {200: {"content": {"application/octet-stream": {}}}, **_AS_BEFORE, **_BEING_MADE}


@router.get(
    "/map",
    response_class=Response,
    responses={200: {"model": models.LibraryMap}, **_AS_BEFORE, **_BEING_MADE},
)
def read_map(request: Request, served: ServedNow, person: Somebody) -> Response:
    """Which tracks the map shows, and what they can be coloured by.

    While a library is laid out for the first time the answer is 202: ask again after `Retry-After`.
    """
    if not served.views.ready():
        return _being_made()
    answer = send_file(
        view_files(served.data).map, request.headers, method=request.method, media_type="application/json"
    )
    answer.headers["Content-Encoding"] = "gzip"
    return answer


@router.get("/map/points", response_class=Response, responses=_BINARY)
def read_points(request: Request, served: ServedNow, person: Somebody) -> Response:
    """Where the tracks lie: x and y in turn, little-endian float32, in the order of `/api/map`."""
    if not served.views.ready():
        return _being_made()
    file = view_files(served.data).points
    return send_file(file, request.headers, method=request.method, media_type="application/octet-stream")


@router.get("/kinds", response_model=models.Kinds, responses=_BEING_MADE)
def list_kinds(served: ServedNow, person: Somebody) -> models.Kinds | Response:
    """The kinds of music that the library holds; 202 while they are first looked for."""
    if not served.views.ready():
        return _being_made()
    found = read_kinds(served.data)
    items = [
        models.Kind(
            number=kind["number"],
            name=kind["name"],
            n_tracks=kind["n_tracks"],
            words=kind["words"],
            cover_tracks=kind["tracks"][:4],
        )
        for kind in found["items"]
    ]
    return models.Kinds(encoder=found["encoder"], items=items)


@router.get("/kinds/{number}/tracks", response_model=models.Tracks, responses=_BEING_MADE)
def read_kind(
    number: int,
    served: ServedNow,
    person: Somebody,
    n: Annotated[int, Query(ge=1, le=MOST_OF_A_KIND)] = 100,
) -> models.Tracks | Response:
    """The tracks of a kind as a playlist, the clearest first; 202 while kinds are first looked for."""
    catalogue = served.catalogue()
    if not served.views.ready():
        return _being_made()
    kind = kind_numbered(served, number)
    ids = kept.present_ids(catalogue, [TrackId(one) for one in kind["tracks"][:n]])
    found = tracks_of(catalogue, person.listener, kept.tracks(catalogue, ids))
    return models.Tracks(items=found, total=kind["n_tracks"])


@router.put("/kinds/{number}/name", status_code=204)
def name_kind(number: int, asked: models.KindName, served: ServedNow, person: Administrator) -> None:
    """Give a kind a name; an empty one takes it back."""
    if not served.views.ready():
        raise CatalogueBusy("the kinds are being looked for just now: try again in a moment")
    kind_numbered(served, number)
    served.views.name_kind(number, asked.name)


def kind_numbered(served: Served, number: int) -> dict[str, Any]:
    """A kind as it is written.

    Raises
    ------
    NothingFound
        If there is none of this number.
    """
    for kind in read_kinds(served.data)["items"]:
        if kind["number"] == number:
            found: dict[str, Any] = kind
            return found
    raise NothingFound(f"there is no kind of music {number}")


def _being_made() -> JSONResponse:
    """Not an error, which browsers write into their console: a client comes again."""
    return JSONResponse(models.BeingMade().model_dump(), 202, {"Retry-After": str(_AGAIN_S)})
