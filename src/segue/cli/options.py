"""Options that several commands share, written once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from segue.settings import DataFolder, data_folder

if TYPE_CHECKING:
    from segue.factors import WMFSettings

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


def master_option(command: F) -> F:
    """Add `--master`, the cluster; None leaves it to what started the command, such as ``spark-submit``."""
    return click.option(
        "--master",
        metavar="URL",
        help="The cluster: spark://HOST:7077, yarn, k8s://…, or local[N] (default: what spark-submit says).",
    )(command)


def windows_option(command: F) -> F:
    """Add `--windows`, how much of a track is heard."""
    return click.option(
        "--windows",
        type=click.Choice(["fast", "balanced", "thorough", "whole"]),
        default="balanced",
        show_default=True,
        help="How much of each track to hear.",
    )(command)


_ABOVE_0 = click.FloatRange(0, min_open=True)
_NOT_BELOW_0 = click.FloatRange(0)
_WMF = (
    click.option(
        "--confidence",
        type=click.Choice(["log", "linear"]),
        help="How confidence grows with plays r: 1 + alpha log(1 + r / eps), or 1 + alpha r.  [default: log]",
    ),
    click.option("--alpha", type=_ABOVE_0, help="Weight of what was played.  [default: 12]"),
    click.option("--eps", type=_ABOVE_0, help="Of the logarithm.  [default: 1e-06]"),
    click.option(
        "--regularisation",
        "--regularization",
        "regularisation",
        type=_ABOVE_0,
        help="lambda (default: chosen by the size of the data).",
    ),
    click.option("--iterations", "n_iterations", type=click.IntRange(1), help="At most.  [default: 12]"),
    click.option(
        "--popularity-power",
        type=_NOT_BELOW_0,
        help="Plays of popular tracks count less: (n / median n) ^ -power, n listeners.  [default: 0.3]",
    ),
    click.option(
        "--listener-power", type=_NOT_BELOW_0, help="The same for listeners of many tracks.  [default: 0.5]"
    ),
)


def wmf_options(command: F) -> F:
    """Add the settings of `segue.factors.WMFSettings` but for the number of factors; None where not given."""
    for option in reversed(_WMF):
        command = option(command)
    return command


def wmf_settings(given: Mapping[str, Any]) -> WMFSettings:
    """Settings from what `wmf_options` gave, and ``n_factors`` where it is there; None means the default."""
    from segue.factors import WMFSettings

    return replace(WMFSettings(), **{name: value for name, value in given.items() if value is not None})


def length(value: str) -> float:
    """A length of time in seconds, from seconds, m:ss, h:mm:ss, or hours, minutes and seconds such as 1h30m.

    >>> length("90"), length("1:30"), length("1:00:00"), length("60m"), length("1h30m")
    (90.0, 90.0, 3600.0, 3600.0, 5400.0)
    """
    words = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", value)
    if value and words:
        hours, minutes, seconds = (int(word or 0) for word in words.groups())
        return float(3600 * hours + 60 * minutes + seconds)
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    if not re.fullmatch(r"(\d+:)?\d{1,2}:\d{2}", value):
        raise click.BadParameter(f"{value!r} is not a length such as 90, 1:30, 1:00:00 or 60m")
    total = 0.0
    for part in value.split(":"):
        total = total * 60 + float(part)
    return total


def years(value: str) -> tuple[int | None, int | None]:
    """The first and the last year of a year or a range.

    >>> years("1994"), years("1990-1999"), years("2010-")
    ((1994, 1994), (1990, 1999), (2010, None))
    """
    found = re.fullmatch(r"(\d{4})?(-?)(\d{4})?", value)
    if not found or not (found[1] or found[3]) or (found[1] and found[3] and not found[2]):
        raise click.BadParameter(f"{value!r} is not a year or a range such as 1994, 1990-1999 or 2010-")
    first = int(found[1]) if found[1] else None
    last = int(found[3]) if found[3] else None
    return (first, last if found[2] else first)


_NUMBER = click.option(
    "-n", "--number", default=20, show_default=True, type=click.IntRange(1), help="How many."
)
_ENCODER = click.option("--encoder", help="Compare by this encoder's vectors (default: the library's).")
_WHICH = (
    _NUMBER,
    click.option(
        "--per-artist",
        default=2,
        show_default=True,
        type=click.IntRange(0),
        help="At most this many by one artist (0: no limit).",
    ),
    click.option(
        "--per-album",
        default=2,
        show_default=True,
        type=click.IntRange(0),
        help="At most this many from one album (0: no limit).",
    ),
    click.option(
        "--variety",
        default=0.0,
        show_default=True,
        type=click.FloatRange(0, 1),
        help="0 takes the most similar, 1 the most different from each other among them.",
    ),
    click.option(
        "--exclude", "kinds", multiple=True, type=click.Choice(KINDS), help="Leave out such tracks."
    ),
    click.option(
        "--exclude-genre",
        "genres",
        multiple=True,
        metavar="GENRE",
        help="Leave out a genre; tracks without genre tags are told by ear.",
    ),
    click.option(
        "--min-duration", type=length, metavar="TIME", help="Leave out shorter tracks (90 or 1:30)."
    ),
    click.option("--max-duration", type=length, metavar="TIME", help="Leave out longer tracks."),
    click.option("--years", type=years, metavar="YEARS", help="Only these years: 1994, 1990-1999, 2010-."),
    _ENCODER,
)
_FILE = click.Path(path_type=Path, dir_okay=False)
_PLAYLISTS = (
    click.option("--m3u8", type=_FILE, help="Write an M3U8 playlist."),
    click.option("--xspf", type=_FILE, help="Write an XSPF playlist."),
    click.option("--jspf", type=_FILE, help="Write a JSPF playlist."),
    click.option("--relative", is_flag=True, help="Paths in playlists are relative to the playlist."),
)


def ranking_options(command: F) -> F:
    """Add everything that says which tracks may follow: the fields of `Choices`."""
    return _all_of(_WHICH, command)


def playlist_options(command: F) -> F:
    """Add the ways to write the answer as a playlist."""
    return _all_of(_PLAYLISTS, command)


def seeds_first_option(command: F) -> F:
    """Add `--with-seeds`."""
    return click.option("--with-seeds", is_flag=True, help="Begin with the seeds themselves.")(command)


def within_genre_option(command: F) -> F:
    """Add `--within-genre`."""
    return click.option(
        "--within-genre", is_flag=True, help="Only what sounds like the genre of a seed, told by its sound."
    )(command)


def encoder_option(command: F) -> F:
    """Add `--encoder`."""
    return _ENCODER(command)


_LABELLED_MUSIC = (
    click.option(
        "--data",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        help="The music: a data set that Segue knows, a folder for each genre, or any folder with --labels "
        "(default: your library, with the genres of its tags).",
    ),
    click.option(
        "--labels", type=_FILE, help="A CSV table: the column file, and others such as genre or mood."
    ),
)


def labelled_music_options(command: F) -> F:
    """Add the music that something is taught from, given to the command as `folder` and `labels`."""
    return _all_of(_LABELLED_MUSIC, command)


def _all_of(options: Sequence[Callable[[F], F]], command: F) -> F:
    for option in reversed(options):
        command = option(command)
    return command
