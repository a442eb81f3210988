"""Music and vectors in a store of objects: through `pyarrow.fs`, against a small stand-in for S3."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pyarrow.dataset as ds
import pytest

from segue.encoders import members
from segue.errors import NothingFound, SegueError
from segue.scanning.analyse import work_options
from segue.spark import hearing
from segue.spark.hearing import Task, hear_partition
from segue.spark.listing import list_music
from segue.spark.parts import PROBLEMS, open_folder, parts_in, read_problems, read_rows
from segue.spark.places import Place, names_in, place_of
from segue.spark.settling import settle

DAY = "Sat, 21 Nov 2026 00:00:00 GMT"


class Store(ThreadingHTTPServer):
    """The objects of any bucket, by bucket and key; `denied` answers as S3 does where a right is missing."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.objects: dict[str, bytes] = {}
        self.denied: set[str] = set()
        self.pieces: dict[str, dict[int, bytes]] = {}

    def address(self, path: str) -> str:
        settings = f"scheme=http&region=eu&endpoint_override=127.0.0.1:{self.server_port}"
        return f"s3a://key:secret@{path}?{settings}"


class _Answer(BaseHTTPRequestHandler):
    """The few requests that Arrow makes."""

    server: Store
    protocol_version = "HTTP/1.1"

    @property
    def key(self) -> str:
        return unquote(urlsplit(self.path).path).strip("/")

    @property
    def asked(self) -> dict[str, str]:
        found = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        return {name: values[0] for name, values in found.items()}

    def do_HEAD(self) -> None:
        self._give(body=False)

    def do_GET(self) -> None:
        if "list-type" in self.asked:
            self._list()
        else:
            self._give(body=True)

    def do_PUT(self) -> None:
        sent = self._sent()
        if "uploadId" in self.asked:
            self.server.pieces[self.asked["uploadId"]][int(self.asked["partNumber"])] = sent
        else:
            self.server.objects[self.key] = sent
        self._say(200, ETag='"0"')

    def do_POST(self) -> None:
        sent = self._sent()
        if "uploads" in self.asked:
            self.server.pieces[self.key] = {}
            self._say(200, f"<R><UploadId>{escape(self.key)}</UploadId></R>".encode())
        elif "uploadId" in self.asked:
            pieces = self.server.pieces.pop(self.asked["uploadId"])
            self.server.objects[self.key] = b"".join(pieces[number] for number in sorted(pieces))
            self._say(200, b"<CompleteMultipartUploadResult/>")
        else:
            self._say(200, b"<DeleteResult/>" if sent else b"")

    def do_DELETE(self) -> None:
        self.server.objects.pop(self.key, None)
        self._say(204)

    def _sent(self) -> bytes:
        """The body; Arrow sends it in chunks, each of which may be chunked once more with checksums."""
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            raw = _unchunked(self.rfile)
        else:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return (
            _unchunked(io.BytesIO(raw)) if "aws-chunked" in self.headers.get("Content-Encoding", "") else raw
        )

    def _give(self, *, body: bool) -> None:
        held = self.server.objects.get(self.key)
        if self.key in self.server.denied:
            self._say(403, body=body)
        elif held is None:
            is_bucket = "/" not in self.key and any(
                key.startswith(f"{self.key}/") for key in self.server.objects
            )
            self._say(200 if is_bucket else 404)
        elif not body:
            self._say(200, held, body=False)
        else:
            first, _, last = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
            self._say(206, held[int(first) : int(last) + 1 if last else None])

    def _list(self) -> None:
        bucket, prefix, delimiter = self.key, self.asked.get("prefix", ""), self.asked.get("delimiter", "")
        files, folders = [], set()
        for key, held in sorted(self.server.objects.items()):
            name = key.removeprefix(f"{bucket}/")
            if name == key or not name.startswith(prefix):
                continue
            rest = name[len(prefix) :]
            if delimiter and delimiter in rest:
                folders.add(prefix + rest.split(delimiter)[0] + delimiter)
            else:
                files.append((name, len(held)))
        found = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{size}</Size>"
            "<LastModified>2026-11-21T00:00:00.000Z</LastModified></Contents>"
            for name, size in files
        ) + "".join(
            f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>" for name in sorted(folders)
        )
        count = f"<KeyCount>{len(files) + len(folders)}</KeyCount><IsTruncated>false</IsTruncated>"
        self._say(200, f"<ListBucketResult>{count}{found}</ListBucketResult>".encode())

    def _say(self, status: int, held: bytes = b"", *, body: bool = True, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(held)))
        self.send_header("Last-Modified", DAY)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(held)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _unchunked(lines: IO[bytes]) -> bytes:
    found = b""
    while count := int(lines.readline().split(b";")[0], 16):
        found += lines.read(count)
        lines.readline()
    while lines.readline().strip():
        pass  # what trails
    return found


@pytest.fixture
def store() -> Iterator[Store]:
    one = Store()
    threading.Thread(target=one.serve_forever, daemon=True).start()
    yield one
    one.shutdown()
    one.server_close()


@pytest.fixture
def task(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Task]:
    """To hear, as `targets.hear` pretends, what is in the bucket ``music``."""
    monkeypatch.setenv(
        "PYTHONPATH", str(Path(__file__).resolve().parents[1] / "scanning"), prepend=os.pathsep
    )
    store.objects["out/there"] = b""
    output = place_of(store.address("out/vectors.parquet"))
    header = open_folder(output, encoder="timbre-1", windows="balanced")
    yield Task(
        places=(store.address("music"),),
        output=output.word,
        identity=header.identity,
        run=1,
        encoder="timbre-1",
        target="targets:hear",
        options=work_options(members("timbre"), "balanced"),
    )
    hearing._forget_pool()


def heard(task: Task) -> tuple[int, int]:
    place = place_of(task.places[0])
    files = list_music(task.places, [place]).files
    (counts,) = hear_partition(iter(files.combine_chunks().to_batches()), dataclasses.asdict(task))
    (row,) = counts.to_pylist()
    return row["heard"], row["problems"]


def output_of(task: Task) -> Place:
    return place_of(task.output)


def test_objects_are_listed_by_the_rules_of_a_scan(store: Store) -> None:
    for name in ("a b/1.mp3", "a b/cover.jpg", "x/.notmusic", "x/y/2.mp3", "3.FLAC", "live/4.ogg"):
        store.objects[f"music/in/{name}"] = b"sound"
    store.objects["music/in/.segueignore"] = b"live/\n"
    store.objects["music/out.mp3"] = b""
    word = store.address("music/in")
    files = list_music([word], [place_of(word)]).files
    assert files["name"].to_pylist() == ["s3://music/in/3.FLAC", "s3://music/in/a b/1.mp3"]
    assert files["size"].to_pylist() == [5, 5]


def test_an_object_is_heard_and_its_vector_is_an_object(store: Store, task: Task) -> None:
    store.objects["music/a b/1.mp3"] = b"title\nsound"
    store.objects["music/2.mp3"] = b"title\nbroken"
    assert heard(task) == (1, 1)
    output = output_of(task)
    (part,) = parts_in(output)
    (row,) = ds.dataset(output.under(part), filesystem=output.files).to_table().to_pylist()
    assert (row["name"], row["size"]) == ("s3://music/a b/1.mp3", 11)
    assert row["digest"] == hashlib.sha256(b"sound").hexdigest()
    (problem,) = read_problems(output, part)
    assert (problem["name"], problem["reason"]) == ("s3://music/2.mp3", "not-audio")
    assert settle(output, encoder="timbre-1") == 1


def test_an_object_that_may_not_be_read_is_a_problem(store: Store, task: Task) -> None:
    store.objects["music/1.mp3"] = store.objects["music/2.mp3"] = b"title\nsound"
    store.denied.add("music/1.mp3")
    assert heard(task) == (1, 1)
    (problem,) = read_rows(output_of(task), PROBLEMS, more=["reason"]).table.to_pylist()
    assert (problem["name"], problem["reason"]) == ("s3://music/1.mp3", "no-permission")


def test_parts_are_joined_in_a_store_too(store: Store, task: Task) -> None:
    for number in range(3):
        store.objects[f"music/{number}.mp3"] = f"title\n{number}".encode()
        heard(dataclasses.replace(task, run=number + 1))
    output = output_of(task)
    assert len(parts_in(output)) == 3
    assert settle(output, encoder="timbre-1") == 3
    assert len(parts_in(output)) == 1
    assert names_in(output) == [PROBLEMS, "_vectors.json", *parts_in(output)]


def test_a_bucket_that_is_not_there_is_named_without_its_keys(store: Store) -> None:
    word = store.address("nowhere/in")
    with pytest.raises(NothingFound, match=r"^s3://nowhere/in does not exist$"):
        list_music([word], [place_of(word)])


def test_a_store_that_does_not_answer_is_said(store: Store) -> None:
    word = store.address("music")
    store.shutdown()
    store.server_close()
    with pytest.raises(SegueError, match="s3://music cannot be listed"):
        list_music([word], [place_of(word)])
