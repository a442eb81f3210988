"""`segue genres write`: genres told by ear, into the files' tags."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from segue.cli.options import data_option, json_option
from segue.cli.output import one_line, print_json, print_table, progress_display
from segue.settings import DataFolder

if TYPE_CHECKING:
    from segue.operations.genre_plan import GenreChange, GenrePlan, LeftAlone

_MOST_NAMED = 20
_STOPPED = 130


@click.command()
@click.option("--overwrite", is_flag=True, help="Also where the tags name a genre already.")
@click.option(
    "--least",
    default=0.7,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Leave out what is less probable.",
)
@click.option("--write", "do_it", is_flag=True, help="Do it; without this nothing is written.")
@click.option("--undo", is_flag=True, help="Put back what the files held before.")
@json_option
@data_option
def write(overwrite: bool, least: float, do_it: bool, undo: bool, as_json: bool, data: DataFolder) -> int:
    """Show the genres that would be put into the tags of the library's files; with --write, put them there.

    Only files of tracks without a genre are given one. What they held is kept in the data folder before they
    are touched; --undo puts it back into every file whose genre was not changed since.
    """
    from segue.operations.genre_plan import plan_genres
    from segue.operations.genre_writing import undo_written, write_planned

    progress = progress_display(noun="files")
    if undo:
        if overwrite or do_it:
            raise click.UsageError("--undo stands alone")
        undone = undo_written(data, progress=progress)
        _show(undone.changes, undone.left_alone, as_json=as_json, done="undone")
        click.echo(f"put back {_files(len(undone.changes))}", err=True)
        return _ended(undone.stopped)
    plan = plan_genres(data, overwrite=overwrite, least=least, progress=progress)
    if not do_it:
        _show(plan.changes, plan.left_alone, as_json=as_json, model=plan.model)
        _say_what_was_left_out(plan, least)
        click.echo(
            f"{_files(len(plan.changes))} would be written; nothing was: add --write to do it", err=True
        )
        return 0
    outcome = write_planned(data, plan.changes, progress=progress)
    left = (*plan.left_alone, *outcome.left_alone)
    _show(outcome.changes, left, as_json=as_json, done="written", model=plan.model)
    _say_what_was_left_out(plan, least)
    undo_with = "; segue genres write --undo puts them back" if outcome.changes else ""
    click.echo(f"wrote {_files(len(outcome.changes))}{undo_with}", err=True)
    return _ended(outcome.stopped)


def _ended(stopped: bool) -> int:
    """The exit code; a stop is said, for a part was done."""
    if stopped:
        click.echo("stopped: the rest is as it was", err=True)
    return _STOPPED if stopped else 0


def _show(
    changes: Sequence[GenreChange],
    left_alone: Sequence[LeftAlone],
    *,
    as_json: bool,
    done: str = "",
    model: str = "",
) -> None:
    if as_json:
        print_json(
            {
                "model": model or None,
                "done": done or None,
                "files": [_as_json(change) for change in changes],
                "left_alone": [
                    {"path": str(one.path), "reason": one.reason, "detail": one.detail} for one in left_alone
                ],
            }
        )
        return
    rows = [
        (
            str(change.path),
            ", ".join(change.old),
            ", ".join(change.new),
            "" if math.isnan(change.probability) else f"{100 * change.probability:.0f} %",
        )
        for change in changes
    ]
    if rows:
        print_table(("file", "genre before", "genre after", "probability"), rows, right=("probability",))
    if left_alone:
        click.echo(f"left alone {_files(len(left_alone))}:", err=True)
    for one in left_alone[:_MOST_NAMED]:
        click.echo(one_line(f"  {one.path}: {one.detail}"), err=True)
    if len(left_alone) > _MOST_NAMED:
        click.echo(f"  and {len(left_alone) - _MOST_NAMED:,} more (--json names them all)", err=True)


def _as_json(change: GenreChange) -> dict[str, object]:
    return {
        "path": str(change.path),
        "id": change.track,
        "before": list(change.old),
        "after": list(change.new),
        "probability": None if math.isnan(change.probability) else round(change.probability, 4),
    }


def _say_what_was_left_out(plan: GenrePlan, least: float) -> None:
    for count, why in (
        (plan.tagged, "have a genre already"),
        (plan.unsure, f"are of no genre with {100 * least:.0f} % or more"),
        (plan.untold, "have no vectors that genres are told from"),
    ):
        if count:
            click.echo(f"{count:,} tracks {why}", err=True)


def _files(n: int) -> str:
    return "1 file" if n == 1 else f"{n:,} files"
