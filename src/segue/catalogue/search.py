"""Tracks by their words, their tags and what was heard in them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

import numpy as np

from segue.catalogue.connection import Catalogue, snapshot
from segue.catalogue.folding import clean, fold, word_query
from segue.catalogue.library import default_encoder
from segue.catalogue.reading import read_tracks
from segue.catalogue.records import Track
from segue.catalogue.storing import SORTABLE_FLOAT16
from segue.errors import UsageError

_BY_ALBUM = "t.artist_fold, t.album_fold, t.disc_number, t.track_number, t.title_fold, t.id"


@dataclass(slots=True)
class _Query:
    """The parts of one SELECT over ``tracks AS t``."""

    tables: list[str] = field(default_factory=list)
    where: list[str] = field(default_factory=lambda: ["t.n_files > 0"])
    values: list[object] = field(default_factory=list)
    order: str = _BY_ALBUM

    def add(self, condition: str, *values: object) -> None:
        self.where.append(condition)
        self.values.extend(values)

    def run(self, connection: sqlite3.Connection, limit: int) -> list[int]:
        # CROSS JOIN keeps the order of the tables: the selective ones are read first, the wide rows last.
        tables = " CROSS JOIN ".join([*self.tables, "tracks AS t"])
        sql = f"SELECT t.id FROM {tables} WHERE {' AND '.join(self.where)} ORDER BY {self.order} LIMIT ?"
        return [key for (key,) in connection.execute(sql, (*self.values, limit))]


def search_tracks(
    cat: Catalogue,
    text: str | None = None,
    *,
    artist: str | None = None,
    album: str | None = None,
    genre: str | None = None,
    years: tuple[int | None, int | None] | None = None,
    tag: str | None = None,
    least: float = 0.1,
    limit: int = 50,
) -> list[Track]:
    """The present tracks that answer all that is given; case, accents and punctuation do not matter.

    Parameters
    ----------
    text
        Words of title, artist, album, composer, conductor, work or movement, the last one also as the
        beginning of a word; where no track has them all, a part of a title, artist or album.
    artist, album
        A part of the name.
    genre
        One or more whole words of a genre.
    years
        First and last year, each None for open.
    tag
        A word that a tagging encoder hears (`tag_names`), with at least the probability `least`; most
        probable first.
    limit
        How many tracks at most.

    Raises
    ------
    UsageError
        If no encoder of this catalogue hears `tag`; the message lists the words.
    """
    with snapshot(cat) as connection:
        query = _Query()
        _add_names(query, artist, album, genre)
        if years is not None:
            first, last = years
            query.add(
                "t.year BETWEEN ? AND ?",
                -(2**31) if first is None else first,
                2**31 if last is None else last,
            )
        if tag is not None:
            _add_tag(cat, connection, query, tag, least)
        text = clean(text)
        if text is None:
            return read_tracks(connection, query.run(connection, limit))
        keys = _with_words(query, text, ranked=tag is None).run(connection, limit) if word_query(text) else []
        if not keys:
            part = fold(text)
            query.add(
                "(instr(t.title_fold, ?) OR instr(t.artist_fold, ?) OR instr(t.album_artist_fold, ?)"
                " OR instr(t.album_fold, ?))",
                *[part] * 4,
            )
            keys = query.run(connection, limit)
        return read_tracks(connection, keys)


def _with_words(query: _Query, text: str, *, ranked: bool) -> _Query:
    """The same query, among the tracks that have all words."""
    return _Query(
        tables=["track_words AS w", *query.tables],
        where=["track_words MATCH ?", "t.id = w.rowid", *query.where],
        values=[word_query(text), *query.values],
        # The title says most about what was meant, then the artist.
        order="bm25(track_words, 4.0, 3.0, 2.0, 1.0), t.id" if ranked else query.order,
    )


def _add_names(query: _Query, artist: str | None, album: str | None, genre: str | None) -> None:
    if artist is not None:
        query.add("(instr(t.artist_fold, ?) OR instr(t.album_artist_fold, ?))", *[fold(clean(artist))] * 2)
    if album is not None:
        query.add("instr(t.album_fold, ?)", fold(clean(album)))
    if genre is not None:
        query.add(
            "t.id IN (SELECT track_id FROM track_genres WHERE genre_id IN "
            "(SELECT id FROM genres WHERE instr(' ' || fold || ' ', ?)))",
            f" {fold(clean(genre))} ",
        )


def _add_tag(cat: Catalogue, connection: sqlite3.Connection, query: _Query, tag: str, least: float) -> None:
    """Compare one tag's two bytes in SQL; storing.py says why that is a comparison of numbers."""
    found = connection.execute(
        "SELECT n.encoder_id, n.position FROM tag_names AS n JOIN encoders AS e ON e.id = n.encoder_id "
        "WHERE n.fold = ? ORDER BY e.name = ? DESC, e.id LIMIT 1",
        (fold(clean(tag)), default_encoder(cat)),
    ).fetchone()
    if found is None:
        names = [name for (name,) in connection.execute("SELECT DISTINCT name FROM tag_names ORDER BY name")]
        choice = (
            f"choose one of: {', '.join(names)}" if names else "scan with an encoder that gives tags first"
        )
        raise UsageError(f"no encoder of this library hears “{tag}”: {choice}")
    number, position = found
    at = f"substr(p.value, {2 * int(position) + 1}, 2)"
    query.tables.append("tag_probabilities AS p")
    query.where[:0] = [f"p.encoder_id = {int(number)}", "t.id = p.track_id"]
    threshold = np.array([min(max(least, 0.0), 1.0)]).astype(SORTABLE_FLOAT16).tobytes()
    query.add(f"{at} >= ?", threshold)
    query.order = f"{at} DESC, t.id"
