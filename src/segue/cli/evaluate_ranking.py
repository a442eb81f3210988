"""`segue evaluate cold-start` and `segue evaluate warm`: is what is recommended what people play?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from segue.cli.options import json_option
from segue.cli.output import progress_display

if TYPE_CHECKING:
    from segue.evaluation import RankingReport
    from segue.operations.usage_tables import WrittenFactors

_FILE = click.Path(path_type=Path)
_SHARED = (
    click.option("--plays", required=True, type=_FILE, help="Training plays: listener, track, plays."),
    click.option("--test-plays", type=_FILE, help="Plays to be found (default: hold out a share)."),
    click.option(
        "--held-out",
        default=0.2,
        show_default=True,
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        help="The share held out where no test plays are given.",
    ),
    click.option(
        "--min-plays",
        default=5,
        show_default=True,
        type=click.IntRange(0),
        help="Listeners with fewer training tracks do not count in the means.",
    ),
    click.option(
        "--seed", default=0, show_default=True, type=click.IntRange(0), help="Of all that is drawn."
    ),
    click.option(
        "--report",
        type=click.Path(path_type=Path, file_okay=False),
        help="Also write report.json, report.html and factors.npz there.",
    ),
    json_option,
)


def _shared_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_SHARED):
        command = option(command)
    return command


@click.command("cold-start")
@click.option("--tracks", required=True, type=_FILE, help="Content of the training tracks: track, numbers.")
@click.option("--test-tracks", type=_FILE, help="The new tracks (default: hold out artists).")
@click.option(
    "--ignore",
    multiple=True,
    metavar="COLUMN",
    help="A column of numbers that is no content.  [default: averaged_tracks]",
)
@click.option("--content", type=_FILE, help="Vectors to use instead of columns: an .npz by `segue embed`.")
@click.option("--tags", type=_FILE, help="Tags as further content: listener, track, tag.")
@click.option("--test-tags", type=_FILE, help="Tags of the new tracks (default: those in --tags).")
@_shared_options
def cold_start(
    plays: Path,
    tracks: Path,
    test_plays: Path | None,
    test_tracks: Path | None,
    ignore: tuple[str, ...],
    content: Path | None,
    tags: Path | None,
    test_tags: Path | None,
    held_out: float,
    min_plays: int,
    seed: int,
    report: Path | None,
    as_json: bool,
) -> None:
    """Rank tracks that nobody has played for each listener, by their content alone.

    Content is all columns of numbers of the tables of tracks but ids, song and ignored ones; or vectors; tags
    may be added, and a listener's own tags on new tracks never count for that listener. Everything is chosen
    inside the training part. Without a test part, whole artists are held out.
    """
    from segue.files import check_folder
    from segue.operations.evaluate_cold_start import DEFAULT_IGNORE, ColdStartFiles, evaluate_cold_start

    if report is not None:
        check_folder(report)
    files = ColdStartFiles(
        plays=plays,
        tracks=tracks,
        test_plays=test_plays,
        test_tracks=test_tracks,
        ignore=(*DEFAULT_IGNORE, *ignore),
        content=content,
        tags=tags,
        test_tags=test_tags,
    )
    result, factors = evaluate_cold_start(
        files, held_out=held_out, min_plays=min_plays, seed=seed, progress=progress_display(noun="")
    )
    show_ranking(result, factors, folder=report, as_json=as_json)


@click.command()
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="NAME",
    help="Only this one, several times for several; the first is the one asked about (default: all).",
)
@_shared_options
def warm(
    plays: Path,
    test_plays: Path | None,
    models: tuple[str, ...],
    held_out: float,
    min_plays: int,
    seed: int,
    report: Path | None,
    as_json: bool,
) -> None:
    """Find plays again that were held out, from the listener's other plays."""
    from segue.files import check_folder
    from segue.operations.evaluate_warm import evaluate_warm

    if report is not None:
        check_folder(report)
    result, factors = evaluate_warm(
        plays,
        test_plays=test_plays,
        models=models,
        held_out=held_out,
        min_plays=min_plays,
        seed=seed,
        progress=progress_display(noun=""),
    )
    show_ranking(result, factors, folder=report, as_json=as_json)


def show_ranking(
    report: RankingReport, factors: WrittenFactors | None, *, folder: Path | None, as_json: bool
) -> None:
    """Print a report as a table or as JSON, and write it where asked; old factors do not stay beside it."""
    from segue.evaluation import ranking_as_json, ranking_as_page, ranking_as_table
    from segue.files import write_whole

    if folder is not None:
        write_whole(folder / "report.json", ranking_as_json(report) + "\n")
        write_whole(folder / "report.html", ranking_as_page(report))
        (folder / "factors.npz").unlink(missing_ok=True)
        if factors is not None:
            factors.save(folder / "factors.npz")
    click.echo(ranking_as_json(report) if as_json else ranking_as_table(report))
