"""`segue mix`: what goes with all of these?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from segue.cli.answers import answer_or_ask, playlist_files, show_recommendations, write_playlists
from segue.cli.options import data_option, json_option, playlist_options, ranking_options, seeds_first_option
from segue.settings import DataFolder


@click.command()
@click.argument("seeds", nargs=-1, required=True)
@ranking_options
@playlist_options
@seeds_first_option
@json_option
@data_option
def mix(
    seeds: tuple[str, ...],
    m3u8: Path | None,
    xspf: Path | None,
    jspf: Path | None,
    relative: bool,
    with_seeds: bool,
    as_json: bool,
    data: DataFolder,
    **choices: Any,
) -> None:
    """List tracks that go with all SEEDS, each written as in `segue similar`."""
    from segue.operations.answers import Choices
    from segue.operations.mix import mix as ask

    files = playlist_files(m3u8, xspf, jspf)
    answers = answer_or_ask(
        lambda chosen: ask(data, chosen, choices=Choices(**choices), with_seeds=with_seeds),
        seeds,
        data=data,
        as_json=as_json,
    )
    write_playlists(answers, title=f"A mix of {len(seeds)} seeds", relative=relative, files=files)
    show_recommendations(answers, as_json=as_json)
