"""Histories by upload."""

from __future__ import annotations

import asyncio
import gc
import json
from typing import Any

import pytest

from segue.server import around
from segue.server.rest import history

# Starlette leaves half a file to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def _scrobbles(n: int = 3) -> bytes:
    lines = [
        {
            "listened_at": 1_600_000_000 + 1_000 * number,
            "track_metadata": {"artist_name": "Vanta Drive", "track_name": "Neon Ledger"},
        }
        for number in range(n)
    ]
    return "\n".join(map(json.dumps, lines)).encode()


def _upload(browser: Any, *files: tuple[str, bytes]) -> Any:
    return browser.ask("POST", "/api/history/import", files=[("files", file) for file in files])


def test_a_history_is_imported_once(home: Any) -> None:
    first = _upload(home.ana, ("listens.jsonl", _scrobbles()))
    assert first.status_code == 200, first.text
    assert first.json()["plays"] == first.json()["new_plays"] == 3
    assert first.json()["coverage"]["matched"] == 1
    again = _upload(home.ana, ("listens.jsonl", _scrobbles()))
    assert again.json()["new_plays"] == 0
    assert home.ana.get("/api/history")["plays"] == 3
    assert home.ben.get("/api/history")["plays"] == 0


def test_two_of_one_name_are_two(home: Any) -> None:
    answer = _upload(home.ana, ("listens.jsonl", _scrobbles(2)), ("listens.jsonl", _scrobbles(5)))
    assert answer.status_code == 200 and answer.json()["rows"] == 7


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.txt", b"nothing known"),
        ("x.jsonl", b""),
        ("x.zip", b"PK\x03\x04 not really"),
        ("../../../../tmp/x.jsonl", b"{"),
        ("x\0y.csv", b"\0" * 1_000),
        ("." * 300, b"x"),
        ("", b"x"),
        ("x.json", b"[" * 200_000),
        ("<script>.csv", b"a,b\n1,2\n"),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_what_is_no_history_is_refused(home: Any, name: str, content: bytes) -> None:
    answer = _upload(home.ana, (name, content))
    assert 400 <= answer.status_code < 500, answer.text
    assert "/tmp" not in answer.text or "/tmp" in name
    assert "Traceback" not in answer.text
    assert home.ana.get("/api/history")["plays"] == 0


def test_what_is_no_upload_is_refused(shown: Any) -> None:
    for content, kind in (
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
        (b"--y\r\n", "multipart/form-data"),
        (b"a=b", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (
            b'--x\r\nContent-Disposition: form-data; name="files"\r\n\r\nno file\r\n--x--',
            "multipart/form-data; boundary=x",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\nhalf',
            "multipart/form-data; boundary=x",
        ),
    ):
        answer = shown.ana.ask("POST", "/api/history/import", content=content, headers={"Content-Type": kind})
        assert answer.status_code in (400, 422), (content, answer.text)
    gc.collect()


def test_more_than_is_taken_is_refused_before_it_is_read(shown: Any) -> None:
    sent = 0

    async def body() -> Any:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 65_536

    headers = {"Content-Length": str(2 * 2**30), "Content-Type": "multipart/form-data; boundary=x"}
    answer = shown.ana.ask("POST", "/api/history/import", content=body(), headers=headers)
    assert answer.status_code == 413 and "MB" in answer.json()["detail"]
    assert sent <= 1


def test_more_than_is_taken_is_refused_without_a_length(shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(around, "_LARGEST_BODY", 100_000)
    monkeypatch.setitem(around._LARGER, "/api/history/import", 200_000)

    def endless(head: bytes) -> Any:
        async def body() -> Any:
            yield head
            for _ in range(100):
                yield b"x" * 65_536
                await asyncio.sleep(0)

        return body()

    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = shown.ana.ask("POST", "/api/history/import", content=endless(head), headers=kind)
    assert answer.status_code == 413, answer.text
    answer = shown.ana.ask(
        "POST", "/api/playlists", content=endless(b'"'), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413, answer.text


def test_files_together_are_bounded(home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "LARGEST_HISTORY", 1_000)
    answer = _upload(home.ana, ("a.jsonl", b"x" * 600), ("b.jsonl", b"x" * 600))
    assert answer.status_code == 413


def test_what_was_not_found_can_be_put_right(home: Any) -> None:
    listens = _scrobbles(2).replace(b"Neon Ledger", b"Nothing Like It")
    assert _upload(home.ana, ("listens.jsonl", listens)).status_code == 200
    [unmatched] = home.ana.get("/api/history/unmatched")["items"]
    assert unmatched["title"] == "Nothing Like It" and unmatched["plays"] == 2
    url = f"/api/history/matches/{unmatched['id']}"
    home.ana.put(url, {"track": "nothing"}, expect=404)
    home.ben.put(url, {"track": home.track("Neon Ledger")}, expect=403)
    home.ana.put(url, {"track": home.track("Neon Ledger")}, expect=204)
    assert home.ana.get("/api/history/unmatched")["items"] == []
    for number in ("-1", "99999999999999999999999", "x", "999999"):
        answer = home.ana.ask("PUT", f"/api/history/matches/{number}", json={"track": None})
        assert answer.status_code in (404, 422), answer.text


def test_names_stay_in_their_folder() -> None:
    for name in ("../x", "..", ".", "", "a/b", "a\\b", "\0", "/etc/passwd", "a" * 500):
        plain = history._plain(name)
        assert plain and "/" not in plain and "\0" not in plain and plain.strip(".") and len(plain) <= 100
