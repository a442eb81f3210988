"""`segue genres`: genres told by ear."""

from __future__ import annotations

import click

from segue.cli.genres_write import write


@click.group()
def genres() -> None:
    """Genres told by ear."""


genres.add_command(write)
