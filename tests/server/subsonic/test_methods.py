"""Every method of the API: what it answers, held against the published schemas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from segue.catalogue import add_root, listen_table, open_catalogue, opinion_table, remove_root
from segue.operations.answers import Choices
from segue.operations.mix import mix
from segue.operations.similar import similar
from segue.server.subsonic.registry import FREE, METHODS

_NAMESPACE = "{http://subsonic.org/restapi}"
Validated = Callable[[str, Any], None]


@pytest.fixture(scope="module")
def songs(running: Any) -> list[Any]:
    """All tracks of the library."""
    from segue.catalogue import tracks_page

    with open_catalogue(running.data) as catalogue:
        return [track for track in tracks_page(catalogue, limit=-1) if track.tags.artist]


@pytest.fixture(scope="module")
def some(callers: Any, songs: list[Any]) -> dict[str, Any]:
    """Parameters of every method that needs some, and answers something."""
    ana = callers("ana")
    artist = ana.ask("getArtists")["artists"]["index"][0]["artist"][0]["id"]
    album = ana.ask("getAlbumList2", type="newest")["albumList2"]["album"][0]["id"]
    song = songs[3].id
    playlist = ana.ask("createPlaylist", name="For all methods", songId=[song, songs[4].id])["playlist"]["id"]
    root = ana.ask("getIndexes")["indexes"]["index"][0]["artist"][0]["id"]
    return {
        "createPlaylist": {"name": "One more", "songId": [song]},
        "findSonicPath": {"startSongId": song, "endSongId": songs[12].id},
        "getAlbum": {"id": album},
        "getAlbumInfo": {"id": album},
        "getAlbumInfo2": {"id": album},
        "getAlbumList": {"type": "newest"},
        "getAlbumList2": {"type": "alphabeticalByArtist"},
        "getArtist": {"id": artist},
        "getArtistInfo": {"id": song},
        "getArtistInfo2": {"id": artist},
        "getLyrics": {"artist": "nobody", "title": "nothing"},
        "getLyricsBySongId": {"id": song},
        "getMusicDirectory": {"id": root},
        "getPlaylist": {"id": playlist},
        "getSimilarSongs": {"id": song},
        "getSimilarSongs2": {"id": artist},
        "getSong": {"id": song},
        "getSongsByGenre": {"genre": songs[3].tags.genres[0]},
        "getSonicSimilarTracks": {"id": song},
        "getTopSongs": {"artist": songs[3].tags.artist},
        "getUser": {"username": "ana"},
        "reportPlayback": {"mediaId": song, "mediaType": "song", "positionMs": 0, "state": "starting"},
        "savePlayQueue": {"id": [song], "current": song, "position": 1200},
        "savePlayQueueByIndex": {"id": [song, song], "currentIndex": 1},
        "scrobble": {"id": song, "submission": "false"},
        "search": {"any": songs[3].tags.title},
        "search2": {"query": songs[3].tags.title},
        "search3": {"query": songs[3].tags.artist},
        "setRating": {"id": song, "rating": 4},
        "star": {"id": song, "albumId": album, "artistId": artist},
        "unstar": {"id": song},
    }


ANSWERING = (
    *("createPlaylist", "findSonicPath", "getAlbum", "getAlbumInfo", "getAlbumInfo2", "getAlbumList"),
    *("getAlbumList2", "getArtist", "getArtistInfo", "getArtistInfo2", "getArtists", "getBookmarks"),
    *("getGenres", "getIndexes", "getInternetRadioStations", "getLicense", "getLyrics"),
    *("getLyricsBySongId", "getMusicDirectory", "getMusicFolders", "getNewestPodcasts", "getNowPlaying"),
    *("getOpenSubsonicExtensions", "getPlayQueue", "getPlayQueueByIndex", "getPlaylist", "getPlaylists"),
    *("getPodcasts", "getRandomSongs", "getScanStatus", "getShares", "getSimilarSongs", "getSimilarSongs2"),
    *("getSong", "getSongsByGenre", "getSonicSimilarTracks", "getStarred", "getStarred2", "getTopSongs"),
    *("getUser", "getUsers", "getVideos", "getChatMessages", "ping", "reportPlayback", "savePlayQueue"),
    *("savePlayQueueByIndex", "scrobble", "search", "search2", "search3", "setRating", "star", "tokenInfo"),
    "unstar",
)


@pytest.mark.parametrize("name", ANSWERING)
def test_an_answer_fits_its_schema_and_its_xml_says_the_same(
    name: str, ana: Any, some: dict[str, Any], validated: Validated
) -> None:
    params = some.get(name, {})
    whole = ana.whole(name, **params)
    answer = whole["subsonic-response"]
    assert answer["status"] == "ok", answer
    about = {"version": "1.16.1", "type": "segue", "openSubsonic": True}
    assert {field: answer[field] for field in about} == about
    validated(name, whole)
    root = ana.xml(name, **params)
    assert root.tag == f"{_NAMESPACE}subsonic-response"
    assert root.get("status") == "ok"
    if name not in {"getRandomSongs", "createPlaylist", "getNowPlaying", "getPlaylists", "getIndexes"}:
        assert _fields(root) == _fields_of_json(answer)


def _fields(element: ElementTree.Element) -> list[tuple[str, str]]:
    """All names and values of an answer, in no order."""
    found = [(name, value) for name, value in element.attrib.items()]
    for child in element:
        tag = child.tag.removeprefix(_NAMESPACE)
        if child.text:
            found.append((tag if not child.attrib and not len(child) else "value", child.text))
        found += _fields(child)
    return sorted(found)


def _fields_of_json(value: Any, name: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return sorted(found for key, one in value.items() for found in _fields_of_json(one, key))
    if isinstance(value, list):
        return sorted(found for one in value for found in _fields_of_json(one, name))
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    return [(name, text)] if text or name != "value" else []


def test_every_method_of_the_published_list_is_known(openapi: Any) -> None:
    published = {path.stem.lower() for path in (openapi / "endpoints").glob("*.json")}
    assert published - set(METHODS) - set(FREE) == set()


def test_every_song_carries_what_is_known(ana: Any, songs: list[Any]) -> None:
    track = songs[3]
    song = ana.ask("getSong", id=track.id)["song"]
    tags = track.tags
    assert song["title"] == tags.title
    assert song["displayArtist"] == tags.artist
    assert song["genres"] == [{"name": genre} for genre in tags.genres]
    assert song["size"] == track.paths[0].stat().st_size
    assert song["samplingRate"] == track.sample_rate
    assert song["channelCount"] == track.channels
    assert song["suffix"] == track.paths[0].suffix[1:]
    assert not song["path"].startswith("/")
    assert ana.ask("getAlbum", id=song["albumId"])["album"]["name"] == tags.album
    assert ana.ask("getArtist", id=song["artistId"])["artist"]["name"] == tags.artist


def test_folders_lead_to_every_song_and_never_above_the_roots(ana: Any, songs: list[Any]) -> None:
    found, waiting = set(), []
    indexes = ana.ask("getIndexes")["indexes"]
    for index in indexes["index"]:
        waiting += [one["id"] for one in index["artist"]]
    found |= {one["id"] for one in indexes["child"]}
    while waiting:
        for child in ana.ask("getMusicDirectory", id=waiting.pop())["directory"]["child"]:
            if child["isDir"]:
                waiting.append(child["id"])
            else:
                found.add(child["id"])
    assert {track.id for track in songs} <= found
    unchanged = ana.ask("getIndexes", ifModifiedSince=indexes["lastModified"])["indexes"]
    assert unchanged["index"] == []


def test_an_artist_opens_like_a_folder(ana: Any, songs: list[Any]) -> None:
    song = ana.ask("getSong", id=songs[0].id)["song"]
    albums = ana.ask("getMusicDirectory", id=song["artistId"])["directory"]["child"]
    assert song["albumId"] in [album["id"] for album in albums]
    inside = ana.ask("getMusicDirectory", id=song["albumId"])["directory"]["child"]
    assert song["id"] in [child["id"] for child in inside]


@pytest.mark.parametrize(
    "kind",
    [
        "random",
        "newest",
        "highest",
        "frequent",
        "recent",
        "starred",
        "alphabeticalByName",
        "alphabeticalByArtist",
    ],
)
def test_lists_of_albums_page_by_page(ana: Any, kind: str) -> None:
    whole = ana.ask("getAlbumList2", type=kind, size=500)["albumList2"]["album"]
    pages = [
        *ana.ask("getAlbumList2", type=kind, size=3)["albumList2"]["album"],
        *ana.ask("getAlbumList2", type=kind, size=500, offset=3)["albumList2"]["album"],
    ]
    assert [album["id"] for album in pages] == [album["id"] for album in whole]
    assert len({album["id"] for album in whole}) == len(whole)


def test_albums_by_year_and_genre(ana: Any, songs: list[Any]) -> None:
    years = [
        album["year"]
        for album in ana.ask("getAlbumList2", type="byYear", fromYear=2100, toYear=1900, size=500)[
            "albumList2"
        ]["album"]
    ]
    assert years == sorted(years, reverse=True)
    genre = songs[0].tags.genres[0]
    found = ana.ask("getAlbumList2", type="byGenre", genre=genre, size=500)["albumList2"]["album"]
    assert found
    assert all({"name": genre} in album["genres"] for album in found)


def test_instant_mix_is_the_list_of_segue(ana: Any, running: Any, songs: list[Any]) -> None:
    seed = songs[5]
    wanted = [one.track.id for one in similar(running.data, seed.id, choices=Choices(number=50))]
    assert wanted
    for name, key in (("getSimilarSongs", "similarSongs"), ("getSimilarSongs2", "similarSongs2")):
        assert [song["id"] for song in ana.ask(name, id=seed.id)[key]["song"]] == wanted
    matches = ana.ask("getSonicSimilarTracks", id=seed.id, count=5)["sonicMatch"]
    assert [one["entry"]["id"] for one in matches] == wanted[:5]
    assert all(0 <= one["similarity"] <= 1 for one in matches)
    album = ana.ask("getSong", id=seed.id)["song"]["albumId"]
    seeds = [song["id"] for song in ana.ask("getAlbum", id=album)["album"]["song"]]
    mixed = ana.ask("getSimilarSongs2", id=album, count=7)["similarSongs2"]["song"]
    expected = (
        mix(running.data, seeds, choices=Choices(number=7))
        if len(seeds) > 1
        else similar(running.data, seeds[0], choices=Choices(number=7))
    )
    assert [song["id"] for song in mixed] == [one.track.id for one in expected]


def test_a_path_begins_and_ends_where_it_is_asked_to(ana: Any, songs: list[Any]) -> None:
    start, end = songs[2].id, songs[20].id
    matches = ana.ask("findSonicPath", startSongId=start, endSongId=end, count=6)["sonicMatch"]
    assert (matches[0]["entry"]["id"], matches[-1]["entry"]["id"]) == (start, end)
    assert matches[0]["similarity"] == 1.0
    assert len(matches) <= 6
    alone = ana.ask("findSonicPath", startSongId=start, endSongId=start)["sonicMatch"]
    assert [one["entry"]["id"] for one in alone] == [start]


def test_similar_artists_are_others(ana: Any, songs: list[Any]) -> None:
    artist = ana.ask("getSong", id=songs[7].id)["song"]["artistId"]
    alike = ana.ask("getArtistInfo2", id=artist, count=4)["artistInfo2"]["similarArtist"]
    assert 0 < len(alike) <= 4
    assert artist not in [one["id"] for one in alike]


def test_stars_and_ratings_are_ones_own(ana: Any, ben: Any, songs: list[Any]) -> None:
    song = songs[8].id
    album = ben.ask("getSong", id=song)["song"]["albumId"]
    ben.ask("star", id=[song, album])
    ben.ask("setRating", id=song, rating=5)
    starred = ben.ask("getStarred2")["starred2"]
    assert [one["id"] for one in starred["song"]] == [song]
    assert [one["id"] for one in starred["album"]] == [album]
    assert ben.ask("getSong", id=song)["song"]["userRating"] == 5
    assert song not in [one["id"] for one in ana.ask("getStarred2")["starred2"]["song"]]
    assert "userRating" not in ana.ask("getSong", id=song)["song"]
    ben.ask("unstar", id=song, albumId=album)
    ben.ask("setRating", id=song, rating=0)
    assert ben.ask("getStarred")["starred"] == {"artist": [], "album": [], "song": []}


def test_a_playlist_lives_and_dies(ana: Any, ben: Any, songs: list[Any]) -> None:
    a, b, c = (track.id for track in songs[:3])
    playlist = ana.ask("createPlaylist", name="Mine & <yours>", songId=[a, b, a])["playlist"]
    name = playlist["id"]
    assert [one["id"] for one in playlist["entry"]] == [a, b, a]
    ana.ask("updatePlaylist", playlistId=name, songIndexToRemove=[0, 1], songIdToAdd=[c], comment="new")
    changed = ana.ask("getPlaylist", id=name)["playlist"]
    assert [one["id"] for one in changed["entry"]] == [a, c]
    assert changed["comment"] == "new"
    assert (ben.fail("getPlaylist", id=name)[0], ben.fail("deletePlaylist", id=name)[0]) == (70, 70)
    ana.ask("updatePlaylist", playlistId=name, public="true")
    seen = next(one for one in ben.ask("getPlaylists")["playlists"]["playlist"] if one["id"] == name)
    assert (seen["owner"], seen["readonly"]) == ("ana", True)
    assert ben.fail("updatePlaylist", playlistId=name, name="Stolen")[0] == 50
    assert ben.fail("createPlaylist", playlistId=name, songId=[a])[0] == 50
    assert ben.fail("deletePlaylist", id=name)[0] == 50
    replaced = ana.ask("createPlaylist", playlistId=name, songId=[b])["playlist"]
    assert ([one["id"] for one in replaced["entry"]], replaced["name"]) == ([b], "Mine & <yours>")
    ana.ask("deletePlaylist", id=name)
    assert ana.fail("getPlaylist", id=name)[0] == 70


def test_a_queue_may_hold_a_song_twice(ben: Any, songs: list[Any]) -> None:
    a, b = songs[0].id, songs[1].id
    ben.ask("savePlayQueueByIndex", id=[a, b, a], currentIndex=2, position=9000)
    queue = ben.ask("getPlayQueueByIndex")["playQueueByIndex"]
    assert (queue["currentIndex"], queue["position"], queue["username"]) == (2, 9000, "ben")
    assert [one["id"] for one in queue["entry"]] == [a, b, a]
    assert ben.ask("getPlayQueue")["playQueue"]["current"] == a
    assert ben.fail("savePlayQueueByIndex", id=[a], currentIndex=1)[0] == 10
    assert ben.fail("savePlayQueueByIndex", id=[a])[0] == 10
    assert ben.fail("savePlayQueue", id=[a], current=b)[0] == 10
    ben.ask("savePlayQueue")
    assert ben.ask("getPlayQueue")["playQueue"]["entry"] == []


def test_what_is_played_and_skipped_is_kept_for_the_one_who_listened(
    ana: Any, ben: Any, running: Any, songs: list[Any]
) -> None:
    played, skipped = songs[10], songs[11]

    def listens(listener: str) -> Any:
        with open_catalogue(running.data) as catalogue:
            return listen_table(catalogue, listener)

    before = len(listens("").track_key)
    ben.ask("scrobble", id=played.id, time=1_700_000_000_000)
    ben.ask("scrobble", id=played.id, time=1_700_000_000_000)
    report = {"mediaId": skipped.id, "mediaType": "song"}
    ben.ask("reportPlayback", **report, positionMs=0, state="playing")
    now = ana.ask("getNowPlaying")["nowPlaying"]["entry"]
    mine = [one for one in now if (one["username"], one["playerName"]) == ("ben", "tests")]
    assert [one["id"] for one in mine] == [skipped.id]
    ben.ask("reportPlayback", **report, positionMs=400, state="stopped")
    mine = listens("ben")
    rows = dict(zip(mine.track_key.tolist(), mine.skipped.tolist(), strict=True))
    assert set(rows) == {played.key, skipped.key}
    assert rows[skipped.key] == 1
    assert list(mine.time_s[mine.track_key == played.key]) == [1_700_000_000]
    assert len(listens("").track_key) == before
    assert ben.ask("getTopSongs", artist=played.tags.artist)["topSongs"]["song"][0]["id"] == played.id
    recent = ben.ask("getAlbumList2", type="recent")["albumList2"]["album"]
    assert recent
    song = ben.ask("getSong", id=played.id)["song"]
    assert (song["playCount"], song["played"]) == (1, "2023-11-14T22:13:20.000Z")
    assert ben.ask("getSong", id=skipped.id)["song"]["playCount"] == 0
    assert "played" not in ben.ask("getSong", id=skipped.id)["song"]
    for method, form in (("getAlbumList2", "albumList2"), ("getAlbumList", "albumList")):
        frequent = ben.ask(method, type="frequent")[form]["album"]
        assert [one["playCount"] for one in frequent] == [1]
        assert frequent[0]["played"] == song["played"]
    assert ben.ask("getMusicDirectory", id=song["albumId"])["directory"]["playCount"] == 1
    assert ana.ask("getSong", id=played.id)["song"]["playCount"] == 0


def test_every_list_can_be_of_one_music_folder(ana: Any, running: Any, songs: list[Any]) -> None:
    of_one = [song for song in songs if song.paths[0].parent == songs[0].paths[0].parent]
    assert 0 < len(of_one) < len(songs)
    ana.ask("star", id=[song.id for song in songs])
    with open_catalogue(running.data, write=True) as catalogue:
        add_root(catalogue, of_one[0].paths[0].parent)
    try:
        number = ana.ask("getMusicFolders")["musicFolders"]["musicFolder"][1]["id"]
        inside = {song.id for song in of_one}
        genre = of_one[0].tags.genres[0]
        for method, form, params in (
            ("getRandomSongs", "randomSongs", {"size": 500}),
            ("getSongsByGenre", "songsByGenre", {"genre": genre, "count": 500}),
            ("search2", "searchResult2", {"query": "", "songCount": 500}),
            ("search3", "searchResult3", {"query": "", "songCount": 500}),
            ("getStarred", "starred", {}),
            ("getStarred2", "starred2", {}),
        ):
            told = {one["id"] for one in ana.ask(method, musicFolderId=number, **params)[form]["song"]}
            assert told and told <= inside, method
            if "Genre" not in method:
                assert told == inside, method
            assert not {one["id"] for one in ana.ask(method, **params)[form]["song"]} <= inside
        there = [ana.ask("getSong", id=name)["song"] for name in inside]
        by = {one["id"] for one in _artists(ana, musicFolderId=number)}
        assert by == {one["artistId"] for one in there} < {one["id"] for one in _artists(ana)}
        named = ana.ask("search3", query=of_one[0].tags.artist, musicFolderId=number)["searchResult3"]
        assert {one["id"] for one in named["artist"]} <= by and {one["id"] for one in named["song"]} <= inside
        for kind in ("newest", "alphabeticalByName", "random"):
            found = ana.ask("getAlbumList2", type=kind, size=500, musicFolderId=number)["albumList2"]["album"]
            assert {one["id"] for one in found} == {one["albumId"] for one in there}
    finally:
        with open_catalogue(running.data, write=True) as catalogue:
            remove_root(catalogue, of_one[0].paths[0].parent)
        ana.ask("unstar", id=[song.id for song in songs])


def _artists(caller: Any, **params: Any) -> list[Any]:
    return [
        one for index in caller.ask("getArtists", **params)["artists"]["index"] for one in index["artist"]
    ]


def test_a_star_is_an_opinion(ben: Any, running: Any, songs: list[Any]) -> None:
    song = songs[14]
    ben.ask("star", id=song.id)
    with open_catalogue(running.data) as catalogue:
        opinions = opinion_table(catalogue, "ben")
    assert opinions.value[opinions.track_key == song.key].tolist() == [1.0]
    ben.ask("unstar", id=song.id)


def test_users_see_themselves_and_administrators_everyone(ana: Any, ben: Any) -> None:
    assert [one["username"] for one in ana.ask("getUsers")["users"]["user"]] == ["ana", "ben"]
    assert ana.ask("getUser", username="BEN")["user"]["adminRole"] is False
    assert ben.ask("getUser", username="ben")["user"]["username"] == "ben"
    assert ben.fail("getUser", username="ana")[0] == 50
    assert ben.fail("getUsers")[0] == 50
    assert ben.fail("startScan")[0] == 50
    assert ben.fail("getPlaylists", username="ana")[0] == 50
    assert ana.fail("getUser", username="nobody")[0] == 70


def test_an_empty_search_is_everything(ana: Any, songs: list[Any]) -> None:
    for query in ("", '""'):
        found = ana.ask("search3", query=query, songCount=1000, albumCount=1000, artistCount=1000)
        assert {track.id for track in songs} <= {one["id"] for one in found["searchResult3"]["song"]}
        assert found["searchResult3"]["artist"]
    first = ana.ask("search3", query="", songCount=5, albumCount=0, artistCount=0)["searchResult3"]
    second = ana.ask("search3", query="", songCount=5, songOffset=5, albumCount=0, artistCount=0)
    assert not {one["id"] for one in first["song"]} & {one["id"] for one in second["searchResult3"]["song"]}
    assert (first["album"], first["artist"]) == ([], [])


def test_long_answers_are_compressed_for_whoever_takes_it(ana: Any) -> None:
    short, long = ana.raw("ping"), ana.raw("search3", query="", songCount=500)
    assert "content-encoding" not in short.headers
    assert long.headers["content-encoding"] == "gzip"
    plain = ana.raw("search3", query="", songCount=500, headers={"Accept-Encoding": "identity"})
    assert plain.content == long.content


def test_search_finds_by_the_beginning_of_a_word(ana: Any, songs: list[Any]) -> None:
    title = songs[0].tags.title
    found = ana.ask("search3", query=title[: len(title) - 1])["searchResult3"]["song"]
    assert songs[0].id in [one["id"] for one in found]


@pytest.mark.parametrize(
    "name", ["jukeboxControl", "createShare", "createUser", "createBookmark", "addChatMessage", "hls.m3u8"]
)
def test_what_there_is_not_is_refused_and_does_not_pretend(ana: Any, name: str) -> None:
    assert ana.fail(name)[0] == 50
