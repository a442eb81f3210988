"""Playlists that listeners keep."""

from __future__ import annotations

from segue import catalogue
from segue.catalogue import SavedPlaylist
from segue.server.subsonic import records, things
from segue.server.subsonic.answers import Failure, Node, Value
from segue.server.subsonic.ids import of_kind
from segue.server.subsonic.params import missing
from segue.server.subsonic.registry import Asked, method


@method("getPlaylists")
def get_playlists(asked: Asked) -> Node:
    """One's own, and those of others that are public; of one other only for administrators."""
    name = asked.params.text("username")
    account = asked.services.doors.account(name) if name is not None else asked.caller
    if (account is None or account.name != asked.caller.name) and not asked.caller.is_admin:
        raise Failure(50, "Only an administrator may ask for the playlists of others")
    if account is None:
        raise Failure(70, "No account has this name")
    found = catalogue.playlists_of(asked.catalogue, asked.listener)
    if account.name != asked.caller.name:
        # What is private stays so, also for an administrator.
        found = [one for one in found if one.owner == account.name]
    return {"playlists": {"playlist": [_shown(asked, one) for one in found]}}


@method("getPlaylist")
def get_playlist(asked: Asked) -> Node:
    """A playlist and its songs."""
    return _with_songs(asked, things.playlist(asked, asked.params.need("id")))


@method("createPlaylist")
def create_playlist(asked: Asked) -> Node:
    """A new playlist, or other songs in one that is there."""
    name, known = asked.params.text("name"), asked.params.text("playlistId")
    tracks = [one.id for one in things.tracks(asked, asked.params.all("songId"))]
    if known is not None:
        before = things.playlist(asked, known)
        with things.writing(asked) as store:
            saved = catalogue.change_playlist(store, asked.listener, before.id, name=name, track_ids=tracks)
    elif name is not None:
        with things.writing(asked) as store:
            saved = catalogue.create_playlist(store, asked.listener, name, tracks)
    else:
        raise missing("name or playlistId")
    return _with_songs(asked, saved)


@method("updatePlaylist")
def update_playlist(asked: Asked) -> Node:
    """Another name or comment, songs more, songs less."""
    before = things.playlist(asked, asked.params.need("playlistId"))
    name, public = asked.params.text("name"), asked.params.optional_flag("public")
    comment = asked.params.given("comment")
    added = [one.id for one in things.tracks(asked, asked.params.all("songIdToAdd"))]
    removed = asked.params.integers("songIndexToRemove", low=0)
    with things.writing(asked) as store, catalogue.transaction(store):
        if name is not None or comment is not None or public is not None:
            catalogue.change_playlist(
                store, asked.listener, before.id, name=name, comment=comment, is_public=public
            )
        if added or removed:
            catalogue.append_and_remove(store, asked.listener, before.id, added, removed)
    return {}


@method("deletePlaylist")
def delete_playlist(asked: Asked) -> Node:
    """Away with one."""
    name = of_kind(asked.params.need("id"), "playlist")
    with things.writing(asked) as store:
        catalogue.delete_playlist(store, asked.listener, name)
    return {}


def _shown(asked: Asked, found: SavedPlaylist) -> dict[str, Value]:
    return records.playlist(found, own=found.owner == asked.caller.name)


def _with_songs(asked: Asked, found: SavedPlaylist) -> Node:
    tracks = catalogue.playlist_tracks(asked.catalogue, found.id)
    return {"playlist": {**_shown(asked, found), "entry": things.songs(asked, tracks)}}
