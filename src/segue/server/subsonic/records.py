"""From the catalogue's records to those of the API."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from segue.audio import mime_type
from segue.catalogue import (
    Album,
    Artist,
    Catalogue,
    Folder,
    Genre,
    Links,
    Mark,
    Plays,
    SavedPlaylist,
    Track,
    file_stat,
    links,
    marks,
    played,
)
from segue.server.subsonic.answers import Value, iso_time
from segue.server.subsonic.ids import album_id, artist_id, folder_id, playlist_id

IGNORED_ARTICLES = "The El La Los Las Le Les"
_ARTICLES = tuple(f"{article.lower()} " for article in IGNORED_ARTICLES.split())
_NO_MARK = Mark(None, None)
_NO_PLAYS = Plays(0, 0.0)


@dataclass(frozen=True, slots=True)
class Marks:
    """What a listener thinks of some things, and how often they were played, by the catalogue's id.

    What has no mark, or was not played, is not in it.
    """

    of: Mapping[str, Mark] = field(default_factory=dict)
    plays: Mapping[str, Plays] = field(default_factory=dict)

    @classmethod
    def of_some(
        cls, catalogue: Catalogue, listener: str, kind: Literal["track", "album"], ids: Sequence[str]
    ) -> Marks:
        """Those of tracks or albums."""
        return cls(marks(catalogue, listener, kind, ids), played(catalogue, listener, kind, ids))

    def starred(self, name: str) -> str | None:
        """When it was starred, as the API writes times."""
        return iso_time(self.of.get(name, _NO_MARK).starred_at)

    def rating(self, name: str) -> int | None:
        """1 to 5."""
        return self.of.get(name, _NO_MARK).rating or None

    def play_count(self, name: str) -> int:
        """How often it was played."""
        return self.plays.get(name, _NO_PLAYS).count

    def played(self, name: str) -> str | None:
        """When it was played last."""
        return iso_time(self.plays[name].latest_s) if name in self.plays else None


def songs(
    catalogue: Catalogue, listener: str, tracks: Sequence[Track], *, roots: Sequence[Path] = ()
) -> list[dict[str, Value]]:
    """Tracks as ``Child`` records."""
    told = Marks.of_some(catalogue, listener, "track", [track.id for track in tracks])
    named = links(catalogue, [track.key for track in tracks])
    return [_song(catalogue, track, link, told, roots) for track, link in zip(tracks, named, strict=True)]


def _song(
    catalogue: Catalogue, track: Track, link: Links, told: Marks, roots: Sequence[Path]
) -> dict[str, Value]:
    tags = track.tags
    path = track.paths[0] if track.paths else None
    state = file_stat(catalogue, path) if path is not None else None
    album = album_id(link.album_id) if link.album_id else None
    artist = artist_id(link.artist_id) if link.artist_id else None
    owner = link.album_artist_id or link.artist_id
    by = artist_id(owner) if owner else None
    return {
        "id": track.id,
        "parent": album or artist,
        "isDir": False,
        "title": tags.title or "",
        "album": tags.album,
        "artist": tags.artist,
        "track": tags.track_number,
        "year": tags.year,
        "genre": tags.genres[0] if tags.genres else None,
        "coverArt": track.id if tags.has_cover or album is None else album,
        "size": state.size if state else None,
        "contentType": mime_type(path.suffix) if path else None,
        "suffix": path.suffix.lower().removeprefix(".") if path else None,
        "duration": round(track.duration_s),
        "bitRate": round(track.bitrate_bps / 1000) if track.bitrate_bps else None,
        "samplingRate": track.sample_rate,
        "channelCount": track.channels,
        "path": _shown_path(path, roots),
        "isVideo": False,
        "userRating": told.rating(track.id),
        "playCount": told.play_count(track.id),
        "played": told.played(track.id),
        "discNumber": tags.disc_number,
        "created": iso_time(track.added_at),
        "starred": told.starred(track.id),
        "albumId": album,
        "artistId": artist,
        "type": "music",
        "mediaType": "song",
        "bpm": round(tags.bpm) if tags.bpm else 0,
        "sortName": sort_name(tags.title or ""),
        "musicBrainzId": tags.musicbrainz_recording_id or "",
        "isrc": [tags.isrc] if tags.isrc else [],
        "genres": [{"name": genre} for genre in tags.genres],
        "artists": _artists(artist, tags.artist),
        "displayArtist": tags.artist or "",
        "albumArtists": _artists(by, tags.album_artist or tags.artist),
        "displayAlbumArtist": tags.album_artist or tags.artist or "",
        "displayComposer": tags.composer or "",
        "replayGain": _replay_gain(track),
        "works": [{"name": tags.work}] if tags.work else [],
        "movements": [{"name": tags.movement}] if tags.movement else [],
    }


def _replay_gain(track: Track) -> dict[str, Value]:
    tags = track.tags
    return {
        "trackGain": tags.replaygain_track_gain_db,
        "albumGain": tags.replaygain_album_gain_db,
        "trackPeak": tags.replaygain_track_peak,
        "albumPeak": tags.replaygain_album_peak,
    }


def _artists(name: str | None, display: str | None) -> list[dict[str, Value]]:
    return [{"id": name, "name": display}] if name and display else []


def _shown_path(path: Path | None, roots: Sequence[Path]) -> str | None:
    """Where a file lies below its root: the disk's own layout stays here."""
    if path is None:
        return None
    for root in roots:
        if path.is_relative_to(root):
            return path.relative_to(root.parent).as_posix() if root != path else path.name
    return path.name


def albums_id3(catalogue: Catalogue, listener: str, found: Sequence[Album]) -> list[dict[str, Value]]:
    """Albums as ``AlbumID3``."""
    told = Marks.of_some(catalogue, listener, "album", [album.id for album in found])
    return [_album_id3(album, told) for album in found]


def _album_id3(album: Album, told: Marks) -> dict[str, Value]:
    artist = artist_id(album.artist_id) if album.artist_id else None
    return {
        "id": album_id(album.id),
        "name": album.name,
        "artist": album.artist,
        "artistId": artist,
        "coverArt": album_id(album.id),
        "songCount": album.n_tracks,
        "duration": round(album.duration_s),
        "playCount": told.play_count(album.id),
        "played": told.played(album.id),
        "created": iso_time(album.added_at),
        "starred": told.starred(album.id),
        "year": album.year,
        "genre": album.genres[0] if album.genres else None,
        "userRating": told.rating(album.id),
        "musicBrainzId": album.musicbrainz_release_id or "",
        "genres": [{"name": genre} for genre in album.genres],
        "artists": _artists(artist, album.artist),
        "displayArtist": album.artist or "",
        "sortName": sort_name(album.name),
        "releaseDate": {"year": album.year},
    }


def albums_as_folders(catalogue: Catalogue, listener: str, found: Sequence[Album]) -> list[dict[str, Value]]:
    """Albums as ``Child`` records that can be opened, for the methods without tags."""
    return [_opened(album) for album in albums_id3(catalogue, listener, found)]


def _opened(album: Mapping[str, Value]) -> dict[str, Value]:
    kept = (
        *("coverArt", "created", "starred", "year", "genre", "userRating", "duration", "musicBrainzId"),
        *("playCount", "played", "genres", "artist", "artistId", "artists", "displayArtist", "sortName"),
    )
    return {
        "id": album["id"],
        "parent": album["artistId"],
        "isDir": True,
        "title": album["name"],
        "album": album["name"],
        # Not in the schemas, but some apps read these records as albums.
        "name": album["name"],
        "songCount": album["songCount"],
        "isVideo": False,
        "mediaType": "album",
        **{name: album[name] for name in kept},
    }


def artists_id3(catalogue: Catalogue, listener: str, found: Sequence[Artist]) -> list[dict[str, Value]]:
    """Artists as ``ArtistID3``."""
    told = Marks(marks(catalogue, listener, "artist", [artist.id for artist in found]))
    return [
        {
            "id": artist_id(artist.id),
            "name": artist.name,
            "coverArt": artist_id(artist.id),
            "albumCount": artist.n_albums,
            "starred": told.starred(artist.id),
            "sortName": sort_name(artist.name),
        }
        for artist in found
    ]


def artists_plain(catalogue: Catalogue, listener: str, found: Sequence[Artist]) -> list[dict[str, Value]]:
    """Artists as ``Artist``, for the methods without tags."""
    told = Marks(marks(catalogue, listener, "artist", [artist.id for artist in found]))
    return [
        {
            "id": artist_id(artist.id),
            "name": artist.name,
            "starred": told.starred(artist.id),
            "userRating": told.rating(artist.id),
        }
        for artist in found
    ]


def folders_as_children(found: Sequence[Folder]) -> list[dict[str, Value]]:
    """Folders as ``Child`` records."""
    return [
        {
            "id": folder_id(folder.id),
            "parent": folder_id(folder.parent_id) if folder.parent_id else None,
            "isDir": True,
            "title": folder.name,
            "isVideo": False,
            "coverArt": folder_id(folder.id),
        }
        for folder in found
    ]


def genre(found: Genre) -> dict[str, Value]:
    """A genre."""
    return {"value": found.name, "songCount": found.n_tracks, "albumCount": found.n_albums}


def playlist(found: SavedPlaylist, *, own: bool) -> dict[str, Value]:
    """A playlist without its tracks."""
    return {
        "id": playlist_id(found.id),
        "name": found.name,
        "comment": found.comment,
        "owner": found.owner,
        "public": found.is_public,
        "readonly": not own,
        "songCount": found.n_tracks,
        "duration": round(found.duration_s),
        "created": iso_time(found.created_at),
        "changed": iso_time(found.changed_at),
        "coverArt": playlist_id(found.id),
    }


def sort_name(name: str) -> str:
    """What a name is sorted by.

    >>> sort_name("The Beatles"), sort_name("Theory"), sort_name("The ")
    ('Beatles', 'Theory', 'The')
    """
    name = name.strip()
    lower = name.lower()
    article = next((one for one in _ARTICLES if lower.startswith(one)), "")
    return name[len(article) :].strip() or name


def initial(name: str) -> str:
    """The letter under which a name stands in an index.

    >>> initial("Élan"), initial("the Who"), initial("2Pac"), initial("Ørsted"), initial("Ария")
    ('E', 'W', '#', 'Ø', 'А')
    """
    first = unicodedata.normalize("NFKD", sort_name(name))[:1].upper()
    return first if first.isalpha() else "#"


def indexed(found: Sequence[dict[str, Value]]) -> list[dict[str, Value]]:
    """Records with names under their letters, in the order of the letters."""
    letters: dict[str, list[dict[str, Value]]] = {}
    for record in sorted(found, key=lambda record: sort_name(str(record["name"])).casefold()):
        letters.setdefault(initial(str(record["name"])), []).append(record)
    return [{"name": letter, "artist": letters[letter]} for letter in sorted(letters)]
