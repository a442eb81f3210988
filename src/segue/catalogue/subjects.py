"""The present tracks by genre, by composer and by work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from segue.catalogue.connection import Catalogue, snapshot
from segue.catalogue.folding import clean
from segue.catalogue.heard import folded
from segue.catalogue.reading import read_tracks
from segue.catalogue.records import Track
from segue.errors import NothingFound


@dataclass(frozen=True, slots=True)
class Genre:
    """A genre as tags name it, in the spelling that most tracks bear."""

    name: str
    n_tracks: int
    n_albums: int


@dataclass(frozen=True, slots=True)
class Composer:
    """A composer as tags name them, in the spelling that most tracks bear."""

    name: str
    n_tracks: int
    n_works: int


@dataclass(frozen=True, slots=True)
class Work:
    """A work as tags name it; the composer is empty where none is named."""

    name: str
    composer: str
    n_tracks: int


def genres(cat: Catalogue) -> list[Genre]:
    """The genres of present tracks, by name; spellings that differ by case or punctuation are one."""
    with snapshot(cat) as connection:
        rows = connection.execute(
            """
            SELECT n.fold, max(c.n_tracks) AS most, n.name, sum(c.n_tracks), sum(c.n_albums), count(*)
            FROM (SELECT genre_id, sum(n_tracks) AS n_tracks, sum(album_id > 0) AS n_albums
                FROM album_genres GROUP BY genre_id) AS c JOIN genres AS n ON n.id = c.genre_id
            GROUP BY n.fold ORDER BY n.fold
            """
        ).fetchall()
        found = []
        for key, _, name, n_tracks, n_albums, n_spellings in rows:
            if n_spellings > 1:  # an album, and even a track, may bear several
                n_tracks, n_albums = connection.execute(
                    "SELECT count(DISTINCT t.id), count(DISTINCT t.album_id) FROM genres AS n "
                    "JOIN track_genres AS g ON g.genre_id = n.id JOIN tracks AS t ON t.id = g.track_id "
                    "WHERE n.fold = ? AND t.n_files > 0",
                    (key,),
                ).fetchone()
            found.append(Genre(name, n_tracks, n_albums))
        return found


def _counted_works(cat: Catalogue) -> list[tuple[str | None, str | None, int]]:
    with snapshot(cat) as connection:
        return connection.execute(
            "SELECT composer, work, count(*) FROM tracks WHERE n_files > 0 AND composer IS NOT NULL "
            "GROUP BY composer, work UNION ALL SELECT NULL, work, count(*) FROM tracks "
            "WHERE n_files > 0 AND composer IS NULL AND work IS NOT NULL GROUP BY work"
        ).fetchall()


def _most_used(spelled: Iterable[tuple[str, int]]) -> str:
    counts: dict[str, int] = {}
    for name, n in spelled:
        counts[name] = counts.get(name, 0) + n
    return min(counts, key=lambda name: (-counts[name], name))


def composers(cat: Catalogue) -> list[Composer]:
    """The composers of present tracks, by name; case, accents and punctuation make no other composer."""
    found: dict[str, list[tuple[str, str | None, int]]] = {}
    for composer, work, n in _counted_works(cat):
        if composer is not None:
            found.setdefault(folded(composer), []).append((composer, work, n))
    return [
        Composer(
            _most_used((name, n) for name, _, n in rows),
            sum(n for *_, n in rows),
            len({folded(work) for _, work, _ in rows if work is not None}),
        )
        for _, rows in sorted(found.items())
    ]


def works(cat: Catalogue, composer: str | None = None) -> list[Work]:
    """The works of present tracks, by composer and name; of one composer only, or (empty) of none."""
    wanted = None if composer is None else folded(clean(composer) or "")
    found: dict[tuple[str, str], list[tuple[str, str, int]]] = {}
    for by, work, n in _counted_works(cat):
        by = by or ""
        if work is not None and wanted in (None, folded(by)):
            found.setdefault((folded(by), folded(work)), []).append((by, work, n))
    return [
        Work(
            _most_used((work, n) for _, work, n in rows),
            _most_used((by, n) for by, _, n in rows),
            sum(n for *_, n in rows),
        )
        for _, rows in sorted(found.items())
    ]


def work_tracks(cat: Catalogue, composer: str, work: str) -> list[Track]:
    """The present tracks of one work, by album and place; an empty composer is nobody named.

    Raises
    ------
    NothingFound
        If no present track names this work of this composer.
    """
    wanted = (folded(clean(composer) or ""), folded(clean(work) or ""))
    with snapshot(cat) as connection:
        spellings = [
            (by, name)
            for by, name, _ in _counted_works(cat)
            if name is not None and (folded(by or ""), folded(name)) == wanted
        ]
        if not spellings:
            raise NothingFound(f"no track names a work {work!r} of {composer!r}")
        rows = [
            row
            for spelling in spellings
            for row in connection.execute(
                "SELECT artist_fold, album_fold, coalesce(disc_number, 1), coalesce(track_number, 0), id "
                "FROM tracks WHERE n_files > 0 AND composer IS ? AND work = ?",
                spelling,
            )
        ]
        return read_tracks(connection, (row[-1] for row in sorted(rows)))
