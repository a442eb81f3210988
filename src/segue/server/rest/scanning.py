"""Where the music is, how far the scan is, and which files could not be heard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from segue import catalogue as kept
from segue.catalogue import open_catalogue
from segue.errors import NothingFound, UsageError
from segue.server import models
from segue.server.access import Administrator, Reading, ServedNow, Somebody
from segue.server.events import KEPT_OPEN, SSE, event
from segue.server.records import below_roots
from segue.server.scans import ScanState

router = APIRouter(tags=["scanning"])
_QUIET_S = 15.0
_MOST_PROBLEMS = 2_000


@router.get("/scan")
def read_scan(served: ServedNow, person: Somebody) -> models.Scan:
    """How far the scan is."""
    return _scan(served.scans.state)


@router.post("/scan", status_code=202)
def start_scan(asked: models.ScanAsked, served: ServedNow, person: Administrator) -> models.Scan:
    """Look over all folders again."""
    served.scans.start(retry=asked.retry)
    return _scan(served.scans.state)


@router.delete("/scan")
def stop_scan(served: ServedNow, person: Administrator) -> models.Scan:
    """End the scan, and the watch for changes; what was heard is stored."""
    served.scans.stop()
    return _scan(served.scans.state)


@router.get("/scan/events", response_class=StreamingResponse, responses=SSE)
def follow_scan(served: ServedNow, person: Somebody) -> StreamingResponse:
    """The state of the scan whenever it changes, as server-sent events `scan`."""

    def events() -> Iterator[bytes]:
        before = None
        for state in served.scans.follow(_QUIET_S):
            yield KEPT_OPEN if state is before else event("scan", _scan(state).model_dump())
            before = state

    return StreamingResponse(events(), media_type="text/event-stream", headers={"Cache-Control": "no-cache"})


@router.get("/problems")
def read_problems(catalogue: Reading, person: Somebody) -> models.FileProblems:
    """Files that could not be heard, and why."""
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
def read_sources(catalogue: Reading, person: Administrator) -> models.Sources:
    """The folders of music, as the server names them."""
    folders = kept.roots_as_folders(catalogue)
    return models.Sources(
        items=[
            models.Source(id=folder.id, path=str(path), n_tracks=folder.n_tracks)
            for folder, path in zip(folders, kept.roots(catalogue), strict=True)
        ]
    )


@router.post("/sources", status_code=202)
def add_source(asked: models.NewSource, served: ServedNow, person: Administrator) -> models.Scan:
    """Add a folder of music, and scan it."""
    folder = Path(asked.path).expanduser()
    if not folder.is_absolute() or not folder.is_dir():
        raise UsageError(f"{asked.path} is not a folder of the server: give a whole path")
    with open_catalogue(served.data, write=True, create=True) as catalogue:
        kept.add_root(catalogue, folder)
    served.scans.start(folders=())
    return _scan(served.scans.state)


@router.delete("/sources/{source}", status_code=204)
def remove_source(source: str, served: ServedNow, person: Administrator) -> None:
    """Forget a folder of music; its files stay where they are."""
    with open_catalogue(served.data, write=True) as catalogue:
        folders = kept.roots_as_folders(catalogue)
        for folder, path in zip(folders, kept.roots(catalogue), strict=True):
            if folder.id == source:
                kept.remove_root(catalogue, path)
                break
        else:
            raise NothingFound("there is no such folder of music")
    served.scans.start(folders=())


def _scan(state: ScanState) -> models.Scan:
    return models.Scan(**asdict(state))
