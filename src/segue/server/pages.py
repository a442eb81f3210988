"""The web app: built files, and its one page for every address that is no file."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse
from starlette.responses import Response

from segue.server.access import prefix
from segue.server.problems import problem

FOLDER = Path(__file__).parent / "web"
"""Where the build of ``web/`` lies."""

_FOR_EVER = "public, max-age=31536000, immutable"
_BASE = re.compile(r"<base href=\"[^\"]*\"\s*/?>")
_MISSING = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Segue</title>"
    "<body style='font-family:system-ui;max-width:40rem;margin:4rem auto;line-height:1.5'>"
    "<h1>The player is not built</h1><p>This Segue was installed without its web app. The API and "
    "OpenSubsonic are served all the same. <code>segue doctor</code> says why, and what to do.</p>"
)
_SERVED = ("api/", "rest/", "1/")

router = APIRouter(include_in_schema=False)


@router.api_route("/{path:path}", methods=["GET", "HEAD"])
def read_page(path: str, request: Request) -> Response:
    """A built file, else the page of the app, which knows what its addresses mean."""
    if path.startswith(_SERVED):
        return problem(404, "there is nothing here: the API is described in /api/openapi.json")
    page = FOLDER / "index.html"
    if not page.is_file():
        return HTMLResponse(_MISSING, 503)
    file = _built(path)
    if file is not None and file != page.resolve():
        kept = _FOR_EVER if path.startswith("assets/") else "no-cache"
        return FileResponse(file, headers={"Cache-Control": kept})
    if path.startswith("assets/"):
        return problem(404, "this file belongs to another version of the app: load the page again")
    text = _BASE.sub(f'<base href="{prefix(request)}/">', page.read_text(encoding="utf-8"), count=1)
    return HTMLResponse(text, headers={"Cache-Control": "no-cache"})


def _built(path: str) -> Path | None:
    """The built file of a name, if there is one."""
    try:
        file = (FOLDER / path).resolve()
        return file if file.is_relative_to(FOLDER.resolve()) and file.is_file() else None
    except (OSError, ValueError):  # too long, or no name at all
        return None
