"""The memory of what was recommended, so that tomorrow's list differs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.catalogue.connection import Catalogue, snapshot, transaction
from segue.catalogue.folding import clean
from segue.catalogue.sources import made_listener


def record_recommended(
    cat: Catalogue, listener: str, list_name: str, track_keys: NDArray[np.int64], time_s: float
) -> None:
    """Remember that tracks were recommended.

    Parameters
    ----------
    list_name
        Which list they were on, such as ``new``.
    track_keys
        ``(n,) int64``; keys of tracks that were forgotten meanwhile are left out.
    time_s
        UTC epoch seconds.
    """
    with transaction(cat) as connection:
        who = made_listener(connection, listener)
        connection.executemany(
            "INSERT OR IGNORE INTO recommended (listener_id, time, list, track_id) "
            "SELECT ?, ?, ?, id FROM tracks WHERE id = ?",
            [(who, int(time_s), list_name, key) for key in track_keys.tolist()],
        )


def recommended(
    cat: Catalogue, listener: str, since_s: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """What was recommended to a listener since a time, oldest first.

    Returns
    -------
    track_keys
        ``(n,) int64``; a track comes once for each time.
    time_s
        ``(n,) float64``, UTC epoch seconds.
    """
    with snapshot(cat) as connection:
        rows = np.fromiter(
            connection.execute(
                "SELECT track_id, time FROM recommended "
                "WHERE listener_id = (SELECT id FROM listeners WHERE name = ?) AND time >= ? "
                "GROUP BY time, track_id ORDER BY time, track_id",
                (clean(listener) or "", since_s),
            ),
            np.dtype([("track", "i8"), ("time", "i8")]),
        )
    return np.ascontiguousarray(rows["track"]), rows["time"].astype(np.float64)
