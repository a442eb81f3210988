"""`segue library backup` and `segue library restore`: a whole library in one file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from segue.cli.options import data_option, json_option
from segue.cli.output import one_line, print_json
from segue.settings import DataFolder

if TYPE_CHECKING:
    from segue.operations.backup import BackupReport


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@json_option
@data_option
def backup(file: Path | None, as_json: bool, data: DataFolder) -> None:
    """Write the library to FILE, or to a new file in the folder FILE (or in this one).

    It may be done while a scan and the server are at work. The file holds everything but your music and
    what can be made again. It also holds the accounts: keep it as safe as a password.
    """
    from segue.operations.backup import back_up

    report = back_up(data, file)
    if as_json:
        print_json(_facts(report))
    else:
        click.echo(f"wrote {one_line(str(report.file))}: {_amount(report)}", err=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@data_option
def restore(file: Path, as_json: bool, data: DataFolder) -> None:
    """Put the library of FILE, which `segue library backup` wrote, in the place of this one.

    FILE is checked as a whole before anything is changed. What is there now is kept in the folder `backups`
    of the data folder. Stop the server before.
    """
    from segue.operations.backup import restore as put_back

    report = put_back(data, file)
    if as_json:
        print_json(_facts(report))
        return
    made = time.strftime("%Y-%m-%d %H:%M", time.localtime(report.made_at))
    click.echo(f"put back the library of {made}: {_amount(report)}", err=True)
    if report.kept is not None:
        click.echo(f"what was there before is in {one_line(str(report.kept))}", err=True)


def _amount(report: BackupReport) -> str:
    return f"{report.files} files, {report.bytes / 2**20:.1f} MiB"


def _facts(report: BackupReport) -> dict[str, object]:
    return {
        "file": str(report.file),
        "files": report.files,
        "bytes": report.bytes,
        "made_at": report.made_at,
        "kept": None if report.kept is None else str(report.kept),
    }
