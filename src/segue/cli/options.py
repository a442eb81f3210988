"""Options that several commands share, written once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from segue.settings import DataFolder, data_folder

F = TypeVar("F", bound=Callable[..., Any])

KINDS = ("live", "remix", "karaoke", "skit", "speech")
"""What `--exclude` accepts."""


def _to_data_folder(context: click.Context, parameter: click.Parameter, value: Path | None) -> DataFolder:
    return data_folder(value or context.find_root().obj)


def data_option(command: F) -> F:
    """Add `--data`, given to the command as a `DataFolder` named `data`."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        callback=_to_data_folder,
        help="Another data folder (default: $SEGUE_DATA, else the platform's).",
    )(command)


def json_option(command: F) -> F:
    """Add `--json`, given to the command as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(command)


class Length(click.ParamType):
    """A length of time: seconds, or m:ss, or h:mm:ss; given to the command in seconds."""

    name = "length"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        if re.fullmatch(r"\d+(\.\d+)?", value):
            return float(value)
        if re.fullmatch(r"(\d+:)?\d{1,2}:\d{2}", value):
            seconds = 0.0
            for part in value.split(":"):
                seconds = seconds * 60 + float(part)
            return seconds
        self.fail(f"{value!r} is not a length such as 90, 1:30 or 1:00:00", param, ctx)


class Years(click.ParamType):
    """A year or a range of years; given to the command as (first, last)."""

    name = "years"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int | None, int | None]:
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(\d{4})?(-?)(\d{4})?", value)
        if not found or not (found[1] or found[3]):
            self.fail(f"{value!r} is not a year or a range such as 1994, 1990-1999 or 2010-", param, ctx)
        first = int(found[1]) if found[1] else None
        last = int(found[3]) if found[3] else None
        return (first, last if found[2] else first)


def ranking_options(command: F) -> F:
    """Add everything that says which tracks may follow, as keywords of `choices`."""
    for option in reversed(
        (
            click.option("-n", "--number", default=20, show_default=True, type=click.IntRange(1), help="How many tracks."),
            click.option(
                "--per-artist", default=2, show_default=True, type=click.IntRange(0),
                help="At most this many by one artist (0: no limit).",
            ),
            click.option(
                "--per-album", default=2, show_default=True, type=click.IntRange(0),
                help="At most this many from one album (0: no limit).",
            ),
            click.option(
                "--variety", default=0.0, show_default=True, type=click.FloatRange(0, 1),
                help="0 takes the most similar, 1 the most different from each other among them.",
            ),
            click.option("--exclude", "kinds", multiple=True, type=click.Choice(KINDS), help="Leave out such tracks."),
            click.option("--exclude-genre", "genres", multiple=True, metavar="GENRE", help="Leave out a genre."),
            click.option("--min-duration", type=Length(), help="Leave out shorter tracks (90 or 1:30)."),
            click.option("--max-duration", type=Length(), help="Leave out longer tracks."),
            click.option("--years", type=Years(), help="Only these years: 1994, 1990-1999, 2010-."),
            click.option("--encoder", help="Compare by this encoder's vectors (default: the library's)."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


def playlist_options(command: F) -> F:
    """Add the ways to write the answer as a playlist."""
    for option in reversed(
        (
            click.option("--m3u8", type=click.Path(path_type=Path, dir_okay=False), help="Write an M3U8 playlist."),
            click.option("--xspf", type=click.Path(path_type=Path, dir_okay=False), help="Write an XSPF playlist."),
            click.option("--jspf", type=click.Path(path_type=Path, dir_okay=False), help="Write a JSPF playlist."),
            click.option("--relative", is_flag=True, help="Paths in playlists are relative to the playlist."),
            click.option("--with-seeds", is_flag=True, help="Begin with the seeds themselves."),
        )
    ):  # fmt: skip
        command = option(command)
    return command
