"""Around every request: a bound on what is sent, headers for safety, a count and a line in the log."""

from __future__ import annotations

import logging
import time
from asyncio import CancelledError
from threading import Event

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from segue.server.metrics import Metrics
from segue.server.problems import Refused, problem

_LOG = logging.getLogger("segue.requests")
_LARGEST_BODY = 24 * 2**20
_LARGER = {"/api/history/import": 520 * 2**20}
"""Bytes that a body may have, and where it may be larger."""

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "style-src 'self' 'unsafe-inline'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", _POLICY.encode()),
)
_NAMES = frozenset(name for name, _ in _HEADERS)


class Around:
    """ASGI middleware; counts by the route, never by what was asked.

    Parameters
    ----------
    app
        What answers.
    metrics
        Where it is counted.
    ending
        Set when the server was told to end.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, ending: Event) -> None:
        self._app = app
        self._metrics = metrics
        self._ending = ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, seen, is_sound = time.perf_counter(), False, False
        largest = _LARGER.get(scope["path"], _LARGEST_BODY)

        async def started(message: Message) -> None:
            nonlocal seen, is_sound
            if message["type"] == "http.response.start":
                seen = True
                self._seen(scope, message["status"], time.perf_counter() - began)
                said = [pair for pair in message.get("headers", ()) if pair[0].lower() not in _NAMES]
                message["headers"] = [*said, *_HEADERS]
                if is_sound := any(value.startswith(b"audio/") for _, value in said):
                    self._metrics.streams.inc()
            await send(message)

        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length) > largest:
            await _too_large(largest)(scope, receive, started)
            return
        try:
            await self._app(scope, _bounded(receive, largest), started)
        except CancelledError:
            if not self._ending.is_set():  # else a stream was open until the end, which is no news
                raise
        except Exception:
            # It is answered further out, where nothing is counted.
            if not seen:
                self._seen(scope, 500, time.perf_counter() - began)
            raise
        finally:
            if is_sound:
                self._metrics.streams.dec()

    def _seen(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        if scope["path"].startswith("/api/") and not route.startswith("/api/") and route != "other":
            route = f"/api{route}"  # versions of FastAPI differ in whether a route knows its prefix
        self._metrics.requests.labels(route, str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        fields = {
            "method": scope["method"],
            "route": route,
            "status": status,
            "ms": round(1_000 * seconds, 1),
        }
        _LOG.info("request", extra={"fields": fields})


def _bounded(receive: Receive, largest: int) -> Receive:
    """Against bodies whose length nobody told."""
    left = largest

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise Refused(413, f"more than {largest // 2**20} MB are not taken here")
        return message

    return counted


def _too_large(largest: int) -> ASGIApp:
    return problem(413, f"more than {largest // 2**20} MB are not taken here")
