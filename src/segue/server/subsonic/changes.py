"""When the library changed, as far as this server saw."""

from __future__ import annotations

from threading import Lock


class Changes:
    """Remembers when each revision of a library was first seen; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen = (-1, 0.0)

    def seen_at(self, revision: int, now_s: float) -> float:
        """When `revision` was first seen, UTC epoch seconds."""
        with self._lock:
            if self._seen[0] != revision:
                self._seen = (revision, now_s)
            return self._seen[1]
