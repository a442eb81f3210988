"""``/rest/*``: from an HTTP request to a method and back."""

from __future__ import annotations

import gzip
import json
import logging
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from segue.catalogue import roots
from segue.errors import AudioError, NotAllowed, NothingFound, SegueError
from segue.server.subsonic import methods
from segue.server.subsonic.access import who_asks
from segue.server.subsonic.answers import (
    Failure,
    NeverHeardOf,
    Node,
    TooManyTries,
    as_json,
    as_jsonp,
    as_xml,
    envelope,
    failed,
)
from segue.server.subsonic.params import Params, missing, shortened
from segue.server.subsonic.registry import FREE, METHODS, Asked, Services

assert methods.__all__

_log = logging.getLogger(__name__)

_LARGEST_BODY = 8 << 20
_MOST_PARAMS = 100_000
_WORTH_COMPRESSING = 2_000
_LONGEST_CLIENT = 100
_FORM = "application/x-www-form-urlencoded"
_ELSEWHERE = {
    # No cookie opens anything here, so that web apps from elsewhere may ask.
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Content-Length, Content-Range, Accept-Ranges, ETag",
}


def subsonic_router(services: Services) -> APIRouter:
    """The routes of the API, to be included without a prefix."""
    router = APIRouter()

    async def answer(request: Request, name: str) -> Response:
        if request.method == "OPTIONS":
            allowed = {"access-control-allow-methods": "GET, POST, HEAD", "access-control-allow-headers": "*"}
            return Response(status_code=204, headers={**_ELSEWHERE, **allowed})
        query = _pairs(request.scope["query_string"])
        try:
            body = await _body(request)
            form, sent = _form_and_json(request, body)
        except Failure as failure:
            return _written(failed(failure), Params(query), _status(failure))
        params = Params([*query, *form])
        return await run_in_threadpool(_answered, services, request, name, params, sent)

    router.add_api_route(
        "/rest/{name}", answer, methods=["GET", "POST", "HEAD", "OPTIONS"], include_in_schema=False
    )
    return router


def _answered(services: Services, request: Request, name: str, params: Params, body: Any) -> Response:
    """The answer of a method, or the complaint; runs in a thread of its own."""
    status, headers = 200, dict[str, str]()
    try:
        result = _result(services, request, name, params, body)
        if isinstance(result, Response):
            result.headers.update(_ELSEWHERE)
            return result
        whole = envelope(result)
    except TooManyTries as failure:
        whole, status = failed(failure), 429
        headers["retry-after"] = str(max(1, round(failure.wait_s)))
    except Failure as failure:
        whole, status = failed(failure), _status(failure)
    except NothingFound as error:
        whole = failed(Failure(70, str(error)))
    except NotAllowed as error:
        whole = failed(Failure(50, str(error)))
    except AudioError as error:
        whole = failed(Failure(0, error.detail))  # without the path
    except SegueError as error:
        whole = failed(Failure(0, str(error)))
    except Exception:
        _log.exception("a defect in the method %s", shortened(name))
        whole, status = failed(Failure(0, "A defect in Segue; its log says more")), 500
    return _compressed(_written(whole, params, status, headers), request)


def _status(failure: Failure) -> int:
    """The protocol says what is wrong inside the answer; only what is no method at all is said outside."""
    return 404 if isinstance(failure, NeverHeardOf) else 200


def _result(services: Services, request: Request, name: str, params: Params, body: Any) -> Node | Response:
    known = name.removesuffix(".view").lower()
    free = FREE.get(known)
    if free is not None:
        return free()
    method = METHODS.get(known)
    if method is None:
        raise NeverHeardOf(0, f"There is no method {shortened(name)}")
    _fitting_version(params)
    caller = who_asks(params, services.doors, services.address(request))
    catalogue = services.library.catalogue()
    asked = Asked(
        params=params,
        caller=caller,
        client=params.need("c")[:_LONGEST_CLIENT],
        services=services,
        catalogue=catalogue,
        roots=roots(catalogue),
        verb=request.method,
        headers=request.headers,
        body=body,
    )
    return method(asked)


def _fitting_version(params: Params) -> None:
    """Whether an app of that version of the protocol can be answered: the first number decides."""
    major = params.need("v").partition(".")[0]
    if not (major.isascii() and major.isdigit() and len(major) < 6):
        raise Failure(0, "v is a version of the protocol such as 1.16.1")
    if int(major) != 1:
        newer = int(major) > 1
        raise Failure(
            30 if newer else 20,
            f"Incompatible protocol version: this server speaks 1.16.1. {'Server' if newer else 'Client'} "
            "must upgrade",
        )
    if params.text("c") is None:
        raise missing("c")


async def _body(request: Request) -> bytes:
    """What was posted; too much of it is not read."""
    if request.method != "POST":
        return b""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > _LARGEST_BODY:
            raise Failure(0, f"The body is larger than {_LARGEST_BODY >> 20} MiB")
        parts.append(part)
    return b"".join(parts)


def _form_and_json(request: Request, body: bytes) -> tuple[list[tuple[str, str]], Any]:
    """The parameters in a body, and what it says as JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not body.strip():
        return [], None
    if kind == "application/json":
        try:
            return [], json.loads(body)
        except (ValueError, RecursionError):
            raise Failure(0, "The body is not JSON") from None
    if kind not in ("", _FORM):
        raise Failure(0, f"A body is {_FORM} or application/json, not {shortened(kind)}")
    return _pairs(body), None


def _pairs(text: bytes) -> list[tuple[str, str]]:
    """Names and values of a query or form; what is no UTF-8 is replaced."""
    try:
        return parse_qsl(
            text.decode("utf-8", "replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=_MOST_PARAMS,
        )
    except ValueError:
        raise Failure(0, f"There are more than {_MOST_PARAMS} parameters") from None


def _written(
    whole: Node, params: Params, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """An answer in the format asked for; apps that ask for none of the three get XML."""
    wanted = (params.text("f") or "xml").lower()
    told = {**_ELSEWHERE, "cache-control": "no-store", "x-content-type-options": "nosniff", **(headers or {})}
    if wanted == "json":
        return Response(as_json(whole), status, told, media_type="application/json")
    if wanted == "jsonp":
        try:
            script = as_jsonp(whole, params.text("callback") or "callback")
            return Response(script, status, told, media_type="application/javascript")
        except Failure as failure:
            whole = failed(failure)
    return Response(as_xml(whole), status, told, media_type="application/xml")


def _compressed(answer: Response, request: Request) -> Response:
    """A long answer in fewer bytes, for whoever takes it: lists of thousands of songs go to phones."""
    coding = request.headers.get("accept-encoding", "")
    if "gzip" not in coding or len(answer.body) < _WORTH_COMPRESSING or request.method == "HEAD":
        return answer
    answer.body = gzip.compress(bytes(answer.body), compresslevel=4, mtime=0)
    answer.headers["content-length"] = str(len(answer.body))
    answer.headers["content-encoding"] = "gzip"
    answer.headers["vary"] = "Accept-Encoding"
    return answer
