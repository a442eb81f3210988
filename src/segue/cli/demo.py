"""`segue demo`: a small made-up library, from nothing to an answer."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from segue.cli.answers import show_recommendations
from segue.cli.output import progress_display


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the music and its data folder go (default: segue-demo in the cache folder of the platform).",
)
def demo(folder: Path | None) -> None:
    """Make a small library of generated pieces, scan it, and ask one question.

    It has a data folder of its own and never touches your library.
    """
    from segue.operations.demo import run_demo

    display = progress_display()
    try:
        outcome = run_demo(folder, progress=display)
    finally:
        display.finish()
    data = shlex.quote(str(outcome.data.path))
    click.echo(
        f"\n{outcome.tracks} tracks in {outcome.files} files, {outcome.problems} broken: {outcome.music}\n"
    )
    click.echo(f"What sounds like “{outcome.seed}”?\n")
    show_recommendations(outcome.answers, as_json=False)
    click.echo(
        f"\nType next:\n"
        f'  segue --data {data} similar "{outcome.seed}" -n 10\n'
        f'  segue --data {data} path "{outcome.seed}" "{outcome.other}" -n 8\n'
        f"  segue --data {data} library problems\n"
        f"  segue --data {data} duplicates\n"
        f"  segue scan ~/Music          # and now your own"
    )
