"""`segue library`: look into the catalogue and carry it elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from segue.cli.answers import track_as_json
from segue.cli.library_backup import backup, restore
from segue.cli.options import data_option, json_option
from segue.cli.options import years as years_
from segue.cli.output import clock, print_json, print_pairs, print_table
from segue.settings import DataFolder

if TYPE_CHECKING:
    from segue.catalogue import Track


@click.group()
def library() -> None:
    """Search the library, look at tracks and problems, export and import, back up and restore."""


library.add_command(backup)
library.add_command(restore)


@library.command()
@click.argument("text", default="")
@click.option("--artist", help="Only this artist.")
@click.option("--album", help="Only this album.")
@click.option("--genre", help="Only this genre.")
@click.option("--years", type=years_, metavar="YEARS", help="Only these years: 1994, 1990-1999, 2010-.")
@click.option("--tag", help="Only tracks that sound like this word, such as jazz or female vocalists.")
@click.option(
    "-n", "--number", default=50, show_default=True, type=click.IntRange(1), help="How many at most."
)
@json_option
@data_option
def search(
    text: str,
    artist: str | None,
    album: str | None,
    genre: str | None,
    years: tuple[int | None, int | None] | None,
    tag: str | None,
    number: int,
    as_json: bool,
    data: DataFolder,
) -> None:
    """List tracks whose names hold TEXT, or that fit the options."""
    from segue.operations.library import search_library

    found = search_library(
        data, text, artist=artist, album=album, genre=genre, years=years, tag=tag, number=number
    )
    if as_json:
        print_json([track_as_json(track) for track in found])
    else:
        _print_tracks(found)


@library.command()
@click.argument("seed")
@json_option
@data_option
def show(seed: str, as_json: bool, data: DataFolder) -> None:
    """Show everything known about one track (named as in `segue similar`)."""
    from segue.cli.answers import answer_or_ask
    from segue.operations.library import show_track

    facts = answer_or_ask(lambda seeds: show_track(data, seeds[0]), [seed], data=data, as_json=as_json)
    if as_json:
        print_json(facts)
        return
    pairs = {name.replace("_", " "): _words(value) for name, value in facts.items()}
    print_pairs({name: words for name, words in pairs.items() if words})


@library.command()
@json_option
@data_option
def stats(as_json: bool, data: DataFolder) -> None:
    """Count what the library holds."""
    from segue.operations.library import library_stats

    facts = library_stats(data)
    if as_json:
        print_json(facts)
    else:
        print_pairs({name.replace("_", " "): _words(value) for name, value in facts.items()})


@library.command()
@json_option
@data_option
def problems(as_json: bool, data: DataFolder) -> None:
    """List the files that could not be heard, and why."""
    from segue.operations.library import library_problems

    found = library_problems(data)
    if as_json:
        print_json(
            [
                {"path": str(p.path), "reason": p.reason, "detail": p.detail, "seen_at": p.seen_at}
                for p in found
            ]
        )
        return
    if found:
        print_table(("reason", "file", "detail"), [(p.reason, str(p.path), p.detail) for p in found])
    else:
        click.echo("no problems", err=True)


@library.command()
@click.argument("seeds", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_option
def remove(seeds: tuple[str, ...], yes: bool, data: DataFolder) -> None:
    """Forget tracks; their files stay where they are (and the next scan of the folder finds them again)."""
    from segue.cli.answers import answer_or_ask
    from segue.operations.library import find_tracks, remove_tracks

    tracks = answer_or_ask(lambda chosen: find_tracks(data, chosen), seeds, data=data, as_json=False)
    if not yes:
        _print_tracks(tracks)
        click.confirm(f"Forget {len(tracks)} tracks", abort=True, err=True)
    click.echo(f"forgot {remove_tracks(data, [track.id for track in tracks])} tracks", err=True)


@library.command(name="export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_option
def export_(file: Path, data: DataFolder) -> None:
    """Write all tracks to FILE: .parquet (with vectors), .csv or .json."""
    from segue.operations.library import export_library

    count = export_library(data, file)
    click.echo(f"wrote {file}: {count} tracks", err=True)


@library.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--encoder", help="The id of the vectors' encoder, where the file does not say.")
@click.option("--strict", is_flag=True, help="Exit with 1 when any vector found no track.")
@json_option
@data_option
def import_(file: Path, encoder: str | None, strict: bool, as_json: bool, data: DataFolder) -> int:
    """Take vectors made elsewhere from FILE, matched by audio payload or by path.

    FILE is an .npz as `segue embed` writes it, a .parquet, or a folder of these as `segue spark embed` does.
    """
    from segue.operations.library import import_library_vectors

    report = import_library_vectors(data, file, encoder=encoder)
    counts = {
        "encoder": report.encoder,
        "matched": report.matched,
        "unmatched": report.unmatched,
        "refused": report.refused,
    }
    if as_json:
        print_json(counts)
    else:
        print_pairs({name: str(value) for name, value in counts.items()})
    return 1 if strict and (report.unmatched or report.refused) else 0


def _print_tracks(tracks: list[Track]) -> None:
    rows = [
        (
            track.id,
            track.tags.artist or "",
            track.tags.title or "",
            track.tags.album or "",
            str(track.tags.year or ""),
            clock(track.duration_s),
        )
        for track in tracks
    ]
    print_table(("id", "artist", "title", "album", "year", "time"), rows, right=("time",))


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_words(part) for part in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"
    if isinstance(value, int):
        return str(value)
    return "" if value is None else str(value)
