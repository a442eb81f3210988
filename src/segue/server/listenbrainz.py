"""``/1/*``: players that scrobble to ListenBrainz can be pointed here instead."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from segue.catalogue import Account
from segue.errors import SegueError, UsageError
from segue.operations.accounts import account_of
from segue.operations.listenbrainz import take_listens
from segue.server.access import served_of
from segue.server.problems import status_of
from segue.services.listenbrainz import LARGEST_BODY

router = APIRouter(prefix="/1", tags=["ListenBrainz"])


@router.post("/submit-listens", include_in_schema=False)
async def submit_listens(request: Request) -> JSONResponse:
    """Store what a player submits; the token is an API key of an account."""
    if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
        return _complaint(413, "this is larger than a submission may be")
    body = await request.body()
    return await run_in_threadpool(_submit, request, body)


@router.get("/validate-token", include_in_schema=False)
def validate_token(request: Request) -> JSONResponse:
    """Whose token it is, in ListenBrainz's words."""
    account = _account(request, request.query_params.get("token", ""))
    if account is None:
        return JSONResponse({"code": 200, "message": "Token invalid.", "valid": False})
    return JSONResponse({"code": 200, "message": "Token valid.", "valid": True, "user_name": account.name})


def _submit(request: Request, body: bytes) -> JSONResponse:
    account = _account(request)
    if account is None:
        return _complaint(401, "Invalid authorization token.")
    try:
        taken = take_listens(served_of(request).data, body, listener=account.listener)
    except UsageError as error:
        return _complaint(400, str(error))
    except SegueError as error:
        return _complaint(status_of(error), str(error))
    if taken.playing_now is not None:
        served_of(request).forwarder.plays_now(account.listener, taken.playing_now)
    return JSONResponse({"status": "ok"})


def _account(request: Request, token: str = "") -> Account | None:
    scheme, _, named = request.headers.get("authorization", "").partition(" ")
    secret = named.strip() if scheme.lower() in ("token", "bearer") else token
    return account_of(served_of(request).resident.catalogue(), "api-key", secret) if secret else None


def _complaint(code: int, words: str) -> JSONResponse:
    body: dict[str, Any] = {"code": code, "error": words}
    return JSONResponse(body, code)
