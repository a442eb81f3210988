"""Where the music is, how far the scan is, and which files could not be heard."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import anyio
from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from segue import catalogue as kept
from segue.catalogue import open_catalogue
from segue.errors import NothingFound, UsageError
from segue.operations.scan import add_music_folder
from segue.server import models
from segue.server.access import Administrator, ServedNow, Somebody
from segue.server.events import KEPT_OPEN, SSE, event
from segue.server.records import below_roots, shown_name
from segue.server.scans import ScanState

router = APIRouter(tags=["scanning"])
_QUIET_S = 15.0
_LOOK_S = 0.25
_MOST_PROBLEMS = 2_000


@router.get("/scan")
def read_scan(served: ServedNow, person: Somebody) -> models.Scan:
    """How far the scan is."""
    return _scan(served.scans.state)


@router.post("/scan", status_code=202)
def start_scan(asked: models.ScanAsked, served: ServedNow, person: Administrator) -> models.Scan:
    """Look over all folders again."""
    if not served.scans.start_if_any(retry=asked.retry):
        raise UsageError("this library has no folder of music yet: add one")
    return _scan(served.scans.state)


@router.delete("/scan")
def stop_scan(served: ServedNow, person: Administrator) -> models.Scan:
    """End the scan, and the watch for changes; what was heard is stored."""
    served.scans.stop()
    return _scan(served.scans.state)


@router.get("/scan/events", response_class=StreamingResponse, responses=SSE)
async def follow_scan(served: ServedNow, person: Somebody) -> StreamingResponse:
    """The state of the scan whenever it changes, as server-sent events `scan`."""

    async def events() -> AsyncIterator[bytes]:
        # No thread waits for news: any number of pages may be open.
        before, quiet_since = None, time.monotonic()
        while not served.ending.is_set():
            state = served.scans.state
            if state is not before:
                before, quiet_since = state, time.monotonic()
                yield event("scan", _scan(state).model_dump())
            elif time.monotonic() - quiet_since > _QUIET_S:
                quiet_since = time.monotonic()
                yield KEPT_OPEN
            await anyio.sleep(_LOOK_S)

    return StreamingResponse(events(), media_type="text/event-stream", headers={"Cache-Control": "no-cache"})


@router.get("/problems")
def read_problems(served: ServedNow, person: Somebody) -> models.FileProblems:
    """Files that could not be heard, and why."""
    catalogue = served.catalogue()
    roots = kept.roots(catalogue)
    return models.FileProblems(
        items=[
            models.FileProblem(
                file=below_roots(one.path, roots),
                reason=one.reason,
                detail=one.detail,
                seen_at=one.seen_at,
                attempts=one.attempts,
            )
            for one in kept.problems(catalogue)[:_MOST_PROBLEMS]
        ]
    )


@router.get("/sources")
def read_sources(served: ServedNow, person: Administrator) -> models.Sources:
    """The folders of music, as the server names them."""
    catalogue = served.catalogue()
    folders = kept.roots_as_folders(catalogue)
    return models.Sources(
        items=[
            models.Source(id=folder.id, path=shown_name(path), n_tracks=folder.n_tracks)
            for folder, path in zip(folders, kept.roots(catalogue), strict=True)
        ]
    )


@router.post("/sources", status_code=202)
def add_source(asked: models.NewSource, served: ServedNow, person: Administrator) -> models.Scan:
    """Add a folder of music, and scan it."""
    add_music_folder(served.data, music_folder_named(asked.path))
    served.scans.start(folders=())
    return _scan(served.scans.state)


def music_folder_named(name: str) -> Path:
    """A folder of the server that an administrator names.

    Raises
    ------
    UsageError
        If there is none, or it is not named from the root on.
    """
    folder = Path(os.path.expanduser(name))  # noqa: PTH111 - pathlib's own raises for an unknown user
    if "\0" in name or not folder.is_absolute() or not folder.is_dir():
        raise UsageError(f"{name!r} is not a folder of the server: give a whole path")
    return folder


@router.delete("/sources/{source}", status_code=204)
def remove_source(source: str, served: ServedNow, person: Administrator) -> None:
    """Forget a folder of music; its files stay where they are."""
    catalogue = served.catalogue()
    paths = {
        folder.id: path
        for folder, path in zip(kept.roots_as_folders(catalogue), kept.roots(catalogue), strict=True)
    }
    if source not in paths:
        raise NothingFound("there is no such folder of music")
    was_watching = served.scans.state.watching
    served.scans.stop()  # which might find again what is forgotten
    with open_catalogue(served.data, write=True) as writing:
        kept.remove_root(writing, paths[source])
    if was_watching:
        served.scans.start_if_any(folders=())


def _scan(state: ScanState) -> models.Scan:
    return models.Scan(**asdict(state))
