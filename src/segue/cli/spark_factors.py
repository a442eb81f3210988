"""`segue spark factors`: factors of listeners and tracks, learned on a cluster."""

from __future__ import annotations

from pathlib import Path

import click

from segue.cli.options import master_option, wmf_options, wmf_settings
from segue.cli.output import one_line, print_left_out, progress_display

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("plays")
@click.option("--output", "-o", required=True, metavar="FOLDER", help="The folder to write, or its URI.")
@click.option("--n-factors", type=click.IntRange(1, 4096), help="Length of a factor.  [default: 256]")
@wmf_options
@click.option("--tracks", type=_FILE, help="A table (Parquet or CSV) with the column track and names.")
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    help="Of the first factors; the same seed gives the same factors up to rounding.",
)
@master_option
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
def factors(
    plays: str,
    output: str,
    tracks: Path | None,
    seed: int,
    master: str | None,
    quiet: bool,
    **given: float | str | None,
) -> None:
    """Learn factors from PLAYS by weighted matrix factorisation on a cluster (MLlib's ALS).

    PLAYS is a table with the columns listener, track and plays (Parquet or CSV, a file or a folder) or Taste
    Profile triplets. PLAYS and FOLDER may be paths or URIs (hdfs://, s3a://) that all machines see. What fits
    one machine is also written as `segue factors fit` writes it. Where listeners or tracks have more than
    256 MiB of factors, lambda is that of an average pair.
    """
    from segue.factors import names_of_labels
    from segue.operations.factors import names_by_table
    from segue.spark.als import fit
    from segue.spark.session import connected

    settings = wmf_settings(given)
    names_of = names_of_labels if tracks is None else names_by_table(tracks)
    display = progress_display(quiet=quiet, noun="")
    try:
        with connected(master, job="factors") as session:
            fitted = fit(session, plays, output, settings, names_of=names_of, seed=seed, progress=display)
    finally:
        display.finish()
    print_left_out(fitted.report)
    header = fitted.header
    named = "too many for factors.npz" if fitted.n_named is None else f"{fitted.n_named:,} with names"
    click.echo(
        one_line(
            f"wrote {output}: {header.n_listeners:,} listeners and {header.n_tracks:,} tracks ({named}), "
            f"{header.n_factors} factors"
        ),
        err=True,
    )
