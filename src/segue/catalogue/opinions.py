"""What listeners said they like and dislike."""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from segue.catalogue.connection import Catalogue, snapshot, transaction
from segue.catalogue.folding import clean
from segue.catalogue.heard import identity
from segue.catalogue.listens import BY_HAND, EVIDENCE, OPINION, VALUE, listener_id, tracks_of_heard
from segue.catalogue.rows import now
from segue.catalogue.sources import made_listener, made_source


class OpinionTable(NamedTuple):
    """Opinions of one listener, one row a recording, ordered by `heard`.

    Attributes
    ----------
    track_key
        ``(n,) int64``: its track, -1 where it is not in the library.
    heard
        ``(n,) int64``: which recording (`heard_table`).
    value
        ``(n,) float64``: -1 disliked to 1 liked.
    """

    track_key: NDArray[np.int64]
    heard: NDArray[np.int64]
    value: NDArray[np.float64]


def opinion_table(cat: Catalogue, listener: str = "") -> OpinionTable:
    """A listener's opinions: what was said by hand, else the mean of what the sources say.

    Raises
    ------
    NothingFound
        If there is no such listener.
    """
    with snapshot(cat) as connection:
        rows = np.fromiter(
            connection.execute(
                f"SELECT e.heard_id, {VALUE} FROM {EVIDENCE} WHERE e.listener_id = ? AND e.kind = ? "
                "GROUP BY e.heard_id ORDER BY e.heard_id",
                (listener_id(connection, listener), OPINION),
            ),
            np.dtype([("heard", "i8"), ("value", "f8")]),
        )
        track_of = tracks_of_heard(connection)
    heard = np.ascontiguousarray(rows["heard"])
    return OpinionTable(track_of[heard], heard, np.ascontiguousarray(rows["value"]))


def set_opinion(
    cat: Catalogue,
    artist: str,
    title: str,
    value: float | None,
    *,
    album: str = "",
    path: str = "",
    listener: str = "",
) -> int:
    """Store what a listener thinks of a recording, in place of what was said by hand before.

    Parameters
    ----------
    value
        -1 disliked to 1 liked; None takes the opinion back.
    path
        The recording's file, where artist or title are not known.

    Returns
    -------
    The recording's id in `heard_table`.
    """
    if value is not None and not -1.0 <= value <= 1.0:
        raise ValueError(f"an opinion is a number from -1 to 1, not {value}")
    artist, title, album = (clean(name) or "" for name in (artist, title, album))
    names = (artist, title, album, "", "", "", path)
    with transaction(cat) as connection:
        source = made_source(connection, BY_HAND, "")
        who = made_listener(connection, listener)
        connection.execute(
            "INSERT INTO heard (identity, artist, title, album, mbid, isrc, uri, path) "
            "VALUES (?, ?, ?, ?, '', '', '', ?) ON CONFLICT (identity) DO NOTHING",
            (identity(*names), artist, title, album, os.fsencode(path)),
        )
        heard = connection.execute("SELECT id FROM heard WHERE identity = ?", (identity(*names),)).fetchone()[
            0
        ]
        connection.execute(
            "DELETE FROM evidence WHERE source_id = ? AND listener_id = ? AND kind = ? AND heard_id = ?",
            (source, who, OPINION, heard),
        )
        if value is not None:
            connection.execute(
                "INSERT INTO evidence (source_id, listener_id, kind, heard_id, count, value, time) "
                "VALUES (?, ?, ?, ?, 0, ?, ?)",
                (source, who, OPINION, heard, value, int(now())),
            )
    return int(heard)
