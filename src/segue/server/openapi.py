"""The OpenAPI document: what FastAPI reads from the routes, and what it cannot read from them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from segue.server.access import COOKIE, WRITES

FREE = frozenset(
    {
        ("get", "/api/health"),
        ("get", "/api/session"),
        ("post", "/api/session"),
        ("post", "/api/setup"),
        ("get", "/api/connections/spotify/callback"),
    }
)
"""What strangers may ask."""

_ABOUT = f"""\
Ids are opaque, times are UTC epoch seconds, durations are seconds. An error is a problem of RFC 9457.

A program sends an API key as `Authorization: Bearer KEY`. A browser has a session in the cookie `{COOKIE}`,
and sends the header `{WRITES}: 1` with every request that changes something. On a library without accounts,
who sits at the machine itself may do everything.
"""
_TAGS = {
    "people": "Set-up, sessions, accounts, keys.",
    "library": "The library as it is.",
    "what comes next": "Similar tracks, mixes, paths, recommendations, endless play.",
    "what a person says": "Plays, skips, likes, stars, ratings.",
    "playlists": "Playlists that are kept here, and the queue.",
    "one track": "Sound, waveform, cover, lyrics, spectrogram, genres.",
    "from above": "The map, and kinds of music.",
    "scanning": "Where the music is, scans, files that could not be heard.",
    "history": "Histories that people bring along.",
    "listening test": "Two models' lists side by side, without names.",
    "connections": "Other people's services.",
    "server": "Health, figures, the newest evaluation.",
}
_DOORS = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": f"From `POST /api/session`; changes need the header `{WRITES}: 1` too.",
    },
    "key": {"type": "http", "scheme": "bearer", "description": "An API key of an account."},
}
_RETRY = {
    "Retry-After": {"description": "Seconds, with 429 and 503.", "schema": {"type": "integer", "minimum": 1}}
}


def describe(app: FastAPI) -> None:
    """Let `app` give the whole document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _whole(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # as FastAPI's manual extends it


def _whole(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        summary=app.summary,
        description=_ABOUT,
        version=app.version,
        routes=app.routes,
        tags=[{"name": name, "description": said} for name, said in _TAGS.items()],
        license_info={"name": "MIT", "identifier": "MIT"},
        separate_input_output_schemas=False,
    )
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(operation, is_free=(method, path) in FREE)
    document["components"]["securitySchemes"] = _DOORS
    return document


def _complete(operation: dict[str, Any], *, is_free: bool) -> None:
    """What every operation has: a heading for people, its errors, its doors."""
    words, _, rest = operation["description"].partition("\n\n")
    operation["summary"] = words.replace("\n", " ").rstrip(".")
    if rest:
        operation["description"] = rest
    else:
        del operation["description"]
    operation["security"] = ([{}] if is_free else []) + [{name: []} for name in _DOORS]
    for status, answer in operation["responses"].items():
        if status.endswith("XX"):
            schema = answer["content"].pop("application/json", None)
            if schema is not None:
                answer["content"] = {"application/problem+json": schema}
            answer["headers"] = _RETRY
