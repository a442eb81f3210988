"""The application: everything that is served, put together."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import APIRouter, FastAPI, Response
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

import segue
from segue.catalogue import n_tracks
from segue.errors import NothingFound
from segue.operations.resident import Resident, warm_up
from segue.server import listenbrainz, models, pages
from segue.server.access import Administrator, ServedNow
from segue.server.around import Around
from segue.server.evaluations import Evaluations
from segue.server.forwarding import Forwarder
from segue.server.housekeeping import housekeeping
from segue.server.openapi import describe
from segue.server.problems import add_problems
from segue.server.rest import (
    answers,
    atlas,
    connections,
    history,
    library,
    listening_test,
    playlists,
    saying,
    scanning,
    server,
    session,
    sound,
    spotify,
)
from segue.server.scans import ScanRunner
from segue.server.served import Served, ServerSettings
from segue.server.subsonic import services_of, subsonic_router
from segue.server.views import ViewKeeper

# Each thread has a catalogue of its own; more would wait for the processor all the same.
_THREADS = 8
_NOT_COMPRESSED = ("/audio", "/download", "/cover", "/events", "/timeline", "/spectrogram", "/map", "/points")
_PROBLEMS = {
    status: {"model": models.Problem, "description": said}
    for status, said in (("4XX", "The request cannot be answered."), ("5XX", "The server cannot answer."))
}
_ROOMS = (
    session, library, answers, saying, playlists, sound, atlas, scanning, history, listening_test,
    connections, spotify, server,
)  # fmt: skip


def create_app(settings: ServerSettings) -> FastAPI:
    """The application for one library; nothing runs before the server starts it."""
    resident = Resident(settings.data)
    served = Served(
        settings=settings,
        resident=resident,
        scans=ScanRunner(settings.data, settings.folders),
        views=ViewKeeper(resident),
        evaluations=Evaluations(settings.data),
        forwarder=Forwarder(settings.data, settings.services.listenbrainz),
    )
    repeated = (served.forwarder.thread, housekeeping(settings.data))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
        threading.Thread(target=warm_up, args=(resident,), name="segue warm-up", daemon=True).start()
        for thread in repeated:
            thread.start()
        if settings.scan:
            await anyio.to_thread.run_sync(served.scans.start_if_any)
        yield
        for thread in repeated:
            thread.stop()
        await anyio.to_thread.run_sync(served.scans.stop)

    app = FastAPI(
        title="Segue",
        summary="A music library that knows what comes next.",
        version=segue.__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
        separate_input_output_schemas=False,
    )
    app.state.served = served
    api = APIRouter(prefix="/api", responses=_PROBLEMS)  # type: ignore[arg-type]
    for room in _ROOMS:
        api.include_router(room.router)
    app.include_router(api)
    app.include_router(subsonic_router(services_of(served)))
    app.include_router(listenbrainz.router)
    app.add_api_route("/metrics", _metrics, include_in_schema=False)
    app.include_router(pages.router)
    describe(app)
    add_problems(app)
    app.add_middleware(_Compressed)
    app.add_middleware(Around, metrics=served.metrics, ending=served.ending)
    return app


class _Compressed:
    """ASGI middleware that compresses what is text; sound, pictures and events pass as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._gzip = GZipMiddleware(app, minimum_size=1_024, compresslevel=4)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope.get("path", "")
        as_it_is = path.startswith("/rest/") or path.endswith(_NOT_COMPRESSED)
        await (self._plain if as_it_is else self._gzip)(scope, receive, send)


def _metrics(served: ServedNow, person: Administrator) -> Response:
    """Figures for Prometheus; with an API key of an administrator."""
    try:
        served.metrics.tracks.set(served.resident.keep("n_tracks", n_tracks))
    except NothingFound:
        served.metrics.tracks.set(0)
    return Response(served.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
