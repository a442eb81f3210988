"""What is kept of a connection to ListenBrainz."""

from __future__ import annotations

import pytest

from segue import catalogue as kept
from segue.catalogue import open_catalogue
from segue.errors import SealBroken
from segue.operations.accounts import key_file
from segue.operations.forwarding import ListenBrainzAccount, listenbrainz_account
from segue.services import seal, server_key
from segue.settings import DataFolder

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
