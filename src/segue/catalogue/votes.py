"""Blind listening tests: which of two unnamed lists listeners liked better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from segue.catalogue.connection import Catalogue, snapshot, transaction
from segue.catalogue.folding import clean
from segue.catalogue.sources import made_listener
from segue.errors import UsageError


@dataclass(frozen=True, slots=True)
class Vote:
    """One answer of a blind listening test.

    Attributes
    ----------
    time_s
        UTC epoch seconds.
    seed
        The track that both lists were made for.
    first, second
        What made the two lists.
    preferred
        1 or 2, or 0 for neither.
    """

    listener: str
    time_s: float
    seed: str
    first: str
    second: str
    preferred: Literal[0, 1, 2]


def add_vote(cat: Catalogue, vote: Vote) -> None:
    """Store a vote; another one of the same listener at the same time is taken for the same.

    Raises
    ------
    UsageError
        If it prefers anything but 1, 2 or neither (0).
    """
    if vote.preferred not in (0, 1, 2):
        raise UsageError(f"a vote is for 1, 2 or neither (0), not {vote.preferred!r}")
    with transaction(cat) as connection:
        connection.execute(
            "INSERT INTO votes (listener_id, time, seed, first, second, preferred) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                made_listener(connection, vote.listener),
                vote.time_s,
                vote.seed,
                vote.first,
                vote.second,
                vote.preferred,
            ),
        )


def votes(cat: Catalogue, listener: str | None = None) -> list[Vote]:
    """The votes of a listener (None: of all), by time."""
    where, values = ("", ()) if listener is None else ("WHERE l.name = ?", (clean(listener) or "",))
    with snapshot(cat) as connection:
        rows = connection.execute(
            "SELECT l.name, v.time, v.seed, v.first, v.second, v.preferred FROM votes AS v "
            f"JOIN listeners AS l ON l.id = v.listener_id {where} ORDER BY v.time, l.id",
            values,
        )
        return [Vote(*row) for row in rows]
