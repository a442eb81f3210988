"""Two recordings by their names: whether they are the same one, and how well they agree."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from segue.listening.names import Artist, Song, album_of, artist_of, is_live_album, song_of

NEAR = 80.0
"""What a candidate scores at most when something speaks against it: it is shown, never taken."""
CLOSE_S = 3.0
"""Lengths that differ by less speak for one recording."""

# How much less certain a match is by each difference that does not rule it out.
_LESS_GUESTS, _LESS_PARTS, _LESS_CUT, _LESS_ALBUM, _LESS_LENGTH = 2.0, 6.0, 5.0, 1.0, 3.0
_LONGER_S = 10.0
_OTHER_S, _OTHER_SHARE = 30.0, 0.15
_UNKNOWN = -1e6


class Named(NamedTuple):
    """A recording by its names, taken apart.

    Attributes
    ----------
    artists
        Of the recording and, where it differs, of its album; empty when not known.
    album
        Compared as it is; empty when not known.
    is_live
        Whether the album says so.
    duration_s
        NaN where unknown.
    """

    artists: tuple[Artist, ...]
    song: Song
    album: str
    is_live: bool
    duration_s: float


class Found(NamedTuple):
    """A candidate; of two the greater is the better one.

    Attributes
    ----------
    is_same
        Whether it may be taken.
    score
        0 to 100.
    same_album, closeness
        What decides between two that fit equally well: the album, then the length.
    minus_row
        The row in the library with a minus: of all that is equal, the track that was there first.
    """

    is_same: bool
    score: float
    same_album: bool
    closeness: float
    minus_row: int


def named(artists: Iterable[str], title: str, album: str, duration_s: float) -> Named:
    """Take the names of a recording apart."""
    taken = dict.fromkeys(artist_of(artist) for artist in artists)
    return Named(
        tuple(artist for artist in taken if artist.key),
        song_of(title),
        album_of(album) if album else "",
        is_live_album(album),
        duration_s,
    )


def artist_keys(artist: Artist) -> set[str]:
    """All keys by which an artist may be looked up."""
    return {artist.key, *artist.leads, *artist.parts}


def compared(heard: Named, track: Named, row: int) -> Found | None:
    """How well a track fits whose song has the same name; None if its artist is another one."""
    less = min(
        (_less_of_artist(one, other) for one in heard.artists for other in track.artists), default=math.inf
    )
    if less == math.inf:
        return None
    found = agreement(heard, track, row)
    return found._replace(score=found.score - less) if less >= 0 else _against(found)


def _less_of_artist(one: Artist, other: Artist) -> float:
    """What a difference of artists costs; infinity if they are others, negative if only some are shared."""
    if one.key == other.key:
        return 0.0
    one_leads, other_leads = set(one.leads), set(other.leads)
    if one_leads & other_leads:
        return _LESS_GUESTS
    one_parts, other_parts = set(one.parts), set(other.parts)
    if one_parts and one_parts == other_parts:
        return _LESS_GUESTS
    if one_leads & other_parts or one_parts & other_leads:
        return _LESS_PARTS
    return math.inf if one_parts.isdisjoint(other_parts) else -1.0


def agreement(heard: Named, track: Named, row: int) -> Found:
    """How well version, guests, album and length of two recordings agree, their names apart."""
    same_album = bool(heard.album) and heard.album == track.album
    apart = abs(heard.duration_s - track.duration_s)
    is_known = apart == apart
    less = _less_of_version(heard, track, same_album=same_album, is_close=is_known and apart <= CLOSE_S)
    found = Found(True, 100.0 - less, same_album, -apart if is_known else _UNKNOWN, -row)
    if heard.album and track.album and not same_album:
        found = found._replace(score=found.score - _LESS_ALBUM)
    if is_known and apart > _LONGER_S:
        found = found._replace(score=found.score - _LESS_LENGTH)
    too_far = is_known and apart > max(_OTHER_S, _OTHER_SHARE * track.duration_s)
    return _against(found) if too_far or less == math.inf or _other_guests(heard, track) else found


def _against(found: Found) -> Found:
    return found._replace(is_same=False, score=NEAR)


def _less_of_version(heard: Named, track: Named, *, same_album: bool, is_close: bool) -> float:
    """What a difference of the versions costs; infinity if they are other recordings."""
    one, other = heard.song, track.song
    if one.kind == other.kind == "other":
        return 0.0 if one.detail == other.detail else math.inf
    if "other" in (one.kind, other.kind):
        return math.inf
    if heard.is_live or track.is_live or "live" in (one.kind, other.kind):
        return _less_of_live(heard, track, same_album=same_album, is_close=is_close)
    return 0.0 if one.kind == other.kind else _LESS_CUT


def _less_of_live(heard: Named, track: Named, *, same_album: bool, is_close: bool) -> float:
    """The same, where a title or an album says that one of them is live."""
    if same_album or is_close:
        return 0.0
    both = all(one.song.kind == "live" or one.is_live for one in (heard, track))
    if not both:
        return math.inf
    one, other = set(heard.song.detail.split()), set(track.song.detail.split())
    if not one and not other:
        # "Live" alone may be any of an artist's live recordings: another album is another one.
        return math.inf if heard.album and track.album else 0.0
    return 0.0 if one and other and (one <= other or one > other) else math.inf


def _other_guests(heard: Named, track: Named) -> bool:
    """Whether both name guests, and not one the same."""
    one, other = _guests(heard), _guests(track)
    return bool(one) and bool(other) and one.isdisjoint(other)


def _guests(names: Named) -> frozenset[str]:
    return names.song.guests.union(*(artist.guests for artist in names.artists))
