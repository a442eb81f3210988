"""`segue evaluate history`: would recommending have told what was played later?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from segue.cli.options import data_option, json_option
from segue.cli.output import progress_display
from segue.settings import DataFolder


@click.command()
@click.option(
    "--events",
    type=click.Path(path_type=Path),
    help="Plays of many listeners: listener, track, time, perhaps artist and session "
    "(default: your own history).",
)
@click.option("--listener", default="", metavar="NAME", help="Somebody else in the history (default: you).")
@click.option(
    "--items",
    type=click.Choice(("tracks", "artists")),
    default="tracks",
    show_default=True,
    help="What is to be told, of --events.",
)
@click.option(
    "--cut",
    type=click.Choice(("session", "time")),
    default="session",
    show_default=True,
    help="Tell each listener's last session, or the last fifth of all plays; of --events.",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Of all that is drawn.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also write report.json there; with --events pages and the ranked lists too.",
)
@json_option
@data_option
def history(
    events: Path | None,
    listener: str,
    items: Any,
    cut: Any,
    seed: int,
    report: Path | None,
    as_json: bool,
    data: DataFolder,
) -> None:
    """Tell later plays from earlier ones: of your own history, or of many listeners.

    With --events, what was played before and comes again is judged, and what is new apart; all weights are
    learned from earlier sessions. Without a session column a session ends with a pause of 30 minutes.
    """
    if events is None:
        _own(data, listener, seed, report, as_json=as_json)
        return
    if listener:
        raise click.UsageError("--listener is for the history of this library: --events holds many listeners")
    from segue.files import check_folder
    from segue.operations.evaluate_history import (
        evaluate_history,
        in_time_as_json,
        in_time_as_table,
        write_in_time,
    )

    if report is not None:
        check_folder(report)
    result = evaluate_history(events, items=items, cut=cut, seed=seed, progress=progress_display(noun=""))
    if report is not None:
        write_in_time(result, report)
    click.echo(in_time_as_json(result) if as_json else in_time_as_table(result))


def _own(data: DataFolder, listener: str, seed: int, report: Path | None, *, as_json: bool) -> None:
    from segue.operations.evaluate_past import evaluate_past, past_as_json, past_as_table

    past = evaluate_past(data, listener=listener, seed=seed, progress=progress_display(noun=""))
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)
        (report / "report.json").write_text(past_as_json(past) + "\n", encoding="utf-8")
    click.echo(past_as_json(past) if as_json else past_as_table(past))
