"""`segue experiment`: recipes of published systems and of Segue, run, compared and reported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from segue.cli.options import json_option
from segue.cli.output import one_line, print_json, print_table, progress_display
from segue.settings import data_folder

if TYPE_CHECKING:
    from segue.experiments.recipe import Recipe
    from segue.experiments.runs import Run

F = TypeVar("F", bound=Callable[..., Any])

_FOLDER = click.Path(path_type=Path, file_okay=False)
_RUN_OPTIONS = (
    click.option(
        "--data",
        "dataset",
        required=True,
        type=_FOLDER,
        help="The data set: GTZAN, FMA, Emotify, folders by genre …",
    ),
    click.option(
        "--labels",
        type=click.Path(path_type=Path, dir_okay=False),
        help="A CSV with the column file and labels.",
    ),
    click.option("--reader", default="", help="What kind of data set it is (default: found out)."),
    click.option(
        "--without-faults", is_flag=True, help="Leave out known faults and all but one of equal recordings."
    ),
    click.option("--target", default="", help="What is learned (default: what the recipe wants)."),
    click.option("--tracks", type=click.IntRange(1), help="Take at most so many tracks."),
    click.option(
        "--epochs", type=click.IntRange(1), help="Train so many epochs (a second stage at most so many)."
    ),
    click.option(
        "--set",
        "assignments",
        multiple=True,
        metavar="PART.NAME=VALUE",
        help="Change a setting, as network.filters=256.",
    ),
    click.option("--short", is_flag=True, help="The recipe's shortened form: minutes, for a first look."),
    click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Of everything drawn."),
    click.option("--runs", type=_FOLDER, help="Keep runs there (default: runs/ in Segue's data folder)."),
    click.option("--workers", type=click.IntRange(1), help="Processes that hear (default: one a core)."),
    click.option("--quiet", is_flag=True, help="No progress on stderr."),
)


def _run_options(command: F) -> F:
    for option in reversed(_RUN_OPTIONS):
        command = option(command)
    return command


@click.group()
def experiment() -> None:
    """Run recipes of published systems, compare them, report them.

    What runs leave is kept in Segue's data folder (`segue --data FOLDER experiment …`, or $SEGUE_DATA); the
    option --data of the verbs below names the data set.
    """


@experiment.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the recipes: where from, what they want, what was reported, how large the network is."""
    from segue.operations.experiments import list_experiments, recipe_as_json

    recipes = list_experiments()
    if as_json:
        print_json([recipe_as_json(recipe) for recipe in recipes])
        return
    columns = ("recipe", "of", "learns", "hears", "parameters", "reported")
    print_table(columns, [_listed_row(recipe) for recipe in recipes], right=("parameters",))


def _listed_row(recipe: Recipe) -> tuple[str, ...]:
    from segue.experiments.page import reported_text

    reported = "".join(reported_text(one.figures) or one.words for one in recipe.reported[:1])
    size = f"{recipe.published.parameters:,}" if recipe.published.parameters else "–"
    hears = " or ".join(recipe.hears_targets) or recipe.hears
    return recipe.name, recipe.system, " or ".join(recipe.wants), hears, size, reported


@experiment.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@_run_options
@click.option("--from", "start", default="", metavar="RUN", help="Go on from the network of another run.")
@click.option("--resume", is_flag=True, help="Go on with a run that was stopped.")
@json_option
def run(names: tuple[str, ...], start: str, resume: bool, as_json: bool, quiet: bool, **given: Any) -> None:
    """Run recipes on a data set, one after the other.

    Each run leaves a folder with its split, history, predictions, pictures and a page.
    """
    from segue.experiments.overrides import changed_recipe
    from segue.operations.experiments import run_experiment

    folder = data_folder(click.get_current_context().find_root().obj)
    data, changes, options = _asked(given, start=start, resume=resume)
    for name in names:
        changed_recipe(name, changes.assignments)  # a wrong name is said before the first one trains
    display = progress_display(quiet=quiet, noun="")
    runs = []
    try:
        for name in names:
            runs.append(
                run_experiment(folder, name, data, changes=changes, options=options, progress=display)
            )
            if not as_json:
                _show(runs[-1:])
                click.echo(one_line(f"see {runs[-1].folder / 'index.html'}"))
    finally:
        display.finish()
    if as_json:
        print_json([_as_json(one) for one in runs])


@experiment.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@_run_options
@json_option
def compare(names: tuple[str, ...], as_json: bool, quiet: bool, **given: Any) -> None:
    """Run recipes on the same tracks, with the same split and seed, and put them in one table.

    What is learned, and the split, are the first recipe's; finished runs are taken as they are. What --set
    changes is changed in the recipes that have it.
    """
    from segue.operations.experiments import compare_experiments

    folder = data_folder(click.get_current_context().find_root().obj)
    data, changes, options = _asked(given, start="", resume=True)
    display = progress_display(quiet=quiet, noun="")
    try:
        compared = compare_experiments(
            folder, names, data, changes=changes, options=options, progress=display
        )
    finally:
        display.finish()
    if as_json:
        print_json({"page": str(compared.page), "runs": [_as_json(one) for one in compared.runs]})
        return
    _show(compared.runs)
    click.echo(one_line(f"see {compared.page}"))


@experiment.command()
@click.option(
    "--output",
    "-o",
    default="docs/experiments.md",
    show_default=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The page to write.",
)
@click.option("--runs", type=_FOLDER, help="Take runs from there (default: runs/ in Segue's data folder).")
def report(output: Path, runs: Path | None) -> None:
    """Write all stored runs beside the published figures, as Markdown."""
    from segue.operations.experiments import report_experiments

    folder = data_folder(click.get_current_context().find_root().obj)
    count = report_experiments(folder, output, runs=runs)
    click.echo(one_line(f"wrote {output}: {count} runs"), err=True)


def _asked(given: dict[str, Any], *, start: str, resume: bool) -> tuple[Any, Any, Any]:
    """The options of `run` and `compare` as what the operations take."""
    from segue.experiments.task import Data
    from segue.operations.experiments import Changes, Options

    data = Data(
        folder=given["dataset"],
        labels=given["labels"],
        reader=given["reader"],
        without_faults=given["without_faults"],
        target=given["target"],
        tracks=given["tracks"] or 0,
    )
    changes = Changes(given["assignments"], given["epochs"], given["short"])
    options = Options(given["seed"], resume, start, given["runs"], given["workers"])
    return data, changes, options


def _show(runs: Any) -> None:
    from segue.experiments.comparing import compared, count_text, duration_text, figure_text, label_of

    table = compared(runs)
    training = {label_of(one, runs): (count_text(one.parameters), duration_text(one.seconds)) for one in runs}
    rows = [
        (name, *map(figure_text, cells), *(training.get(name, ("", "")) if kind == "model" else ("", "")))
        for name, kind, cells in table.rows
    ]
    columns = ("model", *table.figures, "parameters", "training")
    print_table(columns, rows, right=columns[1:])
    for note in dict.fromkeys(note for one in runs for note in one.notes):
        click.echo(one_line(note), err=True)


def _as_json(one: Run) -> dict[str, object]:
    return {
        "recipe": one.asked.recipe.name,
        "folder": str(one.folder),
        "dataset": one.asked.dataset,
        "target": one.asked.target,
        "apart": one.apart,
        "folds": one.asked.recipe.split.folds,
        "seed": one.asked.seed,
        "tracks": one.size.tracks,
        "parameters": one.parameters,
        "epochs": one.epochs,
        "seconds": round(one.seconds, 1),
        "figures": [figure._asdict() for figure in one.figures],
        "controls": {name: [figure._asdict() for figure in rows] for name, rows in one.controls.items()},
        "notes": list(one.notes),
    }
