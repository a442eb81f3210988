"""From a person's words to a track: an id, a name, a path in the library or outside it."""

from __future__ import annotations

from pathlib import Path

from segue.audio import DEFAULT_PLAN
from segue.catalogue import Analysis, Catalogue, find_track
from segue.encoders import members
from segue.errors import AmbiguousTrack, NothingFound
from segue.scanning import analyse_file
from segue.types import EncoderId, TrackId


def find_seed(catalogue: Catalogue, words: str) -> TrackId:
    """The one track that `words` name.

    Raises
    ------
    AmbiguousTrack
        If they fit several.
    NothingFound
        If they fit none.
    """
    found = find_track(catalogue, words)
    if not found.ids:
        raise NothingFound(f"nothing in the library is called {words!r}: try `segue library search {words!r}`")
    if len(found.ids) > 1:
        raise AmbiguousTrack(words, found.ids)
    return found.ids[0]
