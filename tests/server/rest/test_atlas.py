"""The map and kinds of music, made in a process of their own."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="module")
def laid_out(new_home: Callable[..., Any]) -> Any:
    home = new_home()
    until = time.monotonic() + 90
    for path in ("map", "map/points", "kinds", "kinds/1/tracks"):
        answer = home.ana.ask("GET", f"/api/{path}")
        assert answer.status_code == 202 and int(answer.headers["retry-after"]) >= 1
        assert answer.json() == {"being_made": True}
    assert home.ana.ask("PUT", "/api/kinds/1/name", json={"name": "x"}).status_code == 503
    while home.ana.ask("GET", "/api/kinds").status_code == 202:
        assert time.monotonic() < until
        time.sleep(0.1)
    return home


def test_the_map_has_a_point_a_track(laid_out: Any) -> None:
    answer = laid_out.ana.ask("GET", "/api/map")
    assert answer.headers["content-type"] == "application/json"
    shown = answer.json()
    assert len(shown["tracks"]) == len(shown["titles"]) > 30
    points = laid_out.ana.ask("GET", "/api/map/points")
    assert points.headers["content-type"] == "application/octet-stream"
    assert "content-encoding" not in points.headers
    places = struct.unpack(f"<{2 * len(shown['tracks'])}f", points.content)
    assert all(abs(place) < 1e6 for place in places)
    for colour in shown["colours"]:
        assert len(colour["codes"]) == len(shown["tracks"])
        assert min(colour["codes"]) >= -1 and max(colour["codes"]) < len(colour["labels"])
    assert set(shown["tracks"]) <= set(laid_out.tracks(100))
    tag = answer.headers["etag"]
    assert laid_out.ana.ask("GET", "/api/map", headers={"If-None-Match": tag}).status_code == 304


def test_kinds_are_playlists(laid_out: Any) -> None:
    kinds = laid_out.ana.get("/api/kinds")["items"]
    assert len(kinds) >= 2
    for kind in kinds:
        tracks = laid_out.ana.get(f"/api/kinds/{kind['number']}/tracks", n=5)
        assert tracks["total"] == kind["n_tracks"] and len(tracks["items"]) == min(5, kind["n_tracks"])
        assert [track["id"] for track in tracks["items"]][:4] == kind["cover_tracks"][:5]
    seed = {"seeds": [{"kind": "kind", "id": str(kinds[0]["number"])}]}
    assert laid_out.ana.post("/api/station", seed)["items"]


def test_there_is_no_other_kind(laid_out: Any) -> None:
    for number in (999, -1, 10**30):
        laid_out.ana.get(f"/api/kinds/{number}/tracks", expect=404)
    laid_out.ana.get("/api/kinds/x/tracks", expect=422)
    laid_out.ana.get("/api/kinds/1/tracks", n=10**6, expect=422)
    laid_out.ana.put("/api/kinds/999/name", {"name": "x"}, expect=404)


def test_a_kind_gets_a_name(laid_out: Any) -> None:
    number = laid_out.ana.get("/api/kinds")["items"][0]["number"]
    url, said = f"/api/kinds/{number}/name", {"name": "<b>late</b> 夜"}
    while (answer := laid_out.ana.ask("PUT", url, json=said)).status_code == 503:
        assert "try again" in answer.json()["detail"]  # the process that made them has not ended yet
        time.sleep(0.1)
    assert answer.status_code == 204
    names = {kind["number"]: kind["name"] for kind in laid_out.ben.get("/api/kinds")["items"]}
    assert names[number] == "<b>late</b> 夜"
