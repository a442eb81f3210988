"""Playlists that are kept here, and the queue that goes with a person from one device to the next."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response, UploadFile

from segue import catalogue as kept
from segue.catalogue import Catalogue, open_catalogue
from segue.operations.answers import Choices, entry_of
from segue.operations.continuation import continue_tracks, tracks_of_file
from segue.playlists import write_playlist
from segue.server import models
from segue.server.access import Person, ServedNow, Somebody
from segue.server.paging import Number
from segue.server.records import answers_of, playlist_of, tracks_of
from segue.server.streaming import attachment
from segue.server.uploads import kept_upload
from segue.types import TrackId

router = APIRouter(tags=["playlists"])

Format = Literal["m3u8", "xspf", "jspf"]
_MEDIA_TYPES = {
    "m3u8": "audio/x-mpegurl; charset=utf-8",
    "xspf": "application/xspf+xml",
    "jspf": "application/jspf+json",
}
_LARGEST_PLAYLIST = 20 * 2**20


@router.get("/playlists")
def read_playlists(served: ServedNow, person: Somebody) -> models.Playlists:
    """The own playlists, and those that others show."""
    catalogue = served.catalogue()
    return models.Playlists(
        items=[playlist_of(one, person.name) for one in kept.playlists_of(catalogue, person.listener)]
    )


@router.post("/playlists", status_code=201)
def make_playlist(asked: models.NewPlaylist, served: ServedNow, person: Somebody) -> models.PlaylistFacts:
    """A new playlist."""
    with open_catalogue(served.data, write=True) as catalogue:
        made = kept.create_playlist(
            catalogue,
            person.listener,
            asked.name,
            [TrackId(one) for one in asked.tracks],
            comment=asked.comment,
            is_public=asked.is_public,
        )
        return _facts(catalogue, person, made)


@router.get("/playlists/{playlist}")
def read_playlist(playlist: str, served: ServedNow, person: Somebody) -> models.PlaylistFacts:
    """A playlist with its tracks."""
    catalogue = served.catalogue()
    return _facts(catalogue, person, kept.playlist(catalogue, person.listener, playlist))


@router.put("/playlists/{playlist}")
def change_playlist(
    playlist: str, asked: models.PlaylistChange, served: ServedNow, person: Somebody
) -> models.PlaylistFacts:
    """Change what is given; refused with 409 where somebody else, or another tab, was faster."""
    with open_catalogue(served.data, write=True) as catalogue:
        changed = kept.change_playlist(
            catalogue,
            person.listener,
            playlist,
            name=asked.name,
            comment=asked.comment,
            is_public=asked.is_public,
            track_ids=None if asked.tracks is None else [TrackId(one) for one in asked.tracks],
            version=asked.version,
        )
        return _facts(catalogue, person, changed)


@router.post("/playlists/{playlist}/tracks")
def add_tracks(
    playlist: str, asked: models.PlaylistAdditions, served: ServedNow, person: Somebody
) -> models.Playlist:
    """Append tracks, whatever others do to the playlist meanwhile."""
    with open_catalogue(served.data, write=True) as catalogue:
        changed = kept.append_and_remove(
            catalogue, person.listener, playlist, [TrackId(one) for one in asked.tracks], []
        )
        return playlist_of(changed, person.name)


@router.delete("/playlists/{playlist}", status_code=204)
def delete_playlist(playlist: str, served: ServedNow, person: Somebody) -> None:
    """Forget a playlist."""
    with open_catalogue(served.data, write=True) as catalogue:
        kept.delete_playlist(catalogue, person.listener, playlist)


@router.get("/playlists/{playlist}/continue")
def continue_playlist(playlist: str, served: ServedNow, person: Somebody, n: Number = 20) -> models.Answers:
    """What carries a playlist on."""
    catalogue = served.catalogue()
    kept.playlist(catalogue, person.listener, playlist)
    tracks = kept.playlist_tracks(catalogue, playlist)
    found = continue_tracks(served.resident, tracks, choices=Choices(number=n))
    return models.Answers(items=answers_of(catalogue, person.listener, found))


@router.get(
    "/playlists/{playlist}/export",
    response_class=Response,
    responses={200: {"content": {kind.partition(";")[0]: {} for kind in _MEDIA_TYPES.values()}}},
)
def export_playlist(
    playlist: str,
    served: ServedNow,
    person: Somebody,
    format: Annotated[Format, Query()] = "m3u8",
) -> Response:
    """A playlist as a file that other players read.

    Administrators get the whole paths of files, others those below the folders of music.
    """
    catalogue = served.catalogue()
    found = kept.playlist(catalogue, person.listener, playlist)
    tracks = [track for track in kept.playlist_tracks(catalogue, playlist) if track.paths]
    with tempfile.TemporaryDirectory(prefix="segue-") as name:
        folder = Path(os.path.realpath(name))
        entries = [entry_of(track) for track in tracks]
        if not person.is_admin:
            roots = kept.roots(catalogue)
            entries = [replace(one, path=_moved(one.path, roots, folder)) for one in entries]
        file = folder / f"playlist.{format}"
        write_playlist(file, entries, title=found.name, relative=not person.is_admin)
        content = file.read_bytes()
    return Response(
        content,
        media_type=_MEDIA_TYPES[format],
        headers={"Content-Disposition": attachment(f"{found.name}.{format}")},
    )


def _moved(path: Path | None, roots: Sequence[Path], folder: Path) -> Path | None:
    """Where a file would be if its folder of music were `folder`."""
    root = next((root for root in roots if path is not None and path.is_relative_to(root)), None)
    return None if root is None or path is None else folder / path.relative_to(root)


@router.post("/playlists/import", status_code=201)
def import_playlist(file: UploadFile, served: ServedNow, person: Somebody) -> models.ImportedPlaylist:
    """A playlist from a file; what is not in the library is named."""
    with kept_upload(file, _LARGEST_PLAYLIST, (".m3u", ".m3u8", ".xspf", ".jspf")) as path:
        title, tracks, missing = tracks_of_file(served.resident, path)
    name = title or Path(file.filename or "").stem or "Playlist"
    with open_catalogue(served.data, write=True) as catalogue:
        made = kept.create_playlist(catalogue, person.listener, name[:400], [one.id for one in tracks])
    return models.ImportedPlaylist(playlist=playlist_of(made, person.name), missing=missing)


@router.get("/queue")
def read_queue(served: ServedNow, person: Somebody) -> models.Queue:
    """What this person was going to hear, on whatever device."""
    catalogue = served.catalogue()
    found = kept.play_queue(catalogue, person.listener)
    if found is None:
        return models.Queue(tracks=[], place=None, position_s=0.0, changed_at=None, changed_by="")
    return models.Queue(
        tracks=tracks_of(catalogue, person.listener, kept.tracks(catalogue, found.track_ids)),
        place=found.place,
        position_s=found.position_ms / 1_000,
        changed_at=found.changed_at,
        changed_by=found.changed_by,
    )


@router.put("/queue", status_code=204)
def write_queue(asked: models.QueueChange, request: Request, served: ServedNow, person: Somebody) -> None:
    """Remember the queue."""
    place = asked.place if asked.tracks else None
    with open_catalogue(served.data, write=True) as catalogue:
        kept.set_play_queue(
            catalogue,
            person.listener,
            [TrackId(one) for one in asked.tracks],
            place=None if place is None else min(place, len(asked.tracks) - 1),
            position_ms=round(asked.position_s * 1_000),
            changed_by=request.headers.get("user-agent", "")[:200],
        )


def _facts(catalogue: Catalogue, person: Person, found: kept.SavedPlaylist) -> models.PlaylistFacts:
    tracks = tracks_of(catalogue, person.listener, kept.playlist_tracks(catalogue, found.id))
    return models.PlaylistFacts(**playlist_of(found, person.name).model_dump(), tracks=tracks)
