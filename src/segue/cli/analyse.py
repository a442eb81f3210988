"""`segue analyse`: the study of a table, of a folder of audio, or of the library."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from segue.cli.options import data_option, json_option
from segue.cli.output import one_line, print_json, print_table, progress_display
from segue.settings import DataFolder

if TYPE_CHECKING:
    from segue.operations.analyse import Analysed

_SHOWN = 5


@click.command()
@click.argument("source")
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write: index.html, study.json and tables.",
)
@click.option("--target", metavar="NAME", help="What the classes are (default: genre, or the table's own).")
@click.option("--columns", multiple=True, metavar="NAME", help="Only this attribute, or pattern as mfcc*.")
@click.option("--families", multiple=True, metavar="NAME", help="Only the attributes of this family.")
@click.option("--encoder", help="Whose descriptors (default: fma518; of a library without them, timbre).")
@click.option(
    "--tracks-shown",
    multiple=True,
    metavar="FILE",
    help="Draw this audio file or track (default: the one nearest to each class's median).",
)
@click.option("--seed", default=0, show_default=True, help="Of folds and of everything drawn.")
@click.option("--workers", type=click.IntRange(1), help="Processes that hear at once (default: one a core).")
@click.option("--strict", is_flag=True, help="Exit with 1 when any file could not be heard.")
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
@json_option
@data_option
def analyse(
    source: str,
    output: Path,
    target: str | None,
    columns: tuple[str, ...],
    families: tuple[str, ...],
    encoder: str | None,
    tracks_shown: tuple[str, ...],
    seed: int,
    workers: int | None,
    strict: bool,
    quiet: bool,
    as_json: bool,
    data: DataFolder,
) -> int:
    """Study SOURCE: what tells its classes apart, what says the same, what is unusual, what may be dropped.

    SOURCE is a table with a row a track (CSV, Parquet, FMA's features.csv), a folder with one or with audio,
    or the word library.
    """
    from segue.operations.analyse import StudyRequest, analyse

    request = StudyRequest(
        source=source,
        target=target,
        columns=columns,
        families=families,
        encoder=encoder,
        tracks_shown=tracks_shown,
        seed=seed,
        workers=workers,
    )
    display = progress_display(quiet=quiet, noun="")
    try:
        found = analyse(request, output, data=data, progress=display)
    finally:
        display.finish()
    if as_json:
        print_json(found.facts)
    else:
        _print_findings(found)
    for note in found.notes:
        click.echo(one_line(note), err=True)
    click.echo(one_line(f"wrote {found.files[0]}, and {len(found.files) - 1} tables beside it"), err=True)
    return 1 if strict and found.n_problems else 0


def _print_findings(found: Analysed) -> None:
    study = found.study
    columns = study.table.columns
    if study.separation is not None:
        order = study.separation.ranking().tolist()
        shown = order if len(order) <= 2 * _SHOWN else [*order[:_SHOWN], *order[-_SHOWN:]]
        print_table(
            ("attribute", "variance of ranks explained", "F"),
            [
                (columns[at], f"{study.separation.epsilon_squared[at]:.3f}", f"{study.separation.f[at]:.1f}")
                for at in shown
            ],
            right=("variance of ranks explained", "F"),
        )
        click.echo()
    threshold = study.correlations.threshold
    click.echo(
        f"pairs that correlate at {threshold:g} or more: {len(study.correlations.pairs()):,}; "
        f"attributes that may go: {len(study.drops):,} of {len(columns):,}"
    )
    if found.trials:
        click.echo()
        print_table(
            ("logistic regression on", "attributes", "accuracy", "95 % interval", "kappa"),
            [
                (
                    one.name,
                    f"{one.n_columns:.0f}",
                    f"{one.accuracy:.3f}",
                    f"{one.low:.3f} to {one.high:.3f}",
                    f"{one.kappa:.3f}",
                )
                for one in found.trials
            ],
            right=("attributes", "accuracy", "95 % interval", "kappa"),
        )
