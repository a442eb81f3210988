"""`segue spark recommend`: lists for all listeners, made on a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from segue.cli.options import master_option
from segue.cli.output import one_line, print_left_out, progress_display

if TYPE_CHECKING:
    from segue.spark.recommend import Written

_NAMED = 5


@click.command()
@click.argument("factors", metavar="FACTORS")
@click.option(
    "--output", "-o", required=True, metavar="FOLDER", help="The folder of lists to write, or its URI."
)
@click.option(
    "-n", "--number", default=100, show_default=True, type=click.IntRange(1), help="Length of a list."
)
@click.option(
    "--listeners",
    default="all",
    show_default=True,
    metavar="all|FILE",
    help="For whom: everybody, or the listeners in a text, one a line.",
)
@click.option(
    "--vectors",
    metavar="FOLDER",
    help="From `segue spark embed`, named as the tracks: tracks that nobody played are placed by them.",
)
@click.option(
    "--learn-from",
    type=click.Choice(("sample", "all")),
    default="sample",
    show_default=True,
    help="Place them by what explains most on at most 20,000 tracks, or by ridge regression on all.",
)
@click.option("--plays", metavar="TABLE", help="Leave out what a listener has played: listener, track.")
@click.option(
    "--names",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A table (Parquet or CSV) with the columns track and artist.",
)
@click.option(
    "--per-artist",
    type=click.IntRange(0),
    help="At most this many by one artist (0: no limit).  [default: 2 with --names]",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Of what is drawn.")
@master_option
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
def recommend(
    factors: str,
    output: str,
    number: int,
    listeners: str,
    per_artist: int | None,
    names: Path | None,
    seed: int,
    master: str | None,
    quiet: bool,
    **given: Any,
) -> None:
    """Write what each listener of FACTORS may want to hear, as Parquet: listener, rank, track, score.

    FACTORS is a folder by `segue spark factors`. All folders and tables but those of --listeners and --names
    may be URIs (hdfs://, s3a://), and all machines must see them.
    """
    from segue.errors import UsageError
    from segue.spark.recommend import Asked, write_lists
    from segue.spark.session import connected

    if per_artist and names is None:
        raise UsageError("--per-artist needs --names, a table that says whose the tracks are")
    asked = Asked(
        n=number,
        per_artist=(0 if names is None else 2) if per_artist is None else per_artist,
        listeners=None if listeners == "all" else Path(listeners),
        names=names,
        **given,
    )
    display = progress_display(quiet=quiet, noun="")
    try:
        with connected(master, job="recommend") as session:
            written = write_lists(session, factors, output, asked, seed=seed, progress=display)
    finally:
        display.finish()
    _show(written, output)


def _show(written: Written, output: str) -> None:
    if written.report is not None:
        print_left_out(written.report)
    if written.unknown:
        shown = ", ".join(written.unknown[:_NAMED])
        more = f" and {len(written.unknown) - _NAMED:,} more" if len(written.unknown) > _NAMED else ""
        click.echo(
            one_line(f"nothing is known of {len(written.unknown):,} listeners: {shown}{more}"), err=True
        )
    if written.content is not None:
        click.echo(
            f"placed {written.n_predicted:,} tracks by {written.content.method}, which explains "
            f"{max(written.content.explained, 0):.1%} of the factors of tracks left out",
            err=True,
        )
    if nobody := written.n_listeners - written.n_lists:
        click.echo(
            f"{nobody:,} listeners have no list: nothing to tell their taste by, or all is played", err=True
        )
    click.echo(
        one_line(
            f"wrote {output}: lists for {written.n_lists:,} listeners, of {written.n_candidates:,} tracks"
        ),
        err=True,
    )
