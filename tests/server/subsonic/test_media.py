"""Sound, pictures and words: what is sent, in what form, and what happens when a file is lost."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from PIL import Image

from segue.audio import AudioInfo, Tags
from segue.catalogue import Analysis, FileStat, add_root, open_catalogue, record_analysis
from segue.operations.accounts import add_account, make_key
from segue.server.app import create_app
from segue.server.served import ServerSettings
from segue.settings import DataFolder

_RATE = 22050
_LRC = """[ar:Somebody]
[00:01.00]<00:01.00>La <00:01.50>lá
[00:03.00]The end
"""


class Place:
    """A folder of three tracks, and a server on it."""

    def __init__(self, folder: Path) -> None:
        self.music = folder / "music"
        self.music.mkdir()
        self.data = DataFolder(folder / "data")
        rng = np.random.default_rng(4)
        noise = (0.1 * rng.standard_normal(_RATE * 12)).astype(np.float32)
        Image.new("RGB", (300, 200), (200, 30, 30)).save(self.music / "cover.jpg")
        (self.music / "words.lrc").write_text(_LRC, encoding="utf-8")
        with open_catalogue(self.data, write=True, create=True) as catalogue:
            add_root(catalogue, self.music)
            self.words = self._track(catalogue, "words.wav", noise)
            self.short = self._track(catalogue, "short.flac", noise)
            # Larger than what sockets hold, so that it is still being sent when it is lost.
            self.long = self._track(catalogue, "long.wav", np.tile(noise, 50))
            self.outside = folder / "outside.flac"
            os.link(self.music / "short.flac", self.outside)
        add_account(self.data, "ana", "the word of ana")
        self.key = make_key(self.data, "ana", "phone").secret

    def _track(self, catalogue: Any, name: str, samples: Any) -> str:
        path = self.music / name
        soundfile.write(path, samples, _RATE)
        state = path.stat()
        return record_analysis(
            catalogue,
            Analysis(
                path=path,
                stat=FileStat(path, state.st_size, state.st_mtime_ns),
                digest=hashlib.sha256(name.encode()).hexdigest(),
                tags=Tags(title=path.stem, artist="Nobody", album="Noise"),
                info=AudioInfo(
                    len(samples) / _RATE, _RATE, 1, "flac" if "flac" in name else "pcm_16", 352_800
                ),
            ),
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("media"))


@pytest.fixture(scope="module")
def client(place: Place, served_at: Any) -> Iterator[httpx.Client]:
    params = {"apiKey": place.key, "v": "1.16.1", "c": "tests", "f": "json"}
    app = create_app(ServerSettings(data=place.data, scan=False))
    with (
        served_at(app) as url,
        httpx.Client(base_url=f"{url}/rest/", params=params, timeout=60) as client,
    ):
        yield client


def test_a_range_of_a_stream_is_exact(client: httpx.Client, place: Place) -> None:
    content = (place.music / "short.flac").read_bytes()
    answer = client.get("stream.view", params={"id": place.short}, headers={"Range": "bytes=1000-1999"})
    assert (answer.status_code, answer.content) == (206, content[1000:2000])
    assert answer.headers["content-type"] == "audio/flac"
    behind = client.get("stream", params={"id": place.short}, headers={"Range": f"bytes={len(content)}-"})
    assert behind.status_code == 416
    told = client.head("download", params={"id": place.short})
    assert told.headers["content-length"] == str(len(content))
    assert told.headers["content-disposition"] == "attachment; filename*=UTF-8''short.flac"


@pytest.mark.parametrize(
    ("params", "kind"),
    [
        ({}, "audio/flac"),
        ({"format": "raw", "maxBitRate": "32", "timeOffset": "3"}, "audio/flac"),
        ({"format": "flac"}, "audio/flac"),
        ({"maxBitRate": "0"}, "audio/flac"),
        ({"maxBitRate": "400"}, "audio/flac"),
        ({"maxBitRate": "64"}, "audio/mpeg"),
        ({"timeOffset": "3"}, "audio/mpeg"),
        ({"format": "mp3"}, "audio/mpeg"),
        ({"format": "opus", "maxBitRate": "48"}, "audio/ogg"),
        ({"format": "ogg"}, "audio/ogg"),
    ],
)
def test_the_form_is_what_was_asked_for(
    params: dict[str, str], kind: str, client: httpx.Client, place: Place
) -> None:
    told = client.head("stream", params={"id": place.short, **params})
    assert (told.status_code, told.headers["content-type"]) == (200, kind)
    assert told.headers["accept-ranges"] == ("bytes" if kind == "audio/flac" else "none")


def test_an_offset_begins_later_and_a_promise_of_length_is_kept(client: httpx.Client, place: Place) -> None:
    asked = {"id": place.short, "format": "mp3", "maxBitRate": "64"}
    whole = client.get("stream", params=asked).content
    late = client.get("stream", params={**asked, "timeOffset": "9"}).content
    assert len(late) < len(whole) / 3
    decoded, rate = soundfile.read(io.BytesIO(late))
    assert len(decoded) / rate == pytest.approx(3.0, abs=0.3)
    promised = client.get("stream", params={**asked, "estimateContentLength": "true"})
    assert int(promised.headers["content-length"]) == len(promised.content)
    beyond = client.get("stream", params={**asked, "timeOffset": "999"})
    assert beyond.status_code == 200


def test_a_decision_and_its_stream(client: httpx.Client, place: Place) -> None:
    asked = {"mediaId": place.short, "mediaType": "song"}

    def decide(body: Any) -> Any:
        answer = client.post("getTranscodeDecision", params=asked, json=body).json()["subsonic-response"]
        return answer.get("transcodeDecision") or answer["error"]["code"]

    about = {"name": "a test", "platform": "pytest"}
    plays = [{"containers": ["flac"], "audioCodecs": ["flac"], "protocols": ["http"]}]
    made = [{"container": "mp3", "audioCodec": "mp3", "protocol": "http"}]
    direct = decide({**about, "directPlayProfiles": plays})
    assert (direct["canDirectPlay"], direct["canTranscode"]) == (True, False)
    assert direct["sourceStream"]["audioSamplerate"] == _RATE
    slow = decide(
        {**about, "directPlayProfiles": plays, "transcodingProfiles": made, "maxAudioBitrate": 96000}
    )
    assert (slow["canDirectPlay"], slow["transcodeReason"]) == (False, ["AudioBitrateNotSupported"])
    assert slow["transcodeStream"]["audioBitrate"] == 96000
    sent = client.get("getTranscodeStream", params={**asked, "transcodeParams": slow["transcodeParams"]})
    assert sent.headers["content-type"] == "audio/mpeg"
    limit = {"name": "audioSamplerate", "comparison": "LessThanEqual", "values": ["11025"], "required": True}
    codec = [{"type": "AudioCodec", "name": "flac", "limitations": [limit]}]
    assert decide({**about, "directPlayProfiles": plays, "codecProfiles": codec})["transcodeReason"] == [
        "AudioSamplerateNotSupported"
    ]
    never = decide({**about, "transcodingProfiles": [{**made[0], "audioCodec": "aac"}]})
    assert (never["canDirectPlay"], never["canTranscode"]) == (False, False)
    assert never["errorReason"]
    for strange in (
        {},
        {"directPlayProfiles": "all"},
        {"directPlayProfiles": [{"containers": 7}, None, "x"]},
    ):
        assert isinstance(decide(strange)["canDirectPlay"], bool)
    assert decide([1]) == 0
    wrong = client.get("getTranscodeStream", params={**asked, "transcodeParams": "mp3-$(id)"}).json()
    assert wrong["subsonic-response"]["error"]["code"] == 0


def test_a_picture_in_the_size_that_was_asked_for(client: httpx.Client, place: Place) -> None:
    song = client.get("getSong", params={"id": place.short}).json()["subsonic-response"]["song"]
    for name in (place.short, song["albumId"], song["artistId"]):
        answer = client.get("getCoverArt", params={"id": name, "size": "64"})
        assert max(Image.open(io.BytesIO(answer.content)).size) == 64
        again = client.get(
            "getCoverArt",
            params={"id": name, "size": "64"},
            headers={"If-None-Match": answer.headers["etag"]},
        )
        assert again.status_code == 304
    assert client.get("getCoverArt", params={"id": song["coverArt"]}).headers["content-type"] == "image/jpeg"


def test_words_with_their_times(client: httpx.Client, place: Place, validated: Any) -> None:
    plain = client.get("getLyricsBySongId", params={"id": place.words}).json()
    validated("getLyricsBySongId", plain)
    (lyrics,) = plain["subsonic-response"]["lyricsList"]["structuredLyrics"]
    assert (lyrics["synced"], lyrics["displayArtist"]) == (True, "Somebody")
    assert lyrics["line"] == [{"start": 1000, "value": "La lá"}, {"start": 3000, "value": "The end"}]
    assert "cueLine" not in lyrics
    more = client.get("getLyricsBySongId", params={"id": place.words, "enhanced": "true"}).json()
    validated("getLyricsBySongId", more)
    (lyrics,) = more["subsonic-response"]["lyricsList"]["structuredLyrics"]
    (line,) = lyrics["cueLine"]
    assert (line["index"], line["start"], line["end"], line["value"]) == (0, 1000, 3000, "La lá")
    text = line["value"].encode()
    for cue in line["cue"]:
        assert text[cue["byteStart"] : cue["byteEnd"] + 1].decode() == cue["value"]
    assert [(cue["start"], cue["end"]) for cue in line["cue"]] == [(1000, 1500), (1500, 3000)]
    old = client.get("getLyrics", params={"artist": "nobody", "title": "WORDS"}).json()
    assert old["subsonic-response"]["lyrics"]["value"] == "La lá\nThe end"


def _code(answer: httpx.Response) -> int:
    return int(answer.json()["subsonic-response"]["error"]["code"])


def test_a_file_that_is_cut_while_it_plays_ends_this_answer_only(client: httpx.Client, place: Place) -> None:
    path = place.music / "long.wav"
    content = path.read_bytes()
    try:
        with client.stream("GET", "stream", params={"id": place.long, "format": "raw"}) as answer:
            pieces = answer.iter_raw(65536)
            got = len(next(pieces))
            os.truncate(path, 1000)
            with pytest.raises(httpx.RemoteProtocolError):
                for piece in pieces:
                    got += len(piece)
        assert got < len(content)
        assert client.get("ping").json()["subsonic-response"]["status"] == "ok"
    finally:
        path.write_bytes(content)


def test_a_file_that_is_deleted_while_it_plays(client: httpx.Client, place: Place) -> None:
    path = place.music / "long.wav"
    content = path.read_bytes()
    try:
        with client.stream("GET", "stream", params={"id": place.long, "format": "raw"}) as answer:
            pieces = answer.iter_raw(65536)
            got = next(pieces)
            path.unlink()
            # What is open stays readable; who asks anew is told.
            assert _code(client.get("stream", params={"id": place.long})) == 70
            got += b"".join(pieces)
        assert got == content
    finally:
        path.write_bytes(content)


def test_a_library_that_is_unplugged_is_not_found_and_comes_back(client: httpx.Client, place: Place) -> None:
    away = place.music.with_name("away")
    place.music.rename(away)
    try:
        for name in ("stream", "download", "getCoverArt"):
            answer = client.get(name, params={"id": place.short})
            assert (answer.status_code, _code(answer)) == (200, 70)
        assert client.get("getSong", params={"id": place.short}).json()["subsonic-response"]["status"] == "ok"
    finally:
        away.rename(place.music)
    assert client.get("stream", params={"id": place.short}).status_code == 200


def test_a_link_out_of_the_folders_is_not_followed(client: httpx.Client, place: Place) -> None:
    path = place.music / "short.flac"
    content = path.read_bytes()
    path.unlink()
    try:
        path.symlink_to(place.outside)
        for name in ("stream", "download"):
            assert _code(client.get(name, params={"id": place.short})) == 70
    finally:
        path.unlink()
        path.write_bytes(content)


def test_someone_who_goes_away_ends_the_making(client: httpx.Client, place: Place) -> None:
    for _ in range(3):
        with client.stream("GET", "stream", params={"id": place.long, "format": "mp3"}) as answer:
            next(answer.iter_raw(1000))
    assert client.get("ping").json()["subsonic-response"]["status"] == "ok"
