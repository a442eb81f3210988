"""The same recording more than once: byte-identical copies, and other encodings."""

from __future__ import annotations

import numpy as np

from segue import ranking
from segue.catalogue import Track, keys_of, open_catalogue, repeated_tracks, track_ids, tracks
from segue.operations.opening import answering_encoder
from segue.operations.space import library_space
from segue.settings import DataFolder


def duplicate_groups(data: DataFolder) -> list[list[Track]]:
    """Groups of tracks that are one recording; a group of one track has several files.

    Raises
    ------
    NothingFound
        If the library is empty.
    """
    with open_catalogue(data) as catalogue:
        space = library_space(catalogue, data, answering_encoder(catalogue, data, None))
        groups = [list(group) for group in ranking.duplicates(space)]
        grouped = {key for group in groups for key in group}
        copies = keys_of(catalogue, repeated_tracks(catalogue)).tolist()
        groups += [[key] for key in copies if key not in grouped]
        return [
            tracks(catalogue, track_ids(catalogue, np.array(group, np.int64))) for group in sorted(groups)
        ]
