"""Server-sent events, as the HTML standard writes them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio.to_thread

from segue.server.served import Served

Responses = dict[int | str, dict[str, Any]]
"""How answers that are no JSON stand in the OpenAPI document."""

SSE: Responses = {200: {"content": {"text/event-stream": {}}}}
"""How a stream of events stands in the OpenAPI document."""


def event(name: str, data: object) -> bytes:
    """One event with its data as JSON.

    >>> event("end", None)
    b'event: end\\ndata: null\\n\\n'
    """
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


KEPT_OPEN = b": still here\n\n"
"""A comment, so that proxies do not close a quiet stream."""


async def in_slow_threads(events: Iterator[bytes], served: Served) -> AsyncIterator[bytes]:
    """Events that take long to make, each in one of the threads for slow work, until the server ends."""
    while not served.ending.is_set():
        made = await anyio.to_thread.run_sync(next, events, None, limiter=served.slow)
        if made is None:
            return
        yield made
