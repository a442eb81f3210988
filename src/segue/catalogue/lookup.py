"""What a person looks for while typing: artists, albums and tracks at once, also by misspelled words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from segue.catalogue.browsing import Album, Artist, read_albums, read_artists
from segue.catalogue.connection import Catalogue, snapshot
from segue.catalogue.folding import clean, fold, searchable
from segue.catalogue.misspelling import readings
from segue.catalogue.reading import read_tracks
from segue.catalogue.records import Track
from segue.catalogue.within import lies_in

# So few answers may be all that a misspelled name finds.
_FEW = 3
# Of names and titles that have all words, as many are compared by their length.
_COMPARED = 200
_MOST_WORDS = 32
_LAST_SIGN = "\U0010ffff"
_PRESENT_ARTIST = "EXISTS (SELECT 1 FROM spellings WHERE artist_id = artists.id)"
_NOT_ABSENT = "NOT IN (SELECT id FROM tracks WHERE n_files = 0)"


@dataclass(frozen=True, slots=True)
class Found:
    """What answers a search, best first.

    Attributes
    ----------
    corrected
        How the text was read where hardly anything answers it as it was typed, else None.
    """

    artists: list[Artist]
    albums: list[Album]
    tracks: list[Track]
    corrected: str | None


@dataclass(frozen=True, slots=True)
class _Keys:
    """Rows of what was found, from the first on."""

    artists: list[int]
    albums: list[int]
    tracks: list[int]

    def __len__(self) -> int:
        return len(self.artists) + len(self.albums) + len(self.tracks)


@dataclass(frozen=True, slots=True)
class _Place:
    """Which rows are present, and in the folder that is looked in.

    Attributes
    ----------
    artist, album, track
        Conditions for rows of the tables of these.
    row
        The same for tracks in the index of their words.
    is_part
        Whether that is a part of the library only.
    """

    artist: str
    album: str
    track: str
    row: str
    is_part: bool

    @classmethod
    def at(cls, folder: Path | None) -> _Place:
        """That of a folder; None: of all."""
        return cls(
            f"{_PRESENT_ARTIST} AND {lies_in(folder, 'artist', 'artists.id')}",
            f"n_tracks > 0 AND {lies_in(folder, 'album', 'albums.id')}",
            f"n_files > 0 AND {lies_in(folder, 'track', 'tracks.id')}",
            f"rowid {_NOT_ABSENT} AND {lies_in(folder, 'track', 'track_words.rowid')}",
            folder is not None,
        )

    def compared(self, most: int) -> int:
        """How many that have the words are looked at (-1: all): those in a folder may be the last of them."""
        return -1 if self.is_part else max(most, _COMPARED)


def search_all(
    cat: Catalogue,
    text: str,
    *,
    n_artists: int = 5,
    n_albums: int = 10,
    n_tracks: int = 50,
    artist_offset: int = 0,
    album_offset: int = 0,
    track_offset: int = 0,
    within: Path | None = None,
) -> Found:
    """The present artists, albums and tracks that have all words of `text`.

    Case, accents and punctuation do not matter; the last word, and every word of a name of an artist or
    album, may be the beginning of a word. An album is also found by its artist, a track by all that
    `search_tracks` looks at. Names that are the text, or begin with it, come first. Where next to nothing has
    all words, those that no track has are read as the nearest ones that tracks have. A text without words
    finds everything, artists and albums by name; of a long one the first 32 words count.

    Parameters
    ----------
    n_artists, n_albums, n_tracks
        How many at most.
    artist_offset, album_offset, track_offset
        How many of the best to pass over.
    within
        Only what has a file in this folder or below.
    """
    most = (artist_offset + n_artists, album_offset + n_albums, track_offset + n_tracks)
    words = fold(clean(text)).split()[:_MOST_WORDS]
    with snapshot(cat) as connection:
        corrected = None
        place = _Place.at(within)
        found = _with_words(connection, words, most, place) if words else _everything(connection, most, place)
        if words and len(found) < _FEW:
            for reading in readings(connection, words, only_unknown=len(found) > 0):
                if _has_track(connection, reading, place):
                    found = _joined(found, _with_words(connection, reading, most, place), most)
                    corrected = " ".join(reading)
                    break
        return Found(
            read_artists(connection, found.artists[artist_offset:]),
            read_albums(connection, found.albums[album_offset:]),
            read_tracks(connection, found.tracks[track_offset:]),
            corrected,
        )


def _everything(connection: sqlite3.Connection, most: tuple[int, int, int], place: _Place) -> _Keys:
    return _Keys(
        *(
            [key for (key,) in connection.execute(f"SELECT {sql} LIMIT ?", (n,))]
            for sql, n in zip(
                (
                    f"id FROM artists WHERE {place.artist} ORDER BY fold",
                    f"id FROM albums WHERE {place.album} ORDER BY fold, artist_fold",
                    f"id FROM tracks WHERE {place.track} ORDER BY id",
                ),
                most,
                strict=True,
            )
        )
    )


def _joined(first: _Keys, then: _Keys, most: tuple[int, int, int]) -> _Keys:
    pairs = ((first.artists, then.artists), (first.albums, then.albums), (first.tracks, then.tracks))
    return _Keys(*(list(dict.fromkeys([*a, *b]))[:n] for (a, b), n in zip(pairs, most, strict=True)))


def _with_words(
    connection: sqlite3.Connection, words: Sequence[str], most: tuple[int, int, int], place: _Place
) -> _Keys:
    return _Keys(
        _first(_names(connection, "artist", words, most[0], place), most[0]),
        _first(_names(connection, "album", words, most[1], place), most[1]),
        _first(_tracks(connection, words, most[2], place), most[2]),
    )


def _first(steps: Iterable[list[int]], most: int) -> list[int]:
    """The first keys that the steps find; no step is made that is not needed."""
    found: dict[int, None] = {}
    for step in steps if most > 0 else ():
        found.update(dict.fromkeys(step))
        if len(found) >= most:
            break
    return list(found)[:most]


def _names(
    connection: sqlite3.Connection,
    kind: Literal["artist", "album"],
    words: Sequence[str],
    most: int,
    place: _Place,
) -> Iterator[list[int]]:
    """Artists or albums whose names begin so; have the words; and, of albums, whose artists' names do."""
    table, typed = f"{kind}s", " ".join(words)
    present = place.artist if kind == "artist" else place.album
    rows = connection.execute(
        f"SELECT id FROM {table} WHERE {present} AND fold >= ? AND fold < ? ORDER BY fold LIMIT ?",
        (typed, typed + _LAST_SIGN, most),
    )
    yield [key for (key,) in rows]
    if query := _query(words, [word for word in words if any(map(str.isalnum, word))]):
        for columns in ("name : ", ""):
            rows = connection.execute(
                f"SELECT {table}.id FROM "
                f"(SELECT rowid AS id FROM {kind}_words WHERE {kind}_words MATCH ? LIMIT ?) AS w "
                f"CROSS JOIN {table} ON {table}.id = w.id WHERE {present} ORDER BY length(fold), fold",
                (f"{columns}({query})", place.compared(most)),
            )
            yield [key for (key,) in rows]
    if any(searchable(word) != word for word in words):  # scripts without spaces: few names, all are read
        has_all = " AND ".join(["instr(fold, ?)"] * len(words))
        rows = connection.execute(
            f"SELECT id FROM {table} WHERE {present} AND {has_all} ORDER BY length(fold), fold LIMIT ?",
            (*words, most),
        )
        yield [key for (key,) in rows]


def _tracks(
    connection: sqlite3.Connection, words: Sequence[str], most: int, place: _Place
) -> Iterator[list[int]]:
    """Tracks whose titles begin so; of which the text is title and artist; titles with the words; any."""
    typed = " ".join(words)
    rows = connection.execute(
        f"SELECT id FROM tracks WHERE {place.track} AND title_fold >= ? AND title_fold < ? "
        "ORDER BY title_fold, id LIMIT ?",
        (typed, typed + _LAST_SIGN, most),
    )
    yield [key for (key,) in rows]
    yield [key for at in range(1, len(words)) for key in _by_title_and_artist(connection, words, at, place)]
    query = _track_query(words)
    if query is None:
        return
    rows = connection.execute(
        "SELECT tracks.id FROM (SELECT rowid AS id FROM track_words WHERE track_words MATCH ? LIMIT ?) AS w "
        f"CROSS JOIN tracks ON tracks.id = w.id WHERE {place.track} ORDER BY length(title_fold), tracks.id",
        (f"title : ({query})", place.compared(most)),
    )
    yield [key for (key,) in rows]
    for columns in ("artist : ", ""):
        rows = connection.execute(
            f"SELECT rowid FROM track_words WHERE track_words MATCH ? AND {place.row} LIMIT ?",
            (f"{columns}({query})", most),
        )
        yield [key for (key,) in rows]


def _by_title_and_artist(
    connection: sqlite3.Connection, words: Sequence[str], at: int, place: _Place
) -> list[int]:
    """Tracks of which the words up to a place are title or artist, and the others artist or title."""
    left, right = " ".join(words[:at]), " ".join(words[at:])
    return [
        key
        for names in ((left, right), (right, left))
        for (key,) in connection.execute(
            f"SELECT id FROM tracks WHERE {place.track} AND title_fold = ? AND artist_fold = ? ORDER BY id",
            names,
        )
    ]


def _track_query(words: Sequence[str]) -> str | None:
    """All words in the index of tracks; a single letter at the end is left out.

    One letter begins so many words of a large library that looking where they are takes longer than a person
    waits for; titles that begin so are found all the same.
    """
    phrases = [searchable(word) for word in words if any(map(str.isalnum, word))]
    if phrases and words[-1] == phrases[-1] and len(phrases[-1]) == 1 and phrases[-1].isascii():
        return " ".join(f'"{phrase}"' for phrase in phrases[:-1]) or None
    return _query(words, phrases)


def _query(words: Sequence[str], phrases: Sequence[str]) -> str | None:
    """All phrases, the last also as the beginning of a word where it stands at the end of the text."""
    if not phrases:
        return None
    is_last = any(map(str.isalnum, words[-1]))
    return " ".join(f'"{phrase}"' for phrase in phrases) + (" *" if is_last else "")


def _has_track(connection: sqlite3.Connection, words: Sequence[str], place: _Place) -> bool:
    row = connection.execute(
        f"SELECT 1 FROM track_words WHERE track_words MATCH ? AND {place.row} LIMIT 1",
        (_track_query(words),),
    ).fetchone()
    return row is not None
