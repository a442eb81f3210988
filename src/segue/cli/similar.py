"""`segue similar`: what sounds like this?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from segue.cli.answers import answer_or_ask, playlist_files, show_recommendations, write_playlists
from segue.cli.options import (
    data_option,
    json_option,
    playlist_options,
    ranking_options,
    seeds_first_option,
    within_genre_option,
)
from segue.cli.output import PlainProgress
from segue.settings import DataFolder


@click.command()
@click.argument("seed")
@ranking_options
@within_genre_option
@playlist_options
@seeds_first_option
@json_option
@data_option
def similar(
    seed: str,
    m3u8: Path | None,
    xspf: Path | None,
    jspf: Path | None,
    relative: bool,
    with_seeds: bool,
    as_json: bool,
    data: DataFolder,
    **choices: Any,
) -> None:
    """List the tracks that sound most like SEED.

    SEED is "Artist - Title", part of a title, a track's id, or the path of an audio file, which need not be
    in the library. The match is a percentile: 99 % means that 99 of 100 pairs of tracks in the library
    are less alike.
    """
    from segue.operations.answers import Choices
    from segue.operations.similar import similar as ask

    files = playlist_files(m3u8, xspf, jspf)
    answers = answer_or_ask(
        lambda seeds: ask(
            data, seeds[0], choices=Choices(**choices), with_seed=with_seeds, progress=PlainProgress()
        ),
        [seed],
        data=data,
        as_json=as_json,
    )
    write_playlists(answers, title=f"Like {seed}", relative=relative, files=files)
    show_recommendations(answers, as_json=as_json)
