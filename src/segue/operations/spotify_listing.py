"""What a listener has at Spotify, as it was last read, so that it stands beside the local library."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from segue.errors import SealBroken
from segue.files import whole_file
from segue.operations.accounts import key_file
from segue.operations.spotify import SpotifyAccount
from segue.services import seal, server_key, unseal
from segue.services.spotify import RemotePlaylist, RemoteTrack, RemoteTracks
from segue.settings import DataFolder

_VERSION = 1


def write_listing(data: DataFolder, listener: str, number: str, account: SpotifyAccount) -> None:
    """Keep what was read, sealed, in place of what was kept before.

    Parameters
    ----------
    number
        Of the connection: a listing of another connection is never shown.
    """
    text = text_of_listing(number, account)
    with whole_file(_file(data, listener)) as out:
        out.write(seal(server_key(key_file(data)), text))


def read_listing(data: DataFolder, listener: str, number: str) -> SpotifyAccount | None:
    """What was read last through this connection; None where nothing was, or it cannot be used."""
    try:
        sealed = _file(data, listener).read_bytes()
        return listing_of_text(unseal(server_key(key_file(data)), sealed), number)
    except (OSError, SealBroken):
        return None


def forget_listing(data: DataFolder, listener: str) -> None:
    """Remove it."""
    with suppress(FileNotFoundError):
        _file(data, listener).unlink()


def _file(data: DataFolder, listener: str) -> Path:
    name = hashlib.sha256(listener.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return data.cache / "spotify" / f"{name}.sealed"


def text_of_listing(number: str, account: SpotifyAccount) -> str:
    """A listing as text, to be sealed; a track that stands in several lists is written once."""
    places: dict[RemoteTrack, int] = {}

    def placed(content: RemoteTracks) -> dict[str, Any]:
        rows = [places.setdefault(track, len(places)) for track in content.tracks]
        return {"tracks": rows, "skipped": dict(content.skipped)}

    playlists = [
        {
            "id": one.id,
            "name": one.name,
            "owner": one.owner,
            "n_tracks": one.n_tracks,
            "snapshot_id": one.snapshot_id,
            "content": None if one.content is None else placed(one.content),
        }
        for one in account.playlists
    ]
    saved = placed(account.saved)
    document = {"version": _VERSION, "number": number, "playlists": playlists, "saved": saved}
    return json.dumps(document | {"tracks": [list(asdict(track).values()) for track in places]})


def listing_of_text(text: str, number: str) -> SpotifyAccount | None:
    """The listing of such a text; None where it is none of this connection, or of another version."""
    try:
        said = json.loads(text)
        if (said["version"], said["number"]) != (_VERSION, number):
            return None
        tracks = [_track(row) for row in said["tracks"]]
        playlists = tuple(
            RemotePlaylist(
                one["id"],
                one["name"],
                one["owner"],
                one["n_tracks"],
                one["snapshot_id"],
                None if one["content"] is None else _content(one["content"], tracks),
            )
            for one in said["playlists"]
        )
        return SpotifyAccount(playlists, _content(said["saved"], tracks))
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def _track(row: Sequence[Any]) -> RemoteTrack:
    uri, title, artists, album, isrc, duration_s, added_at = row
    return RemoteTrack(uri, title, tuple(artists), album, isrc, duration_s, added_at)


def _content(said: dict[str, Any], tracks: Sequence[RemoteTrack]) -> RemoteTracks:
    return RemoteTracks(tuple(tracks[place] for place in said["tracks"]), said["skipped"])
