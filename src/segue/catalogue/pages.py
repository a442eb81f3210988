"""The present tracks page by page, in several orders."""

from __future__ import annotations

from typing import Literal

from segue.catalogue.browsing import OF_GENRE, Years, shuffled_page, year_bounds
from segue.catalogue.connection import Catalogue, snapshot
from segue.catalogue.folding import clean, fold
from segue.catalogue.heard import folded
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
    """
    with snapshot(cat) as connection:
        where, values = ["n_files > 0"], list[object]()
        newest_year_first = False
        if genre is not None:
            where.append(f"id IN (SELECT track_id FROM track_genres WHERE {OF_GENRE})")
            values.append(fold(clean(genre)))
        if years is not None:
            condition, bounds, newest_year_first = year_bounds("year", years)
            where.append(condition)
            values.extend(bounds)
        if composer is not None:
            wanted = folded(clean(composer) or "")
            every = connection.execute(
                "SELECT DISTINCT composer FROM tracks WHERE n_files > 0 AND composer IS NOT NULL"
            )
            spellings = [name for (name,) in every if folded(name) == wanted]
            where.append(f"composer IN ({', '.join('?' * len(spellings))})")
            values.extend(spellings)
        down = "DESC" if newest_year_first else ""
        by = {
            "artist": f"{_PLACE}, id",
            "title": "title_fold, id",
            "newest": "added_at DESC, id DESC",
            "year": f"year {down or 'NULLS LAST'}, id",
            "random": "id",
        }[order]
        page = (-1, 0) if order == "random" else (limit, offset)
        rows = connection.execute(
            f"SELECT id FROM tracks WHERE {' AND '.join(where)} ORDER BY {by} LIMIT ? OFFSET ?",
            (*values, *page),
        )
        keys = [key for (key,) in rows]
        if order == "random":
            keys = shuffled_page(keys, seed, offset, limit)
        return read_tracks(connection, keys)
