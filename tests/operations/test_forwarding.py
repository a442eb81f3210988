"""What is kept of a connection to ListenBrainz, and that each play goes there once, whatever is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue import catalogue as kept
from segue.catalogue import open_catalogue
from segue.errors import SealBroken
from segue.operations import forwarding
from segue.operations.accounts import key_file
from segue.operations.forwarding import (
    ListenBrainzAccount,
    forward,
    keep_for_forwarding,
    listenbrainz_account,
)
from segue.services import seal, server_key
from segue.services.listenbrainz_client import Outcome
from segue.settings import DataFolder
from segue.types import Listen

_VERSION_1 = '{"version": 1, "user": "Ána", "token": "a-token", "state": "refused"}'


@pytest.fixture
def read(tmp_path):
    data = DataFolder(tmp_path / "data")

    def read(text):
        with open_catalogue(data, write=True, create=True) as catalogue:
            kept.set_connection(catalogue, "", "listenbrainz", seal(server_key(key_file(data)), text))
            return listenbrainz_account(catalogue, data, "")

    return read


def test_texts_of_version_1_are_read_for_ever(read):
    account = read(_VERSION_1)
    assert account == ListenBrainzAccount("Ána", "a-token", "refused")
    assert "a-token" not in repr(account)


@pytest.mark.parametrize("text", ["", "[]", "{}", _VERSION_1.replace("1", "2", 1)])
def test_other_texts_ask_to_connect_anew(read, text):
    with pytest.raises(SealBroken, match="connect anew"):
        read(text)


@pytest.fixture(scope="module")
def connected(tmp_path_factory):
    data = DataFolder(tmp_path_factory.mktemp("connected") / "data")
    with open_catalogue(data, write=True, create=True) as catalogue:
        sealed = seal(server_key(key_file(data)), _VERSION_1.replace("refused", ""))
        kept.set_connection(catalogue, "", "listenbrainz", sealed)
    return data


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 20),
    refused=st.sets(st.integers(0, 19)),
    trouble=st.lists(st.sampled_from(["ok", "ok", "ok", "later", "bad-token"]), max_size=12),
)
def test_each_play_is_taken_once_in_order_whatever_is_refused(connected, n, refused, trouble):
    taken, answers = [], list(trouble)

    def submit(token, listens, *, root):
        if answers and (verdict := answers.pop(0)) != "ok":
            return Outcome(verdict, "trouble", 5.0 if verdict == "later" else 0.0)
        numbers = [int(listen.time_s) for listen in listens]
        if not refused.isdisjoint(numbers):
            return Outcome("refused", "status 400")
        taken.extend(numbers)
        return Outcome("accepted", "accepted")

    with pytest.MonkeyPatch.context() as patch, open_catalogue(connected, write=True) as catalogue:
        patch.setattr(forwarding, "submit_listens", submit)
        # As it was before an earlier example was told that the token is bad.
        sealed = seal(server_key(key_file(connected)), _VERSION_1.replace("refused", ""))
        kept.set_connection(catalogue, "", "listenbrainz", sealed)
        keep_for_forwarding(catalogue, "", [Listen("A", "T", time_s=float(at)) for at in range(n)])
        now_s = 0.0
        while kept.n_forwards(catalogue, "", "listenbrainz"):
            sent = len(taken)
            assert forward(connected, now_s=now_s).sent == len(taken) - sent
            now_s += 3_600.0
            assert now_s < 3_600.0 * (len(trouble) + 2)
        assert sorted(taken) == [at for at in range(n) if at not in refused]
        assert taken == sorted(taken) or "later" in trouble or "bad-token" in trouble
        if "bad-token" not in trouble:
            assert listenbrainz_account(catalogue, connected, "").state == ""
