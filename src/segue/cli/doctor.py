"""`segue doctor`: is everything all right?"""

from __future__ import annotations

import click

from segue.cli.options import data_option, json_option
from segue.cli.output import print_json
from segue.settings import DataFolder


@click.command()
@json_option
@data_option
def doctor(as_json: bool, data: DataFolder) -> int:
    """Check the installation and the library; exits with 1 when something is wrong."""
    from segue.operations.doctor import examine

    findings = examine(data)
    if as_json:
        print_json([{"check": f.check, "ok": f.ok, "detail": f.detail} for f in findings])
    else:
        for finding in findings:
            click.echo(f"{'ok   ' if finding.ok else 'WRONG'}  {finding.check}: {finding.detail}")
    return 0 if all(finding.ok for finding in findings) else 1
