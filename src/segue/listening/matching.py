"""Which track of the library is each recording that a history names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from segue.catalogue import HOW, HeardTable, MatchTable
from segue.listening.comparing import Found, Named, artist_keys, compared, named
from segue.listening.spelling import Spellings
from segue.progress import Progress, Silent

_NOTHING, _PATH, _MBID, _ISRC, _NAME = (
    HOW.index(word) for word in ("nothing", "path", "musicbrainz", "isrc", "name")
)
_AT_ONCE = 1_000
# A file that was elsewhere is known again by its name and the two folders above it.
_TAIL = 3


@dataclass(frozen=True, slots=True)
class Matches:
    """Which tracks recordings are, one row a recording.

    Attributes
    ----------
    track_key
        ``(n,) int64``, -1 where the library does not have it.
    how
        ``(n,) int8``: places in `segue.catalogue.HOW`.
    score
        ``(n,) float64``: how well `track_key`, or else `near_key`, fits, 0 to 100.
    near_key
        ``(n,) int64``: for a recording without a track the one that nearly fits, else -1.
    """

    track_key: NDArray[np.int64]
    how: NDArray[np.int8]
    score: NDArray[np.float64]
    near_key: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Library:
    """The rows of a library's tracks by all that they can be found by."""

    table: MatchTable
    tracks: list[Named]
    by_name: dict[tuple[str, str], list[int]]
    by_song: dict[str, list[int]]
    by_artist: dict[str, list[int]]
    by_mbid: dict[str, list[int]]
    by_isrc: dict[str, list[int]]
    by_path: dict[str, int]
    by_tail: dict[tuple[str, ...], int]


def match_recordings(heard: HeardTable, table: MatchTable, *, progress: Progress | None = None) -> Matches:
    """Look for recordings in a library: by file, MusicBrainz id, ISRC, and then by names.

    Names fit when artist and title are the same without case, accents, punctuation and spaces, without
    guests ("feat.") and what is said of the same recording (remaster, mono, radio edit, explicit). A live
    recording, a remix, an acoustic or re-recorded version is another recording: it is never taken for the
    studio one, nor one live recording for another, but shown as near. So is all that would need a guess:
    a misspelled title is taken only where the album or the length says so too, a misspelled artist only
    where the title is exactly the same.

    Parameters
    ----------
    heard
        Recordings as histories name them.
    table
        The library's tracks.
    progress
        Told of recordings.

    Returns
    -------
    Matches
        In the order of `heard`. Time grows with the recordings and with the tracks, not with their product.
    """
    progress = progress or Silent()
    n = len(heard.ids)
    matches = Matches(
        np.full(n, -1, np.int64), np.full(n, _NOTHING, np.int8), np.zeros(n), np.full(n, -1, np.int64)
    )
    if n == 0 or len(table.keys) == 0:
        return matches
    library = _arranged(table)
    spellings = Spellings(library.by_artist, library.by_song)
    progress.start("looking for what was played in the library", n)
    for row in range(n):
        names = named((heard.artist[row],), heard.title[row], heard.album[row], float(heard.duration_s[row]))
        best = _by_names(library, names)
        found = _by_ids(library, heard, row, names)
        if found is not None and not (best and best.is_same and _contradicts(library, found[0], names)):
            _take(matches, row, table, found[0], found[1], 100.0)
        elif best is not None and best.is_same:
            _take(matches, row, table, -best.minus_row, _NAME, best.score)
        else:
            otherwise = spellings.best(names, library.tracks)
            best = max((one for one in (best, otherwise) if one is not None), default=None)
            if best is not None and best.is_same:
                _take(matches, row, table, -best.minus_row, _NAME, best.score)
            elif best is not None:
                matches.near_key[row], matches.score[row] = table.keys[-best.minus_row], best.score
        if row % _AT_ONCE == _AT_ONCE - 1:
            progress.advance(_AT_ONCE)
    progress.finish()
    return matches


def _take(matches: Matches, row: int, table: MatchTable, at: int, how: int, score: float) -> None:
    matches.track_key[row], matches.how[row], matches.score[row] = table.keys[at], how, score


def _arranged(table: MatchTable) -> _Library:
    tracks = [
        named((artist, album_artist), title, album, duration)
        for artist, album_artist, title, album, duration in zip(
            table.artist, table.album_artist, table.title, table.album, table.duration_s.tolist(), strict=True
        )
    ]
    by_name: dict[tuple[str, str], list[int]] = {}
    by_song: dict[str, list[int]] = {}
    by_artist: dict[str, list[int]] = {}
    for row, track in enumerate(tracks):
        artists = {key for artist in track.artists for key in artist_keys(artist)}
        for artist in artists:
            by_artist.setdefault(artist, []).append(row)
        for song in track.song.keys:
            by_song.setdefault(song, []).append(row)
            for artist in artists:
                by_name.setdefault((artist, song), []).append(row)
    row_of = {key: row for row, key in enumerate(table.keys.tolist())}
    by_path = {path: row_of[key] for path, key in table.files.items() if key in row_of}
    return _Library(
        table=table,
        tracks=tracks,
        by_name=by_name,
        by_song=by_song,
        by_artist=by_artist,
        by_mbid=_rows_by(value.strip().lower() for value in table.mbid),
        by_isrc=_rows_by(_plain_isrc(value) for value in table.isrc),
        by_path=by_path,
        by_tail=_tails(by_path),
    )


def _rows_by(values: Iterable[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, value in enumerate(values):
        if value:
            rows.setdefault(value, []).append(row)
    return rows


def _plain_isrc(value: str) -> str:
    return value.replace("-", "").replace(" ", "").upper()


def _tails(by_path: dict[str, int]) -> dict[tuple[str, ...], int]:
    """The row of each file's last folders and name, where they are those of one track only."""
    tails: dict[tuple[str, ...], int] = {}
    for path, row in by_path.items():
        tail = _tail(path)
        tails[tail] = row if tails.get(tail, row) == row else -1
    return {tail: row for tail, row in tails.items() if row >= 0 and len(tail) == _TAIL}


def _tail(path: str) -> tuple[str, ...]:
    return tuple(PurePath(path.replace("\\", "/")).parts[-_TAIL:])


def _by_names(library: _Library, names: Named) -> Found | None:
    """The best track of the same artist and song."""
    rows = {
        row
        for artist in names.artists
        for key in artist_keys(artist)
        for song in names.song.keys
        for row in library.by_name.get((key, song), ())
    }
    found = (compared(names, library.tracks[row], row) for row in rows)
    return max((one for one in found if one is not None), default=None)


def _by_ids(library: _Library, heard: HeardTable, row: int, names: Named) -> tuple[int, int] | None:
    """The track of a recording's file or ids, and by which of them it was found."""
    path, mbid, isrc = heard.path[row], heard.mbid[row], heard.isrc[row]
    if path:
        at = library.by_path.get(path, library.by_tail.get(_tail(path), -1))
        if at >= 0:
            return at, _PATH
    for value, rows_by, how in (
        (mbid.strip().lower(), library.by_mbid, _MBID),
        (_plain_isrc(isrc), library.by_isrc, _ISRC),
    ):
        rows = rows_by.get(value) if value else None
        if rows:
            return _closest(library, rows, names), how
    return None


def _closest(library: _Library, rows: list[int], names: Named) -> int:
    """Of tracks with the same id: the one of the same album, or of the same length, or the first."""

    def fit(row: int) -> tuple[bool, float, int]:
        track = library.tracks[row]
        apart = abs(track.duration_s - names.duration_s)
        return (bool(names.album) and names.album == track.album, -apart if apart == apart else -1e6, -row)

    return max(rows, key=fit)


def _contradicts(library: _Library, row: int, names: Named) -> bool:
    """Whether the track with the recording's id has another song's name: histories have wrong ids."""
    keys = library.tracks[row].song.keys
    return bool(keys) and set(keys).isdisjoint(names.song.keys)
