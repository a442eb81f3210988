"""What listeners let Segue ask and tell elsewhere, and the listens that wait to be told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from segue.catalogue.connection import Catalogue, snapshot, transaction
from segue.catalogue.folding import clean
from segue.catalogue.rows import now
from segue.catalogue.sources import made_listener

_OF = "listener_id = (SELECT id FROM listeners WHERE name = ?) AND service = ?"


@dataclass(frozen=True, slots=True)
class Forward:
    """A listen that waits to be passed on to a service.

    Attributes
    ----------
    listen
        As the service wants it, JSON.
    attempts
        How often it was tried in vain.
    """

    id: int
    listener: str
    listen: dict[str, Any]
    attempts: int


def connection_of(cat: Catalogue, listener: str, service: str) -> bytes | None:
    """The sealed text with which a listener's account at a service is opened, or None."""
    with snapshot(cat) as connection:
        row = connection.execute(
            f"SELECT sealed FROM connections WHERE {_OF}", (clean(listener) or "", service)
        ).fetchone()
        return None if row is None else bytes(row[0])


def connected(cat: Catalogue, service: str) -> list[str]:
    """The listeners who have a connection to a service."""
    with snapshot(cat) as connection:
        rows = connection.execute(
            "SELECT l.name FROM connections AS c JOIN listeners AS l ON l.id = c.listener_id "
            "WHERE c.service = ? ORDER BY l.id",
            (service,),
        )
        return [name for (name,) in rows]


def set_connection(cat: Catalogue, listener: str, service: str, sealed: bytes | None) -> None:
    """Store the sealed text in place of the one before; None removes it with all that waits to be told."""
    with transaction(cat) as connection:
        who = made_listener(connection, listener)
        if sealed is None:
            for table in ("connections", "forwards"):
                connection.execute(
                    f"DELETE FROM {table} WHERE listener_id = ? AND service = ?", (who, service)
                )
            return
        connection.execute(
            "INSERT INTO connections (listener_id, service, sealed, changed_at) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (listener_id, service) DO UPDATE SET "
            "sealed = excluded.sealed, changed_at = excluded.changed_at",
            (who, service, sealed, now()),
        )


def add_forwards(cat: Catalogue, listener: str, service: str, listens: Iterable[Mapping[str, Any]]) -> None:
    """Let listens wait to be told to a service; one that waits already is not added again."""
    texts = [json.dumps(dict(listen), ensure_ascii=False, allow_nan=False) for listen in listens]
    with transaction(cat) as connection:
        who = made_listener(connection, listener)
        waiting = connection.execute(
            "SELECT listen FROM forwards WHERE listener_id = ? AND service = ?", (who, service)
        )
        known = {text for (text,) in waiting}
        connection.executemany(
            "INSERT INTO forwards (listener_id, service, listen, not_before) VALUES (?, ?, ?, 0)",
            [(who, service, text) for text in dict.fromkeys(texts) if text not in known],
        )


def n_forwards(cat: Catalogue, listener: str, service: str) -> int:
    """How many listens of a listener wait to be told to a service."""
    with snapshot(cat) as connection:
        counted = connection.execute(
            f"SELECT count(*) FROM forwards WHERE {_OF}", (clean(listener) or "", service)
        ).fetchone()
        return int(counted[0])


def due_forwards(cat: Catalogue, service: str, now: float, n: int) -> list[Forward]:
    """Up to `n` listens that may be told at the time `now` (UTC epoch seconds), the oldest first."""
    with snapshot(cat) as connection:
        rows = connection.execute(
            "SELECT f.id, l.name, f.listen, f.attempts FROM forwards AS f "
            "JOIN listeners AS l ON l.id = f.listener_id "
            "WHERE f.service = ? AND f.not_before <= ? ORDER BY f.id LIMIT ?",
            (service, now, n),
        )
        return [Forward(number, who, json.loads(text), tries) for number, who, text, tries in rows]


def forwarded(cat: Catalogue, ids: Iterable[int]) -> None:
    """Forget listens that were told, or that the service will never take."""
    with transaction(cat) as connection:
        connection.executemany("DELETE FROM forwards WHERE id = ?", [(number,) for number in ids])


def postpone(cat: Catalogue, ids: Iterable[int], not_before: float) -> None:
    """Count an attempt in vain; the next is not before a time (UTC epoch seconds)."""
    with transaction(cat) as connection:
        connection.executemany(
            "UPDATE forwards SET attempts = attempts + 1, not_before = ? WHERE id = ?",
            [(not_before, number) for number in ids],
        )


def hurry(cat: Catalogue, listener: str, service: str) -> None:
    """Let all that waits of a listener be told now."""
    with transaction(cat) as connection:
        connection.execute(
            f"UPDATE forwards SET not_before = 0 WHERE {_OF}", (clean(listener) or "", service)
        )
