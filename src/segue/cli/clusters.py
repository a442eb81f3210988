"""`segue clusters`: kinds of music in the library, as a table and as playlists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from segue.cli.answers import track_as_json
from segue.cli.options import data_option, encoder_option, json_option, length
from segue.cli.output import clock, one_line, print_json, print_table, progress_display
from segue.settings import DataFolder

if TYPE_CHECKING:
    from segue.atlas import Curve
    from segue.operations.cluster_playlists import KindPlaylist
    from segue.operations.clusters import KindOfMusic, KindsOfMusic
    from segue.scanning import ProblemSeen

_MOST_WORDS = 5
_MOST_NAMED = 10
# When the library has grown by so much since the kinds were found, it may hold others by now.
_MUCH_MORE = 1.2


def _number(value: str) -> int | Literal["auto"]:
    if value == "auto":
        return "auto"
    if not re.fullmatch(r"[0-9]{1,6}", value) or int(value) < 1:
        raise click.BadParameter(f"{value!r} is not auto or a number of kinds from 1")
    return int(value)


def _names(context: click.Context, parameter: click.Parameter, values: Sequence[str]) -> dict[int, str]:
    names: dict[int, str] = {}
    for value in values:
        number, equals, name = value.partition("=")
        if not equals or not re.fullmatch(r"[0-9]{1,6}", number.strip()):
            raise click.BadParameter(f"{value!r} is not NUMBER=NAME, such as 3=Evening")
        names[int(number)] = name
    return names


@click.command()
@click.option(
    "--k",
    type=_number,
    metavar="auto|N",
    help="How many kinds; auto takes the elbow of the inertia (default: those found before, else auto).",
)
@click.option("--refit", is_flag=True, help="Find the kinds anew; numbers and names go on where they can.")
@click.option("--seed", type=click.IntRange(0), help="Of everything drawn (default: as before, else 0).")
@click.option(
    "--name",
    "names",
    multiple=True,
    callback=_names,
    metavar="N=NAME",
    help="Call kind N so from now on; N= takes the name back. Can be given again.",
)
@encoder_option
@click.option(
    "--playlists",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write a playlist for each kind into this folder.",
)
@click.option(
    "--length", "length_s", type=length, metavar="TIME", help="How long each is: 60m (default), 1:30:00."
)
@click.option("--tracks", "n_tracks", type=click.IntRange(1), help="At most this many tracks in each.")
@click.option(
    "--per-artist",
    default=2,
    show_default=True,
    type=click.IntRange(0),
    help="At most this many by one artist in each (0: no limit).",
)
@click.option(
    "--variety",
    default=0.5,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="0 takes what is most typical of the kind, 1 the most different from each other near that.",
)
@click.option(
    "--format",
    "suffix",
    type=click.Choice(["m3u8", "xspf", "jspf"]),
    default="m3u8",
    show_default=True,
    help="Of the playlists.",
)
@click.option("--relative", is_flag=True, help="Paths in playlists are relative to the playlist.")
@click.option("--workers", type=click.IntRange(1), help="Processes that hear at once (default: one a core).")
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
@json_option
@data_option
def clusters(
    k: int | Literal["auto"] | None,
    refit: bool,
    seed: int | None,
    names: dict[int, str],
    encoder: str | None,
    playlists: Path | None,
    workers: int | None,
    quiet: bool,
    as_json: bool,
    data: DataFolder,
    **wishes: Any,
) -> None:
    """Show the kinds of music in the library, and write a playlist of each.

    The kinds are found once and kept: music that comes later joins the nearest kind, and numbers and
    names stay. With --playlists, each playlist holds typical tracks of one kind in an order with smooth
    transitions of tempo, key and loudness, for which they are heard once. Files in DIR that Segue did
    not write are never touched.
    """
    from segue.files import check_folder
    from segue.operations.cluster_playlists import PlaylistWishes, write_kind_playlists
    from segue.operations.clusters import kinds_of_music

    if playlists is not None:
        check_folder(playlists)
    settings = PlaylistWishes(suffix=f".{wishes.pop('suffix')}", **wishes)
    display = progress_display(quiet=quiet)
    written: tuple[KindPlaylist, ...] = ()
    problems: tuple[ProblemSeen, ...] = ()
    try:
        found = kinds_of_music(
            data, k=k, encoder=encoder, seed=seed, refit=refit, names=names, progress=display
        )
        if playlists is not None:
            written, problems = write_kind_playlists(
                data, found, playlists, wishes=settings, workers=workers, progress=display
            )
    finally:
        display.finish()
    if as_json:
        print_json(_as_json(found, written, problems))
    else:
        _show(found)
    _tell(found, written, problems)


def _show(found: KindsOfMusic) -> None:
    rows = [
        (
            str(kind.number),
            kind.name,
            f"{len(kind.keys):,}",
            f"{100 * len(kind.keys) / max(found.n_tracks, 1):.0f} %",
            ", ".join(f"{word.word} {word.difference:+.1f}" for word in kind.apart[:_MOST_WORDS]),
            "; ".join(_title(kind, place) for place in range(len(kind.examples))),
        )
        for kind in found.kinds
    ]
    columns = ("", "name", "tracks", "share", "what sets it apart", "for example")
    print_table(columns, rows, right=("", "tracks", "share"))


def _title(kind: KindOfMusic, place: int) -> str:
    tags = kind.examples[place].tags
    return " - ".join(filter(None, (tags.artist, tags.title)))


def _tell(found: KindsOfMusic, written: Sequence[KindPlaylist], problems: Sequence[ProblemSeen]) -> None:
    """What is worth knowing beside the table, on stderr."""
    kept = found.clustering
    if kept.curve is not None and found.found_now:
        click.echo(_opinions(kept.curve), err=True)
    for kind in found.dropped:
        click.echo(one_line(f"kind {kind.number} ({kind.name}) is no more"), err=True)
    if found.n_tracks > _MUCH_MORE * kept.n_tracks:
        click.echo(
            f"the kinds were found in {kept.n_tracks:,} of now {found.n_tracks:,} tracks: "
            "--refit finds them anew",
            err=True,
        )
    for playlist in written:
        seconds = clock(sum(track.duration_s for track in playlist.tracks))
        click.echo(one_line(f"wrote {playlist.file}: {len(playlist.tracks)} tracks, {seconds}"), err=True)
    if problems:
        click.echo(
            f"{len(problems)} files could not be heard for their transitions; they are in the playlists:",
            err=True,
        )
        for problem in problems[:_MOST_NAMED]:
            click.echo(one_line(f"  {problem.path}: {problem.detail}"), err=True)
        if len(problems) > _MOST_NAMED:
            click.echo(f"  and {len(problems) - _MOST_NAMED} more", err=True)


def _opinions(curve: Curve) -> str:
    """How many kinds the elbow takes, and what the two second opinions would.

    An opinion exists from two numbers of kinds on.
    """
    said = f"{curve.elbow} by the elbow of the inertia over 1 to {len(curve.inertia)}"
    if len(curve.inertia) < 2:
        return f"{said}: too few different tracks for more"
    return f"{said}; the silhouette would take {curve.by_silhouette}, stability {curve.by_stability}"


def _as_json(
    found: KindsOfMusic, written: Sequence[KindPlaylist], problems: Sequence[ProblemSeen]
) -> dict[str, object]:
    kept = found.clustering
    playlists = {playlist.number: playlist for playlist in written}
    return {
        "encoder": found.encoder,
        "asked": kept.asked or "auto",
        "seed": kept.seed,
        "tracks": found.n_tracks,
        "found_in": kept.n_tracks,
        "found_now": found.found_now,
        "curve": None if kept.curve is None else _curve_as_json(kept.curve),
        "kinds": [_kind_as_json(kind, found.n_tracks, playlists.get(kind.number)) for kind in found.kinds],
        "dropped": [{"number": kind.number, "name": kind.name} for kind in found.dropped],
        "problems": [
            {"path": str(problem.path), "reason": problem.reason, "detail": problem.detail}
            for problem in problems
        ],
    }


def _curve_as_json(curve: Curve) -> dict[str, object]:
    def plain(value: float) -> float | None:
        return None if value != value else round(value, 6)

    values = zip(curve.inertia, curve.silhouette, curve.stability, strict=True)
    return {
        "elbow": curve.elbow,
        "by_silhouette": curve.by_silhouette,
        "by_stability": curve.by_stability,
        "numbers": [
            {"k": k, "inertia": plain(inertia), "silhouette": plain(apart), "stability": plain(stable)}
            for k, (inertia, apart, stable) in enumerate(values, 1)
        ],
    }


def _kind_as_json(kind: KindOfMusic, n_tracks: int, playlist: KindPlaylist | None) -> dict[str, object]:
    return {
        "number": kind.number,
        "name": kind.name,
        "by_hand": kind.by_hand,
        "tracks": len(kind.keys),
        "share": round(len(kind.keys) / max(n_tracks, 1), 4),
        "apart": [
            {
                "word": word.word,
                "source": word.source,
                "difference": round(word.difference, 3),
                "inside": round(word.inside, 4),
                "outside": round(word.outside, 4),
            }
            for word in kind.apart
        ],
        "examples": [track_as_json(track) for track in kind.examples],
        "playlist": None if playlist is None else str(playlist.file),
        "playlist_tracks": [] if playlist is None else [track.id for track in playlist.tracks],
    }
