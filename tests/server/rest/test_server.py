"""The server itself: health, figures, metrics, logs, headers, the web app's files."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from segue.server import pages
from segue.server.logs import JsonLines


def test_health_is_for_everyone(shown: Any) -> None:
    assert shown.browser(address="192.0.2.1", host="anything").get("/api/health")["status"] == "ok"


def test_figures_about_the_library(shown: Any) -> None:
    about = shown.ben.get("/api/about")
    assert about["tracks"] == shown.ben.get("/api/tracks")["total"] and about["duration_s"] > 100
    assert about["encoder"] and about["genre_model"]


def test_metrics_count_by_route_and_name_nobody(home: Any) -> None:
    track = home.track("Neon Ledger")
    home.ana.get(f"/api/tracks/{track}")
    home.ana.get("/api/search", q="a secret search")
    home.ana.get("/api/nothing", expect=404)
    home.browser().get("/api/tracks", expect=401)
    program = home.browser(headers={"Authorization": f"Bearer {home.keys['ana']}"})
    text = program.ask("GET", "/metrics").text
    assert 'segue_requests_total{route="/api/tracks/{track}",status="200"} 1.0' in text
    assert 'segue_requests_total{route="/api/tracks",status="401"} 1.0' in text
    assert "segue_tracks 3" in text
    home.ana.ask("GET", f"/api/tracks/{track}/audio")
    assert "segue_streams 0.0" in text and "segue_streams 0.0" in home.served.metrics.text().decode()
    for secret in (track, "secret", "ana", home.keys["ana"]):
        assert secret not in text


def test_a_defect_is_counted_and_says_no_more_than_that(home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr("segue.server.rest.library.kept.genres", broken)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(home.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            return await client.get("/api/genres", headers={"Authorization": f"Bearer {home.keys['ana']}"})

    answer = home.portal.call(ask)
    assert answer.status_code == 500 and "defect" in answer.json()["detail"]
    assert "secret" not in answer.text
    assert 'route="/api/genres",status="500"} 1.0' in home.served.metrics.text().decode()


def test_the_log_says_what_was_done_and_nothing_about_who(
    home: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "segue"):
        track = home.track("Neon Ledger")
        home.ana.get("/api/search", q="a secret search")
        home.ana.get(f"/api/tracks/{track}")
        home.browser(address="192.0.2.77").post(
            "/api/session", {"name": "secret-name", "password": "secret-word"}, expect=401
        )
    lines = [JsonLines().format(record) for record in caplog.records if record.name.startswith("segue")]
    said = [json.loads(line) for line in lines]
    assert {"/api/search", "/api/tracks/{track}", "/api/session"} <= {one.get("route") for one in said}
    for secret in ("secret", "192.0.2", track, "ana", home.sessions["ana"]):
        assert secret not in "".join(lines)


def test_a_trace_is_one_line_of_the_log() -> None:
    try:
        raise ValueError("x\ny")
    except ValueError as error:
        record = logging.LogRecord(
            "segue", logging.ERROR, __file__, 1, "a\nb", None, (ValueError, error, error.__traceback__)
        )
    line = JsonLines().format(record)
    assert "\n" not in line and json.loads(line)["message"] == "a\nb"


def test_every_answer_has_the_headers_of_safety(shown: Any) -> None:
    for url in ("/api/health", "/api/nothing", "/", "/rest/ping", "/api/tracks", "/nothing/at/all"):
        headers = shown.ana.ask("GET", url).headers
        assert headers.get_list("x-content-type-options") == ["nosniff"], url
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers or url.startswith("/rest")


def test_text_is_compressed_and_sound_is_not(shown: Any) -> None:
    assert shown.ana.ask("GET", "/api/tracks").headers["content-encoding"] == "gzip"
    track = shown.track("Neon Ledger")
    assert "content-encoding" not in shown.ana.ask("GET", f"/api/tracks/{track}/audio").headers


def test_the_app_is_served_where_it_is_built(
    shown: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = tmp_path / "web"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text('<base href="/"><p>app</p>')
    (built / "assets" / "main-1a2b.js").write_text("let a")
    (tmp_path / "secret.txt").write_text("secret")
    (built / "link.txt").symlink_to(tmp_path / "secret.txt")
    monkeypatch.setattr(pages, "FOLDER", built)
    for url in (
        "/",
        "/albums/abc",
        "/index.html",
        "/..%2fsecret.txt",
        "/link.txt",
        "/" + "a" * 3_000,
        "/%00",
    ):
        answer = shown.ana.ask("GET", url)
        assert answer.status_code == 200 and "<p>app</p>" in answer.text, url
        assert answer.headers["cache-control"] == "no-cache"
    script = shown.ana.ask("GET", "/assets/main-1a2b.js")
    assert script.text == "let a" and "immutable" in script.headers["cache-control"]
    assert "javascript" in script.headers["content-type"]
    assert shown.ana.ask("GET", "/assets/main-old.js").status_code == 404
    assert shown.ana.ask("HEAD", "/").status_code == 200
    assert shown.ana.ask("POST", "/").status_code == 405
    for url in ("/api/nothing", "/api/", "/1/nothing"):
        assert shown.ana.ask("GET", url).headers["content-type"] == "application/problem+json"


def test_without_the_app_the_page_says_so(
    shown: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "FOLDER", tmp_path)
    answer = shown.ana.ask("GET", "/")
    assert answer.status_code == 503 and "segue doctor" in answer.text


def test_an_evaluation_without_a_past_says_why(home: Any) -> None:
    assert home.ben.get("/api/evaluation") == {"running": False, "report": None, "made_at": None, "error": ""}
    home.ben.post("/api/evaluation", expect=202)
    busy = home.ana.post("/api/evaluation", expect=503)
    assert busy["type"] == "urn:segue:problem:busy"
    until = time.monotonic() + 60
    while (state := home.ben.get("/api/evaluation"))["running"]:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert state["error"] and state["report"] is None and "\n" not in state["error"]
    assert home.ana.get("/api/evaluation")["error"] == "", "and nobody else is told"


def test_connections_of_nobody(shown: Any) -> None:
    found = {one["service"]: one for one in shown.ana.get("/api/connections")["items"]}
    assert found["listenbrainz"]["connected"] is False and found["listenbrainz"]["user"] == ""
    shown.ana.put("/api/connections/listenbrainz", {"token": ""}, expect=422)


def test_a_method_that_is_not_there(shown: Any) -> None:
    answer = shown.ana.ask("PATCH", "/api/tracks")
    assert answer.status_code == 405 and answer.headers["content-type"] == "application/problem+json"
