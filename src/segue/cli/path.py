"""`segue path`: a way from one song to another."""

from __future__ import annotations

from pathlib import Path

import click

from segue.cli.answers import answer_or_ask, playlist_files, show_recommendations, write_playlists
from segue.cli.options import data_option, encoder_option, json_option, playlist_options
from segue.settings import DataFolder


@click.command()
@click.argument("start")
@click.argument("end")
@click.option(
    "-n", "--number", default=25, show_default=True, type=click.IntRange(2), help="How many tracks."
)
@encoder_option
@playlist_options
@json_option
@data_option
def path(
    start: str,
    end: str,
    number: int,
    encoder: str | None,
    m3u8: Path | None,
    xspf: Path | None,
    jspf: Path | None,
    relative: bool,
    as_json: bool,
    data: DataFolder,
) -> None:
    """Go from START to END in small steps; both are in the list.

    The match is that of each track with START.
    """
    from segue.operations.path import path as ask

    files = playlist_files(m3u8, xspf, jspf)
    answers = answer_or_ask(
        lambda ends: ask(data, ends[0], ends[1], number=number, encoder=encoder),
        [start, end],
        data=data,
        as_json=as_json,
    )
    write_playlists(answers, title=f"From {start} to {end}", relative=relative, files=files)
    show_recommendations(answers, as_json=as_json)
