"""`segue genres`: teach what genres sound like, and see how well they are told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from segue.cli.genres_write import write
from segue.cli.options import json_option, labelled_music_options
from segue.cli.output import one_line, print_figures, print_json, print_table, progress_display
from segue.settings import data_folder

if TYPE_CHECKING:
    from segue.operations.genres_report import Compared, GenreReport

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_MOST_CONFUSED = 16


@click.group()
def genres() -> None:
    """Teach what genres sound like, see how well they are told, write them into files."""


genres.add_command(write)


@genres.command()
@labelled_music_options
@click.option(
    "--output", "-o", type=_FOLDER, help="The folder to write (default: where `classify` looks first)."
)
@click.option("--target", help="What to learn (default: genre, else the first column that is known).")
@click.option("--encoder", help="Learn from this encoder's vectors (default: the library's, or musicnn).")
@click.option(
    "--classifier",
    "classifiers",
    multiple=True,
    default=("logistic",),
    show_default=True,
    metavar="NAME",
    help="logistic, linear-svm, rbf-svm, knn, random-forest, mlp, xgboost, vote-soft, vote-hard; may be "
    "given several times: the best on validation tracks is kept.",
)
@click.option(
    "--select",
    "selection",
    default="all",
    show_default=True,
    metavar="WHAT",
    help="Columns: all, pca, mda (those that matter) or uncorrelated.",
)
@click.option("--balanced", is_flag=True, help="Rare genres weigh as much as common ones.")
@click.option("--tree", type=_FILE, help="A CSV table of genres and parents, for several genres a track.")
@click.option(
    "--folds", default=5, show_default=True, type=click.IntRange(2), help="Of the cross-validation."
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Of everything drawn.")
@click.option("--workers", type=click.IntRange(1), help="Processes that hear at once (default: one a core).")
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
@json_option
@click.pass_context
def train(
    context: click.Context,
    /,
    folder: Path | None,
    output: Path | None,
    quiet: bool,
    as_json: bool,
    **wanted: Any,
) -> None:
    """Teach a genre model.

    Every track is judged once, by a classifier that has not seen it or its artist; the model that is written
    has learned from all. What was tried before is kept in OUTPUT: the same command goes on after a stop.
    """
    from segue.operations.genre_model import own_genre_folder
    from segue.operations.genres_train import WantedGenres, train_genres

    data = data_folder(context.find_root().obj)
    display = progress_display(quiet=quiet, noun="")
    try:
        report = train_genres(
            folder, output or own_genre_folder(data), WantedGenres(**wanted), data=data, progress=display
        )
    finally:
        display.finish()
    _show(report, as_json=as_json)
    click.echo(one_line(f"wrote {report.folder}: {report.model}"), err=True)


@genres.command()
@click.argument("folder", type=_FOLDER)
@click.argument("other", type=_FOLDER, required=False)
@click.option("--picture", type=_FILE, help="Write the confusion matrix as SVG.")
@json_option
def report(folder: Path, other: Path | None, picture: Path | None, as_json: bool) -> None:
    """Show how well the model in FOLDER tells genres; with OTHER, whether the two differ.

    All figures are of tracks while the model had not seen them. Intervals are of 95 %, artists drawn again;
    two models are compared by McNemar's test.
    """
    from segue.operations.genres_report import compare_genres, genres_report

    found = genres_report(folder)
    compared = compare_genres(folder, other) if other is not None else None
    if picture is not None:
        from segue.evaluation.confusion_picture import confusion_svg
        from segue.files import write_whole

        if not found.confusion:
            raise click.UsageError("models of several genres a track have no confusion matrix")
        write_whole(picture, confusion_svg(found.names, found.confusion))
    _show(found, as_json=as_json, compared=compared)


def _show(found: GenreReport, *, as_json: bool, compared: Compared | None = None) -> None:
    if as_json:
        print_json(_as_json(found, compared))
        return
    print_figures(found.target, found.figures)
    click.echo("")
    names = tuple(next(iter(found.classes)).figures) if found.classes else ()
    rows = [
        (
            one.name,
            f"{one.n_tracks:,}",
            *(f"{one.figures[name]:.2f}" if name in one.figures else "–" for name in names),
        )
        for one in found.classes
    ]
    print_table(("class", "tracks", *names), rows, right=("tracks", *names))
    if found.confusion and len(found.names) <= _MOST_CONFUSED:
        click.echo("\nrow: is; column: was taken for")
        short = [name[:8] for name in found.names]
        print_table(
            ("", *short),
            [(name, *map(str, row)) for name, row in zip(found.names, found.confusion, strict=True)],
            right=tuple(short),
        )
    if len(found.trials) > 1:
        click.echo("")
        trials = [(name, f"{choice:.3f}", f"{right:.3f}") for name, choice, right in found.trials]
        print_table(("classifier", "on validation", "accuracy"), trials)
    if found.families:
        click.echo("")
        families = [(name, f"{n:,}", f"{lost:.3f}") for name, n, lost in found.families]
        print_table(("family", "columns", "lost when shuffled"), families, right=("columns",))
    if found.curve:
        points = ", ".join(f"{n:,} tracks {right:.3f}" for _, n, right in found.curve)
        click.echo(f"\naccuracy when learning from {points}")
    for note in found.notes:
        click.echo(one_line(note), err=True)
    click.echo(
        f"{found.n_tracks:,} tracks by {found.n_artists:,} artists, {found.n_folds} folds, "
        f"{found.apart}s apart; probabilities are off by {found.calibration:.3f} on average",
        err=True,
    )
    if compared is not None:
        click.echo(
            f"\nof {compared.n_tracks:,} tracks, {compared.only_first:,} are right only in the first model "
            f"and {compared.only_second:,} only in the second: p = {compared.p_value:.3g} (McNemar)"
        )


def _as_json(found: GenreReport, compared: Compared | None) -> dict[str, object]:
    said: dict[str, object] = {
        "folder": str(found.folder),
        "model": found.model,
        "target": found.target,
        "figures": [figure._asdict() for figure in found.figures],
        "names": list(found.names),
        "confusion": [list(row) for row in found.confusion],
        "classes": [{"name": one.name, "tracks": one.n_tracks, **one.figures} for one in found.classes],
        "tracks": found.n_tracks,
        "artists": found.n_artists,
        "calibration_error": found.calibration,
        "apart": found.apart,
        "folds": found.n_folds,
        "curve": [
            {"share": share, "tracks": n_tracks, "accuracy": right} for share, n_tracks, right in found.curve
        ],
        "trials": [
            {"classifier": name, "validation": choice, "accuracy": right}
            for name, choice, right in found.trials
        ],
        "families": [
            {"family": name, "columns": n_columns, "lost_when_shuffled": lost}
            for name, n_columns, lost in found.families
        ],
        "notes": list(found.notes),
    }
    if compared is not None:
        said["compared"] = {
            "tracks": compared.n_tracks,
            "only_first": compared.only_first,
            "only_second": compared.only_second,
            "p_value": compared.p_value,
        }
    return said
