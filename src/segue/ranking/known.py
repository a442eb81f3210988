"""Which new tracks are not new: played ones in another encoding, or in another version."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.ranking.recordings import SAME_SECONDS, sounds_of
from segue.ranking.space import Ids, Space
from segue.ranking.titles import song_name


def heard_again(space: Space, rows: Ids, heard: Ids) -> NDArray[np.bool_]:
    """Which of `rows` are the recording or song of one of `heard` without being it, ``(m,)`` bool."""
    again = np.zeros(len(rows), dtype=np.bool_)
    if len(heard) == 0:
        return again
    new = np.flatnonzero(~np.isin(rows, heard))
    songs = {
        (int(space.artist[row]), song_name(space.titles[row])) for row in heard if space.artist[row] >= 0
    }
    artists = np.unique(space.artist[heard])
    for place in new[np.isin(space.artist[rows[new]], artists[artists >= 0])]:
        name = song_name(space.titles[rows[place]])
        again[place] = name != "" and (int(space.artist[rows[place]]), name) in songs
    ordered = heard[np.argsort(space.duration_s[heard], kind="stable")]
    lengths = space.duration_s[ordered]
    low = np.searchsorted(lengths, space.duration_s[rows] - SAME_SECONDS)
    high = np.searchsorted(lengths, space.duration_s[rows] + SAME_SECONDS, side="right")
    known, candidates = sounds_of(space, ordered), sounds_of(space, rows)
    for place in new[(high > low)[new] & ~again[new]]:
        one = candidates.at(slice(place, place + 1))
        again[place] = bool(one.alike(known.at(slice(low[place], high[place])))[0].any())
    return again
