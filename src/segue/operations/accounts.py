"""People who may come in: passwords, sessions, keys for programs, passwords for Subsonic apps."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from segue import catalogue as kept
from segue.catalogue import Account, Catalogue, Credential, open_catalogue
from segue.errors import NothingFound, UsageError
from segue.services import seal, server_key, unseal
from segue.settings import DataFolder

SHORTEST_PASSWORD = 8
_DAY_S = 86_400.0
_SESSION_DAYS = 30
# Costs of scrypt (RFC 7914): 16 MiB, five times over, as OWASP's Password Storage Cheat Sheet wants it.
_LOG_N, _R, _P = 14, 8, 5


@dataclass(frozen=True, slots=True)
class Made:
    """A new credential; the only time that its secret is known.

    Attributes
    ----------
    credential
        As it is listed later.
    secret
        What the person, browser or program shows.
    """

    credential: Credential
    secret: str


def hash_password(password: str) -> str:
    """The text by which a password is known again; salted, so two are never alike.

    >>> verifies("swordfish", hash_password("swordfish")), verifies("", hash_password("swordfish"))
    (True, False)
    """
    salt = secrets.token_bytes(16)
    return f"scrypt${_LOG_N}${_R}${_P}${_text(salt)}${_text(_scrypt(password, salt, _LOG_N, _R, _P))}"


def verifies(password: str, known: str) -> bool:
    """Whether a password is the one that was hashed."""
    try:
        kind, log_n, r, p, salt, digest = known.split("$")
        if kind != "scrypt":
            return False
        tried = _scrypt(password, base64.b64decode(salt), int(log_n), int(r), int(p))
    except ValueError:
        return False
    return hmac.compare_digest(tried, base64.b64decode(digest))


def _scrypt(password: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    words = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(words, salt=salt, n=1 << log_n, r=r, p=p, maxmem=1 << 26, dklen=32)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def add_account(data: DataFolder, name: str, password: str, *, is_admin: bool = False) -> Account:
    """Let a person in. The first account is the owner of the library, and an administrator.

    Raises
    ------
    UsageError
        If the name is taken or empty, or the password is short.
    """
    _check_password(password)
    hashed = hash_password(password)
    with open_catalogue(data, write=True, create=True) as catalogue:
        first = not kept.has_accounts(catalogue)
        return kept.create_account(catalogue, name, hashed, is_admin=is_admin or first)


def change_password(data: DataFolder, name: str, password: str) -> None:
    """Give an account another password; all its sessions end.

    Raises
    ------
    NothingFound
        If there is no such account.
    UsageError
        If the password is short.
    """
    _check_password(password)
    hashed = hash_password(password)
    with open_catalogue(data, write=True) as catalogue:
        kept.set_password(catalogue, name, hashed)


def _check_password(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise UsageError(f"a password has {SHORTEST_PASSWORD} characters or more")


@cache
def _nobodys() -> str:
    """What no password fits."""
    return hash_password(secrets.token_hex())


def logged_in(catalogue: Catalogue, name: str, password: str) -> Account | None:
    """The account of this name, if the password is right. Takes the same time if there is no such account."""
    try:
        account: Account | None = kept.account(catalogue, name)
        known = kept.password_hash_of(catalogue, name)
    except NothingFound:
        account, known = None, _nobodys()
    return account if verifies(password, known) and account is not None else None


def begin_session(data: DataFolder, name: str, *, label: str) -> Made:
    """A new session of a browser; ends after 30 days."""
    return _made(data, name, "session", label, secrets.token_urlsafe(32), _SESSION_DAYS)


def make_key(data: DataFolder, name: str, label: str, *, days: int | None = None) -> Made:
    """A new API key, for programs; valid for ever, or for some days."""
    return _made(data, name, "api-key", label, f"segue_{secrets.token_urlsafe(32)}", days)


def _made(
    data: DataFolder, name: str, kind: kept.CredentialKind, label: str, secret: str, days: int | None
) -> Made:
    expires_at = None if days is None else time.time() + days * _DAY_S
    with open_catalogue(data, write=True) as catalogue:
        credential = kept.add_credential(
            catalogue, name, kind, label, digest_of(secret), expires_at=expires_at
        )
    return Made(credential, secret)


def make_app_password(data: DataFolder, name: str, label: str) -> Made:
    """A new password for Subsonic apps only; kept sealed, since their token login needs it in clear."""
    secret = "-".join(secrets.token_hex(2) for _ in range(4))
    with open_catalogue(data, write=True) as catalogue:
        kept.account(catalogue, name)  # before a key is made for nobody
        sealed = seal(server_key(key_file(data)), secret)
        return Made(kept.add_credential(catalogue, name, "app-password", label, sealed), secret)


def app_passwords(catalogue: Catalogue, data: DataFolder, name: str) -> list[str]:
    """An account's passwords for Subsonic apps, in clear.

    Raises
    ------
    SegueError
        If the key they are sealed with is lost or another.
    """
    sealed = kept.sealed_app_passwords(catalogue, name)
    if not sealed:
        return []
    key = server_key(key_file(data))
    return [unseal(key, one) for one in sealed]


def account_of(catalogue: Catalogue, kind: kept.CredentialKind, secret: str) -> Account | None:
    """Whose session or API key this is; None for an unknown or expired one."""
    return kept.account_of_secret(catalogue, kind, digest_of(secret), time.time())


def end_session(data: DataFolder, secret: str) -> None:
    """Forget a session."""
    with open_catalogue(data, write=True) as catalogue:
        kept.revoke_secret(catalogue, "session", digest_of(secret))


def digest_of(secret: str) -> bytes:
    """What is kept of a random secret: its SHA-256."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def key_file(data: DataFolder) -> Path:
    """The key by which secrets are sealed."""
    return data.path / "server.key"
