"""Folders, artists, albums, genres and single songs."""

from __future__ import annotations

from segue import catalogue
from segue.catalogue import Track
from segue.errors import NothingFound
from segue.server.subsonic import records, things
from segue.server.subsonic.answers import Node, Value, iso_time
from segue.server.subsonic.ids import album_id, artist_id, folder_id, meant, not_found
from segue.server.subsonic.registry import Asked, method


@method("getMusicFolders")
def get_music_folders(asked: Asked) -> Node:
    """The folders that were given to scan, numbered from 1."""
    roots = catalogue.roots_as_folders(asked.catalogue)
    return {
        "musicFolders": {
            "musicFolder": [{"id": number, "name": root.name} for number, root in enumerate(roots, 1)]
        }
    }


@method("getIndexes")
def get_indexes(asked: Asked) -> Node:
    """What lies directly in the music folders: folders under their letters, and songs."""
    since_ms = asked.params.integer("ifModifiedSince", 0, low=0, high=10**15)
    number = things.music_folder_number(asked)
    revision = catalogue.revision(asked.catalogue)
    changed_ms = int(asked.services.changes.seen_at(revision, asked.services.now_s()) * 1000)
    about: dict[str, Value] = {
        "ignoredArticles": records.IGNORED_ARTICLES,
        "lastModified": changed_ms,
    }
    if since_ms and changed_ms <= since_ms:
        return {"indexes": {**about, "index": [], "child": []}}
    roots = catalogue.roots_as_folders(asked.catalogue)
    folders: list[dict[str, Value]] = []
    tracks: list[Track] = []
    for root in roots if number is None else [roots[number - 1]]:
        _, inside, here = catalogue.folder(asked.catalogue, root.id)
        folders += [{"id": folder_id(one.id), "name": one.name} for one in inside]
        tracks += here
    return {"indexes": {**about, "index": records.indexed(folders), "child": things.songs(asked, tracks)}}


@method("getMusicDirectory")
def get_music_directory(asked: Asked) -> Node:
    """What lies in a folder, an artist or an album."""
    name = asked.params.need("id")
    kind, own = meant(name)
    if kind == "album":
        return _album_directory(asked, name)
    if kind == "artist":
        return _artist_directory(asked, name)
    if name.isdigit() and 1 <= int(name[:9]) <= len(asked.roots):  # a music folder by its number
        own = catalogue.roots_as_folders(asked.catalogue)[int(name) - 1].id
    elif kind != "folder":
        raise not_found("folder", name)
    try:
        here, folders, tracks = catalogue.folder(asked.catalogue, own)
    except NothingFound:
        raise not_found("folder", name) from None
    songs = [{**song, "parent": folder_id(here.id)} for song in things.songs(asked, tracks)]
    return {
        "directory": {
            "id": folder_id(here.id),
            "parent": folder_id(here.parent_id) if here.parent_id else None,
            "name": here.name,
            "child": [*records.folders_as_children(folders), *songs],
        }
    }


def _album_directory(asked: Asked, name: str) -> Node:
    album = things.album(asked, name)
    told = records.Marks.of_some(asked.catalogue, asked.listener, "album", [album.id])
    tracks = catalogue.album_tracks(asked.catalogue, album.id)
    return {
        "directory": {
            "id": name,
            "parent": artist_id(album.artist_id) if album.artist_id else None,
            "name": album.name,
            "starred": told.starred(album.id),
            "userRating": told.rating(album.id),
            "playCount": told.play_count(album.id),
            "child": things.songs(asked, tracks),
        }
    }


def _artist_directory(asked: Asked, name: str) -> Node:
    artist = things.artist(asked, name)
    mark = catalogue.marks(asked.catalogue, asked.listener, "artist", [artist.id]).get(artist.id)
    albums = catalogue.artist_albums(asked.catalogue, artist.id)
    return {
        "directory": {
            "id": name,
            "name": artist.name,
            "starred": iso_time(mark.starred_at) if mark else None,
            "userRating": (mark.rating or None) if mark else None,
            "child": records.albums_as_folders(asked.catalogue, asked.listener, albums),
        }
    }


@method("getGenres")
def get_genres(asked: Asked) -> Node:
    """All genres."""
    return {"genres": {"genre": [records.genre(one) for one in catalogue.genres(asked.catalogue)]}}


@method("getArtists")
def get_artists(asked: Asked) -> Node:
    """All artists under their letters."""
    artists = catalogue.artists(asked.catalogue, within=things.music_folder(asked))
    found = records.artists_id3(asked.catalogue, asked.listener, artists)
    return {"artists": {"ignoredArticles": records.IGNORED_ARTICLES, "index": records.indexed(found)}}


@method("getArtist")
def get_artist(asked: Asked) -> Node:
    """An artist and the albums."""
    artist = things.artist(asked, asked.params.need("id"))
    albums = catalogue.artist_albums(asked.catalogue, artist.id)
    shown = records.artists_id3(asked.catalogue, asked.listener, [artist])[0]
    return {"artist": {**shown, "album": records.albums_id3(asked.catalogue, asked.listener, albums)}}


@method("getAlbum")
def get_album(asked: Asked) -> Node:
    """An album and its songs."""
    album = things.album(asked, asked.params.need("id"))
    tracks = catalogue.album_tracks(asked.catalogue, album.id)
    shown = records.albums_id3(asked.catalogue, asked.listener, [album])[0]
    assert shown["id"] == album_id(album.id)
    return {"album": {**shown, "song": things.songs(asked, tracks)}}


@method("getSong")
def get_song(asked: Asked) -> Node:
    """A song."""
    return {"song": things.songs(asked, [things.track(asked, asked.params.need("id"))])[0]}
