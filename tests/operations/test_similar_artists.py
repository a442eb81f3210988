"""Artists that sound alike, in a library whose styles are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from segue.catalogue import artists, open_catalogue
from segue.errors import NothingFound
from segue.operations.similar_artists import similar_artists
from segue.settings import DataFolder


def test_the_nearest_artist_plays_the_same_style(demo: Any) -> None:
    data = DataFolder(Path(demo.data))
    style_of = {piece.artist: piece.style for piece in demo.pieces if piece.kind == "piece"}
    with open_catalogue(data) as catalogue:
        found = [artist for artist in artists(catalogue) if artist.name in style_of]
    right = 0
    for artist in found:
        alike = similar_artists(data, artist.id, number=5)
        assert 0 < len(alike) <= 5
        assert artist.id not in [other.id for other in alike]
        assert len({other.id for other in alike}) == len(alike)
        right += style_of[alike[0].name] == style_of[artist.name]
    assert right >= 0.8 * len(found)


def test_an_unknown_artist_is_not_found(demo: Any) -> None:
    with pytest.raises(NothingFound):
        similar_artists(DataFolder(Path(demo.data)), "nobody")
