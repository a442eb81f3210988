"""Lists of albums and songs: newest, most played, by genre, starred, at random, playing now."""

from __future__ import annotations

import random
from collections.abc import Sequence

from segue import catalogue
from segue.catalogue import Album, AlbumOrder, Use
from segue.server.subsonic import records, things
from segue.server.subsonic.answers import Failure, Node, Value
from segue.server.subsonic.ids import of_kind
from segue.server.subsonic.params import missing
from segue.server.subsonic.registry import Asked, method

_ORDERS: dict[str, AlbumOrder] = {
    "random": "random",
    "newest": "newest",
    "alphabeticalbyname": "name",
    "alphabeticalbyartist": "artist",
}
_USES: dict[str, Use] = {"highest": "rated", "frequent": "frequent", "recent": "recent", "starred": "starred"}
_MOST = 500
_MOST_SEED = 2**31 - 1


@method("getAlbumList2")
def get_album_list2(asked: Asked) -> Node:
    """A list of albums."""
    found = _albums(asked)
    return {"albumList2": {"album": records.albums_id3(asked.catalogue, asked.listener, found)}}


@method("getAlbumList")
def get_album_list(asked: Asked) -> Node:
    """The same as folders."""
    found = _albums(asked)
    return {"albumList": {"album": records.albums_as_folders(asked.catalogue, asked.listener, found)}}


def _albums(asked: Asked) -> Sequence[Album]:
    kind = asked.params.need("type").lower()
    within = things.music_folder(asked)
    limit = asked.params.integer("size", 10, low=0, high=_MOST)
    offset = asked.params.integer("offset", 0, low=0, high=10**9)
    if kind in _USES:
        return catalogue.albums_by_use(
            asked.catalogue, asked.listener, by=_USES[kind], offset=offset, limit=limit, within=within
        )
    if kind == "byyear":
        years = (
            asked.params.need_integer("fromYear", low=0, high=9999),
            asked.params.need_integer("toYear", low=0, high=9999),
        )
        return catalogue.albums(
            asked.catalogue, order="year", years=years, offset=offset, limit=limit, within=within
        )
    if kind == "bygenre":
        genre = asked.params.need("genre")
        return catalogue.albums(
            asked.catalogue, order="name", genre=genre, offset=offset, limit=limit, within=within
        )
    if kind not in _ORDERS:
        choices = "random, newest, highest, frequent, recent, alphabeticalByName, alphabeticalByArtist, "
        raise Failure(0, f"type is one of {choices}starred, byYear, byGenre")
    return catalogue.albums(
        asked.catalogue,
        order=_ORDERS[kind],
        offset=offset,
        limit=limit,
        # Another order every hour, the same for all pages of one.
        seed=int(asked.services.now_s() // 3600),
        within=within,
    )


@method("getRandomSongs")
def get_random_songs(asked: Asked) -> Node:
    """Songs at random."""
    found = catalogue.tracks_page(
        asked.catalogue,
        within=things.music_folder(asked),
        order="random",
        offset=0,
        limit=asked.params.integer("size", 10, low=0, high=_MOST),
        genre=asked.params.text("genre"),
        years=things.year_range(asked),
        seed=random.randrange(_MOST_SEED),
    )
    return {"randomSongs": {"song": things.songs(asked, found)}}


@method("getSongsByGenre")
def get_songs_by_genre(asked: Asked) -> Node:
    """Songs of a genre."""
    found = catalogue.tracks_page(
        asked.catalogue,
        within=things.music_folder(asked),
        order="artist",
        offset=asked.params.integer("offset", 0, low=0, high=10**9),
        limit=asked.params.integer("count", 10, low=0, high=_MOST),
        genre=asked.params.need("genre"),
    )
    return {"songsByGenre": {"song": things.songs(asked, found)}}


@method("getNowPlaying")
def get_now_playing(asked: Asked) -> Node:
    """Who plays what; the owner of a library shares it, so all are seen."""
    now_s = asked.services.now_s()
    sessions = asked.services.playing.now(now_s)
    tracks = things.tracks_there(asked, list({session.report.track for session in sessions}))
    songs = {song["id"]: song for song in things.songs(asked, tracks)}
    entries: list[dict[str, Value]] = []
    for session in sessions:
        if session.report.track not in songs:
            continue
        entries.append(
            {
                **songs[session.report.track],
                "username": session.account,
                "minutesAgo": max(0, int((now_s - session.seen_at) / 60)),
                "playerId": session.number,
                "playerName": session.client,
                "state": session.report.state,
                "positionMs": int(session.position_s(now_s) * 1000),
                "playbackRate": session.report.rate,
            }
        )
    return {"nowPlaying": {"entry": entries}}


@method("getStarred2")
def get_starred2(asked: Asked) -> Node:
    """What the caller starred, the latest first."""
    artists, albums, songs = _starred(asked)
    return {
        "starred2": {
            "artist": records.artists_id3(asked.catalogue, asked.listener, artists),
            "album": records.albums_id3(asked.catalogue, asked.listener, albums),
            "song": songs,
        }
    }


@method("getStarred")
def get_starred(asked: Asked) -> Node:
    """The same with albums as folders."""
    artists, albums, songs = _starred(asked)
    return {
        "starred": {
            "artist": records.artists_plain(asked.catalogue, asked.listener, artists),
            "album": records.albums_as_folders(asked.catalogue, asked.listener, albums),
            "song": songs,
        }
    }


def _starred(
    asked: Asked,
) -> tuple[list[catalogue.Artist], list[Album], list[dict[str, Value]]]:
    cat, within = asked.catalogue, things.music_folder(asked)

    def names(kind: catalogue.StarKind) -> list[str]:
        given = [name for name, _ in catalogue.starred(cat, asked.listener, kind)]
        return catalogue.ids_within(cat, kind, given, within)

    tracks = things.tracks_there(asked, names("track"))
    return (
        catalogue.artists_by_id(cat, names("artist")),
        catalogue.albums_by_id(cat, names("album")),
        things.songs(asked, tracks),
    )


@method("getTopSongs")
def get_top_songs(asked: Asked) -> Node:
    """The songs of an artist that the caller plays most."""
    number = asked.params.integer("count", 50, low=0, high=_MOST)
    name, words = asked.params.text("id"), asked.params.text("artist")
    if name is not None:
        wanted = of_kind(name, "artist")
        things.artist(asked, name)
    elif words is not None:
        found = next(
            (one for one in catalogue.artists(asked.catalogue) if _named(one.name) == _named(words)), None
        )
        if found is None:
            return {"topSongs": {"song": []}}
        wanted = found.id
    else:
        raise missing("artist")
    tracks = catalogue.top_tracks(asked.catalogue, asked.listener, wanted, number)
    return {"topSongs": {"song": things.songs(asked, tracks)}}


def _named(name: str) -> str:
    return catalogue.fold(name)
