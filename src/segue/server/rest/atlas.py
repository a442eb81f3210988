"""The library seen from above: the map, and kinds of music."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from segue import catalogue as kept
from segue.errors import NothingFound
from segue.operations.views import MOST_OF_A_KIND, read_kinds, view_files
from segue.server import models
from segue.server.access import Administrator, ServedNow, Somebody
from segue.server.events import Responses
from segue.server.problems import Refused
from segue.server.records import tracks_of
from segue.server.served import Served
from segue.server.streaming import send_file
from segue.types import TrackId

router = APIRouter(tags=["from above"])
_AS_BEFORE: Responses = {304: {"description": "It is as the browser has it."}}
_BINARY: Responses = {200: {"content": {"application/octet-stream": {}}}, **_AS_BEFORE}


@router.get("/map", response_class=Response, responses={200: {"model": models.LibraryMap}, **_AS_BEFORE})
def read_map(request: Request, served: ServedNow, person: Somebody) -> Response:
    """Which tracks the map shows, and what they can be coloured by.

    While a library is laid out for the first time the answer is 503: ask again after `Retry-After`.
    """
    _must_be_ready(served)
    answer = send_file(
        view_files(served.data).map, request.headers, method=request.method, media_type="application/json"
    )
    answer.headers["Content-Encoding"] = "gzip"
    return answer


@router.get("/map/points", response_class=Response, responses=_BINARY)
def read_points(request: Request, served: ServedNow, person: Somebody) -> Response:
    """Where the tracks lie: x and y in turn, little-endian float32, in the order of `/api/map`."""
    _must_be_ready(served)
    file = view_files(served.data).points
    return send_file(file, request.headers, method=request.method, media_type="application/octet-stream")


@router.get("/kinds")
def list_kinds(served: ServedNow, person: Somebody) -> models.Kinds:
    """The kinds of music that the library holds; 503 while they are looked for the first time."""
    _must_be_ready(served)
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


@router.get("/kinds/{number}/tracks")
def read_kind(
    number: int,
    served: ServedNow,
    person: Somebody,
    n: Annotated[int, Query(ge=1, le=MOST_OF_A_KIND)] = 100,
) -> models.Tracks:
    """The tracks of a kind as a playlist, the clearest first."""
    catalogue = served.catalogue()
    _must_be_ready(served)
    kind = kind_numbered(served, number)
    ids = kept.present_ids(catalogue, [TrackId(one) for one in kind["tracks"][:n]])
    found = tracks_of(catalogue, person.listener, kept.tracks(catalogue, ids))
    return models.Tracks(items=found, total=kind["n_tracks"])


@router.put("/kinds/{number}/name", status_code=204)
def name_kind(number: int, asked: models.KindName, served: ServedNow, person: Administrator) -> None:
    """Give a kind a name; an empty one takes it back."""
    _must_be_ready(served)
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


def _must_be_ready(served: Served) -> None:
    if not served.views.ready():
        raise Refused(503, "the library is being laid out: ask again in a moment", wait_s=2.0)
