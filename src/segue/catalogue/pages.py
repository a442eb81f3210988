"""The present tracks page by page, in several orders."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from segue.catalogue.connection import Catalogue, snapshot
from segue.catalogue.folding import clean
from segue.catalogue.heard import folded
from segue.catalogue.paging import Narrowed, Years
from segue.catalogue.reading import read_tracks
from segue.catalogue.records import Track

TrackOrder = Literal["artist", "title", "newest", "year", "random"]

_PLACE = "artist_fold, album_fold, disc_number, track_number, title_fold"


def tracks_page(
    cat: Catalogue,
    *,
    order: TrackOrder = "artist",
    offset: int = 0,
    limit: int = 100,
    genre: str | None = None,
    years: Years | None = None,
    composer: str | None = None,
    seed: int = 0,
    within: Path | None = None,
) -> list[Track]:
    """A page of the present tracks.

    Parameters
    ----------
    order
        By artist, album and place; by title; the latest added first; by year (unknown years last); or at
        random: the same `seed` gives the same order while no track comes or goes.
    offset, limit
        The page; a negative limit is all.
    genre, composer
        Only tracks that bear the name, whatever its case and punctuation.
    years
        First and last year, each None for open; the greater first turns the order of years round.
    within
        Only tracks with a file in this folder or below.
    """
    with snapshot(cat) as connection:
        rows = Narrowed.by("track", genre, years, within)
        if composer is not None:
            wanted = folded(clean(composer) or "")
            every = connection.execute(
                "SELECT DISTINCT composer FROM tracks WHERE n_files > 0 AND composer IS NOT NULL"
            )
            spellings = [name for (name,) in every if folded(name) == wanted]
            rows.add(f"composer IN ({', '.join('?' * len(spellings))})", *spellings)
        by = {
            "artist": f"{_PLACE}, id",
            "title": "title_fold, id",
            "newest": "added_at DESC, id DESC",
            "year": f"year {'DESC' if rows.later_first else 'NULLS LAST'}, id",
            "random": None,
        }[order]
        return read_tracks(connection, rows.page(connection, by, offset=offset, limit=limit, seed=seed))
