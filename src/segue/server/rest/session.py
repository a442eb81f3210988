"""Coming in and going: set-up, sessions, accounts, keys."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request, Response

import segue
from segue import catalogue as kept
from segue.catalogue import Account, Catalogue, open_catalogue
from segue.errors import NothingFound
from segue.operations import accounts
from segue.server import models
from segue.server.access import (
    COOKIE,
    Administrator,
    Person,
    ServedNow,
    Somebody,
    client_address,
    is_secure,
    known_person,
    person_of,
    refuse_foreign_pages,
)
from segue.server.problems import Refused
from segue.server.rest.scanning import music_folder_named
from segue.server.served import Served
from segue.services.spotify import is_installed

router = APIRouter(tags=["people"])
_DAY_S = 86_400


@router.get("/session")
def read_session(
    request: Request,
    served: ServedNow,
) -> models.Session:
    """Who asks, and what this server can do; strangers may ask this."""
    catalogue = served.catalogue()
    person = known_person(request)
    return _session(served, catalogue, person)


@router.post("/session")
def log_in(
    asked: models.Login,
    request: Request,
    response: Response,
    served: ServedNow,
) -> models.Session:
    """Begin a session; the answer sets a cookie."""
    refuse_foreign_pages(request)  # who might log a person in as somebody else
    account = _with_password(served, request, asked.name, asked.password)
    if account is None:
        raise Refused(401, "name or password is wrong", kind="wrong-password")
    _begin(served, account, request, response)
    return _session(served, served.catalogue(), person_of(account))


def _with_password(served: Served, request: Request, name: str, password: str) -> Account | None:
    """The account, if the password is right; whoever tries too often has to wait."""
    address = client_address(request)
    # Each try counts as wrong until it was right: many at once are no way around the limit.
    wait_s = served.logins.begin(address, name)
    if wait_s > 0:
        said = f"too many wrong passwords: try again in {wait_s:.0f} s"
        raise Refused(429, said, kind="too-many-attempts", wait_s=wait_s)
    account = accounts.logged_in(served.catalogue(), name, password)
    if account is not None:
        served.logins.succeeded(address, name)
    return account


@router.delete("/session", status_code=204)
def log_out(request: Request, response: Response, served: ServedNow, person: Somebody) -> None:
    """End the session."""
    if secret := request.cookies.get(COOKIE):
        accounts.end_session(served.data, secret)
    response.delete_cookie(COOKIE, path="/")


@router.post("/setup")
def set_up(
    asked: models.Setup,
    request: Request,
    response: Response,
    served: ServedNow,
) -> models.Session:
    """Make the first account, and say where the music is; only while there is no account."""
    catalogue = served.catalogue()
    if kept.has_accounts(catalogue):
        raise Refused(409, "this library has accounts already: log in", kind="has-accounts")
    person = known_person(request)
    if person is None:
        raise Refused(
            401,
            "the first account is made at the machine itself: run `segue account add NAME`",
            kind="only-at-the-machine",
        )
    folders = tuple(music_folder_named(name) for name in asked.folders)
    account = accounts.add_account(served.data, asked.name, asked.password, is_admin=True)
    _begin(served, account, request, response)
    if folders:
        served.scans.start(folders=folders)
    return _session(served, catalogue, person_of(account))


@router.get("/accounts")
def read_accounts(served: ServedNow, person: Administrator) -> models.Accounts:
    """All accounts."""
    catalogue = served.catalogue()
    return models.Accounts(items=[_account(one) for one in kept.accounts(catalogue)])


@router.post("/accounts", status_code=201)
def make_account(asked: models.NewAccount, served: ServedNow, person: Administrator) -> models.Account:
    """Let another person in."""
    return _account(accounts.add_account(served.data, asked.name, asked.password, is_admin=asked.is_admin))


@router.delete("/accounts/{name}", status_code=204)
def remove_account(name: str, served: ServedNow, person: Administrator) -> None:
    """Let a person in no longer; the person's history stays."""
    with open_catalogue(served.data, write=True) as catalogue:
        kept.remove_account(catalogue, name)


@router.put("/account/password", status_code=204)
def change_password(
    asked: models.PasswordChange,
    request: Request,
    response: Response,
    served: ServedNow,
    person: Somebody,
) -> None:
    """Change the own password; all other sessions end."""
    account = _own(person)
    if _with_password(served, request, account.name, asked.old) is None:
        raise Refused(403, "the old password is wrong", kind="wrong-old-password")
    accounts.change_password(served.data, account.name, asked.new)
    _begin(served, account, request, response)


@router.get("/account/settings")
def read_settings(served: ServedNow, person: Somebody) -> models.SettingsChange:
    """What this person's apps keep."""
    catalogue = served.catalogue()
    settings = kept.account(catalogue, person.name).settings if person.account else {}
    return models.SettingsChange(settings=settings)


@router.put("/account/settings")
def write_settings(
    asked: models.SettingsChange, served: ServedNow, person: Somebody
) -> models.SettingsChange:
    """Replace what this person's apps keep."""
    account = _own(person)
    with open_catalogue(served.data, write=True) as catalogue:
        kept.set_settings(catalogue, account.name, asked.settings)
    return asked


@router.get("/account/keys")
def read_keys(served: ServedNow, person: Somebody) -> models.Keys:
    """The own API keys, without their secrets."""
    catalogue = served.catalogue()
    return _keys(catalogue, person, "api-key")


@router.post("/account/keys", status_code=201)
def make_key(asked: models.NewKey, served: ServedNow, person: Somebody) -> models.MadeKey:
    """A new API key; its secret is shown this once."""
    made = accounts.make_key(served.data, _own(person).name, asked.label, days=asked.days)
    return models.MadeKey(key=_key(made.credential), secret=made.secret)


@router.delete("/account/keys/{key}", status_code=204)
def revoke_key(key: str, served: ServedNow, person: Somebody) -> None:
    """Let a key open nothing any more."""
    _revoke(served, person, "api-key", key)


@router.get("/account/app-passwords")
def read_app_passwords(served: ServedNow, person: Somebody) -> models.Keys:
    """The own passwords for Subsonic apps, without their secrets."""
    catalogue = served.catalogue()
    return _keys(catalogue, person, "app-password")


@router.post("/account/app-passwords", status_code=201)
def make_app_password(asked: models.NewKey, served: ServedNow, person: Somebody) -> models.MadeKey:
    """A new password for Subsonic apps; it is shown this once."""
    made = accounts.make_app_password(served.data, _own(person).name, asked.label)
    return models.MadeKey(key=_key(made.credential), secret=made.secret)


@router.delete("/account/app-passwords/{key}", status_code=204)
def revoke_app_password(key: str, served: ServedNow, person: Somebody) -> None:
    """Let an app password open nothing any more."""
    _revoke(served, person, "app-password", key)


def _own(person: Person) -> Account:
    if person.account is None:
        raise Refused(409, "this library has no accounts yet: make one first", kind="no-accounts")
    return person.account


def _revoke(served: Served, person: Person, kind: kept.CredentialKind, key: str) -> None:
    name = _own(person).name
    with open_catalogue(served.data, write=True) as catalogue:
        if key not in {one.id for one in kept.credentials(catalogue, name, kind)}:
            raise NothingFound("there is no such key")
        kept.revoke(catalogue, name, key)


def _keys(catalogue: Catalogue, person: Person, kind: kept.CredentialKind) -> models.Keys:
    if person.account is None:
        return models.Keys(items=[])
    return models.Keys(items=[_key(one) for one in kept.credentials(catalogue, person.name, kind)])


def _key(one: kept.Credential) -> models.Key:
    return models.Key(
        id=one.id, label=one.label, created_at=one.created_at, used_at=one.used_at, expires_at=one.expires_at
    )


def _begin(served: Served, account: Account, request: Request, response: Response) -> None:
    """A session for this browser."""
    label = request.headers.get("user-agent", "")[:200]
    made = accounts.begin_session(served.data, account.name, label=label)
    expires_at = made.credential.expires_at
    response.set_cookie(
        COOKIE,
        made.secret,
        max_age=_DAY_S if expires_at is None else int(expires_at - time.time()),
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )


def _session(served: Served, catalogue: Catalogue, person: Person | None) -> models.Session:
    with_accounts = kept.has_accounts(catalogue)
    return models.Session(
        setup_needed=not with_accounts and not kept.roots(catalogue),
        account=None if person is None else _account(person.account),
        version=segue.__version__,
        features=models.Features(spotify=is_installed(), genres=True, transcoding=["opus", "mp3"]),
    )


def _account(account: Account | None) -> models.Account:
    if account is None:
        return models.Account(name="", is_admin=True, created_at=None, settings={})
    return models.Account(
        name=account.name,
        is_admin=account.is_admin,
        created_at=account.created_at,
        settings=account.settings,
    )
