"""`segue map`: the library on a plane, as a page and a picture."""

from __future__ import annotations

from pathlib import Path

import click

from segue.cli.options import data_option, encoder_option
from segue.cli.output import one_line, progress_display
from segue.errors import UsageError
from segue.files import check_folder
from segue.settings import DataFolder

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("map")
@click.option("--output", "-o", type=_FILE, help="The page to write (HTML, complete in itself).")
@click.option("--png", type=_FILE, help="A picture to write, also without a page.")
@click.option(
    "--colour",
    default="",
    metavar="WHAT",
    help="Colour at first by genre, artist, album, year, plays, kind (of `segue clusters`) or 'genre by ear' "
    "(default: genre, where known).",
)
@encoder_option
@click.option("--refit", is_flag=True, help="Lay all tracks out anew, beginning with the map as it was.")
@click.option("--seed", default=0, show_default=True, help="Of a new layout.")
@click.option("--vectors", type=_FILE, help="Instead of a library, a file that `segue embed` wrote.")
@click.option("--tracks", type=_FILE, help="With --vectors, a table (CSV, Parquet) of file, title, artist, …")
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
@data_option
def map_(
    output: Path | None,
    png: Path | None,
    colour: str,
    encoder: str | None,
    refit: bool,
    seed: int,
    vectors: Path | None,
    tracks: Path | None,
    quiet: bool,
    data: DataFolder,
) -> None:
    """Draw the library on a plane: tracks that sound alike lie side by side.

    A track stays where it is when others come: the second map places only what is new.
    """
    from segue.operations.map import library_map, write_map_files
    from segue.operations.map_colours import labels_by_ear
    from segue.operations.map_of_vectors import map_of_vectors

    files = [file for file in (output, png) if file is not None]
    _check(files, vectors, tracks, encoder, refit)
    display = progress_display(quiet=quiet, noun="")
    new = ""
    try:
        if vectors is not None:
            view, notes = map_of_vectors(vectors, tracks, colour=colour, seed=seed, progress=display)
        else:
            drawn = library_map(
                data,
                encoder=encoder,
                colour=colour,
                refit=refit,
                seed=seed,
                colours=labels_by_ear(data, encoder),
                progress=display,
            )
            view, notes = drawn.view, drawn.notes
            new = f", {drawn.new:,} of them new" if drawn.new < len(view) else ""
            new += f", {drawn.gone:,} gone" if drawn.gone else ""
    finally:
        display.finish()
    write_map_files(view, page=output, picture=png)
    for note in notes:
        click.echo(one_line(note), err=True)
    click.echo(one_line(f"wrote {' and '.join(map(str, files))}: {len(view):,} tracks{new}"), err=True)


def _check(
    files: list[Path], vectors: Path | None, tracks: Path | None, encoder: str | None, refit: bool
) -> None:
    """Say before the work what cannot be."""
    if not files:
        raise UsageError("nothing to write: give --output map.html, --png map.png, or both")
    if len(files) == 2 and files[0].absolute() == files[1].absolute():
        raise UsageError(f"{files[0]} cannot be both the page and the picture: give two names")
    if tracks is not None and vectors is None:
        raise UsageError("--tracks goes with --vectors; a library knows its tracks")
    if vectors is not None and (encoder is not None or refit):
        raise UsageError("--encoder and --refit are of a library's map: they do not go with --vectors")
    for file in files:
        check_folder(file.parent)
