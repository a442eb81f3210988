"""What each listener was playing last, to go on with elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from segue.catalogue.connection import Catalogue, snapshot, transaction
from segue.catalogue.folding import clean
from segue.catalogue.reading import keys_of
from segue.catalogue.rows import now
from segue.catalogue.sources import made_listener
from segue.errors import UsageError
from segue.types import TrackId

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class PlayQueue:
    """What a listener was playing.

    Attributes
    ----------
    track_ids
        In their order; without tracks that are gone.
    place
        Of the track that was playing, the first is 0; None where none was.
    position_ms
        How far that track was played, in milliseconds.
    changed_at
        UTC epoch seconds.
    changed_by
        The player that said so.
    """

    track_ids: tuple[TrackId, ...]
    place: int | None
    position_ms: int
    changed_at: float
    changed_by: str


def play_queue(cat: Catalogue, listener: str) -> PlayQueue | None:
    """What a listener was playing, or None. Where the playing track is gone, the next one is to play."""
    with snapshot(cat) as connection:
        row = connection.execute(
            "SELECT tracks, place, position_ms, changed_at, changed_by FROM play_queues "
            "WHERE listener_id = (SELECT id FROM listeners WHERE name = ?)",
            (clean(listener) or "",),
        ).fetchone()
        if row is None:
            return None
        text, place, position_ms, changed_at, changed_by = row
        present = {
            name
            for (name,) in connection.execute(
                "SELECT public_id FROM tracks WHERE n_files > 0 "
                "AND public_id IN (SELECT value FROM json_each(?))",
                (text,),
            )
        }
    stored = json.loads(text)
    left = tuple(TrackId(name) for name in stored if name in present)
    if place is not None and len(left) < len(stored):
        position_ms = position_ms if stored[place] in present else 0
        place = sum(name in present for name in stored[:place])
        place = min(place, len(left) - 1) if left else None
    return PlayQueue(left, place, position_ms, changed_at, changed_by)


def set_play_queue(
    cat: Catalogue,
    listener: str,
    track_ids: Sequence[TrackId],
    *,
    place: int | None = None,
    position_ms: int = 0,
    changed_by: str = "",
) -> None:
    """Store what a listener is playing in place of what was stored; no tracks forget it.

    Raises
    ------
    NothingFound
        If no track has one of the ids.
    UsageError
        If the queue has no such place, or the position is negative.
    """
    if place is not None and not 0 <= place < max(1, len(track_ids)):
        raise UsageError(f"the queue has {len(track_ids)} tracks, none at place {place} (the first is 0)")
    if not 0 <= position_ms < 2**53:
        raise UsageError(f"{position_ms} ms is no position in a track")
    with transaction(cat) as connection:
        keys_of(cat, track_ids)
        who = made_listener(connection, listener)
        connection.execute("DELETE FROM play_queues WHERE listener_id = ?", (who,))
        if track_ids:
            connection.execute(
                "INSERT INTO play_queues (listener_id, tracks, place, position_ms, changed_at, changed_by) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (
                    who,
                    json.dumps(list(track_ids)),
                    place,
                    position_ms,
                    now(),
                    (clean(changed_by) or "")[:_LONGEST_NAME],
                ),
            )
