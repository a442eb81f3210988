"""Which tags a track bears when several files hold it: those of the file whose path comes first.

The rule does not depend on the order in which files are heard, so a scan that was interrupted ends with the
same catalogue as one that was not. The tags of each file are kept only while a track has several.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from segue.catalogue.folding import fold, searchable
from segue.catalogue.rows import STORED

_SET = ", ".join(f"{name} = :{name}" for name in STORED)  # the names are constants of this room


def bear_tags(
    connection: sqlite3.Connection,
    key: int,
    place: int,
    name: bytes,
    values: dict[str, Any],
    genres: Sequence[str],
) -> None:
    """Give a track the tags of the file just recorded, or of another of its files that comes first."""
    others = connection.execute(
        "SELECT folder_id, name FROM files WHERE track_id = ? AND NOT (folder_id = ? AND name = ?)",
        (key, place, name),
    ).fetchall()
    if not others:
        connection.execute("DELETE FROM file_tags WHERE folder_id = ? AND name = ?", (place, name))
        _write(connection, key, values, genres)
        return
    # Until now the track may have had one file, whose tags are the track's own.
    present = _as_text(*_present(connection, key))
    connection.executemany(
        "INSERT INTO file_tags (folder_id, name, tags) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(folder, other, present) for folder, other in others],
    )
    connection.execute(
        "INSERT INTO file_tags (folder_id, name, tags) VALUES (?, ?, ?) "
        "ON CONFLICT (folder_id, name) DO UPDATE SET tags = excluded.tags",
        (place, name, _as_text(values, genres)),
    )
    follow_first_file(connection, key)


def follow_first_file(connection: sqlite3.Connection, key: int) -> None:
    """Give a track the tags of the first file it has now; one without kept tags stays as it is."""
    row = connection.execute(
        """
        SELECT g.tags FROM files AS f JOIN folders AS d ON d.id = f.folder_id
            LEFT JOIN file_tags AS g ON g.folder_id = f.folder_id AND g.name = f.name
        WHERE f.track_id = ? ORDER BY d.path, f.name LIMIT 1
        """,
        (key,),
    ).fetchone()
    if row is not None and row[0] is not None:
        values = json.loads(row[0])
        _write(connection, key, values, values.pop("genres"))


def _present(connection: sqlite3.Connection, key: int) -> tuple[dict[str, Any], list[str]]:
    row = connection.execute(f"SELECT {', '.join(STORED)} FROM tracks WHERE id = ?", (key,)).fetchone()
    genres = connection.execute(
        "SELECT n.name FROM track_genres AS g JOIN genres AS n ON n.id = g.genre_id "
        "WHERE g.track_id = ? ORDER BY g.position",
        (key,),
    )
    return dict(zip(STORED, row, strict=True)), [name for (name,) in genres]


def _as_text(values: dict[str, Any], genres: Sequence[str]) -> str:
    return json.dumps({**{name: values[name] for name in STORED}, "genres": list(genres)}, ensure_ascii=False)


def _write(connection: sqlite3.Connection, key: int, values: dict[str, Any], genres: Sequence[str]) -> None:
    connection.execute(f"UPDATE tracks SET {_SET} WHERE id = :key", {**values, "key": key})
    connection.execute("DELETE FROM track_genres WHERE track_id = ?", (key,))
    for position, genre in enumerate(genres):
        connection.execute(
            "INSERT INTO genres (name, fold) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
            (genre, fold(genre)),
        )
        connection.execute(
            "INSERT INTO track_genres SELECT ?, ?, id FROM genres WHERE name = ?", (key, position, genre)
        )
    _write_words(connection, key, values)


def _write_words(connection: sqlite3.Connection, key: int, values: dict[str, Any]) -> None:
    artists = dict.fromkeys(filter(None, (values["artist"], values["album_artist"])))
    more = filter(None, (values[name] for name in ("composer", "conductor", "work", "movement")))
    words = (
        searchable(values["title"]),
        searchable(" ".join(artists)),
        searchable(values["album"]),
        searchable(" ".join(more)),
    )
    # Most records repeat what is there (a moved file): comparing is cheaper than writing the index again.
    old = connection.execute(
        "SELECT title, artist, album, more FROM track_words WHERE rowid = ?", (key,)
    ).fetchone()
    if old == words:
        return
    if old is not None:
        connection.execute("DELETE FROM track_words WHERE rowid = ?", (key,))
    connection.execute(
        "INSERT INTO track_words (rowid, title, artist, album, more) VALUES (?, ?, ?, ?, ?)", (key, *words)
    )
    connection.executemany(
        "INSERT INTO vocabulary (word, backwards) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(word, word[::-1]) for word in set(" ".join(words).split()) if 3 <= len(word) <= 40],
    )
