"""`segue account`: who may come in."""

from __future__ import annotations

import click

from segue.cli.options import data_option, json_option
from segue.cli.output import one_line, print_json
from segue.settings import DataFolder


@click.group()
def account() -> None:
    """Accounts of the people who use the server, their keys and app passwords."""


_PASSWORD = click.option(
    "--password",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    envvar="SEGUE_PASSWORD",
    help="Asked for when it is not given; also in $SEGUE_PASSWORD.",
)


@account.command("add")
@click.argument("name")
@_PASSWORD
@click.option("--admin", is_flag=True, help="May change sources, scans and accounts; the first always may.")
@data_option
def add(name: str, password: str, admin: bool, data: DataFolder) -> None:
    """Let NAME in. The first account owns the library and its history."""
    from segue.operations.accounts import add_account

    made = add_account(data, name, password, is_admin=admin)
    click.echo(one_line(f"{made.name} may come in{' as an administrator' if made.is_admin else ''}"))


@account.command("list")
@json_option
@data_option
def list_(as_json: bool, data: DataFolder) -> None:
    """Who may come in."""
    from segue.catalogue import accounts, open_catalogue

    with open_catalogue(data) as catalogue:
        found = accounts(catalogue)
    if as_json:
        print_json(
            [{"name": one.name, "is_admin": one.is_admin, "created_at": one.created_at} for one in found]
        )
        return
    for one in found:
        click.echo(one_line(f"{one.name}{'  (administrator)' if one.is_admin else ''}"))


@account.command("password")
@click.argument("name")
@_PASSWORD
@data_option
def password_(name: str, password: str, data: DataFolder) -> None:
    """Give NAME another password; all sessions end."""
    from segue.operations.accounts import change_password

    change_password(data, name, password)
    click.echo(one_line(f"{name} has another password"))


@account.command("key")
@click.argument("name")
@click.option("--label", default="a program", show_default=True, help="What it is for.")
@click.option("--days", type=click.IntRange(1, 3650), help="How long it is good (default: for ever).")
@data_option
def key(name: str, label: str, days: int | None, data: DataFolder) -> None:
    """Make an API key for NAME; it is shown this once."""
    from segue.operations.accounts import make_key

    click.echo(make_key(data, name, label, days=days).secret)


@account.command("app-password")
@click.argument("name")
@click.option("--label", default="a Subsonic app", show_default=True, help="What it is for.")
@data_option
def app_password(name: str, label: str, data: DataFolder) -> None:
    """Make a password for NAME's Subsonic apps; it is shown this once."""
    from segue.operations.accounts import make_app_password

    click.echo(make_app_password(data, name, label).secret)


@account.command("remove")
@click.argument("name")
@data_option
def remove(name: str, data: DataFolder) -> None:
    """Let NAME in no longer; the history stays."""
    from segue.catalogue import open_catalogue, remove_account

    with open_catalogue(data, write=True) as catalogue:
        remove_account(catalogue, name)
    click.echo(one_line(f"{name} may not come in any more"))
