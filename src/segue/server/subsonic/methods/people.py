"""The accounts, as far as apps need them."""

from __future__ import annotations

from segue import catalogue
from segue.catalogue import Account
from segue.server.subsonic.answers import Failure, Node, Value
from segue.server.subsonic.registry import Asked, method


@method("getUser")
def get_user(asked: Asked) -> Node:
    """What an account may do; of others for administrators only."""
    name = asked.params.text("username") or asked.caller.name
    account = asked.services.doors.account(name)
    if (account is None or account.name != asked.caller.name) and not asked.caller.is_admin:
        raise Failure(50, "Only an administrator may ask for other accounts")
    if account is None:
        raise Failure(70, "No account has this name")
    return {"user": _shown(asked, account)}


@method("getUsers")
def get_users(asked: Asked) -> Node:
    """All accounts, for administrators."""
    if not asked.caller.is_admin:
        raise Failure(50, "Only an administrator may ask for other accounts")
    return {"users": {"user": [_shown(asked, one) for one in catalogue.accounts(asked.catalogue)]}}


def _shown(asked: Asked, account: Account) -> dict[str, Value]:
    may = ("downloadRole", "playlistRole", "streamRole")
    may_not = (
        *("uploadRole", "coverArtRole", "commentRole", "podcastRole", "jukeboxRole", "shareRole"),
        "videoConversionRole",
    )
    return {
        "username": account.name,
        "scrobblingEnabled": True,
        "adminRole": account.is_admin,
        "settingsRole": account.is_admin,
        **dict.fromkeys(may, True),
        **dict.fromkeys(may_not, False),
        "folder": list(range(1, len(asked.roots) + 1)),
    }
