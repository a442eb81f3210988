"""Errors as people and programs read them over HTTP: one line, the right status, no traceback (RFC 9457)."""

from __future__ import annotations

import logging
import math
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from segue.errors import (
    AmbiguousTrack,
    AudioError,
    CatalogueBusy,
    CatalogueDamaged,
    CatalogueError,
    CatalogueReadOnly,
    CatalogueTooNew,
    Conflict,
    DiskFull,
    NotAllowed,
    NotAuthorised,
    NothingFound,
    SealBroken,
    SegueError,
    ServiceError,
    TryLater,
    UsageError,
)

_LOG = logging.getLogger("segue.server")
_STATUS: tuple[tuple[type[SegueError], int, str], ...] = (
    (AmbiguousTrack, 409, ""),
    (NothingFound, 404, ""),
    (NotAllowed, 403, ""),
    (Conflict, 409, ""),
    (UsageError, 422, ""),
    (AudioError, 422, ""),
    (DiskFull, 507, "disk-full"),
    (CatalogueBusy, 503, "busy"),
    (CatalogueReadOnly, 503, "read-only"),
    (CatalogueDamaged, 503, "damaged"),
    (CatalogueTooNew, 503, "too-new"),
    (CatalogueError, 503, ""),
    (NotAuthorised, 424, "sign-in-again"),  # not 401: it is not here that one has to log in again
    (SealBroken, 424, "seal-broken"),
    (TryLater, 503, "service-busy"),
    (ServiceError, 502, "service-failed"),
    (SegueError, 500, ""),
)
MEDIA_TYPE = "application/problem+json"


_TYPES = "urn:segue:problem:"


class Refused(HTTPException):
    """A request that is not answered.

    Parameters
    ----------
    status
        Of HTTP.
    detail
        One line for a person.
    kind
        A name by which clients know what it is, and say it in their own words.
    wait_s
        When to try again, if that helps.
    """

    def __init__(self, status: int, detail: str, *, kind: str = "", wait_s: float | None = None) -> None:
        super().__init__(status, detail, _waiting(wait_s))
        self.kind = kind


def status_of(error: SegueError) -> int:
    """The HTTP status that says what an error is.

    >>> status_of(NothingFound("no such track")), status_of(UsageError("no such list"))
    (404, 422)
    """
    return _known(error)[0]


def _known(error: SegueError) -> tuple[int, str]:
    return next((status, name) for kind, status, name in _STATUS if isinstance(error, kind))


def problem(
    status: int, detail: str = "", *, kind: str = "", headers: dict[str, str] | None = None
) -> JSONResponse:
    """An answer that says what is wrong; those with a `kind` have a type that stays."""
    title = HTTPStatus(status).phrase
    # What was asked for, and names of files, may hold what is no text.
    shown = detail.encode("utf-8", "replace").decode("utf-8")
    body = {
        "type": f"{_TYPES}{kind}" if kind else "about:blank",
        "title": title,
        "status": status,
        "detail": shown,
    }
    return JSONResponse(body, status, headers=headers, media_type=MEDIA_TYPE)


def add_problems(app: FastAPI) -> None:
    """Let every error of `app` be answered as a problem."""
    app.add_exception_handler(SegueError, _segue_error)
    app.add_exception_handler(RequestValidationError, _wrong_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _defect)


async def _segue_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SegueError)
    status, kind = _known(error)
    if status >= 500:
        # What a service of others says may name a person's lists.
        words = "see the answer" if isinstance(error, ServiceError) else str(error)
        _LOG.warning("%s: %s", type(error).__name__, words)
    wait_s = error.after_s if isinstance(error, TryLater) else 2.0
    headers = _waiting(wait_s if status == 503 else None)
    return problem(status, _without_paths(error), kind=kind, headers=headers)


def _without_paths(error: SegueError) -> str:
    """An error of one file names the file by a path of the server; its detail does not."""
    return error.detail if isinstance(error, AudioError) else str(error)


async def _wrong_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    lines = []
    for one in error.errors()[:5]:
        where = ".".join(str(part) for part in one["loc"] if part not in ("body", "query", "path"))
        lines.append(f"{where}: {one['msg']}" if where else str(one["msg"]))
    return problem(422, "; ".join(lines))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    said = error.detail if error.detail != HTTPStatus(error.status_code).phrase else ""
    kind = error.kind if isinstance(error, Refused) else ""
    return problem(error.status_code, said, kind=kind, headers=dict(error.headers or {}))


async def _defect(request: Request, error: Exception) -> JSONResponse:
    # The web server underneath logs the error itself.
    return problem(500, "this is a defect of Segue; its log says more")


def _waiting(wait_s: float | None) -> dict[str, str] | None:
    return None if wait_s is None else {"Retry-After": str(max(1, math.ceil(wait_s)))}
