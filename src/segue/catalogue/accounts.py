"""Accounts: how a listener comes in. Passwords come here already made unreadable, secrets already hashed."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from segue.catalogue.connection import Catalogue, snapshot, transaction
from segue.catalogue.folding import clean
from segue.catalogue.rows import new_id, now
from segue.catalogue.sources import made_listener
from segue.errors import NothingFound, UsageError

CredentialKind = Literal["session", "api-key", "app-password"]

_LONGEST_NAME = 64
_LONGEST_LABEL = 200
_TOUCH_EVERY_S = 60.0
_ACCOUNT = (
    "SELECT a.name, l.name, a.is_admin, a.created_at, a.settings "
    "FROM accounts AS a JOIN listeners AS l ON l.id = a.listener_id"
)


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can come in.

    Attributes
    ----------
    listener
        Whose history, taste and playlists are the account's; empty for the owner of the library.
    is_admin
        Whether the person may change the library and other accounts.
    created_at
        UTC epoch seconds.
    settings
        What the person set, as JSON.
    """

    name: str
    listener: str
    is_admin: bool
    created_at: float
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Credential:
    """A session, a key or an app password, without its secret.

    Attributes
    ----------
    label
        What the person calls it.
    created_at, used_at, expires_at
        UTC epoch seconds; None for never.
    """

    id: str
    kind: CredentialKind
    label: str
    created_at: float
    used_at: float | None
    expires_at: float | None


def account_fold(name: str) -> str:
    """The form in which names of accounts are compared: two that differ by case are one.

    >>> account_fold("  José ") == account_fold("JOSÉ"), account_fold("jose") == account_fold("josé")
    (True, False)
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()


def has_accounts(cat: Catalogue) -> bool:
    """Whether anybody has an account."""
    with snapshot(cat) as connection:
        return connection.execute("SELECT 1 FROM accounts LIMIT 1").fetchone() is not None


def accounts(cat: Catalogue) -> list[Account]:
    """All accounts by name."""
    with snapshot(cat) as connection:
        return [_account(row) for row in connection.execute(f"{_ACCOUNT} ORDER BY a.name_fold")]


def account(cat: Catalogue, name: str) -> Account:
    """One account.

    Raises
    ------
    NothingFound
        If there is none of this name.
    """
    with snapshot(cat) as connection:
        return _account(
            connection.execute(f"{_ACCOUNT} WHERE a.id = ?", (_number(connection, name),)).fetchone()
        )


def create_account(
    cat: Catalogue, name: str, password_hash: str, *, is_admin: bool, listener: str | None = None
) -> Account:
    """Make an account.

    Parameters
    ----------
    listener
        Whose history it is; by default the owner's for the first account while the owner has none, and then
        that of the listener of the same name, who is made if need be.

    Raises
    ------
    UsageError
        If the name is taken, empty, too long or holds control characters, or if the listener has an account.
    """
    shown = " ".join((clean(name) or "").split())
    if not shown or len(shown) > _LONGEST_NAME or not all(map(str.isprintable, shown)):
        raise UsageError(f"{name!r} cannot name an account: give 1 to {_LONGEST_NAME} printable characters")
    with transaction(cat) as connection:
        if _find(connection, shown) is not None:
            raise UsageError(f"there is an account {shown!r} already: choose another name")
        if listener is None:
            listener = shown if connection.execute("SELECT 1 FROM accounts").fetchone() else ""
        who = made_listener(connection, listener)
        if connection.execute("SELECT 1 FROM accounts WHERE listener_id = ?", (who,)).fetchone():
            raise UsageError(f"the listener {listener!r} has an account already")
        connection.execute(
            "INSERT INTO accounts (listener_id, name, name_fold, password, is_admin, created_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (who, shown, account_fold(shown), password_hash, int(is_admin), now()),
        )
        return account(cat, shown)


def password_hash_of(cat: Catalogue, name: str) -> str:
    """What was stored for an account's password.

    Raises
    ------
    NothingFound
        If there is no account of this name.
    """
    with snapshot(cat) as connection:
        number = _number(connection, name)
        return str(connection.execute("SELECT password FROM accounts WHERE id = ?", (number,)).fetchone()[0])


def set_password(cat: Catalogue, name: str, password_hash: str, *, keep_session: str | None = None) -> None:
    """Store another password; every session of the account ends, but for the credential `keep_session`.

    Raises
    ------
    NothingFound
        If there is no account of this name.
    """
    with transaction(cat) as connection:
        number = _number(connection, name)
        connection.execute("UPDATE accounts SET password = ? WHERE id = ?", (password_hash, number))
        connection.execute(
            "DELETE FROM credentials WHERE account_id = ? AND kind = 'session' AND public_id IS NOT ?",
            (number, keep_session),
        )


def set_settings(cat: Catalogue, name: str, settings: Mapping[str, Any]) -> None:
    """Store an account's settings in place of those before.

    Raises
    ------
    NothingFound
        If there is no account of this name.
    """
    text = json.dumps(dict(settings), ensure_ascii=False, allow_nan=False)
    with transaction(cat) as connection:
        connection.execute("UPDATE accounts SET settings = ? WHERE id = ?", (text, _number(connection, name)))


def remove_account(cat: Catalogue, name: str) -> None:
    """Remove an account with its sessions, keys and connections; the listener's history and lists stay.

    Raises
    ------
    NothingFound
        If there is no account of this name (any more).
    UsageError
        If it is the last one that may change the library.
    """
    with transaction(cat) as connection:
        number = _number(connection, name)
        others = connection.execute("SELECT 1 FROM accounts WHERE is_admin AND id <> ?", (number,)).fetchone()
        if others is None:
            raise UsageError(f"{name} is the last account that may change the library: it cannot be removed")
        for table in ("connections", "forwards"):
            connection.execute(
                f"DELETE FROM {table} WHERE listener_id = (SELECT listener_id FROM accounts WHERE id = ?)",
                (number,),
            )
        connection.execute("DELETE FROM accounts WHERE id = ?", (number,))


def add_credential(
    cat: Catalogue,
    name: str,
    kind: CredentialKind,
    label: str,
    secret: bytes,
    expires_at: float | None = None,
) -> Credential:
    """Store another way to come in.

    Parameters
    ----------
    secret
        SHA-256 of a session's or key's random text; of an app password the sealed text.
    expires_at
        UTC epoch seconds.

    Raises
    ------
    NothingFound
        If there is no account of this name.
    """
    credential = Credential(new_id(), kind, (clean(label) or "")[:_LONGEST_LABEL], now(), None, expires_at)
    with transaction(cat) as connection:
        connection.execute(
            "INSERT INTO credentials (public_id, account_id, kind, label, secret, created_at, expires_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                credential.id,
                _number(connection, name),
                kind,
                credential.label,
                secret,
                credential.created_at,
                expires_at,
            ),
        )
    return credential


def account_of_secret(cat: Catalogue, kind: CredentialKind, secret: bytes, now: float) -> Account | None:
    """Whose session or key this is at `now` (UTC epoch seconds), or None; an expired one is nobody's.

    When it was used last is stored at most once a minute, and only where that can be done at once.
    """
    with snapshot(cat) as connection:
        row = connection.execute(
            "SELECT id, account_id, used_at FROM credentials WHERE secret = ? AND kind = ? "
            "AND (expires_at IS NULL OR expires_at > ?)",
            (secret, kind, now),
        ).fetchone()
        if row is None:
            return None
        found = _account(connection.execute(f"{_ACCOUNT} WHERE a.id = ?", (row[1],)).fetchone())
    if row[2] is None or now - row[2] >= _TOUCH_EVERY_S:
        _touch(cat.connection, row[0], now)
    return found


def _touch(connection: sqlite3.Connection, credential: int, now: float) -> None:
    """Store that a credential was used, unless another writes or nothing can be written here."""
    (patience_ms,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        connection.execute("UPDATE credentials SET used_at = ? WHERE id = ?", (now, credential))
    except sqlite3.OperationalError:
        pass  # busy, read-only or full: only a date on a page is older than it could be
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(patience_ms)}")


def credentials(cat: Catalogue, name: str, kind: CredentialKind) -> list[Credential]:
    """The sessions, keys or app passwords of an account, in the order in which they were made.

    Raises
    ------
    NothingFound
        If there is no account of this name.
    """
    with snapshot(cat) as connection:
        rows = connection.execute(
            "SELECT public_id, kind, label, created_at, used_at, expires_at FROM credentials "
            "WHERE account_id = ? AND kind = ? ORDER BY id",
            (_number(connection, name), kind),
        )
        return [Credential(*row) for row in rows]


def sealed_app_passwords(cat: Catalogue, name: str) -> list[bytes]:
    """The sealed texts of an account's app passwords.

    Raises
    ------
    NothingFound
        If there is no account of this name.
    """
    with snapshot(cat) as connection:
        rows = connection.execute(
            "SELECT secret FROM credentials WHERE account_id = ? AND kind = 'app-password' ORDER BY id",
            (_number(connection, name),),
        )
        return [bytes(secret) for (secret,) in rows]


def revoke(cat: Catalogue, name: str, credential_id: str) -> None:
    """Remove a session, key or app password of an account.

    Raises
    ------
    NothingFound
        If there is no account of this name, or it has no such credential (any more).
    """
    with transaction(cat) as connection:
        removed = connection.execute(
            "DELETE FROM credentials WHERE account_id = ? AND public_id = ?",
            (_number(connection, name), credential_id),
        ).rowcount
        if not removed:
            raise NothingFound(f"{name} has no key or session {credential_id}")


def revoke_secret(cat: Catalogue, kind: CredentialKind, secret: bytes) -> None:
    """Remove the session or key that has a secret (its SHA-256), if there is one."""
    with transaction(cat) as connection:
        connection.execute("DELETE FROM credentials WHERE kind = ? AND secret = ?", (kind, secret))


def forget_expired(cat: Catalogue, now: float) -> int:
    """Remove what expired before `now` (UTC epoch seconds); how many there were."""
    with transaction(cat) as connection:
        return connection.execute("DELETE FROM credentials WHERE expires_at <= ?", (now,)).rowcount


def _find(connection: sqlite3.Connection, name: str) -> int | None:
    row = connection.execute(
        "SELECT id FROM accounts WHERE name_fold = ?", (account_fold(clean(name) or ""),)
    )
    found = row.fetchone()
    return None if found is None else int(found[0])


def _number(connection: sqlite3.Connection, name: str) -> int:
    found = _find(connection, name)
    if found is None:
        raise NothingFound(f"there is no account {name!r}")
    return found


def _account(row: tuple[str, str, int, float, str]) -> Account:
    name, listener, is_admin, created_at, settings = row
    return Account(name, listener, bool(is_admin), created_at, json.loads(settings))
