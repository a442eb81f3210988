"""Client libraries that others wrote, against a server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from segue.catalogue import listen_table, open_catalogue, tracks_page
from segue.operations.answers import Choices
from segue.operations.similar import similar

opensonic = pytest.importorskip("libopensonic")
libsonic = pytest.importorskip("libsonic")


@pytest.fixture(scope="module")
def songs(running: Any) -> list[Any]:
    with open_catalogue(running.data) as catalogue:
        return [track for track in tracks_page(catalogue, limit=-1) if track.tags.artist]


def _opensonic(running: Any, **how: Any) -> Any:
    return opensonic.AsyncConnection("http://127.0.0.1", port=running.port, app_name="py-opensonic", **how)


def _run(running: Any, use: Callable[[Any], Coroutine[Any, Any, None]], **how: Any) -> None:
    async def whole() -> None:
        connection = _opensonic(running, **how)
        try:
            await use(connection)
        finally:
            await connection.cleanup()

    asyncio.run(whole())


def _ways(running: Any) -> list[dict[str, Any]]:
    name = {"username": "ana", "password": running.passwords["ana"]}
    return [
        name,
        {**name, "legacy_auth": True},
        {**name, "use_get": True},
        {**name, "use_views": False},
        {"api_key": running.keys["ana"]},
        {"api_key": running.keys["ana"], "use_get": True},
    ]


@pytest.mark.parametrize("way", range(6))
def test_opensonic_comes_in_by_every_way(running: Any, way: int) -> None:
    async def use(app: Any) -> None:
        assert await app.ping()
        assert (await app.get_user("ana")).admin_role
        if way >= 4:
            assert (await app.token_info()).username == "ana"

    _run(running, use, **_ways(running)[way])


def test_opensonic_is_told_what_was_wrong(running: Any) -> None:
    async def wrong(app: Any) -> None:
        with pytest.raises(opensonic.errors.CredentialError):
            await app.get_genres()

    _run(running, wrong, username="ana", password="the word of ana")
    _run(running, wrong, username="nobody", password="x")

    async def missing(app: Any) -> None:
        with pytest.raises(opensonic.errors.DataNotFoundError):
            await app.get_song("0" * 16)

    _run(running, missing, api_key=running.keys["ana"])


def test_opensonic_browses(running: Any, songs: list[Any]) -> None:
    track = songs[4]

    async def use(app: Any) -> None:
        assert {one.name for one in await app.get_open_subsonic_extensions()} >= {
            *("apiKeyAuthentication", "formPost", "indexBasedQueue", "playbackReport", "songLyrics"),
            *("sonicSimilarity", "transcodeOffset", "transcoding"),
        }
        assert (await app.get_license())["license"]["valid"]
        # Not get_music_folders: py-opensonic 10.4 takes the names of its fields for folders.
        indexes = await app.get_indexes(music_folder_id=1)
        directory = await app.get_music_directory(indexes.index[0].artist[0].id)
        assert directory.child
        artists = await app.get_artists()
        assert sum(len(index.artist) for index in artists.index) >= 20
        song = await app.get_song(track.id)
        assert (song.title, song.artist, song.media_type) == (track.tags.title, track.tags.artist, "song")
        album = await app.get_album(song.album_id)
        assert track.id in [one.id for one in album.song]
        artist = await app.get_artist(song.artist_id)
        assert song.album_id in [one.id for one in artist.album]
        assert (await app.get_artist_info2(song.artist_id)).similar_artist
        assert (await app.get_artist_info(song.artist_id)).similar_artist
        assert await app.get_album_info2(song.album_id) is not None
        genres = await app.get_genres()
        assert {one.value for one in genres} >= {track.tags.genres[0]}
        assert await app.get_songs_by_genre(track.tags.genres[0], count=3)
        for kind in ("newest", "random", "alphabeticalByName", "alphabeticalByArtist"):
            assert await app.get_album_list2(kind, size=4)
            assert await app.get_album_list(kind, size=4)
        assert len(await app.get_random_songs(size=5)) == 5
        found = await app.search3(track.tags.title)
        assert track.id in [one.id for one in found.song]
        assert (await app.search2(track.tags.title)).song
        assert len((await app.search3("", song_count=500)).song) >= len(songs)

    _run(running, use, username="ana", password=running.passwords["ana"])


def test_opensonic_gets_the_lists_of_segue(running: Any, songs: list[Any]) -> None:
    seed, end = songs[6], songs[17]
    wanted = [one.track.id for one in similar(running.data, seed.id, choices=Choices(number=12))]

    async def use(app: Any) -> None:
        assert [one.id for one in await app.get_similar_songs(seed.id, count=12)] == wanted
        assert [one.id for one in await app.get_similar_songs2(seed.id, count=12)] == wanted
        sonic = await app.get_sonic_similar_tracks(seed.id, count=12)
        assert [one.entry.id for one in sonic] == wanted
        way = await app.find_sonic_path(seed.id, end.id, count=5)
        assert (way[0].entry.id, way[-1].entry.id) == (seed.id, end.id)

    _run(running, use, api_key=running.keys["ana"])


def test_opensonic_keeps_lists_stars_and_queues(running: Any, songs: list[Any]) -> None:
    a, b, c = (track.id for track in songs[20:23])

    async def use(app: Any) -> None:
        await app.create_playlist(name="From an app", song_ids=[a, b])
        made = next(one for one in await app.get_playlists() if one.name == "From an app")
        await app.update_playlist(made.id, song_ids_to_add=[c], song_indices_to_remove=[0])
        assert [one.id for one in (await app.get_playlist(made.id)).entry] == [b, c]
        await app.delete_playlist(made.id)
        assert await app.star(sids=[a])
        assert a in [one.id for one in (await app.get_starred2()).song]
        assert await app.unstar(sids=[a])
        assert await app.set_rating(a, 3)
        assert (await app.get_song(a)).user_rating == 3
        await app.set_rating(a, 0)
        await app.save_play_queue([a, b], current=b, position=1500)
        queue = await app.get_play_queue()
        assert (queue.current, queue.position) == (b, 1500)
        await app.save_play_queue_by_index([a, b, a], current_index=2, position=30)
        assert (await app.get_play_queue_by_index()).current_index == 2

    _run(running, use, username="ana", password=running.passwords["ana"])


def test_opensonic_plays_and_tells(running: Any, songs: list[Any]) -> None:
    track = next(one for one in songs[23:] if one.paths[0].suffix == ".flac")
    content = track.paths[0].read_bytes()

    async def use(app: Any) -> None:
        async with await app.stream(track.id, tformat="raw") as answer:
            assert await answer.read() == content
        async with await app.stream(track.id, tformat="raw", byte_range="bytes=100-199") as answer:
            assert await answer.read() == content[100:200]
        async with await app.download(track.id) as answer:
            assert await answer.read() == content
        async with await app.stream(track.id, max_bit_rate=64, tformat="mp3", time_offset=20) as answer:
            assert answer.headers["content-type"] == "audio/mpeg"
            assert 20_000 < len(await answer.read()) < 80_000
        async with await app.get_cover_art(track.id, size=64) as answer:
            assert answer.headers["content-type"].startswith("image/")
        decision = await app.get_transcode_decision(track.id, "song", _PLAYS_OPUS)
        assert (decision.can_direct_play, decision.can_transcode) == (False, True)
        async with await app.get_transcode_stream(track.id, "song", decision.transcode_params) as answer:
            assert (await answer.read())[:4] == b"OggS"
        assert await app.get_lyrics_by_song_id(track.id) == []
        assert await app.report_playback(track.id, "song", 0, "playing")
        assert track.id in [one.id for one in await app.get_now_playing()]
        assert await app.report_playback(track.id, "song", 10, "stopped")
        assert await app.scrobble(track.id, listen_time=1_600_000_000)
        assert await app.get_top_songs(track.tags.artist)
        assert (await app.get_scan_status()).count >= len(songs)

    _run(running, use, username="ana", password=running.passwords["ana"])
    with open_catalogue(running.data) as catalogue:
        heard = listen_table(catalogue, "")
    assert 1_600_000_000 in heard.time_s[heard.track_key == track.key]


_PLAYS_OPUS = {
    "name": "a test",
    "platform": "pytest",
    "maxTranscodingAudioBitrate": 96_000,
    "directPlayProfiles": [{"containers": ["ogg"], "audioCodecs": ["opus"], "protocols": ["http"]}],
    "transcodingProfiles": [{"container": "ogg", "audioCodec": "opus", "protocol": "http"}],
}


@pytest.fixture
def sonic(running: Any) -> Any:
    return libsonic.Connection(
        "http://127.0.0.1", "ben", running.passwords["ben"], port=running.port, appName="py-sonic"
    )


def test_sonic_browses_and_searches(sonic: Any, songs: list[Any]) -> None:
    track = songs[2]
    assert sonic.ping()
    assert sonic.getLicense()["license"]["valid"]
    assert sonic.getMusicFolders()["musicFolders"]["musicFolder"]
    indexes = sonic.getIndexes()["indexes"]["index"]
    assert sonic.getMusicDirectory(indexes[0]["artist"][0]["id"])["directory"]["child"]
    song = sonic.getSong(track.id)["song"]
    assert song["title"] == track.tags.title
    assert sonic.getAlbum(song["albumId"])["album"]["song"]
    assert sonic.getArtist(song["artistId"])["artist"]["album"]
    assert sonic.getArtists()["artists"]["index"]
    assert sonic.getAlbumList("newest")["albumList"]["album"]
    assert sonic.getAlbumList2("alphabeticalByName", size=3)["albumList2"]["album"]
    assert sonic.getRandomSongs(size=2)["randomSongs"]["song"]
    assert sonic.getGenres()["genres"]["genre"]
    assert sonic.getSimilarSongs2(song["artistId"])["similarSongs2"]["song"]
    assert sonic.getArtistInfo2(song["artistId"])["artistInfo2"]["similarArtist"]
    assert sonic.search2(track.tags.title)["searchResult2"]["song"]
    assert sonic.search3(track.tags.title)["searchResult3"]["song"]
    assert sonic.getUser("ben")["user"]["adminRole"] is False
    with pytest.raises(libsonic.errors.AuthError):
        sonic.getUsers()
    with pytest.raises(libsonic.errors.DataNotFoundError):
        sonic.getSong("nothing")


def test_sonic_keeps_and_plays(sonic: Any, songs: list[Any]) -> None:
    a, b = songs[30], songs[31]
    made = sonic.createPlaylist(name="Old app", songIds=[a.id, b.id])["playlist"]["id"]
    sonic.updatePlaylist(made, name="Older app", songIndexesToRemove=[0])
    assert [one["id"] for one in sonic.getPlaylist(made)["playlist"]["entry"]] == [b.id]
    sonic.deletePlaylist(made)
    sonic.star(sids=[a.id])
    sonic.unstar(sids=[a.id])
    sonic.setRating(a.id, 2)
    sonic.setRating(a.id, 0)
    sonic.savePlayQueue([a.id, b.id], current=a.id, position=7)
    assert sonic.getPlayQueue()["playQueue"]["current"] == a.id
    sonic.savePlayQueue([])
    assert sonic.stream(a.id, tformat="raw").read() == a.paths[0].read_bytes()
    assert sonic.download(a.id).read() == a.paths[0].read_bytes()
    assert sonic.getCoverArt(a.id, size=64).read()
    assert sonic.scrobble(a.id, submission=False)
    assert sonic.getNowPlaying()["nowPlaying"]["entry"]
    assert sonic.getScanStatus()["scanStatus"]["scanning"] is False
    assert sonic.getShares()["shares"]["share"] == []
    assert sonic.getPodcasts()["podcasts"]["channel"] == []
