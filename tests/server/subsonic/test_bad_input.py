"""Wrong and hostile calls: an answer in the protocol's words, nothing lost, no one let in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segue.catalogue import open_catalogue, tracks_page
from segue.server.subsonic.registry import METHODS

_FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def song(running: Any) -> str:
    with open_catalogue(running.data) as catalogue:
        return next(track.id for track in tracks_page(catalogue, limit=-1) if track.tags.artist)


_NEED_ID = (
    *("getAlbum", "getArtist", "getSong", "getArtistInfo", "getArtistInfo2", "getAlbumInfo"),
    *("getAlbumInfo2", "getMusicDirectory", "getSimilarSongs", "getSimilarSongs2", "getPlaylist"),
    *("getSonicSimilarTracks", "getLyricsBySongId", "stream", "download", "getCoverArt", "deletePlaylist"),
    *("star", "unstar", "scrobble"),
)
_FOREIGN = [
    *(
        "42",
        "0" * 16,
        "al-1",
        "ar-zz",
        "pl-9",
        "fo-f1-Li4",
        "fo-../..",
        "fo-f99",
        "../../etc/passwd",
        "-",
        "al-",
    ),
    *("/etc/passwd", "' OR 1=1 --", "<script>alert(1)</script>", "\x00", "é" * 3000, "fo-f1-Li4vLi4vZXRj"),
]


@pytest.mark.parametrize("name", _NEED_ID)
def test_a_foreign_id_is_not_found(name: str, ana: Any) -> None:
    for foreign in _FOREIGN:
        answer = ana.raw(name, id=foreign, f="json")
        assert answer.status_code == 200
        error = answer.json()["subsonic-response"]["error"]
        assert error["code"] == 70, (foreign, error)
        assert len(error["message"]) < 300
    assert ana.fail(name)[0] == 10
    assert ana.fail(name, id="")[0] == 10


@pytest.mark.parametrize(
    ("code", "name", "params"),
    [
        (0, "getAlbumList2", {"type": "best"}),
        (10, "getAlbumList2", {}),
        (10, "getAlbumList2", {"type": "byYear"}),
        (10, "getAlbumList2", {"type": "byGenre"}),
        (0, "getAlbumList2", {"type": "newest", "size": "many"}),
        (0, "getAlbumList2", {"type": "newest", "size": -1}),
        (0, "getAlbumList2", {"type": "newest", "offset": "1e3"}),
        (0, "getAlbumList2", {"type": "newest", "size": "9" * 5000}),
        (0, "getRandomSongs", {"size": "٣"}),
        (70, "getIndexes", {"musicFolderId": 7}),
        (0, "getIndexes", {"musicFolderId": "a"}),
        (10, "search3", {}),
        (10, "search", {}),
        (10, "getSongsByGenre", {}),
        (10, "getTopSongs", {}),
        (10, "createPlaylist", {}),
        (70, "createPlaylist", {"name": "x", "songId": ["42"]}),
        (70, "savePlayQueue", {"id": "42"}),
        (10, "reportPlayback", {}),
        (10, "findSonicPath", {}),
        (10, "getTranscodeStream", {}),
        (0, "getScanStatus.xml", {}),
    ],
)
def test_wrong_parameters_are_complained_about(code: int, name: str, params: Any, ana: Any) -> None:
    answer = ana.raw(name, **params, f="json").json()["subsonic-response"]
    assert (answer["status"], answer["error"]["code"]) == ("failed", code)


@pytest.mark.parametrize(
    ("code", "more"),
    [
        (0, {"state": "flying"}),
        (0, {"positionMs": "soon"}),
        (0, {"positionMs": -1}),
        (0, {"playbackRate": "nan"}),
        (0, {"playbackRate": -1}),
        (0, {"ignoreScrobble": "perhaps"}),
        (70, {"mediaType": "podcast"}),
        (70, {"mediaId": "42"}),
    ],
)
def test_a_wrong_report_is_complained_about(code: int, more: Any, ana: Any, song: str) -> None:
    report = {"mediaId": song, "mediaType": "song", "positionMs": 0, "state": "paused", **more}
    assert ana.fail("reportPlayback", **report)[0] == code


def test_wrong_marks_are_complained_about(ana: Any, song: str) -> None:
    assert ana.fail("setRating", id=song, rating=6)[0] == 0
    assert ana.fail("setRating", id=song)[0] == 10
    assert ana.fail("scrobble", id=song, time=10**17)[0] == 0
    assert ana.fail("star", id=[song, "42"])[0] == 70
    assert song not in [one["id"] for one in ana.ask("getStarred2")["starred2"]["song"]]
    assert ana.fail("updatePlaylist", playlistId="pl-42", name="x")[0] == 70
    assert ana.fail("stream", id=song, format="midi")[0] == 0


def test_an_unknown_method_is_404_with_an_answer_in_it(ana: Any) -> None:
    answer = ana.raw("getEverything")
    assert answer.status_code == 404
    assert ElementTree.fromstring(answer.content).get("status") == "failed"


def test_forms_are_taken_like_queries(running: Any, song: str) -> None:
    pairs = [("apiKey", running.keys["ben"]), ("v", "1.16.1"), ("c", "tests"), ("f", "json"), ("id", song)]
    url = f"{running.url}/rest/getSong.view"
    posted = httpx.post(url, content=urlencode(pairs), headers=_FORM).json()
    assert posted == httpx.get(url, params=pairs).json()
    split = httpx.post(url, params=pairs[:2], content=urlencode(pairs[2:]), headers=_FORM).json()
    assert split == posted


def test_wrong_bodies_are_refused_in_words(running: Any) -> None:
    url = f"{running.url}/rest/ping?f=json"

    def code(**how: Any) -> int:
        answer = httpx.post(url, timeout=30, **how)
        assert answer.status_code == 200
        return int(answer.json()["subsonic-response"]["error"]["code"])

    assert code(content=b"{", headers={"content-type": "application/json"}) == 0
    assert code(content=b"[" * 100_000, headers={"content-type": "application/json"}) == 0
    assert code(files={"a": b"b"}) == 0
    assert code(content=b"a=" + b"b" * (9 << 20), headers=_FORM) == 0
    assert code(content=b"&".join([b"a=b"] * 100_001), headers=_FORM) == 0
    assert code(content=b"\xff\xfe=%ff", headers=_FORM) == 10


def test_a_format_nobody_knows_is_xml(ana: Any) -> None:
    assert ana.raw("ping", f="yaml").headers["content-type"] == "application/xml"
    script = ana.raw("ping", f="jsonp", callback="done")
    assert script.text.startswith('/**/done({"subsonic-response"')
    assert ana.raw("ping", f="jsonp", callback="alert(1)//").headers["content-type"] == "application/xml"


def test_methods_are_not_told_apart_by_case_and_other_sites_may_ask(ana: Any) -> None:
    assert ana.ask("GETLICENSE")["license"]
    assert ana.raw("ping").headers["access-control-allow-origin"] == "*"
    preflight = ana.client.options("/rest/ping")
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, "*")


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(set(METHODS) - {"startscan", "stream", "download", "gettranscodestream"})),
    params=st.dictionaries(
        st.sampled_from(
            [
                "id",
                "query",
                "size",
                "count",
                "type",
                "genre",
                "musicFolderId",
                "position",
                "fromYear",
                "username",
            ]
        ),
        st.one_of(st.text(max_size=8), st.integers(-(10**20), 10**20).map(str)),
        max_size=4,
    ),
)
def test_whatever_is_asked_is_answered_in_the_protocol(ana: Any, name: str, params: dict[str, str]) -> None:
    safe = {key: value.encode("utf-8", "replace").decode() for key, value in params.items()}
    answer = ana.raw(name, **safe, f="json")
    assert answer.status_code == 200
    if answer.headers["content-type"] == "application/json":
        assert answer.json()["subsonic-response"]["status"] in {"ok", "failed"}


def test_many_may_ask_and_keep_at_once(callers: Any, song: str) -> None:
    def work(number: int) -> None:
        caller = callers("ana" if number % 2 else "ben")
        caller.ask("star", id=song)
        made = caller.ask("createPlaylist", name=f"Work {number}", songId=[song])["playlist"]["id"]
        caller.ask("reportPlayback", mediaId=song, mediaType="song", positionMs=0, state="paused")
        caller.ask("getSimilarSongs2", id=song, count=3)
        caller.ask("unstar", id=song)
        caller.ask("deletePlaylist", id=made)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(16)))


def test_a_hostile_title_stays_a_title(ana: Any, song: str) -> None:
    name = "<script>alert('\"&amp;]]>')</script>'; DROP TABLE playlists; --"
    made = ana.ask("createPlaylist", name=name, songId=[song])["playlist"]
    try:
        assert made["name"] == name
        found = ana.xml("getPlaylist", id=made["id"])
        assert found[0].get("name") == name
    finally:
        ana.ask("deletePlaylist", id=made["id"])
