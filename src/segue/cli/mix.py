"""`segue mix`: what goes with all of these, or carries this playlist on?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from segue.cli.output import PlainProgress, one_line
from segue.settings import DataFolder

if TYPE_CHECKING:
    from segue.operations.answers import Recommendation

_MOST_NAMED = 10


@click.command()
@click.argument("seeds", nargs=-1)
@click.option(
    "--continue",
    "playlist",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PLAYLIST",
    help="Carry on a playlist (M3U8, XSPF, JSPF) instead; its last tracks weigh more.",
)
@ranking_options
@within_genre_option
@playlist_options
@seeds_first_option
@json_option
@data_option
def mix(
    seeds: tuple[str, ...],
    playlist: Path | None,
    m3u8: Path | None,
    xspf: Path | None,
    jspf: Path | None,
    relative: bool,
    with_seeds: bool,
    as_json: bool,
    data: DataFolder,
    **choices: Any,
) -> None:
    """List tracks that go with all SEEDS, each written as in `segue similar`.

    With --continue, list tracks that follow those of a playlist; none of its own comes again. With
    --with-seeds the playlist's tracks come first.
    """
    from segue.operations.answers import Choices
    from segue.operations.mix import mix as ask

    if bool(seeds) == (playlist is not None):
        raise click.UsageError("give either SEEDS or --continue PLAYLIST")
    if playlist is not None and choices["within_genre"]:
        raise click.UsageError("--within-genre goes with SEEDS, not with --continue")
    files = playlist_files(m3u8, xspf, jspf)
    answers: Sequence[Recommendation]
    if playlist is not None:
        title, answers = _carried_on(data, playlist, Choices(**choices), with_seeds=with_seeds)
    else:
        title = f"A mix of {len(seeds)} seeds"
        answers = answer_or_ask(
            lambda chosen: ask(
                data, chosen, choices=Choices(**choices), with_seeds=with_seeds, progress=PlainProgress()
            ),
            seeds,
            data=data,
            as_json=as_json,
        )
    write_playlists(answers, title=title, relative=relative, files=files)
    show_recommendations(answers, as_json=as_json)


def _carried_on(
    data: DataFolder, playlist: Path, choices: Any, *, with_seeds: bool
) -> tuple[str, Sequence[Recommendation]]:
    """The name of what follows the playlist and its tracks; what was not found is said on stderr."""
    from segue.operations.continuation import continue_playlist

    followed = continue_playlist(data, playlist, choices=choices, progress=PlainProgress())
    if followed.missing:
        total = len(followed.missing) + len(followed.playlist)
        click.echo(one_line(f"{len(followed.missing)} of {total} entries are not in the library:"), err=True)
        for name in followed.missing[:_MOST_NAMED]:
            click.echo(one_line(f"  {name}"), err=True)
        if len(followed.missing) > _MOST_NAMED:
            click.echo(f"  and {len(followed.missing) - _MOST_NAMED} more", err=True)
    first = followed.playlist if with_seeds else ()
    return f"After {followed.title or playlist.stem}", [*first, *followed.answers]
