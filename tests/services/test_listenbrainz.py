"""ListenBrainz's JSON: what players submit is read or refused in words; what is written can be read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from segue.errors import UsageError
from segue.services.listenbrainz import EARLIEST_S, listen_document, parse_submission
from segue.texts import text_of
from segue.types import Listen

_NOW = 1_800_000_000.0
_MBID = "98255a8c-017a-4bc7-8dd6-1fa36124572b"


def _listen(**changes: Any) -> dict[str, Any]:
    return {
        "listened_at": 1_443_521_965,
        "track_metadata": {
            "artist_name": "Björk",
            "track_name": "Jóga",
            "release_name": "Homogenic",
            "additional_info": {
                "media_player": "Rhythmbox",
                "submission_client": "Rhythmbox ListenBrainz Plugin",
                "recording_mbid": _MBID.upper(),
                "isrc": "GB-BKS-97-00124",
                "duration_ms": 305_000,
                "spotify_id": "http://open.spotify.com/track/5OGdbFf6zH3WkxQtBk3sqh",
                "tags": ["a"],
            },
        },
    } | changes


def _named(**names: Any) -> dict[str, Any]:
    return _listen(track_metadata={"artist_name": "A", "track_name": "B"} | names)


def _body(kind: str, *listens: Any) -> bytes:
    return json.dumps({"listen_type": kind, "payload": listens}).encode()


def _now_playing() -> dict[str, Any]:
    return {"track_metadata": _listen()["track_metadata"]}


def test_a_single_listen_with_all_that_is_documented():
    said = parse_submission(_body("single", _listen()), now_s=_NOW)
    assert not said.is_playing_now
    (listen,) = said.listens
    assert listen[:4] == ("Björk", "Jóga", "Homogenic", 1_443_521_965.0)
    assert (listen.recording_mbid, listen.isrc, listen.duration_s) == (_MBID, "GBBKS9700124", 305.0)
    assert (listen.uri, listen.kind, listen.count) == ("spotify:track:5OGdbFf6zH3WkxQtBk3sqh", "play", 1)


def test_an_import_keeps_its_order_and_forgives_ids_that_are_none():
    odd = {"recording_mbid": "no", "isrc": 7, "duration": 10**400, "spotify_id": {}}
    rows = [_listen(listened_at="1443521966"), _named(additional_info=odd, release_name=10**400)]
    first, second = parse_submission(_body("import", *rows), now_s=_NOW).listens
    assert first.time_s == 1_443_521_966.0
    assert (second.recording_mbid, second.isrc, second.duration_s, second.uri) == ("", "", None, "")


def test_what_plays_now_has_no_time():
    said = parse_submission(_body("playing_now", _now_playing()), now_s=_NOW)
    assert said.is_playing_now
    assert [listen.time_s for listen in said.listens] == [None]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "JSON"),
        (b"\xff\xfe\xfa", "JSON"),
        (b"[" * 100_000, "JSON"),
        (b"[]", "listen_type"),
        (_body("double", _listen()), "listen_type"),
        (_body("import"), "at least one"),
        (json.dumps({"listen_type": "single", "payload": _listen()}).encode(), "list"),
        (_body("single", _listen(), _listen()), "exactly one"),
        (_body("playing_now", _now_playing(), _now_playing()), "exactly one"),
        (_body("playing_now", _listen()), "listened_at must be left out"),
        (_body("import", *[_named()] * 1_001), "1000"),
        (_body("import", _listen(), 7), r"payload\[1\] must be an object"),
        (_body("single", {"listened_at": 1_443_521_965}), "track_metadata"),
        (_body("single", _now_playing()), "whole number"),
        (_body("single", _listen(listened_at=True)), "whole number"),
        (_body("single", _listen(listened_at=float("inf"))), "whole number"),
        (_body("single", _listen(listened_at="soon")), "whole number"),
        (_body("single", _listen(listened_at=EARLIEST_S - 1)), "2002"),
        (_body("single", _listen(listened_at=int(_NOW) + 3_601)), "future"),
        (_body("single", _named(artist_name="")), "artist_name"),
        (_body("single", _named(artist_name=["A", "C"])), "artist_name"),
        (_body("single", _named(track_name="\u200b\n".strip("\u200b"))), "track_name"),
        (_body("single", _named(track_name=None)), "track_name"),
        (_body("single", _named(additional_info=[1])), "additional_info"),
        (_body("single", _named(additional_info={"x": "y" * 10_240})), "10240"),
        (b" " * 10_240_001, "10240000"),
    ],
    ids=range(26),
)
def test_what_is_wrong_is_refused_in_words(body: bytes, words: str):
    with pytest.raises(UsageError, match=words):
        parse_submission(body, now_s=_NOW)


def test_limits_themselves_are_within():
    many = _body("import", *[_named()] * 1_000)
    assert len(parse_submission(many, now_s=_NOW).listens) == 1_000
    edges = _body("import", _listen(listened_at=EARLIEST_S), _listen(listened_at=int(_NOW) + 3_600))
    assert len(parse_submission(edges, now_s=_NOW).listens) == 2


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_INFO = ("recording_mbid", "isrc", "duration_ms", "duration", "spotify_id")
_ROWS = st.fixed_dictionaries(
    {},
    optional={
        "listened_at": _JSON | st.integers(EARLIEST_S - 2, int(_NOW)),
        "track_metadata": _JSON
        | st.fixed_dictionaries(
            {"artist_name": st.text() | _JSON, "track_name": st.text() | _JSON},
            optional={
                "release_name": _JSON,
                "mbid_mapping": _JSON,
                "additional_info": _JSON
                | st.fixed_dictionaries(
                    {},
                    optional=dict.fromkeys(_INFO, _JSON),
                ),
            },
        ),
    },
)


@given(st.sampled_from(["single", "import", "playing_now"]), st.lists(_JSON | _ROWS, max_size=3))
@example("single", [_named(artist_name="\ud800", release_name="\ud800")])
def test_whatever_is_sent_is_read_or_refused(kind: str, rows: list[Any]):
    try:
        said = parse_submission(_body(kind, *rows), now_s=_NOW)
    except UsageError as refusal:
        assert "\n" not in str(refusal)
        return
    assert len(said.listens) == len(rows)
    for listen in said.listens:
        assert listen.artist
        assert listen.title
        assert (listen.time_s is None) == (kind == "playing_now")
        "".join((listen.artist, listen.title, listen.album, listen.uri)).encode()


_TEXT = st.text(min_size=1, max_size=30).map(text_of).filter(bool)
_LISTENS = st.builds(
    lambda artist, title, **more: Listen(artist, title, **more),
    artist=_TEXT,
    title=_TEXT,
    album=st.just("") | _TEXT,
    time_s=st.integers(EARLIEST_S, int(_NOW)).map(float),
    recording_mbid=st.sampled_from(["", _MBID]),
    isrc=st.sampled_from(["", "GBBKS9700124"]),
    uri=st.sampled_from(["", "spotify:track:5OGdbFf6zH3WkxQtBk3sqh"]),
    duration_s=st.none() | st.integers(1, 10_000_000).map(lambda ms: ms / 1_000),
)


@given(st.lists(_LISTENS, min_size=1, max_size=3))
def test_what_is_written_is_read_as_it_was(listens: list[Listen]):
    body = _body("import", *map(listen_document, listens))
    assert parse_submission(body, now_s=_NOW).listens == tuple(listens)


def test_what_would_be_refused_is_not_written():
    for listen in (
        Listen("", "B", time_s=_NOW),
        Listen("\n", "B", time_s=_NOW),
        Listen("A", "B", time_s=EARLIEST_S - 1.0),
        Listen("A", "B", time_s=float("nan")),
    ):
        assert listen_document(listen) is None
    odd = Listen("A\0", "B", "C\n", _NOW, recording_mbid="no", isrc="no", uri="no", duration_s=1e-9)
    assert listen_document(odd) == {
        "track_metadata": {
            "artist_name": "A",
            "track_name": "B",
            "release_name": "C",
            "additional_info": {"submission_client": "Segue"},
        },
        "listened_at": 1_800_000_000,
    }
    long = "\U0001f3b5" * 2_000  # cut to 1,000 signs, of four bytes each
    assert listen_document(Listen(long, long, time_s=_NOW)) is not None
    assert listen_document(Listen(long, long, long, time_s=_NOW)) is None
