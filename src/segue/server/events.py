"""Server-sent events, as the HTML standard writes them."""

from __future__ import annotations

import json
from typing import Any

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
