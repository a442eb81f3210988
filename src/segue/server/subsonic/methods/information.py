"""What is known of artists and albums: who sounds alike, and their names elsewhere.

Segue asks nobody, so there are no biographies and no pictures from elsewhere.
"""

from __future__ import annotations

from segue import catalogue
from segue.catalogue import Album, Artist
from segue.operations.similar_artists import similar_artists
from segue.server.subsonic import records, things
from segue.server.subsonic.answers import Element, Node, Value
from segue.server.subsonic.ids import artist_id, meant
from segue.server.subsonic.registry import Asked, method


@method("getArtistInfo2")
def get_artist_info2(asked: Asked) -> Node:
    """Artists that sound like one."""
    artist = things.artist(asked, asked.params.need("id"))
    alike = records.artists_id3(asked.catalogue, asked.listener, _alike(asked, artist))
    return {"artistInfo2": {**_names(asked, artist), "similarArtist": alike}}


@method("getArtistInfo")
def get_artist_info(asked: Asked) -> Node:
    """The same, asked by an artist, an album or a song."""
    artist = _artist_of(asked, asked.params.need("id"))
    if artist is None:
        return {"artistInfo": {"similarArtist": []}}
    alike = records.artists_plain(asked.catalogue, asked.listener, _alike(asked, artist))
    return {"artistInfo": {**_names(asked, artist), "similarArtist": alike}}


def _alike(asked: Asked, artist: Artist) -> list[Artist]:
    number = asked.params.integer("count", 20, low=0, high=200)
    return similar_artists(asked.services.library, artist.id, number=number)


def _names(asked: Asked, artist: Artist) -> dict[str, Value]:
    known = (
        track.tags.musicbrainz_artist_id
        for track in catalogue.artist_tracks(asked.catalogue, artist.id)
        if (track.tags.artist or "").casefold() == artist.name.casefold()
    )
    found = next((name for name in known if name), None)
    return {"musicBrainzId": Element(found) if found else None}


def _artist_of(asked: Asked, name: str) -> Artist | None:
    kind, _ = meant(name)
    if kind == "artist":
        return things.artist(asked, name)
    if kind == "album":
        found = things.album(asked, name).artist_id
    else:
        link = catalogue.links(asked.catalogue, [things.track(asked, name).key])[0]
        found = link.artist_id or link.album_artist_id
    return things.artist(asked, artist_id(found)) if found else None


@method("getAlbumInfo", "getAlbumInfo2")
def get_album_info(asked: Asked) -> Node:
    """An album's name elsewhere; asked by an album or one of its songs."""
    album = _album_of(asked, asked.params.need("id"))
    known = album.musicbrainz_release_id if album else None
    return {"albumInfo": {"musicBrainzId": Element(known) if known else None}}


def _album_of(asked: Asked, name: str) -> Album | None:
    if meant(name)[0] == "album":
        return things.album(asked, name)
    link = catalogue.links(asked.catalogue, [things.track(asked, name).key])[0]
    found = catalogue.albums_by_id(asked.catalogue, [link.album_id] if link.album_id else [])
    return found[0] if found else None
