"""`segue evaluate`: how good are the answers, measured against controls?"""

from __future__ import annotations

from pathlib import Path

import click

from segue.cli.evaluate_history import history
from segue.cli.evaluate_ranking import cold_start, warm
from segue.cli.options import json_option


@click.group()
def evaluate() -> None:
    """Measure quality, with intervals and random controls."""


@evaluate.command()
@click.option(
    "--vectors", required=True, type=click.Path(path_type=Path, dir_okay=False), help="From `segue embed`."
)
@click.option(
    "--tracks",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A CSV with the columns file and artist; also title, genre and moods where known.",
)
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(0), help="Of the bootstrap and the controls."
)
@click.option(
    "--report", type=click.Path(path_type=Path, file_okay=False), help="Also write report.json there."
)
@json_option
def similarity(vectors: Path, tracks: Path, seed: int, report: Path | None, as_json: bool) -> None:
    """Judge vectors by what people wrote about the same tracks: genre, artist, mood.

    Neighbours by the same artist never count for genre and mood; intervals are a bootstrap over artists.
    """
    from segue.evaluation import report_as_json, report_as_table
    from segue.files import check_folder, write_whole
    from segue.operations.evaluate_similarity import evaluate_similarity

    if report is not None:
        check_folder(report)
    result = evaluate_similarity(vectors, tracks, seed=seed)
    text = report_as_json(result)
    if report is not None:
        write_whole(report / "report.json", text + "\n")
    click.echo(text if as_json else report_as_table(result))


evaluate.add_command(cold_start)
evaluate.add_command(history)
evaluate.add_command(warm)
