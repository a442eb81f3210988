"""Recordings whose names are spelled otherwise in the library: taken where more than the names says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from segue.listening.comparing import CLOSE_S, NEAR, Found, Named, agreement
from segue.listening.names import numbers_in

# Ratios are those of rapidfuzz: 100 times the share of letters that are in both, in the same order.
_LIKE_ARTIST = 82.0
_LIKE_TITLE = 75.0
_SURE_TITLE = 88.0
_SURE_ARTIST = 90.0
# A wrong letter in a short name makes another name.
_SHORT_ARTIST = 9
_SHORT_TITLE = 5
_BLOCK = 4
_MOST_TRACKS = 64


class Spellings:
    """The artists of a library by their first and last letters: a misspelled name shares one or the other."""

    def __init__(self, by_artist: Mapping[str, Sequence[int]], by_song: Mapping[str, Sequence[int]]) -> None:
        self._by_artist, self._by_song = by_artist, by_song
        self._blocks: dict[str, list[str]] = {}
        self._known: dict[str, list[tuple[str, float]]] = {}
        for artist in by_artist:
            for block in _blocks_of(artist):
                self._blocks.setdefault(block, []).append(artist)

    def best(self, heard: Named, tracks: Sequence[Named]) -> Found | None:
        """The track that fits best although it is spelled otherwise, None if none comes near."""
        if not heard.song.keys:
            return None
        found = [*self._by_artist_and_title(heard, tracks), *self._by_title(heard, tracks)]
        return max(found, default=None)

    def _by_artist_and_title(self, heard: Named, tracks: Sequence[Named]) -> Iterator[Found]:
        from rapidfuzz import fuzz, process

        title = heard.song.keys[0]
        for artist, ratio in self._artists_like(heard):
            rows = self._by_artist[artist]
            titles = {row: tracks[row].song.keys[0] for row in rows if tracks[row].song.keys}
            for _, like, row in process.extract(
                title, titles, scorer=fuzz.ratio, score_cutoff=_LIKE_TITLE, limit=3
            ):
                found = _judged(heard, tracks[row], row, artist_ratio=ratio, title_ratio=like)
                if found is not None:
                    yield found

    def _artists_like(self, heard: Named) -> Iterable[tuple[str, float]]:
        """The library's artists of the same or a like name, with the likeness."""
        for artist in heard.artists:
            names = dict.fromkeys((*artist.leads, *artist.parts))
            same = [name for name in names if name in self._by_artist]
            if same:
                yield from ((name, 100.0) for name in same)
                continue
            lead = artist.leads[0]
            if lead not in self._known:
                self._known[lead] = self._search(lead)
            yield from self._known[lead]

    def _search(self, artist: str) -> list[tuple[str, float]]:
        from rapidfuzz import fuzz, process

        blocks = [self._blocks.get(block, ()) for block in _blocks_of(artist)]
        names = dict.fromkeys(name for block in blocks for name in block)
        found = process.extract(artist, list(names), scorer=fuzz.ratio, score_cutoff=_LIKE_ARTIST, limit=3)
        return [(name, ratio) for name, ratio, _ in found]

    def _by_title(self, heard: Named, tracks: Sequence[Named]) -> Iterator[Found]:
        """Tracks of the same title where the artist is not known, or written in another script."""
        for row in self._by_song.get(heard.song.keys[0], ())[:_MOST_TRACKS]:
            track = tracks[row]
            nobody = not heard.artists or not track.artists
            if not nobody and not _in_other_scripts(heard, track):
                continue
            found = agreement(heard, track, row)
            if found.same_album or found.closeness >= -CLOSE_S or (nobody and not heard.artists):
                yield found._replace(is_same=False, score=min(found.score, NEAR))


def _judged(heard: Named, track: Named, row: int, *, artist_ratio: float, title_ratio: float) -> Found | None:
    """What becomes of a track whose artist and title are so much alike."""
    if artist_ratio == 100.0 and title_ratio == 100.0:
        return None  # compared already, by names that are the same
    if numbers_in(heard.song.words) != numbers_in(track.song.words):
        return None
    if artist_ratio < 100.0 and not _same_numbers_of_artists(heard, track):
        return None
    found = agreement(heard, track, row)
    sure = found.same_album or found.closeness >= -CLOSE_S
    if artist_ratio == 100.0:
        is_same = title_ratio >= _SURE_TITLE and sure
    else:
        is_long = len(heard.artists[0].leads[0]) >= _SHORT_ARTIST
        is_titled = title_ratio == 100.0 and len(heard.song.keys[0]) >= _SHORT_TITLE
        is_same = artist_ratio >= _SURE_ARTIST and is_titled and (sure or is_long)
    score = min(found.score, artist_ratio, title_ratio)
    return found._replace(is_same=found.is_same and is_same, score=score)


def _same_numbers_of_artists(heard: Named, track: Named) -> bool:
    numbers = {numbers_in(artist.words) for artist in track.artists}
    return any(numbers_in(artist.words) in numbers for artist in heard.artists)


def _in_other_scripts(heard: Named, track: Named) -> bool:
    """Whether one artist is written in the Latin alphabet and the other is not."""
    one = {artist.key.isascii() for artist in heard.artists}
    other = {artist.key.isascii() for artist in track.artists}
    return one.isdisjoint(other)


def _blocks_of(artist: str) -> tuple[str, ...]:
    return (f"^{artist[:_BLOCK]}", f"{artist[-_BLOCK:]}$") if len(artist) > _BLOCK else ()
