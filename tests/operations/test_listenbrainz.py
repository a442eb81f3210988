"""Listens that players submit, into the catalogue."""

from __future__ import annotations

import json

import pytest

from segue.catalogue import history_sources, iterate_listens, listeners, open_catalogue
from segue.errors import UsageError
from segue.operations.listenbrainz import take_listens
from segue.settings import DataFolder


def _body(kind, *times, title="Jóga"):
    metadata = {"artist_name": "Björk", "track_name": title}
    rows = [{"track_metadata": metadata} | ({} if at is None else {"listened_at": at}) for at in times]
    return json.dumps({"listen_type": kind, "payload": rows}).encode()


@pytest.fixture
def data(tmp_path):
    return DataFolder(tmp_path / "data")


def _heard(data, listener=None):
    with open_catalogue(data) as catalogue:
        return [(one.title, one.time_s, one.listener) for one in iterate_listens(catalogue, listener)]


def test_a_listen_sent_twice_counts_once(data):
    first = take_listens(data, _body("single", 1_600_000_000))
    assert (first.playing_now, first.stored.plays, first.stored.new_plays) == (None, 1, 1)
    again = take_listens(data, _body("import", 1_600_000_000, 1_600_000_300))
    assert (again.stored.plays, again.stored.new_plays, len(again.listens)) == (2, 1, 2)
    assert _heard(data) == [("Jóga", 1_600_000_000, ""), ("Jóga", 1_600_000_300, "")]


def test_each_listener_has_their_own(data):
    take_listens(data, _body("single", 1_600_000_000))
    take_listens(data, _body("single", 1_600_000_000), listener="ana")
    assert _heard(data, "ana") == [("Jóga", 1_600_000_000, "ana")]
    with open_catalogue(data) as catalogue:
        assert listeners(catalogue) == ("", "ana")
        assert [(one.format, one.path) for one in history_sources(catalogue)] == [
            ("listenbrainz-api", "listenbrainz-api:"),
            ("listenbrainz-api", "listenbrainz-api:ana"),
        ]


def test_what_plays_now_is_handed_back_and_not_stored(data):
    taken = take_listens(data, _body("playing_now", None))
    assert (taken.playing_now.title, taken.listens, taken.stored) == ("Jóga", (), None)
    assert not data.path.exists()


def test_one_wrong_listen_stores_none(data):
    take_listens(data, _body("single", 1_600_000_000))
    with pytest.raises(UsageError, match=r"payload\[1\]"):
        take_listens(data, _body("import", 1_600_000_300, 5))
    assert len(_heard(data)) == 1
