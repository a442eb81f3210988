"""`segue spark embed`: a cluster hears music, and the vectors become a folder of Parquet files."""

from __future__ import annotations

import click

from segue.cli.options import master_option, windows_option
from segue.cli.output import progress_display


@click.command()
@click.argument("places", nargs=-1, required=True, metavar="PLACE...")
@click.option(
    "--output",
    "-o",
    required=True,
    metavar="FOLDER",
    help="The folder of vectors; a later run goes on in it.",
)
@click.option(
    "--encoder",
    default="musicnn",
    show_default=True,
    help="musicnn, timbre, fma518, the folder of one that you trained, or a sum of them.",
)
@windows_option
@master_option
@click.option("--retry", is_flag=True, help="Try again what could not be heard before.")
@click.option("--strict", is_flag=True, help="Exit with 1 when any file had a problem.")
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
def embed(
    places: tuple[str, ...],
    output: str,
    encoder: str,
    windows: str,
    master: str | None,
    retry: bool,
    strict: bool,
    quiet: bool,
) -> int:
    """Write the vectors of all music at PLACES to a folder of Parquet files.

    A place is a folder, a file, or an address such as s3a://bucket/music or hdfs://host/music; places and
    output must lie where all machines of the cluster see them. Only what is new or changed is heard. A run
    that was stopped, however hard, is carried on by the same command.
    """
    from segue.spark.embed import embed_places

    display = progress_display(quiet=quiet)
    try:
        report = embed_places(
            places,
            output,
            master=master,
            encoder=encoder,
            windows=windows,  # type: ignore[arg-type]
            retry=retry,
            progress=display,
        )
    finally:
        display.finish()
    click.echo(
        f"wrote {report.output}: {report.heard:,} vectors of {report.dim} numbers by {report.encoder}, "
        f"{report.vectors:,} in all",
        err=True,
    )
    failed = report.problems + report.known_problems
    if failed:
        known = f" ({report.known_problems:,} known from before: --retry)" if report.known_problems else ""
        click.echo(f"{failed:,} files could not be heard{known}", err=True)
    if report.gone:
        click.echo(f"{report.gone:,} files are gone; their vectors stay", err=True)
    return 1 if strict and failed else 0
