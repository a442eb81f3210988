"""`segue spark evaluate`: is what a cluster recommends what people play?"""

from __future__ import annotations

from pathlib import Path

import click

from segue.cli.evaluate_ranking import show_ranking
from segue.cli.options import json_option, master_option, wmf_options, wmf_settings
from segue.cli.output import progress_display


@click.command()
@click.argument("plays")
@click.option(
    "--working",
    metavar="FOLDER",
    help="Where all machines can write what is kept between the steps; it goes away "
    "(default: where PLAYS is).",
)
@click.option(
    "--held-out",
    default=0.2,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="The share of plays that is to be found again.",
)
@click.option("--n-factors", type=click.IntRange(1, 4096), help="Length of a factor.  [default: 256]")
@wmf_options
@click.option(
    "--min-plays",
    default=5,
    show_default=True,
    type=click.IntRange(0),
    help="Listeners with fewer training tracks do not count in the means.",
)
@click.option(
    "--most-listeners",
    default=100_000,
    show_default=True,
    type=click.IntRange(1),
    help="So many, chosen by a hash, are judged.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Of all that is drawn.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also write report.json and report.html there.",
)
@json_option
@master_option
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
def evaluate(
    plays: str,
    working: str | None,
    held_out: float,
    min_plays: int,
    most_listeners: int,
    seed: int,
    report: Path | None,
    as_json: bool,
    master: str | None,
    quiet: bool,
    **given: float | str | None,
) -> None:
    """Find plays again that were held out, from the listener's other plays, as `segue evaluate warm` does.

    PLAYS is a table as for `segue spark factors`.
    """
    from segue.files import check_folder
    from segue.spark.evaluate import Evaluation, evaluate_warm
    from segue.spark.session import connected

    if report is not None:
        check_folder(report)
    asked = Evaluation(wmf_settings(given), held_out, min_plays, most_listeners, seed)
    beside = plays.rstrip("/").rpartition("/")[0] or ("/" if plays.startswith("/") else ".")
    display = progress_display(quiet=quiet, noun="")
    try:
        with connected(master, job="evaluate") as session:
            result = evaluate_warm(session, plays, working or beside, asked, progress=display)
    finally:
        display.finish()
    show_ranking(result, None, folder=report, as_json=as_json)
