"""Accounts, their keys and their connections."""

from __future__ import annotations

import sqlite3

import pytest

from segue.catalogue import (
    HistorySource,
    account,
    account_of_secret,
    accounts,
    add_credential,
    add_forwards,
    connected,
    connection_of,
    create_account,
    credentials,
    due_forwards,
    forget_expired,
    forget_history,
    forwarded,
    has_accounts,
    hurry,
    import_listens,
    listen_table,
    listeners,
    n_forwards,
    open_catalogue,
    password_hash_of,
    postpone,
    remove_account,
    revoke,
    sealed_app_passwords,
    set_connection,
    set_password,
    set_settings,
)
from segue.errors import NothingFound, UsageError
from segue.types import Listen


@pytest.fixture
def people(cat):
    create_account(cat, "Zoé", "hash-1", is_admin=True)
    create_account(cat, "Ann", "hash-2", is_admin=False)
    return cat


def test_the_first_account_is_the_owner_and_the_next_are_their_own(cat):
    assert not has_accounts(cat)
    first = create_account(cat, "  Zoé ", "hash-1", is_admin=True)
    assert (first.name, first.listener, first.is_admin, first.settings) == ("Zoé", "", True, {})
    second = create_account(cat, "Ann", "hash-2", is_admin=False)
    assert (second.listener, second.is_admin) == ("Ann", False)
    assert has_accounts(cat) and [one.name for one in accounts(cat)] == ["Ann", "Zoé"]
    assert account(cat, "ZOÉ") == first and listeners(cat) == ("", "Ann")
    assert password_hash_of(cat, "ann") == "hash-2"
    with pytest.raises(NothingFound, match="no account 'Zoe'"):
        account(cat, "Zoe")


@pytest.mark.parametrize("name", ["", "  ", "ann", "ANN", "a\x07b", "x" * 65, "\u202egro"])
def test_names_that_are_taken_or_cannot_be_read_are_refused(people, name):
    with pytest.raises(UsageError):
        create_account(people, name, "hash", is_admin=False)
    assert len(accounts(people)) == 2 and listeners(people) == ("", "Ann")


def test_sql_and_script_are_a_name_like_others(people):
    name = "<script>'); DROP TABLE accounts; --"
    assert create_account(people, name, "hash", is_admin=False).listener == name
    assert account(people, name).name == name and len(accounts(people)) == 3


def test_a_listener_has_one_account(people):
    with pytest.raises(UsageError, match="has an account already"):
        create_account(people, "Other", "hash", is_admin=False, listener="Ann")
    assert create_account(people, "Other", "hash", is_admin=False, listener="Imported").listener == "Imported"


def test_settings_and_passwords_are_replaced(people):
    set_settings(people, "Ann", {"theme": "dark", "volume": 0.5})
    set_settings(people, "Ann", {"language": "es"})
    assert account(people, "Ann").settings == {"language": "es"}
    kept = add_credential(people, "Ann", "session", "here", b"1")
    add_credential(people, "Ann", "session", "there", b"2")
    add_credential(people, "Ann", "api-key", "script", b"3")
    set_password(people, "Ann", "hash-3", keep_session=kept.id)
    assert password_hash_of(people, "Ann") == "hash-3"
    assert [one.label for one in credentials(people, "Ann", "session")] == ["here"]
    assert account_of_secret(people, "api-key", b"3", 0.0) is not None


def test_a_removed_account_leaves_its_history_but_no_way_in(people):
    play = [Listen("A", "T", time_s=1)]
    import_listens(people, [(HistorySource("made", "x"), play)], listener="Ann")
    add_credential(people, "Ann", "session", "phone", b"secret")
    set_connection(people, "Ann", "listenbrainz", b"sealed")
    remove_account(people, "ann")
    assert account_of_secret(people, "session", b"secret", 0.0) is None
    assert connection_of(people, "Ann", "listenbrainz") is None
    assert len(listen_table(people, "Ann")) == 1
    with pytest.raises(NothingFound):
        remove_account(people, "ann")
    with pytest.raises(UsageError, match="last account"):
        remove_account(people, "Zoé")
    assert create_account(people, "Ann", "hash", is_admin=True).listener == "Ann"
    remove_account(people, "Zoé")


def test_secrets_open_until_they_expire_or_are_revoked(people):
    key = add_credential(people, "Ann", "api-key", "script", b"k" * 32)
    session = add_credential(people, "Ann", "session", "browser", b"s" * 32, expires_at=100.0)
    assert account_of_secret(people, "api-key", b"k" * 32, 99.0) == account(people, "Ann")
    assert account_of_secret(people, "session", b"k" * 32, 99.0) is None
    assert account_of_secret(people, "session", b"s" * 32, 99.0) is not None
    assert account_of_secret(people, "session", b"s" * 32, 100.0) is None
    with pytest.raises(NothingFound):
        revoke(people, "Zoé", key.id)
    revoke(people, "Ann", key.id)
    assert account_of_secret(people, "api-key", b"k" * 32, 99.0) is None
    with pytest.raises(NothingFound):
        revoke(people, "Ann", key.id)
    assert (forget_expired(people, 99.0), forget_expired(people, 100.0)) == (0, 1)
    assert credentials(people, "Ann", "session") == [] and session.expires_at == 100.0


def test_use_is_noted_once_a_minute_and_only_where_it_costs_nothing(people, folder):
    add_credential(people, "Ann", "api-key", "script", b"k")

    def used():
        return credentials(people, "Ann", "api-key")[0].used_at

    for at, noted in [(10.0, 10.0), (69.0, 10.0), (70.0, 70.0)]:
        account_of_secret(people, "api-key", b"k", at)
        assert used() == noted
    with open_catalogue(folder) as reading:
        assert account_of_secret(reading, "api-key", b"k", 500.0) is not None
    with sqlite3.connect(folder.catalogue, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        assert account_of_secret(people, "api-key", b"k", 500.0) is not None
        other.execute("ROLLBACK")
    other.close()
    assert used() == 70.0
    assert people.connection.execute("PRAGMA busy_timeout").fetchone()[0] > 0


def test_sealed_app_passwords_come_back(people):
    for sealed in (b"\x00one", b"two"):
        add_credential(people, "Ann", "app-password", "phone", sealed)
    assert sealed_app_passwords(people, "ann") == [b"\x00one", b"two"]
    assert sealed_app_passwords(people, "Zoé") == []


def test_connections_are_each_listeners_own(people):
    set_connection(people, "Ann", "spotify", b"1")
    set_connection(people, "Ann", "spotify", b"2")
    set_connection(people, "", "spotify", b"3")
    assert (connection_of(people, "Ann", "spotify"), connection_of(people, "", "spotify")) == (b"2", b"3")
    assert connection_of(people, "Ann", "listenbrainz") is None
    assert connection_of(people, "Nobody", "spotify") is None
    assert connected(people, "spotify") == ["", "Ann"]
    set_connection(people, "Ann", "spotify", None)
    assert connected(people, "spotify") == [""]


def test_forwards_wait_in_order_and_are_told_once(people):
    listens = [{"at": at, "title": "Jóga'); --"} for at in range(3)]
    add_forwards(people, "Ann", "listenbrainz", [*listens, listens[1]])
    add_forwards(people, "Ann", "listenbrainz", listens[2:])
    add_forwards(people, "", "other", [{}])
    assert n_forwards(people, "Ann", "listenbrainz") == 3
    due = due_forwards(people, "listenbrainz", 5.0, 2)
    assert [(one.listener, one.listen["at"], one.attempts) for one in due] == [("Ann", 0, 0), ("Ann", 1, 0)]
    forwarded(people, [due[0].id])
    postpone(people, [due[1].id], 60.0)
    assert [one.listen["at"] for one in due_forwards(people, "listenbrainz", 5.0, 9)] == [2]
    again = due_forwards(people, "listenbrainz", 60.0, 9)
    assert [(one.listen["at"], one.attempts) for one in again] == [(1, 1), (2, 0)]
    hurry(people, "Ann", "listenbrainz")
    assert [one.id for one in due_forwards(people, "listenbrainz", 0.0, 9)] == [one.id for one in again]
    set_connection(people, "Ann", "listenbrainz", None)
    assert due_forwards(people, "listenbrainz", 60.0, 9) == []
    assert len(due_forwards(people, "other", 60.0, 9)) == 1


def test_forgetting_a_history_keeps_the_account(people):
    import_listens(people, [(HistorySource("made", "x"), [Listen("A", "T", time_s=1)])], listener="Ann")
    for who in ("Ann", ""):
        add_forwards(people, who, "listenbrainz", [{"at": 1}])
    forget_history(people, listener="Ann", sources=[])
    assert n_forwards(people, "Ann", "listenbrainz") == 1
    forget_history(people, listener="Ann")
    assert [n_forwards(people, who, "listenbrainz") for who in ("Ann", "")] == [0, 1]
    assert account(people, "Ann").listener == "Ann" and len(listen_table(people, "Ann")) == 0
