"""The same recording more than once: byte-identical copies, and other encodings."""

from __future__ import annotations

import numpy as np

from segue import ranking
from segue.catalogue import Track, keys_of, repeated_tracks, track_ids, tracks
from segue.operations.resident import opened
from segue.settings import DataFolder


def duplicate_groups(data: DataFolder) -> list[list[Track]]:
    """Groups of tracks that are one recording; a group of one track has several files.

    Raises
    ------
    NothingFound
        If the library is empty.
    """
    with opened(data) as at_hand:
        catalogue = at_hand.catalogue
        space = at_hand.space(at_hand.encoder(), told=False)
        groups = [list(group) for group in ranking.duplicates(space)]
        grouped = {key for group in groups for key in group}
        copies = keys_of(catalogue, repeated_tracks(catalogue)).tolist()
        groups += [[key] for key in copies if key not in grouped]
        return [
            tracks(catalogue, track_ids(catalogue, np.array(group, np.int64))) for group in sorted(groups)
        ]
