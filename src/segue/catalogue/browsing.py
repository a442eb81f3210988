"""The present tracks by artists and albums, as people look through a library."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segue.catalogue.connection import Catalogue, snapshot
from segue.catalogue.paging import Narrowed, Years
from segue.catalogue.reading import read_tracks
from segue.catalogue.records import Track
from segue.catalogue.within import lies_in
from segue.errors import NothingFound
from segue.types import TrackId

AlbumOrder = Literal["name", "artist", "newest", "year", "random"]

SPELLING = "(SELECT name FROM spellings WHERE artist_id = {artist} ORDER BY n_tracks DESC, name LIMIT 1)"
"""How most tracks spell an artist; NULL without present tracks."""
# The tracks of an artist are two ranges of two indices: by the track's own artist, or by that of the album.
_OWN = "FROM tracks WHERE n_files > 0 AND artist_id = ?1"
_OF_ALBUM = "FROM tracks WHERE n_files > 0 AND album_artist_id IS NOT artist_id AND album_artist_id = ?1"


@dataclass(frozen=True, slots=True)
class Artist:
    """Who is named as the artist of a track or an album.

    Attributes
    ----------
    id
        Opaque; it stays while the catalogue does.
    name
        The spelling that most tracks bear.
    n_albums, n_tracks
        Of which the artist is the album's or the track's own.
    """

    id: str
    name: str
    n_albums: int
    n_tracks: int


@dataclass(frozen=True, slots=True)
class Album:
    """The tracks that bear one album name by one album artist (by each track's own where there is none).

    Attributes
    ----------
    id
        Opaque; it stays while the catalogue does.
    name, artist, year
        Those that most of its tracks bear; the artist is empty where nobody is named.
    artist_id
        None where nobody is named.
    duration_s
        In seconds.
    added_at
        When the latest of its tracks came, UTC epoch seconds.
    genres
        Of its tracks, the most frequent first.
    cover_track
        The first track that bears a picture, else the first.
    musicbrainz_release_id
        Of the first track that has one.
    """

    id: str
    name: str
    artist: str
    artist_id: str | None
    year: int | None
    n_tracks: int
    duration_s: float
    added_at: float
    genres: tuple[str, ...]
    cover_track: TrackId
    musicbrainz_release_id: str | None


@dataclass(frozen=True, slots=True)
class Links:
    """Where a track belongs: ids of artists and album, None where the tags name none."""

    artist_id: str | None
    album_artist_id: str | None
    album_id: str | None


def artists(cat: Catalogue, *, within: Path | None = None) -> list[Artist]:
    """All artists of present tracks and of their albums, by name.

    Parameters
    ----------
    within
        Only artists of a file in this folder or below.
    """
    with snapshot(cat) as connection:
        rows = connection.execute(
            f"""
            WITH counted (artist, n_albums, n_tracks) AS (
                SELECT artist, count(DISTINCT album), sum(n) FROM (
                    SELECT artist_id AS artist, album_id AS album, count(*) AS n FROM tracks
                        WHERE n_files > 0 AND artist_id IS NOT NULL GROUP BY 1, 2
                    UNION ALL
                    SELECT album_artist_id, album_id, count(*) FROM tracks
                        WHERE n_files > 0 AND album_artist_id IS NOT artist_id
                        AND album_artist_id IS NOT NULL GROUP BY 1, 2
                ) GROUP BY artist
            )
            SELECT a.public_id, {SPELLING.format(artist="a.id")}, c.n_albums, c.n_tracks
            FROM counted AS c CROSS JOIN artists AS a ON a.id = c.artist
            WHERE {lies_in(within, "artist", "a.id")} ORDER BY a.fold
            """
        )
        return [Artist(*row) for row in rows]


def artist(cat: Catalogue, id: str) -> Artist:
    """One artist.

    Raises
    ------
    NothingFound
        If no present track names an artist of this id.
    """
    with snapshot(cat) as connection:
        found = read_artists(connection, [artist_key(connection, id)])
        if not found:
            raise NothingFound(f"the artist {id} has no track in the library any more")
        return found[0]


def artists_by_id(cat: Catalogue, ids: Sequence[str]) -> list[Artist]:
    """Artists in the order of their ids; what is unknown or has no present track is left out."""
    with snapshot(cat) as connection:
        known = dict(
            connection.execute(
                "SELECT public_id, id FROM artists WHERE public_id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(ids)),),
            )
        )
        return read_artists(connection, [known[id] for id in ids if id in known])


def read_artists(connection: sqlite3.Connection, keys: Iterable[int]) -> list[Artist]:
    """The records of artists in the order of `keys`; who has no present track is left out."""
    found = []
    for key in keys:
        row = connection.execute(
            f"SELECT public_id, {SPELLING.format(artist='?1')}, "
            f"(SELECT count(*) FROM (SELECT album_id {_OWN} AND album_id IS NOT NULL "
            f"UNION SELECT album_id {_OF_ALBUM} AND album_id IS NOT NULL)), "
            f"(SELECT count(*) {_OWN}) + (SELECT count(*) {_OF_ALBUM}) FROM artists WHERE id = ?1",
            (key,),
        ).fetchone()
        if row is not None and row[1] is not None:
            found.append(Artist(*row))
    return found


def artist_key(connection: sqlite3.Connection, id: str) -> int:
    """The row of an artist.

    Raises
    ------
    NothingFound
        If no artist has this id.
    """
    row = connection.execute("SELECT id FROM artists WHERE public_id = ?", (id,)).fetchone()
    if row is None:
        raise NothingFound(f"no artist has the id {id}")
    return int(row[0])


def artist_albums(cat: Catalogue, id: str) -> list[Album]:
    """The albums by an artist, and those with a track by the artist, by year.

    Raises
    ------
    NothingFound
        If no artist has this id.
    """
    return albums(cat, order="year", artist_id=id, limit=-1)


def artist_tracks(cat: Catalogue, id: str) -> list[Track]:
    """The present tracks by an artist and on albums by the artist, by year, album and place.

    Raises
    ------
    NothingFound
        If no artist has this id.
    """
    with snapshot(cat) as connection:
        rows = connection.execute(
            f"SELECT t.id FROM tracks AS t LEFT JOIN albums AS a ON a.id = t.album_id "
            f"WHERE t.id IN (SELECT id {_OWN} UNION ALL SELECT id {_OF_ALBUM}) "
            "ORDER BY coalesce(a.year, t.year, 9999), t.album_fold, coalesce(t.disc_number, 1), "
            "t.track_number, t.title_fold, t.id",
            (artist_key(connection, id),),
        ).fetchall()
        return read_tracks(connection, (key for (key,) in rows))


def albums(
    cat: Catalogue,
    *,
    order: AlbumOrder = "name",
    offset: int = 0,
    limit: int = 100,
    genre: str | None = None,
    years: Years | None = None,
    artist_id: str | None = None,
    seed: int = 0,
    within: Path | None = None,
) -> list[Album]:
    """A page of the albums that have present tracks.

    Parameters
    ----------
    order
        By name, by artist and name, the latest added first, by year (unknown years last), or at random: the
        same `seed` gives the same order while no album comes or goes.
    offset, limit
        The page; a negative limit is all.
    genre
        Only albums with a track of this genre, whatever its case and punctuation.
    years
        First and last year, each None for open; the greater first turns the order of years round.
    artist_id
        Only albums by this artist or with a track by this artist.
    within
        Only albums with a file in this folder or below.

    Raises
    ------
    NothingFound
        If no artist has this id.
    """
    with snapshot(cat) as connection:
        rows = Narrowed.by("album", genre, years, within)
        if artist_id is not None:
            own, of_album = (part.replace("?1", "?") for part in (_OWN, _OF_ALBUM))
            key = artist_key(connection, artist_id)
            rows.add(f"id IN (SELECT album_id {own} UNION ALL SELECT album_id {of_album})", key, key)
        by = {
            "name": "fold, artist_fold",
            "artist": "artist_fold, fold",
            "newest": "added_at DESC, id DESC",
            "year": f"year IS NULL, year {'DESC' if rows.later_first else ''}, artist_fold, fold",
            "random": None,
        }[order]
        return read_albums(connection, rows.page(connection, by, offset=offset, limit=limit, seed=seed))


def n_albums(cat: Catalogue) -> int:
    """How many albums have present tracks."""
    with snapshot(cat) as connection:
        return int(connection.execute("SELECT count(*) FROM albums WHERE n_tracks > 0").fetchone()[0])


def album(cat: Catalogue, id: str) -> Album:
    """One album.

    Raises
    ------
    NothingFound
        If no album of this id has present tracks.
    """
    found = albums_by_id(cat, [id])
    if not found:
        raise NothingFound(f"no album in the library has the id {id}")
    return found[0]


def albums_by_id(cat: Catalogue, ids: Sequence[str]) -> list[Album]:
    """Albums in the order of their ids; what is unknown or has no present track is left out."""
    with snapshot(cat) as connection:
        known = dict(
            connection.execute(
                "SELECT public_id, id FROM albums WHERE public_id IN (SELECT value FROM json_each(?))",
                (json.dumps(list(ids)),),
            )
        )
        return read_albums(connection, [known[id] for id in ids if id in known])


def album_tracks(cat: Catalogue, id: str) -> list[Track]:
    """The present tracks of an album by disc and number.

    Raises
    ------
    NothingFound
        If no album has this id.
    """
    with snapshot(cat) as connection:
        row = connection.execute("SELECT id FROM albums WHERE public_id = ?", (id,)).fetchone()
        if row is None:
            raise NothingFound(f"no album has the id {id}")
        rows = connection.execute(
            "SELECT id FROM tracks WHERE album_id = ? AND n_files > 0 "
            "ORDER BY coalesce(disc_number, 1), track_number, title_fold, id",
            row,
        ).fetchall()
        return read_tracks(connection, (key for (key,) in rows))


def read_albums(connection: sqlite3.Connection, keys: Iterable[int]) -> list[Album]:
    """The records of albums in the order of `keys`; those without present tracks are left out."""
    wanted = list(keys)
    chosen = (json.dumps(wanted),)
    genres: dict[int, dict[str, str]] = {}
    for key, name, folded in connection.execute(
        "SELECT g.album_id, n.name, n.fold FROM album_genres AS g JOIN genres AS n ON n.id = g.genre_id "
        "WHERE g.album_id IN (SELECT value FROM json_each(?)) ORDER BY g.album_id, g.n_tracks DESC, n.name",
        chosen,
    ):
        genres.setdefault(key, {}).setdefault(folded, name)
    lengths: dict[int, float] = {}
    covers: dict[int, tuple[bool, TrackId]] = {}
    releases: dict[int, str] = {}
    for key, name, duration_s, has_cover, release in connection.execute(
        "SELECT album_id, public_id, duration_s, has_cover, musicbrainz_release_id FROM tracks "
        "WHERE n_files > 0 AND album_id IN (SELECT value FROM json_each(?)) "
        "ORDER BY album_id, disc_number, track_number, id",
        chosen,
    ):
        lengths[key] = lengths.get(key, 0.0) + duration_s
        if key not in covers or (has_cover and not covers[key][0]):
            covers[key] = (bool(has_cover), TrackId(name))
        if release is not None:
            releases.setdefault(key, release)
    rows = connection.execute(
        f"SELECT a.id, a.public_id, a.name, coalesce({SPELLING.format(artist='r.id')}, ''), r.public_id, "
        "a.year, a.n_tracks, a.added_at FROM albums AS a LEFT JOIN artists AS r ON r.fold = a.artist_fold "
        "WHERE a.n_tracks > 0 AND a.id IN (SELECT value FROM json_each(?))",
        chosen,
    )
    found = {
        key: Album(
            id, name, by, by_id, year, n_tracks, lengths[key], added_at,
            tuple(genres.get(key, {}).values()), covers[key][1], releases.get(key),
        )
        for key, id, name, by, by_id, year, n_tracks, added_at in rows
    }  # fmt: skip
    return [found[key] for key in wanted if key in found]


def links(cat: Catalogue, keys: Sequence[int] | NDArray[np.int64]) -> list[Links]:
    """Artists and album of tracks, one a key, in the order of the keys; nothing for a key of no track."""
    wanted = np.asarray(keys, np.int64).tolist()
    with snapshot(cat) as connection:
        found = {
            key: Links(*ids)
            for key, *ids in connection.execute(
                "SELECT t.id, a.public_id, b.public_id, c.public_id FROM tracks AS t "
                "LEFT JOIN artists AS a ON a.id = t.artist_id "
                "LEFT JOIN artists AS b ON b.id = t.album_artist_id "
                "LEFT JOIN albums AS c ON c.id = t.album_id WHERE t.id IN (SELECT value FROM json_each(?))",
                (json.dumps(wanted),),
            )
        }
    nothing = Links(None, None, None)
    return [found.get(key, nothing) for key in wanted]
