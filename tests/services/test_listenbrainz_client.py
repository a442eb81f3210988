"""ListenBrainz as a client: every answer becomes accepted, refused, later or bad-token."""

from __future__ import annotations

import json
import socket
from email.utils import formatdate
from time import time

import pytest

from segue.errors import ServiceError, TryLater, UsageError
from segue.services.listenbrainz import parse_submission
from segue.services.listenbrainz_client import (
    submit_feedback,
    submit_listens,
    submit_playing_now,
    validate_token,
)
from segue.types import Listen

_TOKEN = "0f0e6b7c-0c3f-4c3a-9d6d-6d8a8a0c9b11"
_LISTEN = Listen("Björk", "Jóga", "Homogenic", 1_443_521_965.0, duration_s=305.0)
_OK = (200, {}, {"status": "ok"})


@pytest.fixture
def closed_root():
    """An address where nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_listens_arrive_as_they_were(stand_in):
    stand_in.answer = lambda _: _OK
    one = submit_listens(_TOKEN, [_LISTEN], root=stand_in.root + "/")
    many = submit_listens(_TOKEN, [_LISTEN, _LISTEN._replace(time_s=1_443_522_300.0)], root=stand_in.root)
    assert (one.verdict, many.verdict) == ("accepted", "accepted")
    for request, kind, n in zip(stand_in.asked, ("single", "import"), (1, 2), strict=True):
        assert (request.method, request.path) == ("POST", "/1/submit-listens")
        assert request.headers["authorization"] == f"Token {_TOKEN}"
        assert request.headers["content-type"] == "application/json"
        assert json.loads(request.body)["listen_type"] == kind
        said = parse_submission(request.body, now_s=1_800_000_000.0)
        assert said.listens[0] == _LISTEN
        assert len(said.listens) == n


def test_listens_that_nobody_takes_are_left_out_and_counted(stand_in):
    stand_in.answer = lambda _: _OK
    listens = [_LISTEN, Listen("", "", time_s=1e9, uri="spotify:track:1"), _LISTEN._replace(time_s=7e8)]
    future = _LISTEN._replace(time_s=time() + 7_200)
    assert submit_listens(_TOKEN, [*listens, future], root=stand_in.root).left_out == 3
    assert len(json.loads(stand_in.asked[0].body)["payload"]) == 1
    nothing = submit_listens(_TOKEN, listens[1:], root=stand_in.root)
    assert (nothing.verdict, nothing.left_out, len(stand_in.asked)) == ("refused", 2, 1)


@pytest.mark.parametrize(
    ("status", "headers", "verdict", "after_s"),
    [
        (200, {}, "accepted", 0.0),
        (400, {}, "refused", 0.0),
        (404, {}, "refused", 0.0),
        (401, {}, "bad-token", 0.0),
        (429, {"X-RateLimit-Reset-In": "7", "Retry-After": "99"}, "later", 7.0),
        (429, {"Retry-After": "5"}, "later", 5.0),
        (429, {"Retry-After": "soon"}, "later", 60.0),
        (429, {"Retry-After": "inf"}, "later", 60.0),
        (503, {"Retry-After": "1e9"}, "later", 604_800.0),
        (500, {}, "later", 60.0),
    ],
)
def test_every_status_has_a_verdict(stand_in, status, headers, verdict, after_s):
    stand_in.answer = lambda _: (status, headers, {"code": status, "error": "Some\nwords"})
    said = submit_listens(_TOKEN, [_LISTEN], root=stand_in.root)
    assert (said.verdict, said.after_s) == (verdict, after_s)
    assert "\n" not in said.detail
    assert verdict == "accepted" or "Some words" in said.detail


def test_a_date_to_wait_for(stand_in):
    stand_in.answer = lambda _: (429, {"Retry-After": formatdate(time() + 100, usegmt=True)}, {})
    assert 90 < submit_listens(_TOKEN, [_LISTEN], root=stand_in.root).after_s <= 100


def test_the_token_goes_nowhere_else(stand_in):
    stand_in.answer = lambda _: (302, {"Location": stand_in.root + "/elsewhere"}, {})
    said = submit_listens(_TOKEN, [_LISTEN], root=stand_in.root)
    assert (said.verdict, len(stand_in.asked)) == ("later", 1)
    assert "/elsewhere" in said.detail


def test_without_a_network_it_is_later(closed_root):
    said = submit_listens(_TOKEN, [_LISTEN], root=closed_root)
    assert (said.verdict, said.after_s) == ("later", 60.0)
    with pytest.raises(TryLater, match="does not answer"):
        validate_token(_TOKEN, root=closed_root)


def test_answers_that_are_no_json_or_break_off(stand_in):
    for body in (b"<html>", b"[1", b"[]", b"\xff", b"[" * 100_000):
        stand_in.answer = lambda _, body=body: (400, {}, body)
        assert submit_listens(_TOKEN, [_LISTEN], root=stand_in.root).verdict == "refused"
    stand_in.answer = lambda _: (200, {"Content-Length": "5000", "Connection": "close"}, b"{}")
    assert submit_listens(_TOKEN, [_LISTEN], root=stand_in.root).verdict == "accepted"


def test_what_plays_now_and_what_is_loved(stand_in):
    stand_in.answer = lambda _: _OK
    assert submit_playing_now(_TOKEN, _LISTEN, root=stand_in.root).verdict == "accepted"
    assert parse_submission(stand_in.asked[0].body, now_s=1.8e9).is_playing_now
    mbid = "98255a8c-017a-4bc7-8dd6-1fa36124572b"
    assert submit_feedback(_TOKEN, mbid, 1, root=stand_in.root).verdict == "accepted"
    assert stand_in.asked[1].path == "/1/feedback/recording-feedback"
    assert json.loads(stand_in.asked[1].body) == {"recording_mbid": mbid, "score": 1}
    with pytest.raises(UsageError):
        submit_feedback(_TOKEN, mbid, 2, root=stand_in.root)


def test_a_token_is_checked(stand_in):
    answers = {
        _TOKEN: (200, {}, {"code": 200, "message": "Token valid.", "valid": True, "user_name": "ana"}),
        "wrong": (200, {}, {"code": 200, "message": "Token invalid.", "valid": False}),
        "busy": (429, {"X-RateLimit-Reset-In": "3"}, {}),
        "odd": (200, {}, b"<html>a portal</html>"),
    }
    stand_in.answer = lambda request: answers[request.headers["authorization"].split()[1]]
    assert validate_token(_TOKEN, root=stand_in.root) == "ana"
    assert validate_token("wrong", root=stand_in.root) is None
    with pytest.raises(TryLater) as later:
        validate_token("busy", root=stand_in.root)
    assert later.value.after_s == 3.0
    with pytest.raises(ServiceError, match="ListenBrainz"):
        validate_token("odd", root=stand_in.root)


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX: y", "é"])
def test_what_no_token_can_be_is_not_sent(stand_in, token):
    assert submit_listens(token, [_LISTEN], root=stand_in.root).verdict == "bad-token"
    assert validate_token(token, root=stand_in.root) is None
    assert not stand_in.asked


@pytest.mark.parametrize(
    "root",
    ["file:///etc", "ftp://x", "x", "", "http://", "http://u:p@h", "http://h:x", "http://h?a", "http://[::1"],
)
def test_what_is_no_address_is_refused(root):
    with pytest.raises(UsageError, match="address"):
        submit_listens(_TOKEN, [_LISTEN], root=root)


def test_wrong_use():
    with pytest.raises(UsageError, match="1000"):
        submit_listens(_TOKEN, [_LISTEN] * 1_001)
    with pytest.raises(UsageError, match="without a time"):
        submit_listens(_TOKEN, [_LISTEN._replace(time_s=None)])
