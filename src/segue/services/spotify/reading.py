"""What a user has at Spotify: playlists and their tracks, and saved tracks; also as listens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from operator import methodcaller
from typing import Any

from segue.services.spotify.calling import SpotifyRefusal, SpotifySession
from segue.texts import isrc_of, text_of
from segue.types import Listen

_AT_ONCE = 50
_ID, _URI = re.compile(r"[0-9A-Za-z]{1,100}"), re.compile(r"spotify:track:[0-9A-Za-z]{1,100}")
_MOST_ITEMS = 100_000


@dataclass(frozen=True, slots=True)
class RemoteTrack:
    """A track at Spotify.

    Attributes
    ----------
    uri
        ``spotify:track:…``.
    artists
        The first is the main one.
    isrc
        Empty where unknown.
    duration_s
        In seconds; None where unknown.
    added_at
        UTC epoch seconds when it came into the playlist or library; None where unknown.
    """

    uri: str
    title: str
    artists: tuple[str, ...]
    album: str
    isrc: str
    duration_s: float | None
    added_at: float | None


@dataclass(frozen=True, slots=True)
class RemoteTracks:
    """Tracks, and what of a list could not be used.

    Attributes
    ----------
    skipped
        How many items by reason: ``local-file``, ``episode``, ``removed``, ``unknown``.
    """

    tracks: tuple[RemoteTrack, ...]
    skipped: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RemotePlaylist:
    """A playlist of the user, or one that the user follows.

    Attributes
    ----------
    owner
        The name that Spotify shows.
    n_tracks
        How many items Spotify says that it has; 0 where it does not say.
    snapshot_id
        Changes with every change of the playlist.
    content
        None until it was read (`with_tracks`), and where Spotify does not let it be read, which it allows to
        owners and collaborators only.
    """

    id: str
    name: str
    owner: str
    n_tracks: int
    snapshot_id: str
    content: RemoteTracks | None = None


def user_name(session: SpotifySession) -> str:
    """The name of the user, as Spotify shows it, else the user's id.

    Raises
    ------
    NotAuthorised, TryLater, ServiceError
        As `SpotifySession.call` says.
    """
    said = session.call(methodcaller("current_user"))
    return text_of(said.get("display_name")) or text_of(said.get("id"))


def playlists(session: SpotifySession) -> list[RemotePlaylist]:
    """The user's playlists and those that the user follows, without their tracks.

    Raises
    ------
    NotAuthorised, TryLater, ServiceError
        As `SpotifySession.call` says.
    """
    rows = _items(session, lambda client, at: client.current_user_playlists(limit=_AT_ONCE, offset=at))
    return [playlist for row in rows if (playlist := _playlist(row)) is not None]


def with_tracks(session: SpotifySession, playlist: RemotePlaylist) -> RemotePlaylist:
    """The playlist with its content, which is None where Spotify does not let this user read it.

    Raises
    ------
    NotAuthorised, TryLater, ServiceError
        As `SpotifySession.call` says.
    """
    rows = _items(session, lambda client, at: client.playlist_items(playlist.id, limit=_AT_ONCE, offset=at))
    try:
        return replace(playlist, content=_tracks(rows))
    except SpotifyRefusal as refusal:
        if refusal.status in (403, 404):
            return replace(playlist, content=None)
        raise


def saved_tracks(session: SpotifySession) -> RemoteTracks:
    """The tracks that the user saved ("Liked Songs").

    Raises
    ------
    NotAuthorised, TryLater, ServiceError
        As `SpotifySession.call` says.
    """
    return _tracks(
        _items(session, lambda client, at: client.current_user_saved_tracks(limit=_AT_ONCE, offset=at))
    )


def place_of(track: RemoteTrack) -> Listen:
    """A track's place in a playlist, as evidence of taste."""
    return _named(track)._replace(kind="playlist")


def opinion_of(track: RemoteTrack) -> Listen:
    """A saved track, which the listener likes."""
    return _named(track)._replace(kind="opinion", count=0, opinion=1.0)


def _named(track: RemoteTrack) -> Listen:
    # The day when it was added is no time of a play. Spotify's own export names the main artist alone.
    artist = track.artists[0] if track.artists else ""
    return Listen(
        artist, track.title, track.album, isrc=track.isrc, uri=track.uri, duration_s=track.duration_s
    )


def _items(session: SpotifySession, page: Callable[[Any, int], Any]) -> Iterator[Any]:
    """The items of all pages, by offset: an address that an answer names is never followed."""
    at = 0
    while at < _MOST_ITEMS:
        said = session.call(partial(_page, page, at))
        items = said.get("items")
        if not isinstance(items, list) or not items:
            return
        yield from items
        at += len(items)
        if not said.get("next"):
            return


def _page(page: Callable[[Any, int], Any], at: int, client: Any) -> Any:
    return page(client, at)


def _playlist(row: Any) -> RemotePlaylist | None:
    if not isinstance(row, dict) or not _ID.fullmatch(text_of(row.get("id"))):
        return None
    owner, counted = _object(row.get("owner")), _object(row.get("items") or row.get("tracks"))
    total = counted.get("total")
    return RemotePlaylist(
        text_of(row["id"]),
        text_of(row.get("name")),
        text_of(owner.get("display_name")) or text_of(owner.get("id")),
        total if isinstance(total, int) and total > 0 else 0,
        text_of(row.get("snapshot_id")),
    )


def _tracks(rows: Iterator[Any]) -> RemoteTracks:
    tracks: list[RemoteTrack] = []
    skipped: Counter[str] = Counter()
    for row in rows:
        found = _of_entry(row)
        if isinstance(found, str):
            skipped[found] += 1
        else:
            tracks.append(found)
    return RemoteTracks(tuple(tracks), dict(skipped))


def _of_entry(row: Any) -> RemoteTrack | str:
    """The track of an entry of a list, or why there is none."""
    entry = _object(row)
    # Apps from before 2026 get it under its old name, as saved tracks have it.
    item = entry["item"] if isinstance(entry.get("item"), dict) else entry.get("track")
    if not isinstance(item, dict):
        return "removed"
    if entry.get("is_local") is True or item.get("is_local") is True:
        return "local-file"
    if item.get("type") == "episode":
        return "episode"
    return track_of(item, added_at=_seconds(entry.get("added_at"))) or "unknown"


def track_of(item: Any, *, added_at: float | None = None) -> RemoteTrack | None:
    """A track object of the Web API; None where it is none."""
    said = _object(item)
    uri, title = text_of(said.get("uri")), text_of(said.get("name"))
    if not _URI.fullmatch(uri) or not title:
        return None
    artists = said.get("artists")
    names = (text_of(_object(one).get("name")) for one in (artists if isinstance(artists, list) else []))
    length_ms = said.get("duration_ms")
    is_length = isinstance(length_ms, int | float) and 0 < length_ms < 1e9
    return RemoteTrack(
        uri,
        title,
        tuple(name for name in names if name),
        text_of(_object(said.get("album")).get("name")),
        isrc_of(_object(said.get("external_ids")).get("isrc")),
        float(length_ms) / 1_000 if is_length else None,  # type: ignore[arg-type]
        added_at,
    )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _seconds(value: Any) -> float | None:
    try:
        return datetime.fromisoformat(value).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
