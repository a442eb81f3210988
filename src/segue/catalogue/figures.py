"""The catalogue in figures, and whether it is sound."""

from __future__ import annotations

from segue.catalogue.connection import Catalogue, snapshot
from segue.catalogue.faults import translated
from segue.catalogue.library import default_encoder, roots
from segue.catalogue.migrations import version_of
from segue.catalogue.records import Stats
from segue.types import EncoderId

# What triggers count, and what the rows themselves say: what is in one only is wrong.
_DIFFERENCE = "SELECT * FROM ({0} EXCEPT {1}) UNION ALL SELECT * FROM ({1} EXCEPT {0})"
_COUNTS = {
    "tracks have an artist or album that is not theirs": (
        "SELECT 1 FROM tracks WHERE artist_id IS NOT (SELECT id FROM artists WHERE fold = artist_fold) "
        "OR album_artist_id IS NOT (SELECT id FROM artists WHERE fold = album_artist_fold) "
        "OR album_id IS NOT (SELECT a.id FROM albums AS a WHERE a.fold = album_fold "
        "AND a.artist_fold = coalesce(nullif(album_artist_fold, ''), tracks.artist_fold))"
    ),
    "albums count their tracks wrong": (
        "SELECT 1 FROM albums WHERE n_tracks <> "
        "(SELECT count(*) FROM tracks WHERE album_id = albums.id AND n_files > 0)"
    ),
    "spellings of artists are counted wrong": _DIFFERENCE.format(
        "SELECT artist_id, name, n_tracks FROM spellings",
        "SELECT artist_id, name, count(*) FROM "
        "(SELECT artist_id, artist AS name FROM tracks WHERE n_files > 0 "
        "UNION ALL SELECT album_artist_id, album_artist FROM tracks WHERE n_files > 0) "
        "WHERE artist_id IS NOT NULL AND name IS NOT NULL GROUP BY artist_id, name",
    ),
    "genres of albums are counted wrong": _DIFFERENCE.format(
        "SELECT album_id, genre_id, n_tracks FROM album_genres",
        "SELECT coalesce(t.album_id, 0), g.genre_id, count(*) FROM track_genres AS g "
        "JOIN tracks AS t ON t.id = g.track_id WHERE t.n_files > 0 GROUP BY 1, 2",
    ),
    "playlists miss a place": (
        "SELECT 1 FROM playlist_tracks GROUP BY playlist_id "
        "HAVING min(position) <> 0 OR max(position) + 1 <> count(*)"
    ),
}


def revision(cat: Catalogue) -> int:
    """A counter that every change of tracks, files or vectors raises."""
    with translated(cat.path):
        return int(cat.connection.execute("SELECT value FROM settings WHERE name = 'revision'").fetchone()[0])


def stats(cat: Catalogue) -> Stats:
    """Count everything."""
    with snapshot(cat) as connection:

        def one(sql: str) -> tuple[int, ...]:
            return tuple(connection.execute(sql).fetchone())

        n_tracks, duration_s, artists, albums = one(
            """
            SELECT count(*), coalesce(sum(duration_s), 0), count(DISTINCT nullif(artist_fold, '')),
                count(DISTINCT CASE WHEN album_fold <> '' THEN
                    album_fold || char(10) || CASE WHEN album_artist_fold <> '' THEN album_artist_fold
                        ELSE artist_fold END END)
            FROM tracks WHERE +n_files > 0
            """
        )
        n_files, size_bytes = one("SELECT count(*), coalesce(sum(size), 0) FROM files")
        encoders = connection.execute(
            """
            SELECT e.name, count(*) FROM vectors AS v INDEXED BY vectors_by_track
                JOIN encoders AS e ON e.id = v.encoder_id
            WHERE v.track_id NOT IN (SELECT id FROM tracks WHERE n_files = 0) GROUP BY e.id ORDER BY e.name
            """
        )
        return Stats(
            tracks=n_tracks,
            files=n_files,
            problems=one("SELECT count(*) FROM problems")[0],
            absent=one("SELECT count(*) FROM tracks WHERE n_files = 0")[0],
            artists=artists,
            albums=albums,
            duration_s=float(duration_s),
            size_bytes=size_bytes,
            encoders={EncoderId(name): count for name, count in encoders},
            roots=roots(cat),
            default_encoder=default_encoder(cat),
            revision=revision(cat),
            version=version_of(connection),
        )


def check(cat: Catalogue) -> list[str]:
    """What is wrong inside the file, one line each; empty when it is sound. Reads the whole file."""
    with snapshot(cat) as connection:
        found = [str(line) for (line,) in connection.execute("PRAGMA integrity_check(20)") if line != "ok"]
        found += [
            f"a row of {table} points nowhere" for table, *_ in connection.execute("PRAGMA foreign_key_check")
        ]
        wrong = connection.execute(
            "SELECT count(*) FROM tracks AS t "
            "WHERE n_files <> (SELECT count(*) FROM files AS f WHERE f.track_id = t.id)"
        ).fetchone()[0]
        if wrong:
            found.append(f"{wrong} tracks count their files wrong")
        for table in ("listens", "evidence"):
            lost = connection.execute(
                f"SELECT count(*) FROM {table} WHERE heard_id NOT IN (SELECT id FROM heard) "
                "OR listener_id NOT IN (SELECT id FROM listeners) "
                "OR source_id NOT IN (SELECT id FROM sources)"
            ).fetchone()[0]
            if lost:
                found.append(f"{lost} rows of {table} point nowhere")
        for what, sql in _COUNTS.items():
            wrong = connection.execute(f"SELECT count(*) FROM ({sql})").fetchone()[0]
            if wrong:
                found.append(f"{wrong} {what}")
        return found
