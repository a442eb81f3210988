"""From records of the catalogue to those of the REST API."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from segue import catalogue as kept
from segue.audio import browser_type
from segue.catalogue import Catalogue
from segue.operations.answers import Recommendation
from segue.operations.reasons import Advice
from segue.server import models


def tracks_of(cat: Catalogue, listener: str, found: Sequence[kept.Track]) -> list[models.Track]:
    """Tracks as a listener sees them."""
    links = kept.links(cat, np.array([track.key for track in found], dtype=np.int64))
    ids = [track.id for track in found]
    marks, said = kept.marks(cat, listener, "track", ids), kept.said_of(cat, listener, ids)
    return [
        models.Track(**_values(track, link, marks[track.id], said.get(track.id, 0.0)))
        for track, link in zip(found, links, strict=True)
    ]


def facts_of(cat: Catalogue, listener: str, track: kept.Track) -> models.TrackFacts:
    """One track with all that is known of it."""
    link = kept.links(cat, np.array([track.key], dtype=np.int64))[0]
    mark = kept.marks(cat, listener, "track", [track.id])[track.id]
    said = kept.said_of(cat, listener, [track.id]).get(track.id, 0.0)
    tags = track.tags
    return models.TrackFacts(
        **_values(track, link, mark, said),
        bpm=tags.bpm,
        isrc=tags.isrc,
        musicbrainz_recording_id=tags.musicbrainz_recording_id,
        sample_rate_hz=track.sample_rate,
        channels=track.channels,
        bitrate_bps=track.bitrate_bps,
        file_names=[below_roots(path, kept.roots(cat)) for path in track.paths],
    )


def below_roots(path: Path, roots: Sequence[Path]) -> str:
    """A file's name without where the server keeps it: ``Music/Artist/Song.flac``.

    >>> below_roots(Path("/srv/Music/a/b.mp3"), [Path("/srv/Music")])
    'Music/a/b.mp3'
    """
    for root in roots:
        if path.is_relative_to(root):
            return shown_name(Path(root.name) / path.relative_to(root))
    return shown_name(path.name)


def shown_name(name: str | Path) -> str:
    """The name of a file or folder as text; what is no text in it is shown all the same.

    >>> shown_name("caf\\udce9")
    'caf�'
    """
    return os.fsencode(name).decode("utf-8", "replace")


def _values(track: kept.Track, link: kept.Links, mark: kept.Mark, said: float) -> dict[str, Any]:
    tags = track.tags
    return {
        "id": track.id,
        "title": tags.title or (shown_name(track.paths[0].stem) if track.paths else track.id),
        "artist": tags.artist or "",
        "artist_id": link.artist_id,
        "album": tags.album or "",
        "album_id": link.album_id,
        "album_artist": tags.album_artist or "",
        "album_artist_id": link.album_artist_id,
        "track_number": tags.track_number,
        "disc_number": tags.disc_number,
        "year": tags.year,
        "duration_s": track.duration_s,
        "genres": list(tags.genres),
        "composer": tags.composer or "",
        "work": tags.work or "",
        "codec": track.codec,
        "playable": _plays_as_it_is(track),
        "has_cover": tags.has_cover,
        "replaygain": models.ReplayGain(
            track_gain_db=tags.replaygain_track_gain_db,
            track_peak=tags.replaygain_track_peak,
            album_gain_db=tags.replaygain_album_gain_db,
            album_peak=tags.replaygain_album_peak,
        ),
        "starred_at": mark.starred_at,
        "rating": mark.rating,
        "opinion": said,
        "added_at": track.added_at,
    }


def _plays_as_it_is(track: kept.Track) -> bool:
    return bool(track.paths) and browser_type(track.codec, track.paths[0].suffix) is not None


def albums_of(cat: Catalogue, listener: str, found: Sequence[kept.Album]) -> list[models.Album]:
    """Albums as a listener sees them."""
    marks = kept.marks(cat, listener, "album", [album.id for album in found])
    return [
        models.Album(
            id=album.id,
            name=album.name,
            artist=album.artist,
            artist_id=album.artist_id,
            year=album.year,
            n_tracks=album.n_tracks,
            duration_s=album.duration_s,
            genres=list(album.genres),
            cover_track=album.cover_track,
            added_at=album.added_at,
            starred_at=marks[album.id].starred_at,
            rating=marks[album.id].rating,
        )
        for album in found
    ]


def artists_of(cat: Catalogue, listener: str, found: Sequence[kept.Artist]) -> list[models.Artist]:
    """Artists as a listener sees them."""
    marks = kept.marks(cat, listener, "artist", [artist.id for artist in found])
    return [
        models.Artist(
            id=artist.id,
            name=artist.name,
            n_albums=artist.n_albums,
            n_tracks=artist.n_tracks,
            starred_at=marks[artist.id].starred_at,
            rating=marks[artist.id].rating,
        )
        for artist in found
    ]


def answers_of(
    cat: Catalogue, listener: str, found: Sequence[Recommendation | Advice]
) -> list[models.Answer]:
    """Recommended tracks with match and reasons."""
    records = tracks_of(cat, listener, [one.track for one in found])
    return [
        models.Answer(track=record, match=one.match, reasons=list(one.reasons), kind=_kind(one))
        for one, record in zip(found, records, strict=True)
    ]


def _kind(one: Recommendation | Advice) -> str:
    if isinstance(one, Advice):
        return one.kind
    return one.reasons[0] if one.reasons in (("seed",), ("playlist",)) else "sound"


def playlist_of(found: kept.SavedPlaylist, person: str) -> models.Playlist:
    """A playlist as a person sees it, who is named as its owner would be."""
    return models.Playlist(
        id=found.id,
        name=found.name,
        comment=found.comment,
        owner=found.owner,
        is_own=found.owner == person,
        is_public=found.is_public,
        n_tracks=found.n_tracks,
        duration_s=found.duration_s,
        created_at=found.created_at,
        changed_at=found.changed_at,
        version=found.version,
    )
