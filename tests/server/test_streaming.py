"""Files over HTTP: ranges, states, and what does not leave the library."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from segue.audio import Tags
from segue.catalogue import Track
from segue.errors import NothingFound
from segue.server.streaming import Unsatisfiable, asked_stretch, playable, send_file, send_made
from segue.types import TrackId

_CONTENT = bytes(range(256)) * 3000


class Client:
    """Asks an application in this process."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    def get(self, url: str, *, headers: dict[str, str] | None = None, method: str = "GET") -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
                return await client.request(method, url, headers=headers)

        return asyncio.run(ask())

    def head(self, url: str, *, headers: dict[str, str] | None = None) -> httpx.Response:
        return self.get(url, headers=headers, method="HEAD")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "a song.mp3"
    path.write_bytes(_CONTENT)
    return path


@pytest.fixture(scope="module")
def client(file: Path) -> Client:
    def whole(request: Request) -> Response:
        return send_file(file, request.headers, method=request.method, media_type="audio/mpeg")

    def kept(request: Request) -> Response:
        return send_file(
            file, request.headers, method=request.method, media_type="audio/mpeg", download_as='ä"\r\n.mp3'
        )

    return Client(Starlette(routes=[Route("/", whole), Route("/kept", kept)]))


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=700000-", 700_000, len(_CONTENT)),
        ("bytes=-7", len(_CONTENT) - 7, len(_CONTENT)),
        (f"bytes=-{10**9}", 0, len(_CONTENT)),
        (f"bytes=5-{10**9}", 5, len(_CONTENT)),
    ],
)
def test_a_range_is_what_was_asked(client: Client, header: str, start: int, end: int) -> None:
    answer = client.get("/", headers={"Range": header})
    assert answer.status_code == 206
    assert answer.content == _CONTENT[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(_CONTENT)}"
    assert answer.headers["content-length"] == str(end - start)


@pytest.mark.parametrize("header", [f"bytes={len(_CONTENT)}-", "bytes=-0", f"bytes={10**17}-{10**17}"])
def test_a_range_behind_the_end_is_416(client: Client, header: str) -> None:
    answer = client.get("/", headers={"Range": header})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(_CONTENT)}"
    assert answer.content == b""


@pytest.mark.parametrize(
    "header", ["bytes=9-3", "bytes=a-b", "apples=1-2", "bytes=1-2,5-6", "bytes=-", "", f"bytes={'9' * 40}-"]
)
def test_what_is_no_range_is_the_whole_file(client: Client, header: str) -> None:
    answer = client.get("/", headers={"Range": header})
    assert (answer.status_code, answer.content) == (200, _CONTENT)


def test_head_tells_what_get_would(client: Client) -> None:
    for headers in ({}, {"Range": "bytes=3-8"}):
        told, sent = client.head("/", headers=headers), client.get("/", headers=headers)
        assert told.status_code == sent.status_code
        assert told.content == b""
        assert dict(told.headers) == dict(sent.headers)


def test_a_part_is_sent_only_of_the_same_file(client: Client) -> None:
    first = client.head("/")
    tag, changed = first.headers["etag"], first.headers["last-modified"]
    part = {"Range": "bytes=3-8"}
    assert client.get("/", headers={**part, "If-Range": tag}).status_code == 206
    assert client.get("/", headers={**part, "If-Range": changed}).status_code == 206
    for other in ('"other"', f"W/{tag}", "Sat, 01 Jan 2000 00:00:00 GMT", "yesterday"):
        assert client.get("/", headers={**part, "If-Range": other}).status_code == 200
    assert client.get("/", headers={"If-None-Match": f'"x", {tag}'}).status_code == 304
    assert client.get("/", headers={"If-None-Match": '"x"'}).status_code == 200


def test_a_name_cannot_break_out_of_its_header(client: Client) -> None:
    assert client.get("/kept").headers["content-disposition"] == (
        "attachment; filename*=UTF-8''%C3%A4%22__.mp3"
    )


@given(st.integers(0, 50), st.integers(-5, 60), st.integers(-5, 60))
def test_a_stretch_lies_in_the_file(size: int, first: int, last: int) -> None:
    header = f"bytes={first if first >= 0 else ''}-{last if last >= 0 else ''}"
    try:
        stretch = asked_stretch(header, size)
    except Unsatisfiable:
        assert first >= size or last == 0 or size == 0
        return
    if stretch is not None:
        assert stretch.start >= 0
        assert 0 < stretch.length <= size - stretch.start


def _track(*paths: Path) -> Track:
    return Track(TrackId("t"), 1, "0" * 64, Tags(), 1.0, 44100, 2, "mp3", None, paths, 0.0)


def test_only_files_inside_the_folders_are_played(tmp_path: Path) -> None:
    root, outside = tmp_path / "music", tmp_path / "secret"
    root.mkdir()
    outside.mkdir()
    (outside / "a.mp3").write_bytes(b"x")
    (root / "here.mp3").write_bytes(b"y")
    (root / "link.mp3").symlink_to(outside / "a.mp3")
    (root / "inner.mp3").symlink_to(root / "here.mp3")
    (root / "folder").symlink_to(outside)
    assert playable(_track(root / "here.mp3"), [root]) == root / "here.mp3"
    assert playable(_track(root / "inner.mp3"), [root]) == root / "here.mp3"
    assert playable(_track(root / "gone.mp3", root / "here.mp3"), [root]) == root / "here.mp3"
    for path in (
        outside / "a.mp3",
        root / "link.mp3",
        root / "folder" / "a.mp3",
        root / ".." / "secret" / "a.mp3",
        root,
        root / "gone.mp3",
        root / "here.mp3" / "below",
    ):
        with pytest.raises(NothingFound):
            playable(_track(path), [root])
    with pytest.raises(NothingFound):
        playable(_track(root / "here.mp3"), [tmp_path / "unplugged"])
    linked = tmp_path / "linked"
    linked.symlink_to(root)
    assert playable(_track(linked / "here.mp3"), [linked]) == root / "here.mp3"


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp3")
    with pytest.raises(NothingFound):
        send_file(tmp_path / "pipe.mp3", {}, media_type="audio/mpeg")


def test_what_is_made_has_no_ranges_and_an_exact_length_where_promised() -> None:
    begun = []

    def pieces() -> Iterator[bytes]:
        begun.append(1)
        yield b"abc"
        yield b"def"

    def app(request: Request) -> Response:
        length = request.query_params.get("length")
        return send_made(
            pieces, method=request.method, media_type="audio/mpeg", length=int(length) if length else None
        )

    client = Client(Starlette(routes=[Route("/", app)]))
    assert client.get("/", headers={"Range": "bytes=1-2"}).content == b"abcdef"
    assert client.get("/?length=4").content == b"abcd"
    assert client.get("/?length=8").content == b"abcdef\0\0"
    begun.clear()
    told = client.head("/")
    assert told.headers["accept-ranges"] == "none"
    assert "content-length" not in told.headers
    assert client.head("/?length=8").headers["content-length"] == "8"
    assert begun == []


def test_what_cannot_be_begun_is_an_error_before_the_first_byte() -> None:
    def pieces() -> Iterator[bytes]:
        raise NothingFound("it is not there")
        yield b""

    with pytest.raises(NothingFound):
        send_made(pieces, media_type="audio/mpeg")


@pytest.mark.parametrize("what", ["deleted", "replaced", "shortened"])
def test_what_happens_to_a_file_while_it_plays(tmp_path: Path, what: str) -> None:
    """A file that was opened plays to its end; one that became shorter ends where it ends now."""
    song = tmp_path / "song.mp3"
    song.write_bytes(_CONTENT)
    got: list[bytes] = []

    async def receive() -> dict[str, object]:
        await asyncio.sleep(10)
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if body := message.get("body"):
            got.append(body)
        if len(got) == 1 and message["type"] == "http.response.body":
            if what == "shortened":
                os.truncate(song, 300_000)
            else:
                song.unlink()
                if what == "replaced":
                    song.write_bytes(b"something else")

    answer = send_file(song, {}, media_type="audio/mpeg")
    asyncio.run(answer({"type": "http", "method": "GET"}, receive, send))
    assert b"".join(got) == (_CONTENT[:300_000] if what == "shortened" else _CONTENT)


def test_a_stream_whose_listener_leaves_is_closed(tmp_path: Path) -> None:
    song = tmp_path / "song.mp3"
    song.write_bytes(_CONTENT)
    got: list[bytes] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        got.append(message.get("body", b""))

    answer = send_file(song, {}, media_type="audio/mpeg")
    asyncio.run(answer({"type": "http", "method": "GET"}, receive, send))
    assert len(b"".join(got)) < len(_CONTENT)
    assert answer._file.closed  # type: ignore[attr-defined]
