"""`segue duplicates`: the same recording more than once."""

from __future__ import annotations

import click

from segue.cli.answers import track_as_json
from segue.cli.options import data_option, json_option
from segue.cli.output import one_line, print_json
from segue.settings import DataFolder


@click.command()
@json_option
@data_option
def duplicates(as_json: bool, data: DataFolder) -> None:
    """List recordings that the library holds more than once: copies, and the same in another encoding."""
    from segue.operations.duplicates import duplicate_groups

    groups = duplicate_groups(data)
    if as_json:
        print_json(
            [
                [{**track_as_json(track), "paths": [str(path) for path in track.paths]} for track in group]
                for group in groups
            ]
        )
        return
    for group in groups:
        name = " - ".join(filter(None, (group[0].tags.artist, group[0].tags.title)))
        click.echo(one_line(name))
        for track in group:
            rate = f" {track.bitrate_bps // 1000} kbit/s" if track.bitrate_bps else ""
            for path in track.paths:
                click.echo(one_line(f"  {track.codec}{rate}  {path}"))
    if not groups:
        click.echo("no duplicates", err=True)
