"""One listener's history, ready for ranking."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.catalogue import KINDS, Catalogue, ListenTable, listen_table, listeners, opinion_table
from segue.errors import NothingFound
from segue.ranking import Listens, Opinions

# A place in a playlist is worth as much as a half-hearted like, several at most as much as a like.
_IN_A_PLAYLIST = 0.5


def history_of(catalogue: Catalogue, listener: str) -> tuple[Listens, Opinions]:
    """What a listener heard, and what the listener thinks of it.

    Counters that count the same plays as the history lists are not added to them. Places in playlists are
    mild opinions where there is no other.

    Raises
    ------
    NothingFound
        If there is no such listener, or no history.
    """
    table = listen_table(catalogue, listener)
    said = opinion_table(catalogue, listener)
    if len(table) == 0 and len(said.heard) == 0:
        raise NothingFound(_no_history(listener, [name for name in listeners(catalogue) if name]))
    in_playlist = table.kind == KINDS.index("playlist")
    heard = ~in_playlist
    listens = Listens(
        heard=table.heard[heard],
        track=table.track_key[heard],
        time_s=table.time_s[heard],
        skipped=table.skipped[heard],
        count=_without_doubles(table)[heard],
    )
    mild = in_playlist & ~np.isin(table.heard, said.heard)
    value = np.minimum(1.0, _IN_A_PLAYLIST * table.count[mild])
    opinions = Opinions(
        heard=np.concatenate([table.heard[mild], said.heard]),
        track=np.concatenate([table.track_key[mild], said.track_key]),
        value=np.concatenate([value, said.value]),
    )
    return listens, opinions


def _no_history(listener: str, others: list[str]) -> str:
    whose = f" of {listener!r}" if listener else ""
    words = f"there is no history{whose} yet: bring one with `segue history import FILE`"
    if listener or not others:
        return words
    return f"{words}, or take that of {others[0]!r} with --listener"


def _without_doubles(table: ListenTable) -> NDArray[np.int64]:
    """Counts of each row; those of counters less the plays that the history lists of the same recording."""
    counts = table.count.copy()
    counted = table.kind == KINDS.index("count")
    listed = table.kind == KINDS.index("play")
    if not (counted.any() and listed.any()):
        return counts
    of_track = np.where(table.track_key >= 0, table.track_key, -1 - table.heard)
    names, item = np.unique(of_track, return_inverse=True)
    plays = np.bincount(item[listed], table.count[listed], len(names)).astype(np.int64)
    counts[counted] = np.maximum(counts[counted] - plays[item[counted]], 0)
    return counts
