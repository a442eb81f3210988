"""Search."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from segue import catalogue
from segue.catalogue import Album, Artist, Track
from segue.server.subsonic import records, things
from segue.server.subsonic.answers import Node
from segue.server.subsonic.params import missing
from segue.server.subsonic.registry import Asked, method

_MOST = 10_000
_MOST_OFFSET = 10**9


@dataclass(frozen=True, slots=True)
class _Hits:
    artists: list[Artist]
    albums: list[Album]
    tracks: list[Track]


@method("search3")
def search3(asked: Asked) -> Node:
    """Artists, albums and songs that fit some words; without words everything, page by page."""
    hits = _hits(asked)
    return {
        "searchResult3": {
            "artist": records.artists_id3(asked.catalogue, asked.listener, hits.artists),
            "album": records.albums_id3(asked.catalogue, asked.listener, hits.albums),
            "song": things.songs(asked, hits.tracks),
        }
    }


@method("search2")
def search2(asked: Asked) -> Node:
    """The same with albums as folders."""
    hits = _hits(asked)
    return {
        "searchResult2": {
            "artist": records.artists_plain(asked.catalogue, asked.listener, hits.artists),
            "album": records.albums_as_folders(asked.catalogue, asked.listener, hits.albums),
            "song": things.songs(asked, hits.tracks),
        }
    }


@method("search")
def search(asked: Asked) -> Node:
    """The oldest form: songs only."""
    words = [asked.params.text(name) for name in ("any", "artist", "album", "title")]
    text = " ".join(word for word in words if word)
    if not text:
        raise missing("any")
    offset = asked.params.integer("offset", 0, low=0, high=_MOST_OFFSET)
    number = asked.params.integer("count", 20, low=0, high=_MOST)
    found = catalogue.search_all(
        asked.catalogue, text, n_artists=0, n_albums=0, n_tracks=number, track_offset=offset
    ).tracks
    return {
        "searchResult": {
            "offset": offset,
            "totalHits": offset + len(found),
            "match": things.songs(asked, found),
        }
    }


def _hits(asked: Asked) -> _Hits:
    given = asked.params.given("query")
    if given is None:
        raise missing("query")
    text = given.strip().strip('"').strip()
    within = things.music_folder(asked)
    numbers = [
        asked.params.integer(f"{kind}Count", 20, low=0, high=_MOST) for kind in ("artist", "album", "song")
    ]
    offsets = [
        asked.params.integer(f"{kind}Offset", 0, low=0, high=_MOST_OFFSET)
        for kind in ("artist", "album", "song")
    ]
    if not text:
        return _everything(asked, numbers, offsets, within)
    found = catalogue.search_all(
        asked.catalogue,
        text,
        n_artists=numbers[0],
        n_albums=numbers[1],
        n_tracks=numbers[2],
        artist_offset=offsets[0],
        album_offset=offsets[1],
        track_offset=offsets[2],
        within=within,
    )
    return _Hits(found.artists, found.albums, found.tracks)


def _everything(asked: Asked, numbers: list[int], offsets: list[int], within: Path | None) -> _Hits:
    """A page of all there is: apps copy a library so."""
    cat = asked.catalogue
    artists = catalogue.artists(cat, within=within) if numbers[0] else []
    albums = catalogue.albums(cat, order="name", offset=offsets[1], limit=numbers[1], within=within)
    tracks = catalogue.tracks_page(cat, order="artist", offset=offsets[2], limit=numbers[2], within=within)
    return _Hits(artists[offsets[0] : offsets[0] + numbers[0]], albums, tracks)
