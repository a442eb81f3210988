"""Which track a person means: an id, a path, "Artist - Title", a title or words of them."""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path

from segue.audio import AUDIO_SUFFIXES
from segue.catalogue.connection import Catalogue, snapshot
from segue.catalogue.folding import clean, fold, searchable, word_query
from segue.catalogue.places import joined, key_of_file
from segue.catalogue.records import Match
from segue.types import TrackId

_DASH = re.compile(r"\s+[-‐‑‒–—―−~:]+\s+|\s*[–—―]\s*")
_PRESENT = "n_files > 0"
_LIMIT = 50


def find_track(cat: Catalogue, seed: str) -> Match:
    """The present tracks that `seed` may mean, best first, at most 50; the first kind that fits decides.

    Looked for in this order: a public id; a path (absolute, relative to the working folder, or the end of
    one); "Artist - Title", or the other way round, with any dash; a whole title; a part of a title; words of
    title, artist, album and composer. Case, accents and punctuation do not matter.
    """
    with snapshot(cat) as connection:
        if ids := _by_path(connection, seed):
            return Match(ids, True, "path")
        words = clean(seed)
        if words is None:
            return Match((), False, "nothing")
        if ids := _query(connection, f"public_id = ? AND {_PRESENT}", (words.lower(),)):
            return Match(ids, True, "id")
        if ids := _by_artist_and_title(connection, words):
            return Match(ids, True, "artist-title")
        if ids := _query(connection, f"title_fold = ? AND {_PRESENT}", (fold(words),)):
            return Match(ids, True, "title")
        if ids := _by_title_part(connection, fold(words)):
            return Match(ids, False, "title-part")
        if ids := _by_words(connection, words):
            return Match(ids, False, "words")
    return Match((), False, "nothing")


def _query(connection: sqlite3.Connection, where: str, values: tuple[object, ...]) -> tuple[TrackId, ...]:
    rows = connection.execute(f"SELECT public_id FROM tracks WHERE {where} LIMIT {_LIMIT}", values)
    return tuple(TrackId(name) for (name,) in rows)


def _by_path(connection: sqlite3.Connection, seed: str) -> tuple[TrackId, ...]:
    looks_like_one = "/" in seed or Path(seed).suffix.lower() in AUDIO_SUFFIXES
    if not looks_like_one or "\0" in seed:
        return ()
    # Not pathlib's own: those raise for an unknown user and for a loop of links.
    given = os.path.abspath(os.path.expanduser(seed))  # noqa: PTH100, PTH111
    for path in (Path(given), Path(os.path.realpath(given))):
        key = key_of_file(connection, path) if path.name else None
        if key is not None:
            return _query(connection, "id = ?", (key,))
    end = os.fsencode(seed.removeprefix("./"))
    if not end.rpartition(b"/")[2]:
        return ()
    rows = connection.execute(
        "SELECT t.public_id, d.path, f.name FROM files AS f JOIN folders AS d ON d.id = f.folder_id "
        "JOIN tracks AS t ON t.id = f.track_id WHERE f.name = ? ORDER BY d.path",
        (end.rpartition(b"/")[2],),
    )
    found = (
        TrackId(name)
        for name, folder, file in rows
        if os.fsencode(joined(folder, file)).endswith(b"/" + end.lstrip(b"/"))
    )
    return tuple(dict.fromkeys(found))[:_LIMIT]


def _by_artist_and_title(connection: sqlite3.Connection, words: str) -> tuple[TrackId, ...]:
    """Every dash may be the one between artist and title: titles have dashes too."""
    for dash in _DASH.finditer(words):
        left, right = fold(words[: dash.start()]), fold(words[dash.end() :])
        for artist, title in ((left, right), (right, left)):
            ids = _query(
                connection,
                f"title_fold = ? AND (artist_fold = ? OR album_artist_fold = ?) AND {_PRESENT}",
                (title, artist, artist),
            )
            if ids:
                return ids
    return ()


def _by_title_part(connection: sqlite3.Connection, part: str) -> tuple[TrackId, ...]:
    """Titles with the words in a row, else any that hold the letters; the shortest are closest."""
    query = f'title : "{searchable(part)}" *' if word_query(part) else None
    if query is not None:
        ids = _ranked(connection, query, "length(t.title_fold), t.id")
        if ids:
            return ids
    if len(part) < 2:
        return ()
    return _query(connection, f"instr(title_fold, ?) AND {_PRESENT} ORDER BY length(title_fold), id", (part,))


def _by_words(connection: sqlite3.Connection, words: str) -> tuple[TrackId, ...]:
    query = word_query(words)
    return () if query is None else _ranked(connection, query, "bm25(track_words, 4.0, 3.0, 1.0, 1.0), t.id")


def _ranked(connection: sqlite3.Connection, query: str, order: str) -> tuple[TrackId, ...]:
    rows = connection.execute(
        "SELECT t.public_id FROM track_words AS w CROSS JOIN tracks AS t ON t.id = w.rowid "
        f"WHERE track_words MATCH ? AND t.n_files > 0 ORDER BY {order} LIMIT {_LIMIT}",
        (query,),
    )
    return tuple(TrackId(name) for (name,) in rows)
